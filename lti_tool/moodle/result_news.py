"""Decides what a printed mark means against what is already known: new, changed, withdrawn, the same, or too old.

Pure. Files come in any order and more than once, and a course's gradebook also shows what this tool itself has sent
there; none of that may make a result out of nothing or put an old mark over a newer one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from lti_tool.moodle.gradebook_file import PLACES

SOURCE = "gradebook_file"
WEB_SERVICE = "web_service"
"""Who says so, in the ledger: a source withdraws only what it gave itself."""


class News(StrEnum):
    """What a cell of a file comes to."""

    ADDED = "added"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    UNCHANGED = "unchanged"
    OLDER = "older"
    """It would change something, but a newer word on this person and activity is known."""
    OWN = "own"
    """The mark that this tool itself has sent: no result."""
    NOTHING = "nothing"
    """No grade there, and none was given by a file before."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one person in one activity before a file is read."""

    share: Fraction | None = None
    """The current result as a share of the full mark; None where there is none, or it was withdrawn."""
    source: str | None = None
    """Who said so last."""
    worked_at: datetime | None = None
    """The time of the current entry of the ledger, a withdrawal included."""
    read_at: datetime | None = None
    """When a file last spoke of it without changing anything."""
    sent: Collection[Fraction] = ()
    """Shares of the full mark that the tool itself ever sent."""

    @property
    def newest(self) -> datetime | None:
        """The time of the newest word on it."""
        return max((each for each in (self.worked_at, self.read_at) if each), default=None)


@dataclass(frozen=True, slots=True)
class Told:
    """What a cell says: a mark as printed with its decimal places, out of `maximum`; None = no grade."""

    mark: Decimal | None
    places: int
    maximum: Decimal
    at: datetime
    """When the gradebook said so: the time of the export, or of the reading."""
    minimum: Decimal = Decimal(0)
    source: str = SOURCE
    graded_at: datetime | None = None
    """When the mark was given, where the gradebook tells."""

    @property
    def share(self) -> Fraction | None:
        """The mark as a share of the full one."""
        if self.mark is None:
            return None
        return Fraction(self.mark - self.minimum) / Fraction(self.maximum - self.minimum)


def news_of(told: Told, known: Known) -> News:
    """What the cell comes to. A mark of the same time as the newest word is not older: the later read one wins."""
    found = _meaning(told, known)
    changes = found in {News.ADDED, News.CHANGED, News.WITHDRAWN}
    if changes and known.newest is not None and told.at < known.newest:
        return News.OLDER
    return found


def worked_at(told: Told, known: Known) -> datetime:
    """The time that an entry gets: that of the mark itself, unless a newer word is known already."""
    given = told.graded_at if told.mark is not None else None
    if given is None or given > told.at or (known.newest is not None and given < known.newest):
        return told.at
    return given


def _meaning(told: Told, known: Known) -> News:
    if told.mark is None:
        return News.WITHDRAWN if known.share is not None and known.source == told.source else News.NOTHING
    if known.share is not None and known.share == told.share:
        return News.UNCHANGED
    if any(_prints_as(share, told.mark, told) for share in known.sent):
        return News.OWN
    return News.ADDED if known.share is None else News.CHANGED


def _prints_as(share: Fraction, mark: Decimal, told: Told) -> bool:
    """Whether Moodle would print this share of the full mark so: rounded to five places, then to those shown."""
    off = abs(share * Fraction(told.maximum) - Fraction(mark))
    return off <= Fraction(1, 2 * 10**told.places) + Fraction(1, 2 * 10**PLACES)
