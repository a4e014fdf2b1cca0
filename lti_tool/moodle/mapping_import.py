"""Takes a course's mapping from a file and gives it back as one: spreadsheets are where trainers plan a course.

The same calls serve the matrix page and `lti-tool mapping`. An activity is named as Moodle's gradebook prints it, in
any of the three languages; one that the course does not have yet is made, so that a course can be mapped before
anything was launched in it. A faulty file stores nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency.delimited import plain, write_text_table
from lti_tool.competency.framework import Framework
from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.mapping_draft import draft_whole
from lti_tool.competency.mapping_file import MappingLine, format_mapping, known_headers, parse_mapping
from lti_tool.competency.model import Mapping
from lti_tool.competency.rules import rules_of
from lti_tool.competency.spreadsheet import read_table, write_workbook
from lti_tool.errors import RuleBroken
from lti_tool.grading.gradebook import accept_mapping
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.moodle.activity_names import ActivityNames, kept_name
from lti_tool.moodle.store import own_columns
from lti_tool.people.activities import activities_of, ensure_activity, note_mark_max
from lti_tool.people.model import Activity, ActivityKind, ActivitySource
from lti_tool.people.roster import take_courses

SHEET = "mapping"


@dataclass(frozen=True, slots=True)
class MappingReport:
    """What a mapping file brought: how many cells it has, and the activities that the course did not have before."""

    cells: int
    activities_created: tuple[str, ...]
    merged: bool


def import_mapping(
    session: Session, course_id: CourseId, content: bytes, *, merge: bool, by: PersonId | None, now: datetime
) -> MappingReport:
    """The mapping of the course becomes the file's; with `merge` the file's cells are added to it or change it.

    Raises RuleBroken as `read_table` and `parse_mapping` do, and `indicator_unknown` (line, indicator),
    `activity_ambiguous` (line, activity), `mapping_twice`; then nothing is stored.
    """
    cells, created = _read(session, course_id, content, now)
    accept_mapping(session, course_id, cells, merge=merge, by=by, now=now)
    return MappingReport(len(cells), created, merge)


def draft_mapping(
    session: Session, course_id: CourseId, content: bytes, *, merge: bool, by: PersonId | None, now: datetime
) -> MappingReport:
    """The course's *draft* becomes the file's mapping, to be looked at before it counts. Raises like `import_mapping`.

    Activities that the course does not have yet are made: without a mapping they count for nothing.
    """
    cells, created = _read(session, course_id, content, now)
    draft_whole(session, course_id, cells, merge=merge, by=by, now=now)
    return MappingReport(len(cells), created, merge)


def export_mapping(session: Session, course_id: CourseId, now: datetime) -> tuple[MappingLine, ...]:
    """The mapping of the course as lines, by activity in the course's order, then by indicator in the document's.

    A full mark that the platform tells, of an own link's column, is no part of a mapping.
    """
    told_by_platform = own_columns(session, course_id).maxima
    framework = rules_of(session, course_id, now).framework
    order = {indicator.id: place for place, indicator in enumerate(framework.indicators)}
    activities = {activity.id: activity for activity in activities_of(session, course_id)}
    known = list(activities)
    cells = sorted(mapping_of(session, course_id), key=lambda cell: (known.index(cell.activity), order[cell.indicator]))
    return tuple(
        MappingLine(
            activity=activities[cell.activity].name,
            indicator=framework.indicator_by_id(cell.indicator).code,
            weight=cell.weight,
            role=cell.role,
            pass_mark=cell.pass_mark,
            maximum=None if cell.activity in told_by_platform else activities[cell.activity].mark_max,
        )
        for cell in cells
    )


def mapping_as_csv(lines: Sequence[MappingLine]) -> bytes:
    """The lines as CSV in UTF-8, safe to open in a spreadsheet; `import_mapping` reads it back unchanged."""
    return write_text_table(format_mapping(lines)).encode()


def mapping_as_workbook(lines: Sequence[MappingLine]) -> bytes:
    """The lines as an XLSX workbook; `import_mapping` reads it back unchanged."""
    return write_workbook(format_mapping(lines), SHEET)


def _read(
    session: Session, course_id: CourseId, content: bytes, now: datetime
) -> tuple[list[Mapping], tuple[str, ...]]:
    """The cells of a file, and the activities that were made for it."""
    lines = parse_mapping(read_table(content, known_headers))
    framework = rules_of(session, course_id, now).framework
    for line in lines:
        if not framework.has_indicator(line.indicator):
            raise RuleBroken("indicator_unknown", line=line.line, indicator=line.indicator[:60])
    # One import of a course at a time: two would each make the activities that are missing.
    take_courses(session, course_id, None)
    filing = _Filing(session, course_id, now)
    cells = [_cell(line, filing.activity_of(line).id, framework) for line in lines]
    _refuse_same_cell(lines, cells)
    return cells, tuple(filing.created)


class _Filing:
    """Finds the activities of the lines and makes those that are missing, once each."""

    def __init__(self, session: Session, course_id: CourseId, now: datetime) -> None:
        self._session, self._course_id, self._now = session, course_id, now
        self._names = ActivityNames(activities_of(session, course_id))
        self._told_by_platform = own_columns(session, course_id).maxima.keys()
        self._found: dict[str, Activity] = {}
        self.created: list[str] = []

    def activity_of(self, line: MappingLine) -> Activity:
        """The activity of a line, with the full mark that the line tells."""
        name = plain(line.activity)
        if name not in self._found:
            self._found[name] = self._find(name, line)
        activity = self._found[name]
        # An own link's is the platform's to tell; where it does not (services are switched off), the file does.
        if line.maximum is not None and activity.id not in self._told_by_platform:
            note_mark_max(self._session, self._course_id, activity.id, line.maximum)
        return activity

    def _find(self, name: str, line: MappingLine) -> Activity:
        named = self._names.find(name)
        if len(named) > 1:
            raise RuleBroken("activity_ambiguous", line=line.line, activity=name)
        if named:
            return named[0]
        kept = kept_name(name)
        self.created.append(kept)
        made = ensure_activity(
            self._session, self._course_id, ActivityKind.NATIVE, ActivitySource.GRADEBOOK, kept, kept, self._now
        )
        self._names.add(made)
        return made


def _cell(line: MappingLine, activity: ActivityId, framework: Framework) -> Mapping:
    return Mapping(activity, framework.indicator(line.indicator).id, line.weight, line.role, line.pass_mark)


def _refuse_same_cell(lines: Sequence[MappingLine], cells: Sequence[Mapping]) -> None:
    """One activity under two printed names ("Quiz: A" and "Тест: A") can stand in one cell twice."""
    first: dict[tuple[int, int], MappingLine] = {}
    for line, cell in zip(lines, cells, strict=True):
        other = first.setdefault((cell.activity, cell.indicator), line)
        if other is not line:
            where = {"activity": line.activity, "indicator": line.indicator}
            raise RuleBroken("mapping_twice", line=line.line, first=other.line, **where)
