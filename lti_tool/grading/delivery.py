"""Keeps the platform's gradebook equal to our wishes: claims a row, sends it, writes what the answer made of it.

The score is sent outside any transaction and only what was sent is confirmed. Nothing is lost when a process dies: an
unconfirmed row is due again when its lease ends, and sending twice is harmless because every score carries a later
time (lti-security, section 3).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory, begin_to_write, unit_of_work
from lti_tool.errors import (
    LineItemGone,
    PlatformForbids,
    ScoreOutdated,
    ToolError,
    Unconfirmed,
)
from lti_tool.grading import channel_store as channels
from lti_tool.grading import line_item_store, retry, store
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

ROUNDS = 3
"""How many platforms a claim looks at before it says that there is nothing."""
FRESH = timedelta(seconds=0.1)
"""What was claimed, or seen to be open, just now needs no second look at the platform."""
COLUMN_WAIT = timedelta(hours=1)
ANY = 1_000_000
"""So many lanes that a probe, which goes alone, always finds room."""

Jitter = Callable[[], float]
full_jitter: Jitter = secrets.SystemRandom().random


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of asking the platform, before anything of it is stored."""

    claimed: Claimed
    answer: Answer | None
    """None: it was not asked, and the row is given back as it was."""
    error: ToolError | None = None
    """What the answer was told by, where it was no success; a failure without one is a fault of our own."""
    held: Result | None = None
    """What the platform was found to hold."""
    quick: bool = False

    @property
    def concerns_platform(self) -> bool:
        """Whether it changes what may go to the platform, or what is known of it."""
        failed = self.answer in {Answer.OUTAGE, Answer.FORBIDDEN}
        return failed or self.claimed.probe or self.claimed.after_outages or (self.quick and not self.claimed.proven)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one try came to, for the worker's log."""

    delivery_id: DeliveryId
    platform_id: PlatformId
    answer: Answer | None
    """None: it was given back untried, for want of time or because the platform has been paused."""
    stored: bool
    """False where another worker had taken the row over: its answer counts."""
    pause_begins: bool = False
    """The platform is paused because of this answer: worth one alert."""


# --- claims


def claim(sessions: SessionFactory, lane: str, now: datetime, limit: int) -> tuple[Claimed, ...]:
    """Takes up to `limit` due deliveries of one platform into the hands of one thread, its `lane`, for a lease's time.

    It is the platform that waited longest for its turn; none that is paused (but for one probe when its pause has
    ended), nor one that has as many lanes or as many scores a second as it may.
    """
    for _ in range(ROUNDS):
        # Looked for without a lock: who finds nothing, as most do at most times, keeps nobody waiting.
        with unit_of_work(sessions, writes=False) as session:
            platform_id = channels.whose_turn(session, lane, now, proven=True)
            platform_id = platform_id or channels.whose_turn(session, lane, now, proven=False)
            if platform_id is None:
                return ()
            begin_to_write(session)
            claimed = _claim_from(session, platform_id, lane, now, limit)
        if claimed:
            return claimed
    return ()


def _claim_from(session: Session, platform_id: PlatformId, lane: str, now: datetime, limit: int) -> tuple[Claimed, ...]:
    channel = channels.serve(session, platform_id, now)
    if channel is None:
        return ()
    probe, until = channel.paused_until is not None, now + LEASE
    if not channels.take_lane(session, lane, channel, now, until, most=ANY if probe else channel.concurrency):
        return ()
    proven = channel.proven_until is not None and channel.proven_until > now
    rows = _due(session, platform_id, now, limit if proven and not probe else 1)
    if not rows:
        channels.leave_lane(session, lane, now)
        if probe:
            # Nothing to probe with: whoever comes first will find out how the platform is.
            channels.end_pause(session, platform_id)
        return ()
    if probe:
        channels.set_aside(session, platform_id, paused_until=now + retry.PROBE)
    if channel.rate:
        channels.set_aside(session, platform_id, free_at=now + timedelta(seconds=1) * (len(rows) / channel.rate))
    # Every claim has an owner of its own: who was asleep cannot confirm what the same thread claims anew.
    owner = f"{lane}#{secrets.token_hex(4)}"
    claimed = tuple(_held(row, owner, now, channel) for row in rows)
    store.lease(session, claimed)
    return claimed


