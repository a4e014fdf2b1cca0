"""Reads the marks of Moodle's own activities by its web service: what a worker does for courses that are due.

Nothing of the database is held while Moodle is asked. Whatever goes wrong leaves all marks as they are: the reason is
kept for the trainer, and the course is read again later, the later the more often it failed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.audit import recording
from lti_tool.audit.model import Action
from lti_tool.competency.delimited import plain
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import PlatformUnavailable, ToolError
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.moodle import connections, native_marks, store
from lti_tool.moodle.client import MoodleForbids, WebService
from lti_tool.moodle.connections import COMPLETION, CONTENTS, GRADES, GROUPS, PEOPLE, Opened
from lti_tool.moodle.grade_items import (
    Gradebook,
    Item,
    PersonGrades,
    parse_completable,
    parse_completion,
    parse_emails,
    parse_gradebook,
    parse_groups,
)
from lti_tool.moodle.gradebook_file import PLACES
from lti_tool.moodle.person_matching import match_users
from lti_tool.moodle.pull_store import item_rows, note_items, postpone_platform, pull_row, take_due
from lti_tool.moodle.result_news import WEB_SERVICE, News, Told
from lti_tool.moodle.tables import NativeItemRow
from lti_tool.moodle.taking import Cell, take
from lti_tool.outbound import AnswerUnreadable, Outbound
from lti_tool.people import courses, errands, member_queries, roster
from lti_tool.people.errand import ErrandKind, Held
from lti_tool.people.errands import Tell, tell_nobody
from lti_tool.sealing import Seal

EVERY = timedelta(hours=1)
AWAY = timedelta(minutes=5)
"""How long nobody asks a platform that did not answer."""
LONGEST = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be asked for a course."""

    context_id: str
    connection: Opened
    subs: tuple[str, ...]
    completions: frozenset[str]
    asks_groups: bool
    """Somebody of the course is in a group: launches tell its number, and only this service its name."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What Moodle said."""

    items: tuple[Item, ...]
    completable: tuple[Item, ...] | None
    """None where it could not be asked."""
    persons: tuple[PersonGrades, ...]
    emails: Mapping[str, str]
    groups: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pulled:
    """What became of one course; `failure` is None where it was read."""

    course_id: CourseId
    failure: ToolError | None = None
    news: Mapping[News, int] = field(default_factory=dict)


def begin_due(session: Session, now: datetime) -> Held | None:
    """The course that has waited longest, to be read by the caller; None where none is due, or it was asked for."""
    course_id = take_due(session, now, now + EVERY)
    return None if course_id is None else errands.begin(session, course_id, ErrandKind.NATIVE_MARKS, now)


def pull_course(
    sessions: SessionFactory, outbound: Outbound, seal: Seal, held: Held, now: datetime, tell: Tell = tell_nobody
) -> Pulled:
    """Reads one course now. A refusal, by Moodle or by the rules, is kept with the course and told, not raised.

    Raises ErrandLost where somebody else reads it by now; then nothing is stored.
    """
    try:
        with unit_of_work(sessions, writes=False) as session:
            plan = _plan(session, seal, held.course_id)
        read = _ask(plan, plan.connection.service(outbound), tell)
        with unit_of_work(sessions) as session:
            errands.close(session, held)
            return Pulled(held.course_id, news=_store(session, held.course_id, read, now))
    except ToolError as failure:
        note_failure(sessions, held, failure, now)
        return Pulled(held.course_id, failure)


def note_failure(sessions: SessionFactory, held: Held, failure: ToolError, now: datetime) -> None:
    """Keeps why a course could not be read; all its marks stay as they are."""
    with unit_of_work(sessions) as session:
        errands.close(session, held)
        _note_failure(session, held.course_id, failure, now)


def _plan(session: Session, seal: Seal, course_id: CourseId) -> _Plan:
    course = courses.get_course(session, course_id)
    rows = item_rows(session, course_id)
    return _Plan(
        context_id=course.context_id,
        connection=connections.opened(session, seal, course.platform_id),
        subs=tuple(person.sub for person in roster.participants_for_matching(session, course_id)),
        asks_groups=member_queries.has_groups(session, course_id),
        completions=frozenset(row.key for row in rows if row.activity_id and row.key.startswith("completion:")),
    )


# --- asking


def _ask(plan: _Plan, service: WebService, tell: Tell) -> _Read:
    course = {"courseid": plan.context_id}
    book = _gradebook(plan, service, tell)
    persons = tuple(_completed(service, course, book.persons, tell)) if plan.completions else book.persons
    groups = _groups(service, course) if plan.asks_groups else {}
    return _Read(book.items, _completable(service, course), persons, _emails(plan, service, course, persons), groups)


def _gradebook(plan: _Plan, service: WebService, tell: Tell) -> Gradebook:
    course = {"courseid": plan.context_id}
    try:
        book = parse_gradebook(service.call(GRADES, course))
        tell(1, 0 if plan.completions else len(book.persons), len(book.persons))
        return book
    except AnswerUnreadable as error:
        if error.code != "answer_too_large":
            raise
    # Too many people for one answer: then each of those whom the course knows by Moodle's own number.
    users = [sub for sub in plan.subs if sub.isascii() and sub.isdecimal()]
    return _joined([book for user in users for book in _one_person(service, course | {"userid": user}, tell)])


