"""Roll-ups kept by the worker: each course counted in its turn, courses gathered into months, people counted once.

No page counts over all courses, and nothing that a mark passes on its way tells the roll-ups that it has: whatever
happened, a course is counted anew before long. How often is a matter of what counting costs: a turn may take a
twentieth of the worker's time, so that few courses are counted every minute and thousands every few minutes. What a
page shows says as of when.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import CourseId, PlatformId
from lti_tool.reports import count_queries, store, undelivered

OPEN_AGAIN = timedelta(seconds=20)
"""An open course is counted again after this, or later where there are many."""
CLOSED_AGAIN = timedelta(hours=1)
TAKEN_FOR = timedelta(minutes=5)
"""A worker that dies leaves the courses that it has taken to others after this."""
PORTION = 10
TURN = 0.25
"""Seconds that a turn may take before it leaves the rest to the next."""
REST = 20
"""After gathering, the months rest for this many times as long as it took."""
AT_LEAST = timedelta(seconds=5)


@dataclass(slots=True)
class Rollups:
    """The worker's step; its turns are to come every few seconds."""

    _rest_until: dict[tuple[str, PlatformId], float] = field(default_factory=dict)

    def __call__(self, sessions: SessionFactory, now: datetime) -> None:
        """Counts some courses, then gathers and counts people where that has rested long enough."""
        began = time.monotonic()
        while count_some(sessions, now) == PORTION and time.monotonic() - began < TURN:
            pass
        with unit_of_work(sessions, writes=False) as session:
            platforms = store.platforms_counted(session)
        for platform in platforms:
            self._now_and_then("undelivered", platform, lambda each: undelivered.keep(sessions, each, now))
            self._now_and_then("months", platform, lambda each: gather(sessions, each, now))
            self._now_and_then("people", platform, lambda each: count_people(sessions, each, now))

    def _now_and_then(self, what: str, platform: PlatformId, work: Callable[[PlatformId], None]) -> None:
        began = time.monotonic()
        if began < self._rest_until.get((what, platform), 0.0):
            return
        work(platform)
        ended = time.monotonic()
        self._rest_until[what, platform] = ended + max(AT_LEAST.total_seconds(), REST * (ended - began))


def count_some(sessions: SessionFactory, now: datetime) -> int:
    """Counts a portion of the courses that are due; says how many."""
    with unit_of_work(sessions) as session:
        taken = store.take_due(session, PORTION, now, now + TAKEN_FOR)
    for course in taken:
        count_one(sessions, course, now)
    return len(taken)


def count_one(sessions: SessionFactory, course_id: CourseId, now: datetime) -> None:
    """Counts a course without keeping a writer waiting, and stores what came out."""
    with unit_of_work(sessions, writes=False) as session:
        figures = count_queries.count_course(session, course_id, now)
        last = store.counted_at(session, course_id)
        # Who launched while the course was last counted is looked at again.
        people = store.people_changed(session, course_id, last and last - OPEN_AGAIN)
    due_at = now + (CLOSED_AGAIN if figures.closed else OPEN_AGAIN)
    with unit_of_work(sessions) as session:
        store.put_course(session, course_id, figures, now, due_at)
        store.put_words(session, people)


def gather(sessions: SessionFactory, platform_id: PlatformId, now: datetime) -> None:
    """Adds a platform's courses up by month, where any has been counted since."""
    with unit_of_work(sessions, writes=False) as session:
        counted, as_of = store.newest_count(session, platform_id), store.months_as_of(session, platform_id)
        if counted is None or (as_of is not None and counted < as_of):
            return
        months = store.gathered(session, platform_id)
    with unit_of_work(sessions) as session:
        store.put_months(session, platform_id, months.items(), now)


def count_people(sessions: SessionFactory, platform_id: PlatformId, now: datetime) -> None:
    """Counts a platform's people, each once."""
    with unit_of_work(sessions, writes=False) as session:
        people, tally = count_queries.count_people(session, platform_id)
    with unit_of_work(sessions) as session:
        store.put_people(session, platform_id, people, tally, now)


def refresh(sessions: SessionFactory, now: datetime) -> None:
    """Counts everything at once: for operators and tests."""
    while count_some(sessions, now):
        pass
    with unit_of_work(sessions, writes=False) as session:
        platforms = store.platforms_counted(session)
    for platform in platforms:
        undelivered.keep(sessions, platform, now)
        gather(sessions, platform, now)
        count_people(sessions, platform, now)
