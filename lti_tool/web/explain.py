"""Sentences that say why: from the facts of a standing to words that a teacher understands.

Nothing is computed here. Percentages are rounded down, so that nobody reads 60 % where the rules saw 59.99. The
sentences name no "you", for trainers read the same pages about others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

from babel.numbers import format_decimal

from lti_tool.competency.model import LevelState
from lti_tool.competency.standing import (
    AspectStanding,
    CompetencyStanding,
    LevelStanding,
    Profile,
)
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.i18n import gettext as _
from lti_tool.web.states import DECIDED

LevelName = Callable[[int], str]
MOST_PLACES = 6
"""Decimal places with which a pass mark is written; what has more is written as a fraction."""


def percent(value: Fraction) -> str:
    """0 to 1 as a percentage with at most one decimal place, rounded down: 0.5999 is 59.9 %."""
    tenths = floor(value * 1000)
    number = format_decimal(Decimal(tenths) / 10, format="0.#", locale=current_locale())
    return f"{number}\N{NO-BREAK SPACE}%"


def percent_exact(value: Fraction) -> str:
    """0 to 1 as a percentage with all its decimal places: what must be reached is never rounded. A third is "1/3"."""
    hundredfold = value * 100
    places = next((n for n in range(MOST_PLACES + 1) if (hundredfold * 10**n).denominator == 1), None)
    if places is None:
        return str(value)
    exact = Decimal(int(hundredfold * 10**places)).scaleb(-places)
    number = format_decimal(exact, format="0." + "#" * MOST_PLACES, locale=current_locale())
    return f"{number}\N{NO-BREAK SPACE}%"


def listed(items: Iterable[str]) -> str:
    """The items with commas between them."""
    return ", ".join(items)


def sentences(*parts: str) -> str:
    """The parts that say something, one after the other."""
    return " ".join(part for part in parts if part)


# --- Levels ---------------------------------------------------------------------------------------------------------


def level_count(level: LevelStanding) -> str:
    """How many of the level's indicators are attained, and how many are needed; empty where none can be."""
    certified_elsewhere = level.certified and level.from_record
    if certified_elsewhere or level.state in (LevelState.TRANSPARENT, LevelState.NOT_ASSESSABLE):
        return ""
    return _(
        "%(attained)d of %(total)d · %(needed)d needed", attained=level.attained, total=level.total, needed=level.needed
    )


def why_level(
    level: LevelStanding,
    failed_keys: Sequence[str] = (),
    open_keys: Sequence[str] = (),
    certified: str = "",
    judged: int = 0,
) -> str:
    """Why a level has its state. `failed_keys` and `open_keys` are codes of key indicators that are not attained, or
    not yet decided; `certified` says which course has certified it and when, where that is known; so many indicators
    are not attained because a trainer `judged` so."""
    reasons = {
        LevelState.TRANSPARENT: lambda: _("The requirements name no indicators for this level."),
        LevelState.NOT_ASSESSABLE: lambda: _why_not_assessable(level),
        LevelState.NO_EVIDENCE: lambda: _why_no_evidence(level),
        LevelState.MET: lambda: _why_met(level, certified),
        LevelState.NOT_MET: lambda: sentences(_counted(level), _why_not_met(level, failed_keys, judged)),
        LevelState.IN_PROGRESS: lambda: sentences(_counted(level), _what_is_missing(level, open_keys)),
    }
    return sentences(reasons[level.state](), _remarks(level))


def _why_met(level: LevelStanding, certified: str) -> str:
    if not level.certified:
        return _counted(level)
    known = certified or _("The level was certified when a course was closed.")
    if level.from_record:
        # Of others only the certificate is known here, and what is shown of the indicators by now.
        stays = _("Later marks do not change that by themselves.")
        return sentences(known, stays if level.attained < level.needed else "")
    return sentences(known, _counted(level)) if certified else known


def _counted(level: LevelStanding) -> str:
    return ngettext(
        "%(attained)d of the %(num)d indicator is attained; needed: %(needed)d.",
        "%(attained)d of the %(num)d indicators are attained; needed: %(needed)d.",
        level.total,
        attained=level.attained,
        needed=level.needed,
    )


def _why_no_evidence(level: LevelStanding) -> str:
    return ngettext(
        "None of the %(num)d indicator has been assessed yet; needed: %(needed)d.",
        "None of the %(num)d indicators has been assessed yet; needed: %(needed)d.",
        level.total,
        needed=level.needed,
    )


