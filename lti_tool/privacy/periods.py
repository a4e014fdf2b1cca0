"""After how long which data goes by itself: kinds, defaults and the shortest periods that make sense. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lti_tool.errors import RuleBroken

LONGEST_DAYS = 36_500
MOST_COUNTED = 10_000
"""A dry run counts no further: more is "more than"."""


class Kind(StrEnum):
    """What goes after a period."""

    ATTEMPTS = "attempts"
    """Tries to send grades, counted from the try. What was sent last, and when, stays with the grade."""
    FILES = "files"
    """Files of evidence tasks, counted from the closing of their course. Text, links and assessments stay."""
    AUDIT = "audit"
    """The record of reads and changes, counted from the line."""
    PEOPLE = "people"
    """People, erased: not enrolled in any open course, without a level in force, and not here for so long."""


DEFAULT_DAYS = {Kind.ATTEMPTS: 365, Kind.FILES: 2 * 365, Kind.AUDIT: 3 * 365, Kind.PEOPLE: 7 * 365}
LEAST_DAYS = {Kind.ATTEMPTS: 30, Kind.FILES: 30, Kind.AUDIT: 365, Kind.PEOPLE: 2 * 365}


@dataclass(frozen=True, slots=True)
class Period:
    """How long a platform keeps one kind of data, and whether anything is deleted at all."""

    kind: Kind
    days: int
    active: bool = False
    swept_at: datetime | None = None
    deleted: int = 0
    """How much went since the period was set."""

    def limit(self, now: datetime) -> datetime:
        """What is older than this goes."""
        return now - timedelta(days=self.days)


def checked(kind: Kind, days: int) -> int:
    """The days, where they make sense. Raises RuleBroken (`period_too_short`, `period_too_long`)."""
    if days < LEAST_DAYS[kind]:
        raise RuleBroken("period_too_short", least=LEAST_DAYS[kind])
    if days > LONGEST_DAYS:
        raise RuleBroken("period_too_long", most=LONGEST_DAYS)
    return days