def _one_person(service: WebService, parameters: Mapping[str, str], tell: Tell) -> list[Gradebook]:
    tell(1, 0, None)
    try:
        return [parse_gradebook(service.call(GRADES, parameters))]
    except MoodleForbids as refused:
        # Who has left the course in Moodle is refused alone; what concerns the token concerns everyone.
        if refused.code != "moodle_not_here":
            raise
        return []


def _joined(books: Sequence[Gradebook]) -> Gradebook:
    items = {item.key: item for book in books for item in book.items}
    return Gradebook(tuple(items.values()), tuple(person for book in books for person in book.persons))


def _completable(service: WebService, course: Mapping[str, str]) -> tuple[Item, ...] | None:
    try:
        return parse_completable(service.call(CONTENTS, course))
    except MoodleForbids:
        # Marks do not need it: the service in Moodle may lack this function.
        return None


def _groups(service: WebService, course: Mapping[str, str]) -> Mapping[str, str]:
    try:
        return parse_groups(service.call(GROUPS, course))
    except MoodleForbids:
        # Names are a comfort: the service in Moodle may lack this function.
        return {}


def _completed(
    service: WebService, course: Mapping[str, str], persons: Sequence[PersonGrades], tell: Tell
) -> Iterator[PersonGrades]:
    """Everyone with what they completed; of whom Moodle refuses to speak, nothing is said. All refused: one refusal."""
    refused: list[MoodleForbids] = []
    for person in persons:
        tell(1, 1, len(persons))
        try:
            done = parse_completion(service.call(COMPLETION, {**course, "userid": person.user_id}))
        except MoodleForbids as refusal:
            if refusal.code != "moodle_not_here" or len(refused) + 1 == len(persons):
                raise
            refused.append(refusal)
            done = {}
        yield replace(person, grades={**person.grades, **done})


def _emails(
    plan: _Plan, service: WebService, course: Mapping[str, str], persons: Sequence[PersonGrades]
) -> Mapping[str, str]:
    """Asked for only where numbers alone leave people open on both sides."""
    told = {person.user_id for person in persons}
    if told <= set(plan.subs) or set(plan.subs) <= told:
        return {}
    try:
        return parse_emails(service.call(PEOPLE, course))
    except MoodleForbids:
        return {}


# --- storing


def _store(session: Session, course_id: CourseId, read: _Read, now: datetime) -> Mapping[News, int]:
    # One reading or import of a course at a time: what is known must not change between the look and the storing.
    roster.take_courses(session, course_id, None)
    labels = {plain(label) for label in store.own_columns(session, course_id).labels}
    own = frozenset(item.key for item in read.items if item.module is None and item.name in labels)
    note_items(session, course_id, read.items, read.completable, own)
    roster.note_groups(session, course_id, read.groups)
    native_marks.follow(session, course_id, now)
    chosen = [row for row in item_rows(session, course_id) if row.activity_id and not row.fault and not row.gone]
    persons = match_users(read.persons, roster.participants_for_matching(session, course_id), read.emails)
    news = take(session, course_id, list(_cells(read.persons, persons, chosen, now)), by=None, now=now)
    _note_success(session, course_id, news, len(read.persons) - len(persons), now + EVERY if chosen else None, now)
    here = courses.get_course(session, course_id)
    changed = sum(news.get(each, 0) for each in (News.ADDED, News.CHANGED, News.WITHDRAWN))
    recording.record_work(session, Action.MARKS_TAKEN, here.platform_id, here.public_id, changed, now)
    return news


def _cells(
    told: Sequence[PersonGrades], persons: Mapping[str, PersonId], chosen: Sequence[NativeItemRow], now: datetime
) -> Iterator[Cell]:
    for each in told:
        person = persons.get(each.user_id)
        for row in chosen if person else ():
            grade = each.grades.get(row.key)
            if person and grade and row.activity_id:
                mark = Told(grade.mark, PLACES, row.mark_max, now, row.mark_min, WEB_SERVICE, grade.graded_at)
                yield Cell(person, ActivityId(row.activity_id), mark)


def _note_success(
    session: Session,
    course_id: CourseId,
    news: Mapping[News, int],
    unmatched: int,
    due_at: datetime | None,
    now: datetime,
) -> None:
    row = pull_row(session, course_id)
    if row is None:
        return
    row.due_at, row.read_at = due_at, now
    row.failures, row.failed_at, row.fault, row.function = 0, None, None, None
    row.added, row.changed = news.get(News.ADDED, 0), news.get(News.CHANGED, 0)
    row.withdrawn, row.unchanged = news.get(News.WITHDRAWN, 0), news.get(News.UNCHANGED, 0)
    row.unmatched = unmatched


def _note_failure(session: Session, course_id: CourseId, failure: ToolError, now: datetime) -> None:
    row = pull_row(session, course_id)
    if row is None:
        return
    away = isinstance(failure, PlatformUnavailable)
    row.failures += 1
    first, longest = (AWAY, EVERY) if away else (EVERY, LONGEST)
    row.due_at = now + min(first * 2 ** min(row.failures - 1, 10), longest)
    row.failed_at, row.fault = now, failure.code[:60]
    function = failure.facts.get("function")
    row.function = str(function)[:80] if function else None
    if away:
        # Its other courses would only wait for the same silence.
        session.flush()
        platform_id = courses.get_course(session, course_id).platform_id
        postpone_platform(session, platform_id, now + AWAY)
        errands.postpone(session, platform_id, ErrandKind.NATIVE_MARKS, now + AWAY)
