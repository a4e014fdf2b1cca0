"""What people decide about grades that differ from the gradebook: send ours again, accept, detach, and back.

Every decision says up to when its person had looked: what was found later is not decided by it. It is kept in the
history of the grade with who decided and when, and what stood in the gradebook then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.db import wake
from lti_tool.db.among import portions
from lti_tool.errors import NotFound
from lti_tool.grading import drift_store, store, wishes
from lti_tool.grading.drift import Decision, rests_as
from lti_tool.grading.drift_store import Event, Locked
from lti_tool.grading.model import DeliveryState
from lti_tool.ids import CourseId, DeliveryId, PersonId

LOOK_AGAIN = timedelta(minutes=1)
"""How long after a grade has gone again its column is compared: then it has arrived, and the LMS shows what it made
of it."""
RESTING = {DeliveryState.SENT, DeliveryState.HELD}


@dataclass(frozen=True, slots=True)
class Decided:
    """Who decides what; `seen`: when they looked at what they decide about."""

    decision: Decision
    by: PersonId | None
    seen: datetime


def decide(session: Session, course_id: CourseId, ids: Sequence[DeliveryId], decided: Decided, now: datetime) -> int:
    """Decides about these deliveries of the course; returns about how many.

    Left alone is what the decision does not fit, or not any more: it is alike again, somebody else has decided, or
    something else has been found since they looked.
    """
    done = 0
    # By their ids from portion to portion too, as everybody locks them.
    for portion in portions(ids):
        done += _decide(session, course_id, portion, decided, now)
    if done and decided.decision in {Decision.RESEND, Decision.ATTACH}:
        drift_store.ask(session, course_id, now + LOOK_AGAIN)
        wake.workers(session)
    return done


def decide_one(session: Session, course_id: CourseId, public_id: str, decided: Decided, now: datetime) -> bool:
    """Decides about one delivery; False where the decision does not fit it (any more).

    Raises NotFound where the course has no such delivery.
    """
    row = store.delivery_by_public_id(session, course_id, public_id)
    if row is None:
        raise NotFound("delivery_unknown", delivery=public_id)
    return decide(session, course_id, [DeliveryId(row.id)], decided, now) == 1


def _decide(session: Session, course_id: CourseId, ids: Sequence[DeliveryId], decided: Decided, now: datetime) -> int:
    events = []
    for locked in drift_store.lock(session, course_id, ids):
        row, _user, found = locked
        if found is not None and found.found_at > decided.seen:
            continue
        finding = drift_store.finding_of(found)
        if _DOES[decided.decision](locked, now):
            events.append(Event(row.id, decided.decision.value, finding, decided.by))
    drift_store.note(session, events, now)
    session.flush()
    return len(events)


def _resend(locked: Locked, now: datetime) -> bool:
    row, _user, found = locked
    if found is None or found.decision == Decision.RESEND or row.state not in RESTING:
        return False
    row.wanted_version, row.wanted_at, row.last_answer = row.wanted_version + 1, now, None
    if found.held_at is not None:
        # Ours is taken only if it is later than what stands there.
        row.last_timestamp = max(row.last_timestamp or found.held_at, found.held_at)
    found.decision = Decision.RESEND.value
    wishes.make_due(row, now)
    return True


def _accept(locked: Locked, _now: datetime) -> bool:
    row, _user, found = locked
    if found is None or found.decision is not None or row.state not in RESTING:
        return False
    found.decision = Decision.ACCEPT.value
    wishes.hold(row, DeliveryState.SENT)
    return True


def _reopen(locked: Locked, _now: datetime) -> bool:
    row, _user, found = locked
    if found is None or found.decision != Decision.ACCEPT or row.state not in RESTING:
        return False
    _lay_open(locked)
    return True


def _detach(locked: Locked, _now: datetime) -> bool:
    row, _user, found = locked
    if row.state == DeliveryState.DETACHED:
        return False
    if found is not None:
        found.decision = Decision.DETACH.value
    # A worker that has it in hand confirms the version that it sent, and no state of another one.
    row.wanted_version += 1
    wishes.hold(row, DeliveryState.DETACHED)
    return True


def _attach(locked: Locked, now: datetime) -> bool:
    row, user_id, found = locked
    if row.state != DeliveryState.DETACHED:
        return False
    if found is not None:
        _lay_open(locked)
        return True
    rest = rests_as(row.wanted_given, row.wanted_maximum, drift_store.as_sent(row, user_id, None))
    if rest is DeliveryState.SENT and row.sent_at is not None:
        wishes.hold(row, rest)
    else:
        wishes.make_due(row, now)
    return True


def _lay_open(locked: Locked) -> None:
    """Nobody has decided any more: ours rests where it was sent as it is wished, else it is held."""
    row, user_id, found = locked
    if found is not None:
        found.decision = None
    wishes.hold(row, rests_as(row.wanted_given, row.wanted_maximum, drift_store.as_sent(row, user_id, found)))


_DOES: Mapping[Decision, Callable[[Locked, datetime], bool]] = {
    Decision.RESEND: _resend,
    Decision.ACCEPT: _accept,
    Decision.DETACH: _detach,
    Decision.ATTACH: _attach,
    Decision.REOPEN: _reopen,
}
"""Whether each decision fits, and what it does then."""
