"""The columns of a course in the platform's gradebook: wanted here, found or made by the worker.

Moodle makes a second column from a repeated request, so a column is always looked for before it is made, by its
resource id and tag, and one worker at a time does both. A column that the course no longer targets stays; only its
grades are withdrawn (rules, section 5).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import LineItemGone, RuleBroken, ToolError
from lti_tool.grading import channel_store as channels
from lti_tool.grading import drift_store, line_item_store, retry, store
from lti_tool.grading.delivery import Jitter, full_jitter
from lti_tool.grading.model import LABEL_LENGTH, TAG, Answer, ClaimedLineItem, LineItemTarget, ScoreSender
from lti_tool.grading.tables import LineItemRow
from lti_tool.ids import ActivityId, CourseId, LineItemId, PlatformId
from lti_tool.lti.model import LineItem, LineItemWish
from lti_tool.people.activities import note_mark_max

CLAIM = timedelta(seconds=60)
"""Longer than looking for a column, making it and a token in between may take."""


Fill = Callable[[Session, CourseId, datetime], object]
"""`gradebook.fill_columns`."""


@dataclass(frozen=True, slots=True)
class LineItemOutcome:
    """What came of one column, for the worker's log."""

    line_item_id: LineItemId
    platform_id: PlatformId
    answer: Answer
    pause_begins: bool = False


