"""Words and signs for states: one table says how each state of the rules looks and what it means.

A state is never shown by colour alone: the key chooses icon, border and colour together, and the word stands beside.
"""

from __future__ import annotations

from functools import cache

from flask import has_request_context

from lti_tool.competency.model import IndicatorState, LevelState, MappingRole
from lti_tool.competency.standing import LevelStanding
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.level_words import level_words
from lti_tool.web.page_data import Explained, Mark

DECIDED = {LevelState.MET, LevelState.IN_PROGRESS, LevelState.NOT_MET}
"""States that some course has given; the others are what is said where none has."""
SAME_ICON = {"attained": "met", "not_attained": "not_met", "not_mapped": "not_assessable"}


def level_mark(state: LevelState) -> Mark:
    """How the state of a level is shown."""
    return _level_marks(_language())[state]


def indicator_mark(state: IndicatorState) -> Mark:
    """How the state of an indicator is shown."""
    return _indicator_marks(_language())[state]


def _language() -> str:
    return current_locale() if has_request_context() else ""


# Some forty on a page, and each would look up the words of all.
@cache
def _level_marks(_locale: str) -> dict[LevelState, Mark]:
    return {state: _mark(state.value, word) for state, word in level_words(_).items()}


@cache
def _indicator_marks(_locale: str) -> dict[IndicatorState, Mark]:
    return {state: _mark(state.value, word) for state, word in _indicator_words().items()}


def _mark(key: str, label: str) -> Mark:
    return Mark(key, label, SAME_ICON.get(key, key))


def _indicator_words() -> dict[IndicatorState, str]:
    return {
        IndicatorState.ATTAINED: _("Attained"),
        IndicatorState.NOT_ATTAINED: _("Not attained"),
        IndicatorState.IN_PROGRESS: _("In progress"),
        IndicatorState.NO_EVIDENCE: _("No evidence yet"),
        IndicatorState.NOT_MAPPED: _("Not covered here"),
    }


def judged_word(attained: bool, decides: bool) -> str:
    """What somebody judged, and whether it decided a dispute."""
    if decides:
        return _("Decided: attained") if attained else _("Decided: not attained")
    return _("Attained") if attained else _("Not attained")


def role_word(role: MappingRole) -> str:
    """What an activity is for an indicator."""
    return {
        MappingRole.REQUIRED: _("required"),
        MappingRole.SUPPORTING: _("supporting"),
        MappingRole.OPTIONAL: _("optional"),
    }[role]


def source_word(source: str) -> str:
    """Where a mark came from; a source without a word of its own is a gradebook."""
    return {
        "trainer": _("trainer"),
        "web_service": _("LMS"),
        "gradebook_file": _("gradebook file"),
    }.get(source, _("gradebook"))


def level_flags(level: LevelStanding, established: int | None) -> tuple[Mark, ...]:
    """Remarks on a level: that it is the established one, held, certified, or taken from other courses."""
    flags = []
    if established is not None and level.number == established:
        flags.append(Mark("established", _("Established"), "established"))
    if level.held:
        flags.append(Mark("held", _("Held"), "held"))
    if level.certified:
        flags.append(Mark("record", _("Certified"), "established"))
    elif level.from_record and level.state in DECIDED:
        flags.append(Mark("record", _("From other courses"), "record"))
    return tuple(flags)


def legend() -> tuple[Explained, ...]:
    """What each sign in the grid means."""
    return (
        Explained(level_mark(LevelState.MET), _("Enough indicators of the level are attained.")),
        Explained(
            level_mark(LevelState.IN_PROGRESS), _("Something has been assessed, and the level can still be reached.")
        ),
        Explained(
            level_mark(LevelState.NOT_MET),
            _("What has been assessed is not enough. A new or better mark can change that."),
        ),
        Explained(
            level_mark(LevelState.NO_EVIDENCE),
            _("The course assesses this level, but there is no mark yet. That is not a zero."),
        ),
        Explained(
            level_mark(LevelState.NOT_ASSESSABLE),
            _("The activities of this course do not cover enough indicators of this level. That is not a zero either."),
        ),
        Explained(
            Mark("held", _("Held"), "held"),
            _("The level is met, but one below it is not yet. It is kept and counts as soon as the one below is met."),
        ),
    )
