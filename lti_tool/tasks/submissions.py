"""Handing in: a draft that is kept as it is written, attempts that stay, and files that come whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import IO
from urllib.parse import urlsplit

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.competency import closing
from lti_tool.errors import Conflict, NotFound, RuleBroken
from lti_tool.ids import CourseId, PersonId
from lti_tool.people import activities
from lti_tool.people.model import Activity, ActivityKind
from lti_tool.tasks import store
from lti_tool.tasks.model import StoredFile, Submission, SubmissionState
from lti_tool.tasks.shelf import Shelf
from lti_tool.tasks.tables import FileRow, SubmissionRow

TEXT_LENGTH = 50_000
MOST_LINKS = 20
LINK_LENGTH = 2_000
MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Written:
    """What a participant wrote."""

    text: str
    links: tuple[str, ...] = ()


def task_activity(session: Session, course_id: CourseId, public_id: str) -> Activity:
    """The evidence task of the course with this public id. Raises NotFound where there is none."""
    for activity in activities.activities_of(session, course_id):
        if activity.public_id == public_id and activity.kind is ActivityKind.EVIDENCE:
            return activity
    raise NotFound("task_unknown")


def save_draft(
    session: Session,
    activity: Activity,
    person_id: PersonId,
    written: Written,
    *,
    seen: int,
    now: datetime,
) -> int:
    """Stores what was written so far; the draft's new version.

    `seen` is the version that the page showed, 0 for none. Raises RuleBroken for what is too long or a link that is no
    web address, Conflict (`draft_saved_elsewhere`) where another tab has saved since; then nothing is stored.
    """
    _check(written)
    row = _draft(session, activity, person_id, now)
    if row.version != seen:
        if (row.text, tuple(row.links)) == (written.text, written.links):
            return row.version
        raise Conflict("draft_saved_elsewhere", version=row.version)
    if (row.text, tuple(row.links)) != (written.text, written.links):
        row.text, row.links = written.text, list(written.links)
        row.version, row.saved_at = row.version + 1, now
    session.flush()
    return row.version


def hand_in(session: Session, activity: Activity, person_id: PersonId, now: datetime) -> Submission:
    """The draft becomes a submission that waits for its assessment. Handing in twice is handing in once.

    Raises RuleBroken (`nothing_to_hand_in`) for an empty draft, and in a closed course (`course_closed`).
    """
    newest = _newest(session, activity, person_id)
    if newest is None or newest.state is not SubmissionState.DRAFT:
        if newest is not None and newest.state is SubmissionState.HANDED_IN:
            return newest
        raise RuleBroken("nothing_to_hand_in")
    closing.check_open(session, activity.course_id)
    if not (newest.text.strip() or newest.links or newest.files):
        raise RuleBroken("nothing_to_hand_in")
    row = store.submission_row(session, activity.course_id, newest.public_id)
    if row is not None and row.state == SubmissionState.DRAFT.value:
        row.state, row.handed_in_at = SubmissionState.HANDED_IN.value, now
        session.flush()
    return store.attempts(session, activity.course_id, activity.id, person_id)[0]


def begin_again(session: Session, shelf: Shelf, activity: Activity, person_id: PersonId, now: datetime) -> None:
    """Opens another attempt with the text, links and files of the last one, each file one of its own.

    Raises RuleBroken (`no_room_for_files`), NotFound where a file is gone.
    """
    newest = _newest(session, activity, person_id)
    if newest is None or newest.state is SubmissionState.DRAFT:
        return
    row = _new(activity, person_id, newest.attempt + 1, now)
    row.text, row.links = newest.text, list(newest.links)
    begun = _insert(session, row, activity, person_id)
    if begun.files or begun.attempt == newest.attempt:
        return
    for earlier in store.files_of(session, newest.id):
        shelf_name = shelf.lay_again(earlier.shelf_name)
        again = FileRow(course_id=row.course_id, submission_id=begun.id, name=earlier.name, shelf_name=shelf_name)
        again.media_type, again.size, again.sha256 = earlier.media_type, earlier.size, earlier.sha256
        again.sent_at, again.sent_by, again.is_feedback = now, person_id, False
        session.add(again)
    session.flush()


def add_file(
    session: Session, shelf: Shelf, activity: Activity, person_id: PersonId, name: str, file: IO[bytes], now: datetime
) -> None:
    """Lays a file to the draft. The same file sent twice is there once.

    Raises RuleBroken as `Shelf.put` does, and `too_many_files` (most). What a refused request has laid down is cleared
    away later.
    """
    row = _draft(session, activity, person_id, now)
    if len(store.files_of(session, row.id)) >= MOST_FILES:
        raise RuleBroken("too_many_files", most=MOST_FILES)
    _keep(session, shelf, _file_row(shelf, row, name, file, person_id, now, is_feedback=False))


def remove_file(session: Session, activity: Activity, person_id: PersonId, public_id: str) -> None:
    """Takes a file out of the draft. Raises NotFound where the draft has none of that id."""
    newest = _newest(session, activity, person_id)
    row = store.file_row(session, activity.course_id, public_id)
    in_draft = newest is not None and newest.state is SubmissionState.DRAFT and row is not None
    if not in_draft or row is None or newest is None or row.submission_id != newest.id:
        raise NotFound("file_unknown")
    store.remove_file(session, row)


def file_for(
    session: Session, course_id: CourseId, public_id: str, person_id: PersonId, *, may_read_course: bool
) -> StoredFile:
    """A file, for its owner and for those who may read the course, who see drafts of nobody.

    Raises NotFound where there is none, or none for this person.
    """
    row = store.file_row(session, course_id, public_id)
    submission = session.get(SubmissionRow, row.submission_id) if row else None
    if row is None or submission is None:
        raise NotFound("file_unknown")
    handed_in = submission.state != SubmissionState.DRAFT.value
    if submission.person_id != person_id and not (may_read_course and handed_in):
        raise NotFound("file_unknown")
    return store.as_file(row)


def give_back(
    session: Session,
    shelf: Shelf,
    course_id: CourseId,
    public_id: str,
    name: str,
    file: IO[bytes],
    *,
    by: PersonId,
    now: datetime,
) -> None:
    """Lays a file of the trainer's to a submission. The same file sent twice is there once.

    Raises NotFound where there is no such submission, RuleBroken as `Shelf.put`, and `too_many_files` (most).
    """
    row = store.submission_row(session, course_id, public_id)
    if row is None:
        raise NotFound("submission_unknown")
    if len(store.files_of(session, row.id, is_feedback=True)) >= MOST_FILES:
        raise RuleBroken("too_many_files", most=MOST_FILES)
    _keep(session, shelf, _file_row(shelf, row, name, file, by, now, is_feedback=True))


def _keep(session: Session, shelf: Shelf, row: FileRow) -> None:
    listed = store.files_of(session, row.submission_id, is_feedback=row.is_feedback)
    if any((each.name, each.sha256) == (row.name, row.sha256) for each in listed):
        shelf.remove(row.shelf_name)
        return
    session.add(row)
    session.flush()


def _file_row(
    shelf: Shelf,
    submission: SubmissionRow,
    name: str,
    file: IO[bytes],
    by: PersonId,
    now: datetime,
    *,
    is_feedback: bool,
) -> FileRow:
    shelved = shelf.put(name, file)
    return FileRow(
        course_id=submission.course_id,
        submission_id=submission.id,
        is_feedback=is_feedback,
        name=name,
        media_type=shelved.kind.media_type,
        size=shelved.size,
        sha256=shelved.sha256,
        shelf_name=shelved.shelf_name,
        sent_at=now,
        sent_by=by,
    )


def _newest(session: Session, activity: Activity, person_id: PersonId) -> Submission | None:
    return next(iter(store.attempts(session, activity.course_id, activity.id, person_id)), None)


def _draft(session: Session, activity: Activity, person_id: PersonId, now: datetime) -> SubmissionRow:
    """The open draft, begun if the person has none, taken until the end of the transaction."""
    newest = _newest(session, activity, person_id)
    if newest is None:
        newest = _insert(session, _new(activity, person_id, 1, now), activity, person_id)
    row = store.submission_row(session, activity.course_id, newest.public_id)
    if row is None or row.state != SubmissionState.DRAFT.value:
        raise Conflict("handed_in_meanwhile")
    return row


def _new(activity: Activity, person_id: PersonId, attempt: int, now: datetime) -> SubmissionRow:
    row = SubmissionRow(course_id=activity.course_id, activity_id=activity.id, person_id=person_id, attempt=attempt)
    row.state, row.text, row.links, row.version, row.saved_at = SubmissionState.DRAFT.value, "", [], 0, now
    return row


def _insert(session: Session, row: SubmissionRow, activity: Activity, person_id: PersonId) -> Submission:
    try:
        with session.begin_nested():
            store.insert_submission(session, row)
    except IntegrityError:
        pass  # the other tab was first: its attempt is this one
    return store.attempts(session, activity.course_id, activity.id, person_id)[0]


def _check(written: Written) -> None:
    if len(written.text) > TEXT_LENGTH:
        raise RuleBroken("text_too_long", most=TEXT_LENGTH)
    if len(written.links) > MOST_LINKS:
        raise RuleBroken("too_many_links", most=MOST_LINKS)
    for link in written.links:
        if len(link) > LINK_LENGTH or not _is_web_address(link):
            raise RuleBroken("link_faulty", link=link[:80])


def _is_web_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and link.isprintable() and " " not in link
    except ValueError:
        return False
