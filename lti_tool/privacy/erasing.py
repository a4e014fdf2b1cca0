"""Erasing a person: who they are goes, and what they wrote, showed and got; what statistics count stays, as nobody's.

Whoever is erased is known by nothing afterwards: a later launch, or a roster on which the LMS still has them, begins
somebody new. What was read before and is written after is refused by the database (`people/tables.py`) or taken away
by `sweep`, which the worker does for an hour after each erasure (ADR 18).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from lti_tool.audit import recording
from lti_tool.audit.model import Action, Actor, Event, Subject, SubjectKind
from lti_tool.db import scrubbing
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import Conflict, NotFound
from lti_tool.ids import CourseId, PersonId, PlatformId
from lti_tool.people import roster
from lti_tool.privacy import holding_queries, store
from lti_tool.privacy.holdings import HOLDINGS, Fate, Holding
from lti_tool.reports import exports
from lti_tool.reports.drawer import Drawer
from lti_tool.tasks.shelf import Shelf

SWEPT_FOR = timedelta(hours=1)
LOOK_SECONDS = 0.5
WAIT_SECONDS = 45.0
"""Longer than a grade can be in a worker's hands."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure would do; nothing is changed by looking."""

    person_id: PersonId
    public_id: str
    platform_id: PlatformId
    counts: tuple[tuple[Holding, int], ...]
    """Of every kind of row that there is."""
    files: int
    grades_in_lms: int
    """Grades that the LMS has confirmed: they stay there."""
    mentions: int
    """Texts about others, in their courses, in which their name or address stands: for somebody to look at."""

    def total(self, fate: Fate) -> int:
        """How many rows meet this fate."""
        return sum(number for holding, number in self.counts if holding.fate is fate)


def plan(session: Session, public_id: str, platform_id: PlatformId | None = None) -> Plan:
    """What erasing this person would do. Raises NotFound where there is nobody, or only on another platform."""
    row = store.person(session, public_id)
    if row is None or (platform_id is not None and row.platform_id != platform_id):
        raise NotFound("person_unknown")
    person_id = PersonId(row.id)
    counts = ((each, holding_queries.count(session, each, person_id)) for each in HOLDINGS)
    words = [word for word in (row.name, row.email, row.id_number) if word]
    return Plan(
        person_id=person_id,
        public_id=row.public_id,
        platform_id=PlatformId(row.platform_id),
        counts=tuple((holding, number) for holding, number in counts if number),
        files=len(store.shelf_names(session, person_id)),
        grades_in_lms=holding_queries.grades_confirmed(session, person_id),
        mentions=store.mentions(session, person_id, words),
    )


def erase(
    sessions: SessionFactory,
    shelf: Shelf,
    drawer: Drawer | None,
    planned: Plan,
    *,
    by: Actor,
    now: Callable[[], datetime],
    wait_seconds: float = WAIT_SECONDS,
    scrubs: bool = True,
) -> None:
    """Erases the person of the plan, by now with whatever came since; `drawer`: where made files lie, if any are made.

    Who erases many at once scrubs the database afterwards. A grade that is being sent is waited for. Raises Conflict
    (`grade_on_its_way`) where that takes longer, and NotFound where somebody else was quicker; then nothing was erased.
    """
    with unit_of_work(sessions) as session:
        stopped = store.stop_deliveries(session, planned.person_id)
    until = time.monotonic() + wait_seconds
    while (files := _erased(sessions, planned, by, now())) is None:
        if time.monotonic() >= until:
            with unit_of_work(sessions) as session:
                store.resume_deliveries(session, stopped)
            raise Conflict("grade_on_its_way")
        time.sleep(LOOK_SECONDS)
    for name in files:
        shelf.remove(name)
    if drawer is not None:
        with unit_of_work(sessions) as session:
            exports.forget(session, drawer, planned.platform_id)
    if scrubs:
        scrubbing.scrub(sessions)
    log.info("person_erased", person=planned.public_id, files=len(files))


def _erased(sessions: SessionFactory, planned: Plan, by: Actor, now: datetime) -> list[str] | None:
    """The names of files to remove; None, with nothing done, while a grade is on its way."""
    with unit_of_work(sessions) as session:
        row = store.take_person(session, planned.person_id)
        if row is None:
            raise NotFound("person_unknown")
        for course_id in store.courses_of(session, planned.person_id)[:1]:
            # All of them at one go, as everybody takes them: persons first, then courses.
            roster.take_courses(session, CourseId(course_id), [planned.person_id])
        if store.is_sending(session, planned.person_id, now):
            return None
        files = store.shelf_names(session, planned.person_id)
        store.forget_parked(session, planned.platform_id, row.sub)
        store.delete_holdings(session, planned.person_id, now)
        store.make_nameless(session, row, now)
        subject = Subject(SubjectKind.PERSON, planned.public_id)
        recording.record(session, Event(Action.PERSON_ERASED, by, planned.platform_id, subject), now)
        return files


def sweep(sessions: SessionFactory, shelf: Shelf, now: datetime) -> int:
    """Takes away what reached an erased person while, or shortly after, they were erased; how many were looked at."""
    with unit_of_work(sessions, writes=False) as session:
        lately = store.erased_since(session, now - SWEPT_FOR)
        late = [each for each in lately if _has_leftovers(session, each)]
    for person_id in late:
        with unit_of_work(sessions) as session:
            files = store.shelf_names(session, person_id)
            store.delete_holdings(session, person_id, now)
        for name in files:
            shelf.remove(name)
        log.warning("erased_again", person_id=person_id)
    if late:
        scrubbing.scrub(sessions)
    return len(lately)


def _has_leftovers(session: Session, person_id: PersonId) -> bool:
    gone = (each for each in HOLDINGS if each.fate in {Fate.DELETED, Fate.REVOKED})
    return any(holding_queries.count(session, each, person_id) for each in gone)
