"""Keeps the platform's gradebook equal to our wishes: claims a row, sends it, writes what the answer made of it.

The score is sent outside any transaction and only what was sent is confirmed. Nothing is lost when a process dies: an
unconfirmed row is due again when its lease ends, and sending twice is harmless because every score carries a later
time (lti-security, section 3).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import (
    LineItemGone,
    PlatformForbids,
    ScoreOutdated,
    ToolError,
    Unconfirmed,
)
from lti_tool.grading import retry, store
from lti_tool.grading.comments import score_facts
from lti_tool.grading.model import (
    EXCHANGE,
    LEASE,
    Answer,
    Claimed,
    CommentWriter,
    ScoreSender,
)
from lti_tool.ids import CourseId, DeliveryId, LineItemId, PlatformId
from lti_tool.lti.model import Result

Jitter = Callable[[], float]
full_jitter: Jitter = secrets.SystemRandom().random


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one try came to, for the worker's log."""

    delivery_id: DeliveryId
    platform_id: PlatformId
    answer: Answer | None
    """None: there was not enough lease left to begin."""
    stored: bool
    """False where another worker had taken the row over: its answer counts."""
    pause_begins: bool = False
    """The platform is paused because of this answer: worth one alert."""


# --- claims


def claim(session: Session, worker: str, now: datetime, limit: int) -> tuple[Claimed, ...]:
    """Takes up to `limit` due deliveries into one worker's hands for the length of a lease.

    Every claim has an owner of its own, so that a worker that was asleep cannot confirm what it claims anew. Rows
    of a paused platform are left alone, but for one probe when its pause has ended.
    """
    owner = f"{worker}#{secrets.token_hex(4)}"
    probes = [_hold(due, owner, now, probe=True) for due in _probes(session, now)]
    rest = [_hold(due, owner, now) for due in store.due(session, now, max(0, limit - len(probes)))]
    session.flush()
    return (*probes, *rest)


def _probes(session: Session, now: datetime) -> list[store.DueRow]:
    found: list[store.DueRow] = []
    for channel in store.probes_due(session, now):
        rows = store.due(session, now, 1, PlatformId(channel.platform_id))
        if rows:
            channel.paused_until = now + retry.PROBE
            found += rows
        else:
            # Nothing to probe with: whoever comes first will find out how the platform is.
            store.end_pause(session, PlatformId(channel.platform_id))
    return found


def _hold(due: store.DueRow, owner: str, now: datetime, *, probe: bool = False) -> Claimed:
    row = due.delivery
    row.lease_owner, row.lease_until = owner, now + LEASE
    # Stored before it is used: whatever becomes of this try, the next one carries a later time.
    row.last_timestamp = retry.next_timestamp(now, row.last_timestamp)
    return Claimed(
        id=DeliveryId(row.id),
        course_id=CourseId(row.course_id),
        platform_id=PlatformId(row.platform_id),
        line_item_id=LineItemId(row.line_item_id),
        line_item_url=due.line_item.url or "",
        remakes=due.line_item.competency_id is not None,
        user_id=due.person.sub,
        locale=due.person.locale or due.course.locale or "ky",
        given=row.wanted_given,
        maximum=row.wanted_maximum,
        facts=score_facts(row.wanted_facts, due.course.public_id, due.person.public_id, row.wanted_at),
        told=row.wanted_facts,
        version=row.wanted_version,
        timestamp=row.last_timestamp,
        previous_given=row.sent_given,
        previous_maximum=row.sent_maximum,
        attempts=row.attempts,
        first_failed_at=row.first_failed_at,
        last_answer=row.last_answer,
        owner=owner,
        lease_until=row.lease_until,
        probe=probe,
    )


def resume(session: Session, platform_id: PlatformId, course_id: CourseId, now: datetime) -> None:
    """Lets scores go at once that the platform did not allow: a launch has brought new permissions.

    A pause for another reason (an outage) stays.
    """
    paused = store.channel(session, platform_id)
    if paused is not None and paused.reason == Answer.FORBIDDEN:
        store.end_pause(session, platform_id)
    store.make_due(session, course_id, Answer.FORBIDDEN, now)


# --- answers


def confirm(
    session: Session, claimed: Claimed, answer: Answer, now: datetime, jitter: float = 1.0, held: Result | None = None
) -> bool:
    """Writes what an answer made of a claimed row; False where the lease was lost, and nothing was written.

    Only the version that was sent is confirmed; a wish that changed in flight stays due. `held` is what the platform
    was found to hold: our next time stamp goes past its own.
    """
    after = _after(claimed, answer, now, jitter)
    stored = store.settle(session, claimed, after, now, _past(claimed.timestamp, held))
    if stored:
        store.note_attempt(session, claimed, after, now)
    if after.remake or (answer is Answer.LINE_ITEM_GONE and not claimed.remakes):
        # An own activity's column is never made by us: it waits until a launch names it again.
        store.forget_url(session, claimed.line_item_id, claimed.line_item_url, now if claimed.remakes else None)
    return stored


