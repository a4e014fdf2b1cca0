"""How the web service is today: well, or ill in one of the ways in which a Moodle is; a visitor chooses."""

from __future__ import annotations

from enum import StrEnum
from threading import Condition

LATE_SECONDS = 60.0
"""Longer than anybody waits for an answer."""


class Mood(StrEnum):
    """What becomes of a call."""

    WELL = "well"
    LATE = "late"
    ERROR = "error"
    REFUSED = "refused"
    MAINTENANCE = "maintenance"


WORDS = {
    Mood.WELL: "answers as it should",
    Mood.LATE: "answers too late",
    Mood.ERROR: "fails with status 500",
    Mood.REFUSED: "says no, with status 200: the account is not in the course",
    Mood.MAINTENANCE: "shows a page instead: maintenance",
}


class Moods:
    """The mood in force; who waits for a late answer goes on as soon as it changes."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._mood = Mood.WELL

    @property
    def now(self) -> Mood:
        """The mood in force."""
        return self._mood

    def become(self, mood: Mood) -> None:
        """From now on."""
        with self._changed:
            self._mood = mood
            self._changed.notify_all()

    def suffered(self) -> Mood:
        """What befalls a call; returns late where lateness is in force."""
        with self._changed:
            self._changed.wait_for(lambda: self._mood is not Mood.LATE, LATE_SECONDS)
            return self._mood
