"""Months, by which courses are gathered: a course belongs to the month in which it begins. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

_WRITTEN = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of a year."""

    number: int
    """Months since the year 0, so that months can be counted and compared."""

    @staticmethod
    def of(moment: datetime) -> Month:
        """The month of a moment."""
        return Month(moment.year * 12 + moment.month - 1)

    @staticmethod
    def read(text: str) -> Month | None:
        """The month written as "2026-09", as browsers send it; None for anything else."""
        found = _WRITTEN.fullmatch(text.strip())
        if found is None:
            return None
        year, month = int(found[1]), int(found[2])
        return Month(year * 12 + month - 1) if year and 1 <= month <= 12 else None

    @property
    def year(self) -> int:
        """Its year."""
        return self.number // 12

    @property
    def month(self) -> int:
        """1 to 12."""
        return self.number % 12 + 1

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


@dataclass(frozen=True, slots=True)
class Period:
    """From one month to another, both included; without an end where none is said."""

    begin: Month | None = None
    end: Month | None = None

    @staticmethod
    def read(begin: str, end: str) -> Period:
        """A period as it stands in an address; one that ends before it begins is turned round."""
        first, last = Month.read(begin), Month.read(end)
        return Period(last, first) if first and last and last < first else Period(first, last)

    @property
    def is_open(self) -> bool:
        """Whether it leaves nothing out."""
        return self.begin is None and self.end is None

    def has(self, month: Month) -> bool:
        """Whether a month lies in it."""
        return (self.begin is None or self.begin <= month) and (self.end is None or month <= self.end)