def _why_not_assessable(level: LevelStanding) -> str:
    if level.mapped == 0:
        return _("No activity of this course covers an indicator of this level, so it is not assessed here.")
    if level.mapped >= level.needed:
        return _("No activity of this course covers a key indicator of this level, so it cannot be assessed here.")
    return ngettext(
        "The activities of this course cover %(mapped)d of the %(num)d indicator and %(needed)d is needed, so the"
        " level cannot be assessed here.",
        "The activities of this course cover %(mapped)d of the %(num)d indicators and %(needed)d are needed, so the"
        " level cannot be assessed here.",
        level.total,
        mapped=level.mapped,
        needed=level.needed,
    )


def _why_not_met(level: LevelStanding, failed_keys: Sequence[str], judged: int) -> str:
    if failed_keys:
        return _("Without a key indicator the level is not met; not attained: %(codes)s.", codes=listed(failed_keys))
    if level.mapped - judged < level.needed:
        return _("A trainer has decided so that this number cannot be reached. No mark changes that; ask the trainer.")
    return _("With the marks that stand now this number cannot be reached. A new or better mark can change that.")


def _what_is_missing(level: LevelStanding, open_keys: Sequence[str]) -> str:
    missing = level.needed - level.attained
    if missing > 0:
        return ngettext("%(num)d more is missing.", "%(num)d more are missing.", missing)
    return _("A key indicator is still open: %(codes)s.", codes=listed(open_keys)) if open_keys else ""


def _remarks(level: LevelStanding) -> str:
    held = _("Held: a level below it is not met yet. It is kept and counts as soon as that one is met.")
    record = _("Read from the person's other courses, because this course cannot assess the level.")
    elsewhere = level.from_record and not level.certified and level.state in DECIDED
    return sentences(held if level.held else "", record if elsewhere else "")


# --- A competency and the whole -------------------------------------------------------------------------------------


def standing_name(established: int | None, level_name: LevelName) -> str:
    """The established level in a few words; unknown is not "below basic"."""
    if established is None:
        return _("Not yet established")
    return level_name(established) if established else _("Below basic level")


def competency_summary(standing: CompetencyStanding, level_name: LevelName) -> str:
    """Where a person stands in a competency, in one sentence."""
    if standing.disputed:
        return _(
            "%(level)s A judgement is disputed: nothing new is sent until it is decided.",
            level=_plain(standing, level_name),
        )
    return _plain(standing, level_name)


def since_closing(counts: CompetencyStanding, computed: CompetencyStanding, level_name: LevelName) -> str:
    """In a closed course: that the marks have come to say another level than the one it was closed with."""
    if counts.established == computed.established:
        return ""
    return _(
        "Marks have changed since the course was closed; by them it would be: %(level)s. Nothing changes unless the"
        " lead trainer takes that over.",
        level=standing_name(computed.established, level_name),
    )


def _plain(standing: CompetencyStanding, level_name: LevelName) -> str:
    if standing.established is None:
        return _("No level is established yet: %(why)s", why=_why_unknown(standing, level_name))
    if standing.established == 0:
        return _("Below basic level: the lowest level has been assessed and is not met.")
    return _("Established level: %(level)s.", level=level_name(standing.established))


def _why_unknown(standing: CompetencyStanding, level_name: LevelName) -> str:
    lowest = standing.lowest
    if lowest is None:
        return _("the requirements name no indicators here.")
    name = level_name(lowest.number)
    if lowest.state is LevelState.NOT_ASSESSABLE:
        return _("“%(level)s” is not assessed in this course.", level=name)
    if lowest.state is LevelState.IN_PROGRESS:
        return _("“%(level)s” is in progress.", level=name)
    return _("“%(level)s” has no evidence yet.", level=name)


def overall(profile: Profile, level_name: LevelName) -> str:
    """The overall level in one sentence."""
    if profile.level is None:
        return _("No level is established yet.")
    level = standing_name(profile.level, level_name)
    if profile.provisional:
        return ngettext(
            "Overall: %(level)s (provisional, %(assessed)d of %(num)d competency assessed).",
            "Overall: %(level)s (provisional, %(assessed)d of %(num)d competencies assessed).",
            profile.total,
            level=level,
            assessed=profile.assessed,
        )
    return _("Overall: %(level)s.", level=level)


def why_overall(profile: Profile, needed: int) -> str:
    """What the overall level asks for."""
    if profile.provisional:
        return _("It becomes final when every competency has an established level. Until then the lowest one counts.")
    return ngettext(
        "At least %(num)d competency is at this level or above, and none is more than one level below it.",
        "At least %(num)d competencies are at this level or above, and none is more than one level below it.",
        needed,
    )


def aspect_level(aspect: AspectStanding, level_name: LevelName) -> str:
    """The level of an aspect with how much of it is known."""
    known = _("%(assessed)d of %(total)d assessed", assessed=aspect.assessed, total=aspect.total)
    return f"{standing_name(aspect.level, level_name)} · {known}"
