"""An errand: work for a course that a worker does while people look on. What kinds there are, and how one stands.

Pure. An errand is open or it is not there: how its last one ended is told by what it was about (when the roster was
read, which marks came in), so that nothing is said in two places. A new kind is a member here, who does it is named
in `steps.py`, and its words stand in `web/progress.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lti_tool.ids import CourseId

LEASE = timedelta(seconds=60)
"""How long a worker that says nothing is waited for: longer than a platform may take over one answer."""
MOST_TRIES = 3
"""So many workers may die over an errand; then it is given up, or it would end them all."""


class ErrandKind(StrEnum):
    """What a worker can be asked for."""

    ROSTER = "roster"
    NATIVE_MARKS = "native_marks"
    IMPACT = "impact"
    """What moving the course to another version of the requirements would do; and the move, where that is wanted."""


class Stage(StrEnum):
    """How far an open errand is."""

    WAITING = "waiting"
    UNDER_WAY = "under_way"


@dataclass(frozen=True, slots=True)
class Steps:
    """How much of it is done: answers of the LMS, and people; `total` is None where nobody knows."""

    answers: int = 0
    done: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """An open errand."""

    kind: ErrandKind
    stage: Stage
    since: datetime
    """When it was asked for, or became due by itself."""
    steps: Steps
    not_before: datetime | None = None
    """Nobody takes it up sooner: its platform does not answer."""


@dataclass(frozen=True, slots=True)
class Held:
    """An errand in the hands of a worker, under a token that nobody else has."""

    course_id: CourseId
    kind: ErrandKind
    token: str
    tries: int = 1

    @property
    def is_hopeless(self) -> bool:
        """Whether it has ended so many workers that it must not end another."""
        return self.tries > MOST_TRIES


def stage_of(token: str | None, free_at: datetime | None, now: datetime) -> Stage:
    """An errand whose worker has not been heard of since its lease ended waits again."""
    return Stage.UNDER_WAY if token and free_at is not None and free_at > now else Stage.WAITING
