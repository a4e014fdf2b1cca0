"""What is known of a version of the requirements beside its content: its dates, and when it is due for review. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta

from lti_tool.errors import RuleBroken

REVIEW_YEARS = 5
"""Reviewed at least every five years (section I, paragraph 5)."""
AHEAD = timedelta(days=182)
"""How long before that it is told: a review takes its time."""


@dataclass(frozen=True, slots=True)
class Validity:
    """What is known of a version; None = nobody said."""

    approved_on: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    beside: bool = False
    """New courses take it only where their institute has chosen it."""

    def over(self, held: Validity) -> Validity:
        """These dates, and where one is not given the one that was `held`. Raises RuleBroken("dates_turned")."""
        told = Validity(
            self.approved_on or held.approved_on,
            self.valid_from or held.valid_from,
            self.valid_until or held.valid_until,
            self.beside,
        )
        if told.valid_from and told.valid_until and told.valid_until < told.valid_from:
            raise RuleBroken("dates_turned", begins=told.valid_from, ends=told.valid_until)
        return told


@dataclass(frozen=True, slots=True)
class Review:
    """A version that is due for review, or soon will be."""

    framework: str
    version: str
    approved_on: date
    due_on: date

    def is_over(self, today: date) -> bool:
        """Whether its five years are over."""
        return self.due_on <= today


def due_on(approved_on: date) -> date:
    """Five years after the approval; of 29 February the last day of that month, and nothing beyond the calendar."""
    year = approved_on.year + REVIEW_YEARS
    if year > MAXYEAR:
        return date.max
    try:
        return approved_on.replace(year=year)
    except ValueError:
        return approved_on.replace(year=year, day=28)