def _due(session: Session, platform_id: PlatformId, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """The platform's rows that can be sent; what is due in a column that is not there is put off until it is."""
    rows = store.due(session, platform_id, now, limit)
    if any(row.line_item_url is None for row in rows):
        store.wait_for_columns(session, platform_id, now, now + COLUMN_WAIT)
        rows = store.due(session, platform_id, now, limit)
    # What another transaction had in hand may have been passed over: it is looked at again next time.
    return [row for row in rows if row.line_item_url is not None]


def leave(sessions: SessionFactory, lane: str, now: datetime) -> None:
    """The thread has nothing in its hands: others may speak to the platform in its place."""
    with unit_of_work(sessions) as session:
        channels.leave_lane(session, lane, now)


def _held(row: Row[Any], owner: str, now: datetime, channel: Row[Any]) -> Claimed:
    return Claimed(
        id=DeliveryId(row.id),
        course_id=CourseId(row.course_id),
        platform_id=PlatformId(row.platform_id),
        line_item_id=LineItemId(row.line_item_id),
        line_item_url=row.line_item_url,
        remakes=row.competency_id is not None,
        user_id=row.user_id,
        locale=row.person_locale or row.course_locale or "ky",
        given=row.wanted_given,
        maximum=row.wanted_maximum,
        facts=score_facts(row.wanted_facts, row.course_public_id, row.person_public_id, row.wanted_at),
        told=row.wanted_facts,
        version=row.wanted_version,
        # Stored with the lease, before it is used: whatever becomes of this try, the next one carries a later time.
        timestamp=retry.next_timestamp(now, row.last_timestamp),
        previous_given=row.sent_given,
        previous_maximum=row.sent_maximum,
        attempts=row.attempts,
        first_failed_at=row.first_failed_at,
        last_answer=row.last_answer,
        owner=owner,
        lease_until=now + LEASE,
        probe=channel.paused_until is not None,
        after_outages=channel.failures > 0,
        proven=channel.proven_until is not None and channel.proven_until > now + retry.PROOF / 2,
    )


def resume(session: Session, platform_id: PlatformId, course_id: CourseId, now: datetime) -> None:
    """Lets scores go at once that the platform did not allow: a launch has brought new permissions.

    A pause for another reason (an outage) stays.
    """
    if channels.pause_reason(session, platform_id) == Answer.FORBIDDEN:
        channels.end_pause(session, platform_id)
    store.make_due(session, course_id, Answer.FORBIDDEN, now)


def keep_counts(sessions: SessionFactory, counted: Mapping[tuple[PlatformId, str], int]) -> None:
    """Adds tries, by platform and answer, to what was counted before."""
    with unit_of_work(sessions) as session:
        channels.count_answers(session, counted)


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
        store.note_attempt(session, claimed, answer, now)
    if after.remake or (answer is Answer.LINE_ITEM_GONE and not claimed.remakes):
        # An own activity's column is never made by us: it waits until a launch names it again.
        line_item_store.forget_url(
            session, claimed.line_item_id, claimed.line_item_url, now if claimed.remakes else None
        )
    return stored


def _after(claimed: Claimed, answer: Answer, now: datetime, jitter: float) -> retry.Next:
    if answer in {Answer.ACCEPTED, Answer.CONFIRMED}:
        return retry.after_success(answer)
    row = retry.Standing(claimed.attempts, claimed.first_failed_at, claimed.last_answer, claimed.remakes)
    if answer is Answer.OUTAGE:
        return retry.after_outage(row, now, jitter)
    return retry.after_failure(row, answer, now, jitter)


def _past(timestamp: datetime, held: Result | None) -> datetime:
    """The time stamp that the next score must be later than."""
    if held is None or held.timestamp is None:
        return timestamp
    return max(timestamp, held.timestamp.replace(microsecond=0))


def _end_outage(session: Session, platform_id: PlatformId, now: datetime) -> datetime:
    """The platform answers again; returns since when it did not. The time in between is not held against its rows."""
    since = channels.channel(session, platform_id).paused_since or now
    for row in store.failing(session, platform_id):
        if row.first_failed_at is not None:
            row.first_failed_at = retry.forgive(row.first_failed_at, since, now)
    session.flush()
    channels.end_pause(session, platform_id)
    return since


@dataclass(slots=True)
class Way:
    """The way to a platform, as one thread saw it last: of scores that are claimed together not each looks anew."""

    sessions: SessionFactory
    seen_open: datetime
    """By whoever claims: nothing is claimed of a platform that is paused."""

    def may_go(self, claimed: Claimed, now: datetime) -> bool:
        """Whether there is enough lease left to begin, and nobody has paused the platform since a moment ago."""
        if claimed.lease_until - now < EXCHANGE:
            return False
        if claimed.probe or now - self.seen_open < FRESH:
            return True
        with unit_of_work(self.sessions, writes=False) as session:
            is_open = channels.pause_reason(session, claimed.platform_id) is None
        if is_open:
            self.seen_open = now
        return is_open


def ask(sender: ScoreSender, claimed: Claimed, comments: CommentWriter) -> Reply:
    """Sends one claimed score; the database is not touched while the platform is asked.

    Refusals of the platform become answers; only what is nobody's refusal is raised (and is the worker's to log).
    """
    began = time.monotonic()
    try:
        answer, held = _exchange(sender, claimed, comments)
    except ToolError as error:
        return Reply(claimed, retry.answer_to(error), error)
    return Reply(claimed, answer, held=held, quick=time.monotonic() - began < retry.QUICK_SECONDS)


def settle(
    sessions: SessionFactory, replies: Sequence[Reply], now: datetime, jitter: Jitter = full_jitter
) -> list[Outcome]:
    """Writes what came of some scores of one platform, in one transaction."""
    with unit_of_work(sessions) as session:
        concerning = [reply for reply in replies if reply.concerns_platform]
        if concerning:
            # Before any of its rows, as everybody takes them.
            channels.channel(session, concerning[0].claimed.platform_id)
        # In the order in which everybody locks deliveries, or two of us would wait for each other.
        ordered = sorted(replies, key=lambda reply: reply.claimed.id)
        return [_settled(session, reply, now, jitter()) for reply in ordered]


def deliver_one(
    sessions: SessionFactory,
    sender: ScoreSender,
    claimed: Claimed,
    now: datetime,
    *,
    comments: CommentWriter,
    jitter: Jitter = full_jitter,
) -> Outcome:
    """Sends one claimed score and writes what came of it."""
    way = Way(sessions, seen_open=claimed.lease_until - LEASE)
    reply = ask(sender, claimed, comments) if way.may_go(claimed, now) else Reply(claimed, None)
    return settle(sessions, [reply], now, jitter)[0]


def _settled(session: Session, reply: Reply, now: datetime, jitter: float) -> Outcome:
    claimed, answer, begins = reply.claimed, reply.answer, False
    if answer is None:
        return Outcome(claimed.id, claimed.platform_id, None, store.release(session, claimed))
    if reply.error is not None:
        counts = answer is Answer.OUTAGE or retry.is_about_tokens(reply.error)
        failures = channels.count_outage(session, claimed.platform_id) if counts else 0
        pause = retry.pause_for(reply.error, now, failures)
        begins = pause is not None and channels.pause(session, claimed.platform_id, pause, now)
        if pause is not None and answer is not Answer.OUTAGE:
            return Outcome(claimed.id, claimed.platform_id, answer, store.release(session, claimed), begins)
    of_our_own = answer is Answer.FAILED and reply.error is None
    if answer is not Answer.OUTAGE and not of_our_own:
        claimed = _heard(session, reply, now)
    stored = confirm(session, claimed, answer, now, jitter, reply.held)
    return Outcome(claimed.id, claimed.platform_id, answer, stored, begins)


def _heard(session: Session, reply: Reply, now: datetime) -> Claimed:
    """The platform said something about this row, so it answers: a probe has found what it was sent for."""
    claimed = reply.claimed
    if reply.quick and (claimed.after_outages or not claimed.proven):
        channels.note_answer(session, claimed.platform_id, now + retry.PROOF)
    elif claimed.after_outages:
        channels.note_answer(session, claimed.platform_id, None)
    if not claimed.probe:
        return claimed
    since = _end_outage(session, claimed.platform_id, now)
    if claimed.first_failed_at is None:
        return claimed
    return replace(claimed, first_failed_at=retry.forgive(claimed.first_failed_at, since, now))


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