def _after(claimed: Claimed, answer: Answer, now: datetime, jitter: float) -> retry.Next:
    if answer in {Answer.ACCEPTED, Answer.CONFIRMED}:
        return retry.after_success(answer)
    row = retry.Standing(claimed.attempts, claimed.first_failed_at, claimed.last_answer, claimed.remakes)
    return retry.after_failure(row, answer, now, jitter)


def _past(timestamp: datetime, held: Result | None) -> datetime:
    """The time stamp that the next score must be later than."""
    if held is None or held.timestamp is None:
        return timestamp
    return max(timestamp, held.timestamp.replace(microsecond=0))


def _end_outage(session: Session, platform_id: PlatformId, now: datetime) -> datetime:
    """The platform answers again; returns since when it did not. The time in between is not held against its rows."""
    channel = store.channel(session, platform_id)
    since = channel.paused_since if channel and channel.paused_since else now
    for row in store.failing(session, platform_id):
        if row.first_failed_at is not None:
            row.first_failed_at = retry.forgive(row.first_failed_at, since, now)
    session.flush()
    store.end_pause(session, platform_id)
    return since


def give_back(session: Session, claimed: Claimed) -> bool:
    """Gives a claimed row back as it was, for whoever claims next."""
    return store.release(session, claimed)


def deliver_one(
    sessions: SessionFactory,
    sender: ScoreSender,
    claimed: Claimed,
    now: datetime,
    *,
    comments: CommentWriter,
    jitter: Jitter = full_jitter,
) -> Outcome:
    """Sends one claimed score and writes what came of it; no transaction is open while the platform is asked.

    Refusals of the platform become states; only what is nobody's refusal is raised (and is the worker's to log).
    """
    if claimed.lease_until - now < EXCHANGE:
        with unit_of_work(sessions) as session:
            return _outcome(claimed, None, give_back(session, claimed))
    try:
        answer, held = _exchange(sender, claimed, comments)
    except ToolError as error:
        return _failed(sessions, claimed, error, now, jitter())
    with unit_of_work(sessions) as session:
        return _answered(session, claimed, answer, now, jitter(), held)


def _failed(sessions: SessionFactory, claimed: Claimed, error: ToolError, now: datetime, jitter: float) -> Outcome:
    answer, pause = retry.answer_to(error), retry.pause_for(error, now)
    with unit_of_work(sessions) as session:
        if pause is None:
            return _answered(session, claimed, answer, now, jitter)
        begins = store.pause(session, claimed.platform_id, pause, now)
        return _outcome(claimed, answer, give_back(session, claimed), begins=begins)


def _answered(
    session: Session, claimed: Claimed, answer: Answer, now: datetime, jitter: float, held: Result | None = None
) -> Outcome:
    """The platform said something about this row, so it answers: a probe has found what it was sent for."""
    if claimed.probe:
        since = _end_outage(session, claimed.platform_id, now)
        if claimed.first_failed_at is not None:
            claimed = replace(claimed, first_failed_at=retry.forgive(claimed.first_failed_at, since, now))
    return _outcome(claimed, answer, confirm(session, claimed, answer, now, jitter, held))


def fail(sessions: SessionFactory, claimed: Claimed, now: datetime, jitter: Jitter = full_jitter) -> Outcome:
    """Backs a row off after a fault of our own, so that it does not come back at every turn."""
    with unit_of_work(sessions) as session:
        return _outcome(claimed, Answer.FAILED, confirm(session, claimed, Answer.FAILED, now, jitter()))


def _outcome(claimed: Claimed, answer: Answer | None, stored: bool, *, begins: bool = False) -> Outcome:
    return Outcome(claimed.id, claimed.platform_id, answer, stored, begins)


def _exchange(sender: ScoreSender, claimed: Claimed, comments: CommentWriter) -> tuple[Answer, Result | None]:
    """Sends the score; where the answer leaves open what stands there, reads it."""
    before = claimed.previous_given, claimed.previous_maximum
    try:
        sender.send(claimed.course_id, claimed.line_item_url, claimed.score(comments(claimed.facts, claimed.locale)))
    except ScoreOutdated:
        readable, held = _read(sender, claimed)
        answer = retry.after_conflict(held, claimed.given, claimed.maximum, before)
        return (answer if readable else Answer.OUTDATED), held
    except Unconfirmed:
        readable, held = _read(sender, claimed)
        stands = readable and retry.stands(held, claimed.given, claimed.maximum)
        return (Answer.CONFIRMED if stands else Answer.UNCONFIRMED), None
    except LineItemGone:
        if claimed.given is None:
            # The grade went with its column: that is what was wanted.
            return Answer.CONFIRMED, None
        raise
    if claimed.given is not None:
        return Answer.ACCEPTED, None
    readable, held = _read(sender, claimed)
    return (retry.after_withdrawal(held, before) if readable else Answer.ACCEPTED), held


def _read(sender: ScoreSender, claimed: Claimed) -> tuple[bool, Result | None]:
    """What the platform holds for the person; (False, None) where we may not read results there."""
    try:
        found = sender.results(claimed.course_id, claimed.line_item_url, claimed.user_id)
    except PlatformForbids:
        return False, None
    return True, next((result for result in found if result.user_id == claimed.user_id), None)
