"""Reads columns back from the platform and notes what differs from what was sent: on demand, and by night.

Reading obeys what a platform can bear as sending does: its pause, its number of exchanges at a time, its rate. No
database is held while it answers. What cannot be read says nothing about its grades: the column keeps the reason, and
all that was found before stays.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.db import wake
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import ToolError
from lti_tool.grading import channel_store as channels
from lti_tool.grading import drift, drift_store, retry, wishes
from lti_tool.grading.drift import Changes, Finding
from lti_tool.grading.drift_store import Column, Event, Locked
from lti_tool.grading.model import Answer, DeliveryState, ScoreSender
from lti_tool.ids import CourseId, LineItemId, PlatformId
from lti_tool.lti.model import Result

AGE = timedelta(days=3)
"""By night every column is looked at that nobody has looked at for so long."""
NIGHT = range(18, 23)
"""Hours of UTC in which it is night in Bishkek (from midnight to five) and nobody waits for the LMS."""
REST = timedelta(minutes=1)
"""How soon a course may be asked for again; and a column of a platform that was away."""
READING = timedelta(minutes=5)
"""How long a column is in one worker's hands at most."""
LANE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of reading one column."""

    line_item_id: LineItemId
    course_id: CourseId
    platform_id: PlatformId
    grades: int = 0
    """How many could be compared."""
    found: int = 0
    """How many of them differ since this reading."""
    ended: int = 0
    """How many are alike again."""
    fault: Answer | None = None
    """Why it could not be read; None where it was."""
    pause_begins: bool = False


def ask(session: Session, course_id: CourseId, now: datetime) -> bool:
    """Has a worker compare the course's columns; False where there is none, or that was done within the minute."""
    tried = drift_store.last_tried(session, course_id)
    if tried is not None and tried > now - REST:
        return False
    asked = drift_store.ask(session, course_id, now)
    if asked:
        wake.workers(session)
    return asked > 0


def compare_next(
    sessions: SessionFactory,
    sender: ScoreSender,
    lane: str,
    now: datetime,
    *,
    course_id: CourseId | None = None,
    by_night: bool = False,
) -> Compared | None:
    """Compares the column that somebody asked for first (of this course, or of any); None where none can be read now.

    `by_night`: where nobody asked, the one that nobody has looked at for longest has its turn.
    """
    column = _take(sessions, lane, now, course_id, by_night=by_night)
    if column is None:
        return None
    try:
        return _compare(sessions, sender, column, now)
    finally:
        with unit_of_work(sessions) as session:
            channels.leave_lane(session, lane, now)


def is_night(now: datetime) -> bool:
    """Whether columns that nobody asked for have their turn."""
    return now.hour in NIGHT


def _take(
    sessions: SessionFactory, lane: str, now: datetime, course_id: CourseId | None, *, by_night: bool
) -> Column | None:
    with unit_of_work(sessions, writes=False) as session:
        candidates = drift_store.asked(session, now, course_id)
        if not candidates and by_night:
            candidates = drift_store.oldest(session, now - AGE, now)
    full: set[PlatformId] = set()
    for column in candidates:
        if column.platform_id in full:
            continue
        # One platform's channel at a time is locked, so that two workers never wait for each other.
        with unit_of_work(sessions) as session:
            if not _has_room(session, column.platform_id, lane, now):
                full.add(column.platform_id)
            elif drift_store.take(session, column, now, now + READING):
                return column
            else:
                channels.leave_lane(session, lane, now)
    return None


def _has_room(session: Session, platform_id: PlatformId, lane: str, now: datetime) -> bool:
    """Takes a lane to the platform; False where there is none now."""
    channel = channels.serve(session, platform_id, now)
    if channel is None or channel.paused_until is not None:
        # Whether a platform whose pause has ended is well again is found out by a grade.
        return False
    if not channels.take_lane(session, lane, channel, now, now + LANE, most=channel.concurrency):
        return False
    if channel.rate:
        channels.set_aside(session, platform_id, free_at=now + SECOND / channel.rate)
    return True


def _compare(sessions: SessionFactory, sender: ScoreSender, column: Column, now: datetime) -> Compared:
    began = time.monotonic()
    try:
        results = sender.results(column.course_id, column.url)
    except ToolError as error:
        with unit_of_work(sessions) as session:
            return _unread(session, column, error, now)
    took = time.monotonic() - began
    with unit_of_work(sessions, writes=False) as session:
        rows = drift_store.sent_in(session, column)
    changes = drift.changes(rows, results, now)
    with unit_of_work(sessions) as session:
        channels.note_answer(session, column.platform_id, now + retry.PROOF if took < retry.QUICK_SECONDS else None)
        done = _note(session, column, changes, results, now, now + timedelta(seconds=took))
        _read(session, column, now)
    judged = sum(drift.is_judged(row, now) for row in rows)
    return Compared(column.id, column.course_id, column.platform_id, judged, *done)


def _unread(session: Session, column: Column, error: ToolError, now: datetime) -> Compared:
    answer, begins = retry.answer_to(error), False
    if answer is Answer.OUTAGE:
        pause = retry.pause_for(error, now, channels.count_outage(session, column.platform_id))
        begins = pause is not None and channels.pause(session, column.platform_id, pause, now)
    row = drift_store.comparison(session, column.id)
    row.fault = answer.value
    if answer is Answer.OUTAGE:
        # It is the platform that is away: the column is read as soon as it is back.
        row.taken_until = now + REST
    else:
        row.taken_until, row.tried_at = None, now
        if row.asked_at is not None and row.asked_at <= now:
            row.asked_at = None
    return Compared(column.id, column.course_id, column.platform_id, fault=answer, pause_begins=begins)


def _read(session: Session, column: Column, now: datetime) -> None:
    row = drift_store.comparison(session, column.id)
    row.taken_until, row.tried_at, row.compared_at, row.fault = None, now, now, None
    if row.asked_at is not None and row.asked_at <= now:
        row.asked_at = None


def _note(
    session: Session, column: Column, changes: Changes, results: Sequence[Result], began: datetime, now: datetime
) -> tuple[int, int]:
    """Keeps what is new; how many differ since, and how many are alike again.

    It is found now: who looked at the page while the column was read has not seen it.
    """
    locked = drift_store.lock(session, column.course_id, changes.keys())
    # Looked at again under the lock: meanwhile something may have been sent, wished or decided.
    rows = [drift_store.as_sent(*each) for each in locked]
    still = drift.changes(rows, results, began)
    events = []
    for each, row in zip(locked, rows, strict=True):
        if row.id not in still:
            continue
        finding, found = still[row.id], each[2]
        if found is not None and finding is not None and drift.is_only_later(row.known, finding):
            found.held_at = finding.held_at
        else:
            events.append(Event(row.id, "found" if finding else "alike", finding))
            _apply(session, each, finding, now)
    drift_store.note(session, events, now)
    session.flush()
    ended = sum(event.finding is None for event in events)
    if ended:
        wake.workers(session)
    return len(events) - ended, ended


def _apply(session: Session, locked: Locked, finding: Finding | None, now: datetime) -> None:
    row, user_id, found = locked
    rest = drift.rests_as(row.wanted_given, row.wanted_maximum, drift_store.as_sent(row, user_id, found))
    if finding is not None:
        drift_store.keep(session, row, found, finding, now)
        wishes.hold(row, rest)
        return
    if found is not None:
        drift_store.end(session, found)
    if rest is not DeliveryState.SENT:
        # What was held back for it may go: nothing of somebody else's stands there any more.
        wishes.make_due(row, now)
