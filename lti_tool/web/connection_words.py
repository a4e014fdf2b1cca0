"""What a try of a connection came to, in plain words: what failed, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lti_tool.errors import PlatformError
from lti_tool.lti.connection import Tried
from lti_tool.lti.model import Scope
from lti_tool.lti.reaching import Reached
from lti_tool.web.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One thing that was tried."""

    what: str
    good: bool
    tells: str
    to_do: str = ""


@dataclass(frozen=True, slots=True)
class TriedView:
    """All that was tried, and how it went altogether."""

    good: bool
    lines: tuple[CheckLine, ...]


def tried_view(tried: Tried) -> TriedView:
    """What came of a try."""
    lines = (_key_set(tried.key_set), *_token(tried))
    return TriedView(all(line.good for line in lines), lines)


def _key_set(reached: Reached) -> CheckLine:
    what = _("The keys of the LMS")
    if reached.fault is None:
        tells = _("They were read in %(ms)s ms: launches can be checked.", ms=round(reached.seconds * 1000))
        return CheckLine(what, True, tells)
    tells, to_do = _fault(reached.fault)
    return CheckLine(what, False, f"{reached.url}: {tells}", to_do)


def _token(tried: Tried) -> tuple[CheckLine, ...]:
    what = _("A token for its services")
    if tried.token_fault is not None:
        tells, to_do = _fault(tried.token_fault)
        return (CheckLine(what, False, tells, to_do),)
    got = CheckLine(what, True, _("The LMS knows the tool and gives it a token."))
    return (got, *(_service(scope, name, scope in tried.granted) for scope, name in _services()))


def _service(scope: Scope, name: str, granted: bool) -> CheckLine:
    if granted:
        return CheckLine(name, True, _("allowed"))
    if scope is Scope.MEMBERSHIP:
        to_do = _("In Moodle: Manage tools, settings of the tool, Services, names and roles: allow it.")
    else:
        to_do = _("In Moodle: Manage tools, settings of the tool, Services: allow grade sync and column management.")
    return CheckLine(name, False, _("not allowed"), to_do)


def _services() -> tuple[tuple[Scope, str], ...]:
    return (
        (Scope.SCORE, _("Sending grades")),
        (Scope.LINE_ITEM, _("Making gradebook columns")),
        (Scope.RESULT_READ, _("Reading grades back")),
        (Scope.MEMBERSHIP, _("Reading the list of participants")),
    )


def service_names(scopes: frozenset[str]) -> tuple[tuple[str, bool], ...]:
    """Each service by name, and whether it is among these scopes."""
    return tuple((name, scope in scopes) for scope, name in _services())


def _fault(error: PlatformError) -> tuple[str, str]:
    if error.facts.get("reason") == "no_such_host":
        return _("its host does not exist"), _is_it_right()
    words = _FAULTS.get(error.code)
    if words is not None:
        return words(error)
    return _("it could not be asked (%(code)s)", code=error.code), _is_it_right()


def _is_it_right() -> str:
    return _("Is the address right? If the LMS has moved, register it anew.")


def _refused(error: PlatformError) -> tuple[str, str]:
    reason = str(error.facts.get("reason") or error.facts.get("status") or error.code)
    to_do = _("Is the tool active in the LMS, and the client id the same? Else delete it there and register it anew.")
    return _("the LMS refuses the tool (%(reason)s)", reason=reason), to_do


def _not_called(error: PlatformError) -> tuple[str, str]:
    if error.facts.get("reason") == "not_https":
        return _("the tool calls no address without TLS"), _("Register the LMS anew with its https address.")
    to_do = _("An LMS in your own network needs the setting LTI_TOOL_ALLOW_PRIVATE_NETWORKS; the operator sets it.")
    return _("the tool does not call inner addresses"), to_do


def _busy(error: PlatformError) -> tuple[str, str]:
    return _("the LMS is busy or under maintenance"), _("Try again in a few minutes. What waits goes by itself then.")


_FAULTS: dict[str, Callable[[PlatformError], tuple[str, str]]] = {
    "platform_unreachable": lambda _e: (_("nobody answers"), _("Is the LMS up, and this machine's way out open?")),
    "platform_timeout": lambda _e: (_("no answer within 5 s"), _("Is the LMS up, and this machine's way out open?")),
    "platform_certificate": lambda _e: (
        _("its TLS certificate is not accepted"),
        _("Whoever runs the LMS renews it, or has it made out for this host."),
    ),
    "platform_reset": lambda _e: (
        _("it breaks off"),
        _("Whoever runs the LMS looks at its web server, or the proxy in between."),
    ),
    "answer_not_json": lambda _e: (_("it answers with something else than keys"), _is_it_right()),
    "not_a_key_set": lambda _e: (_("it answers with something else than keys"), _is_it_right()),
    "answer_not_ok": lambda e: (
        _("it answers with status %(status)s", status=e.facts.get("status", "")),
        _is_it_right(),
    ),
    "token_unreadable": lambda _e: (_("it answers with something else than a token"), _is_it_right()),
    "token_refused": _refused,
    "scope_refused": lambda _e: (
        _("the LMS grants the tool none of its services"),
        _("In Moodle: Manage tools, settings of the tool, Services: allow them."),
    ),
    "address_refused": _not_called,
    "platform_unavailable": _busy,
}
