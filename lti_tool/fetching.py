"""Does errands in the worker: fetches rosters and marks that people ask for, and those that have become old.

What is asked for has a lane of its own, so that nobody who looks on waits behind what becomes due by itself. Whatever
goes wrong with one errand is kept with its course, whose former state stays whole; the others have their turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from lti_tool.audit import recording
from lti_tool.audit.model import Action
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import PlatformUnavailable, ToolError
from lti_tool.grading import gradebook, jobs, watch_queries
from lti_tool.ids import CourseId, PersonId, PlatformId
from lti_tool.lti import courses as lti_courses
from lti_tool.lti.nrps import RosterReader
from lti_tool.moodle import pull
from lti_tool.outbound import Outbound
from lti_tool.people import courses, errands, roster
from lti_tool.people.errand import ErrandKind, Held
from lti_tool.people.errands import HandsOff, Stopping, Telling
from lti_tool.sealing import Seal

PER_TURN = 20
AWAY = timedelta(minutes=5)
"""How long nobody asks a platform for a roster that did not answer."""

log = structlog.get_logger()


class Fetching:
    """Does errands; one object serves all lanes of a process."""

    def __init__(self, reader: RosterReader, outbound: Outbound, seal: Seal | None) -> None:
        self._reader, self._outbound, self._seal = reader, outbound, seal
        self._in_hand: set[Telling] = set()
        self._stopping = False

    def asked(self, sessions: SessionFactory, now: datetime) -> None:
        """What people asked for, and what a worker that died has left; the longest waiting first."""
        kinds = [ErrandKind.ROSTER, *([ErrandKind.NATIVE_MARKS] if self._seal else [])]

        def take(moment: datetime) -> Held | None:
            with unit_of_work(sessions) as session:
                held = errands.take_next(session, kinds, _paused(session, moment), moment)
                if held is not None and held.kind is ErrandKind.ROSTER:
                    lti_courses.note_roster_tried(session, held.course_id, moment)
                return held

        self._turn(sessions, now, take)

    def rosters(self, sessions: SessionFactory, now: datetime) -> None:
        """Rosters that have become old."""

        def take(moment: datetime) -> Held | None:
            with unit_of_work(sessions) as session:
                course_id = lti_courses.take_roster_due(session, moment, _paused(session, moment))
                if course_id is None:
                    return None
                return errands.begin(session, course_id, ErrandKind.ROSTER, moment)

        self._turn(sessions, now, take)

    def marks(self, sessions: SessionFactory, now: datetime) -> None:
        """Marks that have become old; one course a turn."""
        if self._seal is None:
            return
        with unit_of_work(sessions) as session:
            held = pull.begin_due(session, now)
        if held is not None:
            self._do(sessions, held, now)

    def stop(self) -> None:
        """The worker is about to end: what is under way ends at its next step, and waits for another worker."""
        self._stopping = True
        for telling in tuple(self._in_hand):
            telling.stopping = True

    def _turn(self, sessions: SessionFactory, now: datetime, take: Callable[[datetime], Held | None]) -> None:
        began = time.monotonic()
        for _ in range(PER_TURN):
            moment = now + timedelta(seconds=time.monotonic() - began)
            held = None if self._stopping else take(moment)
            if held is None:
                return
            self._do(sessions, held, moment)

    def _do(self, sessions: SessionFactory, held: Held, now: datetime) -> None:
        telling = Telling(sessions, held, now)
        self._in_hand.add(telling)
        try:
            self._try(sessions, held, telling, now)
        except Stopping:
            with unit_of_work(sessions) as session:
                errands.give_back(session, held)
        except HandsOff:
            log.warning("errand_lost", course_id=held.course_id, kind=held.kind.value)
        finally:
            self._in_hand.discard(telling)

    def _try(self, sessions: SessionFactory, held: Held, telling: Telling, now: datetime) -> None:
        try:
            if held.is_hopeless:
                raise ToolError("workers_lost", tries=held.tries)
            if held.kind is ErrandKind.ROSTER:
                read_roster(sessions, self._reader, held, now, telling)
            elif self._seal is not None:
                self._pull(sessions, held, telling, now, self._seal)
        except HandsOff:
            raise
        except Exception as failure:
            # One errand that nobody foresaw must not cost the others their turn.
            told = failure if isinstance(failure, ToolError) else ToolError(type(failure).__name__)
            facts = {"course_id": held.course_id, "kind": held.kind.value, "code": told.code}
            if told is failure:
                log.warning("errand_failed", **facts)
            else:
                log.exception("errand_failed", **facts)
            _FAILED[held.kind](sessions, held, told, now)

    def _pull(self, sessions: SessionFactory, held: Held, telling: Telling, now: datetime, seal: Seal) -> None:
        pulled = pull.pull_course(sessions, self._outbound, seal, held, now, telling)
        if pulled.failure is not None:
            log.warning("native_marks_not_read", course_id=pulled.course_id, code=pulled.failure.code)
        else:
            log.info("native_marks_read", course_id=pulled.course_id, **{n.value: c for n, c in pulled.news.items()})


def read_roster(sessions: SessionFactory, reader: RosterReader, held: Held, now: datetime, telling: Telling) -> None:
    """Reads one course's roster and takes it over, with what counts for those who are new. No database during HTTP."""
    course_id = held.course_id
    members = [lti_courses.enrolled(member) for member in reader.members(course_id, telling)]
    with unit_of_work(sessions) as session:
        errands.close(session, held)
        news = roster.sync(session, course_id, members, now)
        lti_courses.note_roster_read(session, course_id, len(news.joined), len(news.left))
        _welcome(session, course_id, news.joined, now)
        here, changed = courses.get_course(session, course_id), len(news.joined) + len(news.left)
        recording.record_work(session, Action.ROSTER_READ, here.platform_id, here.public_id, changed, now)
    log.info("roster_read", course_id=course_id, members=len(members), joined=len(news.joined))


def _welcome(session: Session, course_id: CourseId, joined: Collection[PersonId], now: datetime) -> None:
    if len(joined) > jobs.AT_ONCE:
        # The first list of a large course: in batches, so that nobody who writes waits for seconds.
        jobs.compute_anew(session, course_id, now)
    elif joined:
        gradebook.welcome(session, course_id, joined, now=now)


def _roster_failed(sessions: SessionFactory, held: Held, failure: ToolError, now: datetime) -> None:
    with unit_of_work(sessions) as session:
        errands.close(session, held)
        lti_courses.note_roster_failure(session, held.course_id, failure.code)
        if isinstance(failure, PlatformUnavailable):
            platform_id = courses.get_course(session, held.course_id).platform_id
            errands.postpone(session, platform_id, held.kind, now + AWAY)


_FAILED: dict[ErrandKind, Callable[[SessionFactory, Held, ToolError, datetime], None]] = {
    ErrandKind.ROSTER: _roster_failed,
    ErrandKind.NATIVE_MARKS: pull.note_failure,
}


def _paused(session: Session, now: datetime) -> list[PlatformId]:
    """Platforms that nobody asks now, as sending grades has found them to be away."""
    return [platform for platform, pause in watch_queries.pauses(session).items() if pause.until > now]
