"""What should stand in the platform's gradebook: wishes, one row per person and column, changed only when they differ.

Written in the transaction that caused them (a result came in, a mapping changed), so that a grade is never lost
between the two; the worker does the rest (`delivery.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.db import wake
from lti_tool.db.among import PORTION
from lti_tool.errors import NotFound, RuleBroken
from lti_tool.grading import channel_store as channels
from lti_tool.grading import drift_store, store
from lti_tool.grading.choosing import Stuck
from lti_tool.grading.drift import Decision, rests_as
from lti_tool.grading.model import Answer, DeliveryState, WantedScore
from lti_tool.grading.retry import stands
from lti_tool.grading.tables import DeliveryRow, DriftRow
from lti_tool.ids import CourseId, PersonId


def want_scores(session: Session, course_id: CourseId, wishes: Sequence[WantedScore], now: datetime) -> int:
    """Writes what should stand in the gradebook; returns how many wishes will travel.

    A wish counts as changed when its value or its maximum differs from the last wish; what its comment tells does
    not travel by itself. A wish for nothing where nothing was ever sent leaves no row behind. Where the platform was
    found to show something else than what was sent, a changed wish waits until somebody decides.
    """
    platform_id = store.lock_course(session, course_id)
    columns = {wish.line_item_id for wish in wishes}
    rows = store.deliveries(session, course_id, columns, _narrow({wish.person_id for wish in wishes}))
    new: list[dict[str, Any]] = []
    changed, found = 0, _Found(session, course_id)
    for wish in wishes:
        row = rows.get((wish.line_item_id, wish.person_id))
        if row is not None:
            changed += _rewish(session, row, wish, now, found)
        elif wish.given is not None and not wish.keep_sent:
            new.append(_first_wish(course_id, platform_id, wish, now))
    if new:
        channels.open_channel(session, platform_id)
        store.add_deliveries(session, new)
    session.flush()
    if new or changed:
        wake.workers(session)
    return changed + len(new)


def _narrow(person_ids: set[PersonId]) -> set[PersonId] | None:
    """Reading a whole column is cheaper than naming most of its people."""
    return person_ids if len(person_ids) <= PORTION else None


def _first_wish(course_id: CourseId, platform_id: int, wish: WantedScore, now: datetime) -> dict[str, Any]:
    return {
        "course_id": course_id,
        "platform_id": platform_id,
        "line_item_id": wish.line_item_id,
        "person_id": wish.person_id,
        "wanted_given": wish.given,
        "wanted_maximum": wish.maximum,
        "wanted_facts": dict(wish.facts),
        "wanted_at": now,
        "state": DeliveryState.DUE.value,
        "due_at": now,
    }


class _Found:
    """What comparisons found in a course; asked for only if a wish changes."""

    def __init__(self, session: Session, course_id: CourseId) -> None:
        self._session, self._course_id = session, course_id
        self._rows: dict[int, DriftRow] | None = None

    def of(self, row: DeliveryRow) -> DriftRow | None:
        """What the platform shows instead of what was sent; None where nothing is known to differ."""
        if self._rows is None:
            self._rows = drift_store.of_course(self._session, self._course_id)
        return self._rows.get(row.id)


def _rewish(session: Session, row: DeliveryRow, wish: WantedScore, now: datetime, found: _Found) -> bool:
    """Whether it travels."""
    wished = _as_sent(row, wish) if wish.keep_sent else wish
    if _same_wish(row, wished):
        return False
    if wished.given is None and row.last_timestamp is None:
        # Never in a worker's hands, so there is nothing to take back.
        store.remove(session, row)
        return True
    # Asked before anything of the row changes: what has changed is written before the database is asked.
    differs = None if row.state == DeliveryState.DETACHED else found.of(row)
    row.wanted_given, row.wanted_maximum, row.wanted_facts = wished.given, wished.maximum, dict(wished.facts)
    row.wanted_version, row.wanted_at = row.wanted_version + 1, now
    if row.state == DeliveryState.DETACHED:
        return False
    if differs is not None and not _goes_over(session, row, differs):
        return False
    make_due(row, now)
    return True


def _goes_over(session: Session, row: DeliveryRow, differs: DriftRow) -> bool:
    """Whether a changed wish may go where the platform shows something else than what was sent.

    Somebody wanted ours there, or there it stands already; else somebody is to decide, again if they had accepted it.
    """
    finding = drift_store.finding_of(differs)
    if finding is None or finding.decision is Decision.RESEND:
        return True
    if stands(finding.result, row.wanted_given, row.wanted_maximum):
        drift_store.end(session, differs)
        return True
    differs.decision = None
    hold(row, rests_as(row.wanted_given, row.wanted_maximum, drift_store.as_sent(row, "", differs)))
    return False


def hold(row: DeliveryRow, rest: DeliveryState) -> None:
    """Nothing goes by itself: the row rests as sent, or is held back since the platform shows something else."""
    row.state, row.due_at = rest.value, None
    row.attempts, row.first_failed_at = 0, None
    if rest is DeliveryState.HELD:
        row.last_answer = Answer.DIFFERS.value


def _as_sent(row: DeliveryRow, wish: WantedScore) -> WantedScore:
    """The wish to keep what the platform was last known to show; nothing where nothing was sent."""
    return WantedScore(
        wish.line_item_id, wish.person_id, row.sent_given, row.sent_maximum or wish.maximum, row.sent_facts or {}
    )


def _same_wish(row: DeliveryRow, wish: WantedScore) -> bool:
    if row.wanted_given is None or wish.given is None:
        return row.wanted_given is None and wish.given is None
    # Only a changed value travels (rules, section 5): a new count or date in the comment is no reason to regrade.
    return (row.wanted_given, row.wanted_maximum) == (wish.given, wish.maximum)


def make_due(row: DeliveryRow, now: datetime) -> None:
    """The wish goes out as soon as it is its turn."""
    row.state, row.due_at = DeliveryState.DUE.value, now
    row.attempts, row.first_failed_at = 0, None


def send_again(session: Session, course_id: CourseId, delivery_public_id: str, now: datetime) -> None:
    """A trainer's *send again*: the wish as it stands goes out as a new decision, over whatever stands there.

    Raises NotFound where the course has no such delivery, RuleBroken where it is detached.
    """
    row = store.delivery_by_public_id(session, course_id, delivery_public_id)
    if row is None:
        raise NotFound("delivery_unknown", delivery=delivery_public_id)
    if row.state == DeliveryState.DETACHED:
        raise RuleBroken("delivery_detached")
    row.wanted_version, row.wanted_at, row.last_answer = row.wanted_version + 1, now, None
    make_due(row, now)
    drift_store.resend(session, [row.id])
    session.flush()
    wake.workers(session)


def send_all_again(session: Session, which: Stuck, now: datetime) -> int:
    """*Send again* for all of these that are held or given up by now; returns how many go.

    What was delivered meanwhile, or goes by itself, is left alone.
    """
    sent, after = send_portion_again(session, which, 0, now)
    while after is not None:
        count, after = send_portion_again(session, which, after, now)
        sent += count
    return sent


def send_portion_again(session: Session, which: Stuck, after: int, now: datetime) -> tuple[int, int | None]:
    """A portion of the same, for who commits in between: how many go, and after which the next portion begins.

    None: that was the last. Begin after 0.
    """
    ids, last = store.stuck(session, which, after)
    if ids:
        store.send_again(session, ids, now)
        drift_store.resend(session, ids)
        wake.workers(session)
    return len(ids), last
