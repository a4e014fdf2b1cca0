"""Asking a worker for something of a course, and doing it so that it outlives whoever does it.

Asking never waits. An errand is in one worker's hands at a time, under a lease that each step renews; whoever has lost
it stores nothing, so that a worker that slept does not overwrite what another has read since.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory, try_briefly
from lti_tool.ids import CourseId, PersonId, PlatformId, new_public_id
from lti_tool.people import errand_store
from lti_tool.people.errand import LEASE, ErrandKind, Held, Steps

TELL_SECONDS = 0.5
"""Progress is written this often at most: it is a comfort, and each writing waits for its turn."""


Tell = Callable[[int, int, int | None], object]
"""Hears of each step: so many more answers and people, and of how many people there are where that is known."""


def tell_nobody(_answers: int, _people: int, _total: int | None) -> None:
    """For who does something that nobody waits for."""


class HandsOff(Exception):
    """The errand is not this worker's any more. No fault of anybody, so no ToolError: it is told to nobody."""


class ErrandLost(HandsOff):
    """Somebody else has taken the errand up meanwhile; what was found is theirs to store."""


class Stopping(HandsOff):
    """The worker is about to end; the errand waits for the next one."""


def ask(session: Session, course_id: CourseId, kind: ErrandKind, by: PersonId | None, now: datetime) -> bool:
    """Has a worker do this next; False where it is asked for, or under way, already."""
    return errand_store.add(session, course_id, kind, by, now)


def ask_many(
    session: Session, course_ids: Collection[CourseId], kind: ErrandKind, by: PersonId | None, now: datetime
) -> None:
    """Has workers do this for each of these courses."""
    errand_store.add_many(session, course_ids, kind, by, now)


def begin_again(session: Session, course_id: CourseId, kind: ErrandKind) -> None:
    """Something has changed that an open errand has to know: whoever is at it loses it, and it waits anew."""
    errand_store.let_go(session, course_id, kind)


def begin(session: Session, course_id: CourseId, kind: ErrandKind, now: datetime) -> Held | None:
    """What became due by itself, begun at once; None where somebody has asked for it: then it comes by that."""
    if not errand_store.add(session, course_id, kind, None, now):
        return None
    return errand_store.take(session, course_id, kind, new_public_id(), now + LEASE)


def take_next(
    session: Session, kinds: Collection[ErrandKind], but: Collection[PlatformId], now: datetime
) -> Held | None:
    """The errand that has waited longest, those included whose worker is not heard of any more."""
    return errand_store.take_next(session, new_public_id(), now, now + LEASE, kinds, but)


def close(session: Session, held: Held) -> None:
    """The errand is done, with what was found in the same transaction.

    Raises ErrandLost where it is in other hands by now; then nothing may be stored.
    """
    if not errand_store.close(session, held):
        raise ErrandLost


def give_back(session: Session, held: Held) -> None:
    """It waits for another worker, at once."""
    errand_store.give_back(session, held)


def postpone(session: Session, platform_id: PlatformId, kind: ErrandKind, until: datetime) -> None:
    """The platform does not answer: others that wait for the same need not find that out one after another."""
    errand_store.postpone(session, platform_id, kind, until)


class Telling:
    """Tells how far an errand is, and renews its lease by that."""

    def __init__(self, sessions: SessionFactory, held: Held, began: datetime) -> None:
        self._sessions, self._held = sessions, held
        # The database's time goes on as ours does, whatever our clock shows.
        self._began, self._since = began, time.monotonic()
        self._told_at = float("-inf")
        self._steps = Steps()
        self.stopping = False

    def __call__(self, answers: int, people: int, total: int | None) -> None:
        """So many more answers and people. Raises Stopping where the worker is about to end, ErrandLost as `close`.

        A database that is busy is not waited for: the next step tells more.
        """
        if self.stopping:
            raise Stopping
        before = self._steps
        self._steps = replace(
            before, answers=before.answers + answers, done=before.done + people, total=total or before.total
        )
        if time.monotonic() - self._told_at >= TELL_SECONDS:
            self._told_at = time.monotonic()
            self._note()

    def _note(self) -> None:
        held = [True]
        now = self._began + timedelta(seconds=time.monotonic() - self._since)

        def note(session: Session) -> None:
            held[0] = errand_store.note(session, self._held, self._steps, now + LEASE)

        if try_briefly(self._sessions, note) and not held[0]:
            raise ErrandLost
