"""What the group page says of a cell and of a column: levels, what else bears on them, how many stand where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lti_tool.competency.model import LevelState
from lti_tool.competency.standing import CompetencyStanding
from lti_tool.web.i18n import gettext as _

TOP = 3
BAR = 100
"""Length of the longest bar in units of its picture."""


@dataclass(frozen=True, slots=True)
class Flags:
    """What beside the marks bears on a cell."""

    by_judgement: bool = False
    disputed: bool = False
    review_due: bool = False

    def joined(self, by_judgement: bool, disputed: bool, review_due: bool) -> Flags:
        """With what bears on another indicator of the cell."""
        return Flags(self.by_judgement or by_judgement, self.disputed or disputed, self.review_due or review_due)


@dataclass(frozen=True, slots=True)
class CellWords:
    """What a cell says."""

    key: str
    """met | not_met | in_progress | no_evidence | held: chooses border and background."""
    text: str
    held: str
    """Levels above a gap, in words; else empty."""
    tags: tuple[str, ...]
    """Judgement, dispute, newer evidence, a word each."""


@dataclass(frozen=True, slots=True)
class Bar:
    """How many people stand at one level, or at none that is known."""

    label: str
    count: int
    length: int
    """In hundredths of all people."""
    key: str
    """known | unknown"""


def words_of(standing: CompetencyStanding | None, flags: Flags) -> CellWords:
    """What is said of one person's standing; None: nothing was computed yet."""
    if standing is None:
        return CellWords("no_evidence", _("Not yet"), "", _tags(flags))
    key = _key(standing)
    held = _("level %(levels)s held", levels=", ".join(map(str, standing.held))) if standing.held else ""
    return CellWords(key, _text(standing, key), held, _tags(flags.joined(False, standing.disputed, False)))


def bars_of(levels: Sequence[int | None]) -> tuple[Bar, ...]:
    """How many stand at each level, and of how many nothing is established; None stands for these."""
    return (
        *(
            _bar(_("Level %(level)d", level=level), levels.count(level), len(levels), "known")
            for level in range(TOP + 1)
        ),
        _bar(_("Not yet established"), levels.count(None), len(levels), "unknown"),
    )


def _bar(label: str, count: int, of: int, key: str) -> Bar:
    # Somebody is never drawn as nobody.
    return Bar(label, count, max(BAR * count // of, 1) if count else 0, key)


def _key(standing: CompetencyStanding) -> str:
    if standing.established is not None:
        return "met" if standing.established > 0 else "not_met"
    if standing.held:
        return "held"
    started = any(level.state in {LevelState.IN_PROGRESS, LevelState.NOT_MET} for level in standing.levels)
    return "in_progress" if started else "no_evidence"


def _text(standing: CompetencyStanding, key: str) -> str:
    if standing.established is not None:
        return _("Level %(level)d", level=standing.established)
    return _("In progress") if key == "in_progress" else _("Not yet")


def _tags(flags: Flags) -> tuple[str, ...]:
    said = ((flags.by_judgement, _("judged")), (flags.disputed, _("disputed")), (flags.review_due, _("newer evidence")))
    return tuple(word for holds, word in said if holds)
