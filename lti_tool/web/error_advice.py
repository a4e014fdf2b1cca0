"""What a person whose launch or registration was refused can do: the many codes come down to a few situations.

The code itself and its facts are in the log under the reference that the page shows; the page says what helps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask

from lti_tool.web.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Advice:
    """A situation in words: what happened, and what to do."""

    title: str
    what: str
    todo: tuple[str, ...]


def install(app: Flask) -> None:
    """Offers `launch_advice(code)` to the error pages."""
    app.jinja_env.globals["launch_advice"] = launch_advice


def launch_advice(code: str) -> Advice:
    """What to tell somebody whose launch or registration was refused with this code."""
    for codes, advice in _SITUATIONS:
        if code in codes:
            return advice()
    if code.startswith(("registration_", "configuration_")):
        return _registration()
    return _message()


def _stale() -> Advice:
    return Advice(
        _("This opening of the activity is no longer valid"),
        _("Each opening works once and only for a few minutes. It was used already, or took too long."),
        (_again(), _("Do not use “Back” or “Reload” to return to this page.")),
    )


def _other_browser() -> Advice:
    return Advice(
        _("This opening of the activity does not belong to this browser"),
        _("It was begun in another browser or window, so it was stopped for safety. Nothing was shown or changed."),
        (_again(),),
    )


def _not_connected() -> Advice:
    return Advice(
        _("Your learning platform is not connected with this tool"),
        _("The tool does not know this connection, or it has been switched off."),
        (_tell_admin(), _("The administrator finds the connection under the registrations of the tool.")),
    )


def _clock() -> Advice:
    return Advice(
        _("The clock of your learning platform is wrong"),
        _("The message came with a time that has not been reached yet, or that lies too far apart."),
        (_again(), _tell_admin()),
    )


def _nobody() -> Advice:
    return Advice(
        _("Your learning platform did not say who you are"),
        _("Guests cannot use this activity, because results belong to a person."),
        (_("Log in to your learning platform with your own account and open the activity again."),),
    )


def _trainers_only() -> Advice:
    return Advice(
        _("Only trainers can add activities"),
        _("You opened the page on which trainers choose activities for a course."),
        (_("Go back to your course. If you teach this course, ask the administrator for the role of a teacher."),),
    )


def _invitation() -> Advice:
    return Advice(
        _("This invitation is not valid"),
        _("It was used already, is older than seven days, or the address was not copied completely."),
        (_("Ask the operator of the tool for a new invitation and paste the whole address."),),
    )


def _registration() -> Advice:
    return Advice(
        _("The registration did not succeed"),
        _("The learning platform did not give what a registration needs. Nothing was stored."),
        (
            _("The invitation has not been used up: the registration can be started again."),
            _("If it fails again, give the operator of the tool the reference below."),
        ),
    )


def _addresses() -> Advice:
    return Advice(
        _("The registration did not succeed"),
        _("The learning platform named addresses that are not its own, or that the tool may not call."),
        (
            _("Open your learning platform under its own public https address and start the registration there."),
            _("If it fails again, give the operator of the tool the reference below."),
        ),
    )


def _too_much() -> Advice:
    return Advice(
        _("The message of your learning platform is too large"),
        _("It was not read, and nothing was changed."),
        (_again(), _tell_admin()),
    )


def _message() -> Advice:
    return Advice(
        _("The activity could not be opened"),
        _("What your learning platform sent could not be accepted. Nothing was shown or changed."),
        (_again(), _tell_admin()),
    )


def _again() -> str:
    return _("Go back to your course and open the activity again.")


def _tell_admin() -> str:
    return _("If that does not help, give the administrator of your learning platform the reference below.")


_SITUATIONS: tuple[tuple[frozenset[str], Callable[[], Advice]], ...] = (
    (
        frozenset(
            {"state_unknown", "login_used_up", "code_used_up", "nonce_wrong", "token_expired", "token_too_old"}
            | {"code_unknown", "launch_incomplete"}
        ),
        _stale,
    ),
    (frozenset({"other_browser"}), _other_browser),
    (
        frozenset(
            {"registration_unknown", "registration_inactive", "deployment_unknown", "issuer_wrong", "audience_wrong"}
            | {"authorized_party_wrong", "client_id_needed", "platform_disabled"}
        ),
        _not_connected,
    ),
    (frozenset({"token_from_the_future", "times_missing", "token_lives_too_long"}), _clock),
    (frozenset({"person_missing"}), _nobody),
    (frozenset({"deep_linking_needs_trainer", "deep_linking_not_allowed"}), _trainers_only),
    (frozenset({"invitation_invalid"}), _invitation),
    (frozenset({"address_refused", "issuer_elsewhere"}), _addresses),
    (frozenset({"token_too_long", "form_too_large", "form_encoded", "too_many_fields"}), _too_much),
)