def label_of(code: str, short_title: str) -> str:
    """The name of a competency's column, at most 100 characters; a longer title ends in an ellipsis."""
    label = f"{code} {short_title}".strip()
    return label if len(label) <= LABEL_LENGTH else label[: LABEL_LENGTH - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a course, those of its own activities too, and which of them are targeted no longer since now."""

    rows: tuple[LineItemRow, ...]
    dropped: tuple[LineItemId, ...]


def want_line_items(session: Session, course_id: CourseId, targets: Sequence[LineItemTarget], now: datetime) -> Columns:
    """Makes the course's competency columns those of `targets`; tells which are no longer targeted.

    New ones are due for the worker at once. A column that the platform has keeps its name and maximum there.
    """
    channels.open_channel(session, store.lock_course(session, course_id))
    rows = line_item_store.line_items(session, course_id)
    known = {row.resource_id: row for row in rows}
    new = [_new_row(course_id, target, now) for target in targets if target.resource_id not in known]
    for target in targets:
        if target.resource_id in known:
            _retarget(known[target.resource_id], target)
    session.add_all(new)
    session.flush()
    wanted = {target.resource_id for target in targets}
    return Columns((*rows, *new), tuple(_untarget(row) for row in rows if _is_dropped(row, wanted)))


def _new_row(course_id: CourseId, target: LineItemTarget, now: datetime) -> LineItemRow:
    return LineItemRow(
        course_id=course_id,
        competency_id=target.competency_id,
        resource_id=target.resource_id,
        tag=TAG,
        label=target.label,
        score_maximum=target.score_maximum,
        due_at=now,
        created_at=now,
    )


def _retarget(row: LineItemRow, target: LineItemTarget) -> None:
    if not row.targeted:
        row.targeted = True
    if row.competency_id != target.competency_id:
        row.competency_id = target.competency_id
    if row.url is None and (row.label, row.score_maximum) != (target.label, target.score_maximum):
        row.label, row.score_maximum = target.label, target.score_maximum


def _is_dropped(row: LineItemRow, wanted: set[str]) -> bool:
    return row.targeted and row.competency_id is not None and row.resource_id not in wanted


def _untarget(row: LineItemRow) -> LineItemId:
    row.targeted = False
    return LineItemId(row.id)


def adopt_line_item(
    session: Session, course_id: CourseId, activity_id: ActivityId, url: str, label: str, now: datetime
) -> LineItemId | None:
    """Keeps the column of an own graded activity as a launch names it; the worker reads its maximum back.

    Also for a copied course or a column made anew, where the same activity comes with another url. None, and nothing is
    kept, where the url is that of another column, here or in another course: no launch lets grades run into that one.
    Raises RuleBroken for an empty url, which is Moodle's word for "none".
    """
    if not url:
        raise RuleBroken("line_item_url_empty", activity=activity_id)
    resource_id = f"activity:{activity_id}"
    known = line_item_store.column_of(session, course_id, resource_id)
    if known is not None and known[1] == url:
        return known[0]
    if line_item_store.is_column(session, url):
        return None
    row = line_item_store.line_item_of(session, course_id, resource_id) if known else None
    if row is None:
        row = LineItemRow(course_id=course_id, activity_id=activity_id, resource_id=resource_id, tag="activity")
        row.label, row.score_maximum, row.created_at = label[:255], Decimal(100), now
        session.add(row)
    moved = row.url != url
    if moved:
        row.url, row.ready_at, row.due_at, row.attempts = url, None, now, 0
    session.flush()
    if moved:
        _send_anew(session, LineItemId(row.id), now)
    return LineItemId(row.id)


def _send_anew(session: Session, line_item_id: LineItemId, now: datetime) -> None:
    store.send_anew(session, line_item_id, now)
    drift_store.forget_column(session, line_item_id)


def claim_line_items(session: Session, now: datetime, limit: int) -> tuple[ClaimedLineItem, ...]:
    """Takes columns that are to be found, made or read back; nobody else tries them for a minute."""
    claimed = []
    for row, platform_id in line_item_store.due_line_items(session, now, limit):
        row.due_at = now + CLAIM
        claimed.append(
            ClaimedLineItem(
                id=LineItemId(row.id),
                course_id=CourseId(row.course_id),
                platform_id=platform_id,
                activity_id=None if row.activity_id is None else ActivityId(row.activity_id),
                url=row.url,
                wish=LineItemWish(row.label, row.score_maximum, row.resource_id, row.tag),
                attempts=row.attempts,
                until=row.due_at,
            )
        )
    session.flush()
    return tuple(claimed)


def make_one(
    sessions: SessionFactory,
    sender: ScoreSender,
    claimed: ClaimedLineItem,
    now: datetime,
    jitter: Jitter = full_jitter,
    fill: Fill | None = None,
) -> LineItemOutcome:
    """Finds or makes one column (or reads an adopted one back) and keeps its address and its real maximum.

    An own activity's marks can only be told on a known maximum: `fill` writes them, in the same transaction.
    """
    began = time.monotonic()
    try:
        if claimed.url is None:
            item = sender.ensure_line_item(claimed.course_id, claimed.wish)
        else:
            item = sender.line_item(claimed.course_id, claimed.url)
    except ToolError as error:
        return _failed(sessions, claimed, error, now, jitter())
    with unit_of_work(sessions) as session:
        # Before anything of it, as whoever writes marks takes it: holding the channel or an activity and waiting for
        # the course, we would wait for ever for who holds the course and wants those.
        store.lock_course(session, claimed.course_id)
        if time.monotonic() - began < retry.QUICK_SECONDS:
            channels.note_answer(session, claimed.platform_id, now + retry.PROOF)
        if line_item_store.settle_line_item(session, claimed, _ready(item, now)):
            _take_up(session, claimed, item, now, fill)
    return LineItemOutcome(claimed.id, claimed.platform_id, Answer.ACCEPTED)


def _take_up(session: Session, claimed: ClaimedLineItem, item: LineItem, now: datetime, fill: Fill | None) -> None:
    if claimed.url is None:
        # The grades of a column that was deleted went with it: in the new one they are missing, sent or not.
        _send_anew(session, claimed.id, now)
    if claimed.activity_id is not None:
        note_mark_max(session, claimed.course_id, claimed.activity_id, item.score_maximum)
        if fill is not None:
            fill(session, claimed.course_id, now)


def _ready(item: LineItem, now: datetime) -> dict[str, Any]:
    return {
        "url": item.url,
        # A found column may have another name; it is by the real one that its marks are known in exports.
        "label": item.label[:255],
        "score_maximum": item.score_maximum,
        "ready_at": now,
        "due_at": None,
        "attempts": 0,
        "last_answer": Answer.ACCEPTED.value,
    }


def _failed(
    sessions: SessionFactory, claimed: ClaimedLineItem, error: ToolError, now: datetime, jitter: float
) -> LineItemOutcome:
    answer = retry.answer_to(error)
    with unit_of_work(sessions) as session:
        pause = None
        if answer is Answer.OUTAGE:
            pause = retry.pause_for(error, now, channels.count_outage(session, claimed.platform_id))
        begins = pause is not None and channels.pause(session, claimed.platform_id, pause, now)
        line_item_store.settle_line_item(session, claimed, _after(claimed, error, answer, now, jitter))
    return LineItemOutcome(claimed.id, claimed.platform_id, answer, begins)


def _after(claimed: ClaimedLineItem, error: ToolError, answer: Answer, now: datetime, jitter: float) -> dict[str, Any]:
    """What a column becomes that could not be had; it is tried for ever, at most once a day in the end.

    A platform that forbids to make columns may still take scores (Moodle's "grade sync only"), so a prohibition
    here holds nothing but the column.
    """
    values: dict[str, Any] = {"last_answer": answer.value}
    if answer is Answer.OUTAGE:
        return values | {"due_at": now + max(retry.FIRST_PAUSE, retry.OUTAGE_SPREAD * jitter)}
    if isinstance(error, LineItemGone) and claimed.url is not None:
        return values | {"url": None, "ready_at": None, "due_at": None}
    attempts = claimed.attempts + 1
    wait = retry.FORBIDDEN_PROBE if answer is Answer.FORBIDDEN else retry.backoff(attempts, jitter)
    return values | {"attempts": attempts, "due_at": now + wait}
