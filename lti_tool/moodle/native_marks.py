"""What a trainer does with marks that Moodle's web service gives: have them read, and choose whose count.

Nothing here waits for Moodle: a worker reads (`pull.py`), and the pages show what it found.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from lti_tool.errors import RuleBroken
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.moodle.activity_names import ActivityNames
from lti_tool.moodle.grade_items import NAME_LENGTH, ItemFault
from lti_tool.moodle.pull_store import item_rows, pull_row
from lti_tool.moodle.tables import NativeItemRow, NativePullRow
from lti_tool.people import errands
from lti_tool.people.activities import activities_of, ensure_activity
from lti_tool.people.errand import ErrandKind
from lti_tool.people.model import Activity, ActivityKind, ActivitySource
from lti_tool.people.roster import take_courses

COMPLETION = " (completion)"
"""After the name of an activity whose mark counts on its own."""


@dataclass(frozen=True, slots=True)
class NativeItem:
    """Something of Moodle's gradebook that can be chosen, or why not."""

    key: str
    name: str
    minimum: Decimal
    maximum: Decimal
    chosen: bool
    gone: bool
    fault: ItemFault | None

    @property
    def is_completion(self) -> bool:
        """Whether it says "complete" instead of a mark."""
        return self.key.startswith("completion:")


@dataclass(frozen=True, slots=True)
class Reading:
    """How the last reading went, and the counts of the last one that went well."""

    due_at: datetime | None
    read_at: datetime | None
    failed_at: datetime | None
    fault: str | None
    function: str | None
    counts: tuple[int, int, int, int]
    """Added, changed, withdrawn, unchanged."""
    unmatched: int


def reading_of(session: Session, course_id: CourseId) -> Reading | None:
    """How the reading of a course stands; None before anybody asked for it."""
    row = pull_row(session, course_id)
    if row is None:
        return None
    return Reading(
        due_at=row.due_at,
        read_at=row.read_at,
        failed_at=row.failed_at if row.fault else None,
        fault=row.fault,
        function=row.function,
        counts=(row.added, row.changed, row.withdrawn, row.unchanged),
        unmatched=row.unmatched,
    )


def items_of(session: Session, course_id: CourseId) -> tuple[NativeItem, ...]:
    """What the course's gradebook listed when it was read last, in its order."""
    return tuple(
        NativeItem(
            key=row.key,
            name=row.name,
            minimum=row.mark_min,
            maximum=row.mark_max,
            chosen=row.activity_id is not None,
            gone=row.gone,
            fault=ItemFault(row.fault) if row.fault else None,
        )
        for row in item_rows(session, course_id)
    )


def ask(session: Session, course_id: CourseId, now: datetime, *, by: PersonId | None = None) -> bool:
    """Has the course read as soon as a worker is free, and from then on every hour.

    False where that is asked for, or under way, already: no second reading begins.
    """
    if pull_row(session, course_id) is None:
        session.add(NativePullRow(course_id=course_id, failures=0))
        session.flush()
    return errands.ask(session, course_id, ErrandKind.NATIVE_MARKS, by, now)


def choose(
    session: Session, course_id: CourseId, keys: Collection[str], now: datetime, *, by: PersonId | None = None
) -> None:
    """These items' marks count from now on, those of others no more; marks that came in stay.

    Raises RuleBroken("native_item_unknown") for one that is not listed or cannot be chosen.
    """
    take_courses(session, course_id, None)
    rows = {row.key: row for row in item_rows(session, course_id)}
    for key in keys:
        if key not in rows or rows[key].fault:
            raise RuleBroken("native_item_unknown", key=key[:40])
    for key, row in rows.items():
        if key not in keys:
            row.activity_id = None
    session.flush()
    filing = _Filing(session, course_id, now, rows.values())
    for key, row in rows.items():
        if key in keys and row.activity_id is None:
            row.activity_id = filing.activity_of(row)
    session.flush()
    if not ask(session, course_id, now, by=by):
        # A reading that has begun without them would leave the new ones out for an hour.
        errands.begin_again(session, course_id, ErrandKind.NATIVE_MARKS)


def follow(session: Session, course_id: CourseId, now: datetime) -> None:
    """What is known here only by Moodle's own number has the name and the full mark that Moodle gives it now."""
    rows = item_rows(session, course_id)
    activities = {each.id: each for each in activities_of(session, course_id)}
    names = _names(rows)
    for row in rows:
        known = activities.get(ActivityId(row.activity_id)) if row.activity_id else None
        if known and known.source is ActivitySource.MOODLE and not row.gone and not row.fault:
            kind, source, key = ActivityKind.NATIVE, ActivitySource.MOODLE, row.key
            ensure_activity(session, course_id, kind, source, key, names[key], now, mark_max=row.mark_max)


def _names(rows: Collection[NativeItemRow]) -> dict[str, str]:
    """The name of each item's activity: completing something that is also marked is told apart from its mark."""
    marked = {(row.module, row.instance) for row in rows if not row.key.startswith("completion:")}
    return {
        row.key: f"{row.name[: NAME_LENGTH - len(COMPLETION)]}{COMPLETION}"
        if row.key.startswith("completion:") and (row.module, row.instance) in marked
        else row.name
        for row in rows
    }


class _Filing:
    """Finds the activity that an item is: a link by its number, what a file has named by that name, else a new one."""

    def __init__(self, session: Session, course_id: CourseId, now: datetime, rows: Collection[NativeItemRow]) -> None:
        self._session, self._course_id, self._now = session, course_id, now
        self._activities = activities_of(session, course_id)
        self._names = ActivityNames(self._activities)
        self._taken = {row.activity_id for row in rows} - {None}
        self._printed = _names(rows)

    def activity_of(self, row: NativeItemRow) -> ActivityId:
        """The activity of an item, with the item's full mark where it is one of Moodle's own."""
        found = self._own_link(row) or self._known(row)
        if found is None or found.kind is ActivityKind.NATIVE:
            found = self._kept(row, found)
        self._taken.add(found.id)
        return found.id

    def _own_link(self, row: NativeItemRow) -> Activity | None:
        if row.module != "lti":
            return None
        links = (each for each in self._activities if each.source is ActivitySource.LTI)
        return next((each for each in links if each.external_id == row.instance), None)

    def _known(self, row: NativeItemRow) -> Activity | None:
        own = [each for each in self._activities if each.external_id == row.key]
        if own:
            return own[0]
        if row.key.startswith("completion:"):
            return None
        named = [each for each in self._names.find(row.name) if each.source is not ActivitySource.MOODLE]
        return named[0] if len(named) == 1 and named[0].id not in self._taken else None

    def _kept(self, row: NativeItemRow, found: Activity | None) -> Activity:
        source, external_id, name = ActivitySource.MOODLE, row.key, self._printed[row.key]
        if found is not None:
            source, external_id, name = found.source, found.external_id, found.name
        elif row.module == "lti" and not self._names.find(row.name):
            # Its first launch finds it by this name.
            source, external_id = ActivitySource.GRADEBOOK, row.name
        return ensure_activity(
            self._session,
            self._course_id,
            ActivityKind.NATIVE,
            source,
            external_id,
            name,
            self._now,
            mark_max=row.mark_max,
        )
