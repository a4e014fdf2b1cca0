"""Takes the results of a gradebook export into the ledger: the door for institutes that give no web service token.

The same call serves the upload page and `lti-tool results import`. A file is read whole before anything is stored,
so a malformed one stores nothing; what matched nothing is in the report (moodle-lti-facts, section 6).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.errors import RuleBroken
from lti_tool.ids import CourseId, PersonId
from lti_tool.moodle import store
from lti_tool.moodle.activity_names import ActivityNames
from lti_tool.moodle.column_matching import ChosenColumn, ColumnNote, match_columns
from lti_tool.moodle.gradebook_file import (
    Columns,
    GradebookFile,
    GradebookRow,
    checked_time,
    printed_marks,
    read_gradebook,
)
from lti_tool.moodle.person_matching import PersonIndex, UnmatchedPerson
from lti_tool.moodle.result_news import News, Told
from lti_tool.moodle.taking import Cell, take
from lti_tool.people.activities import activities_of
from lti_tool.people.model import Person
from lti_tool.people.roster import participants_for_matching, take_courses


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What a file brought. Counts are of marks (person × activity); columns are named by their headers.

    `people_unmatched` holds personal data: for the eyes of whoever gave the file, never for a log.
    """

    people_unmatched: tuple[UnmatchedPerson, ...]
    columns_unmatched: tuple[ColumnNote, ...]
    columns_ignored: tuple[ColumnNote, ...]
    """Rightly left alone: totals, our own columns, feedback, a second display of the same activity."""
    columns_taken: tuple[str, ...]
    added: int
    changed: int
    withdrawn: int
    unchanged: int
    older: int
    """Not taken because something newer is known."""
    own: int
    """Marks of the tool's own links that are what it sent itself."""
    dry_run: bool


def import_results(
    session: Session,
    course_id: CourseId,
    content: bytes,
    *,
    now: datetime,
    by: PersonId | None = None,
    as_of: datetime | None = None,
    columns: Columns | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Reads the export `content` and records its marks as results of the course's activities.

    The time of the marks is `as_of` (aware), else the file's own last column. With `dry_run` nothing is stored and
    the report is the same. Raises RuleBroken as `read_gradebook` and `printed_marks` do (`unknown_headers` asks for
    `columns`), and `time_unknown` (line), `person_twice` (line, first); then nothing is stored.
    """
    moment = checked_time(as_of) if as_of else None
    file = read_gradebook(content, columns)
    if not dry_run:
        # One import of a course at a time: what is known must not change between the look at it and the storing.
        take_courses(session, course_id, None)
    own = store.own_columns(session, course_id)
    matched = match_columns(file, ActivityNames(activities_of(session, course_id)), own.labels, own.maxima)
    persons, unmatched = _match_people(file, participants_for_matching(session, course_id))
    cells = list(_cells(file, matched.chosen, persons, moment))
    counts = take(session, course_id, cells, by=by, now=now, dry_run=dry_run)
    return ImportReport(
        people_unmatched=unmatched,
        columns_unmatched=matched.unmatched,
        columns_ignored=matched.ignored,
        columns_taken=tuple(chosen.column.header for chosen in matched.chosen),
        added=counts[News.ADDED],
        changed=counts[News.CHANGED],
        withdrawn=counts[News.WITHDRAWN],
        unchanged=counts[News.UNCHANGED],
        older=counts[News.OLDER],
        own=counts[News.OWN],
        dry_run=dry_run,
    )


def _match_people(
    file: GradebookFile, known: Sequence[Person]
) -> tuple[dict[int, PersonId], tuple[UnmatchedPerson, ...]]:
    """The persons by the line of their row, and the rows that belong to nobody."""
    index = PersonIndex(known)
    lines: dict[PersonId, int] = {}
    unmatched = []
    for row in file.rows:
        found = index.find(row)
        if isinstance(found, UnmatchedPerson):
            unmatched.append(found)
            continue
        first = lines.setdefault(found.id, row.line)
        if first != row.line:
            raise RuleBroken("person_twice", line=row.line, first=first)
    return {line: person for person, line in lines.items()}, tuple(unmatched)


def _cells(
    file: GradebookFile, chosen: Sequence[ChosenColumn], persons: Mapping[int, PersonId], as_of: datetime | None
) -> Iterator[Cell]:
    for each in chosen:
        # Marks of rows that match nobody are read too: a malformed cell makes the whole file malformed.
        for mark in printed_marks(file, each.column):
            person = persons.get(mark.row.line)
            if person is not None:
                told = Told(mark.value, mark.places, each.maximum, _time_of(mark.row, as_of))
                yield Cell(person, each.activity.id, told)


def _time_of(row: GradebookRow, as_of: datetime | None) -> datetime:
    moment = as_of or row.downloaded
    if moment is None:
        raise RuleBroken("time_unknown", line=row.line)
    return moment
