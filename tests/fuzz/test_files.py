"""Files with anything in them: each is taken whole, or refused by name with nothing stored."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool import clock
from lti_tool.competency import crosswalk_file, crosswalks
from lti_tool.competency.delimited import MAX_ROWS
from lti_tool.competency.framework import Framework
from lti_tool.competency.mapping_file import known_headers, parse_mapping
from lti_tool.competency.publishing import open_framework, publish, versions
from lti_tool.competency.spreadsheet import MAX_COLUMNS, read_table
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import RuleBroken
from lti_tool.ids import CourseId, PlatformId
from lti_tool.moodle.gradebook_file import Columns, printed_marks, read_gradebook
from lti_tool.moodle.gradebook_words import Display
from lti_tool.moodle.mapping_import import draft_mapping, import_mapping
from lti_tool.moodle.results_import import import_results
from lti_tool.people.courses import get_course
from lti_tool.tasks.file_kinds import kind_of
from tests.factories import files
from tests.factories.bad_files import BAD
from tests.factories.catalogues import small_catalogue
from tests.factories.signing_lms import RECORDED
from tests.fuzz.odd import TEXTS, edited, edits, written
from tests.fuzz.rows import rows
from tests.fuzz.sheets import DAMAGES, Damage, Table, damaged, table, workbook
from tests.fuzz.tally import Tally, cases
from tests.fuzz.undone import undone
from tests.fuzz.world import World

TIME = "1795384217"
RESULTS: Table = (
    ("First name", "ID number", "Email address", "Quiz: Test 0 (Real)", "Quiz: Test 1 (Percentage)", "Last downloaded"),
    *((f"Айгүл {at}", f"KG-{at}", f"p{at}@example.invalid", f"{at}.50", f"{at}0.00 %", TIME) for at in range(4)),
)
MAPPED: Table = (
    ("activity", "indicator", "weight", "role", "pass_mark", "max"),
    ("Quiz: Test 0", "1.1.1.a", "2", "required", "0.5", "50"),
    ("Assignment: New", "1.1.1.b", "1", "supporting", "", ""),
    ("Forum: Odd", "2.1.1.a", "", "o", "0,75", "10"),
)
EXPORTS = [
    tuple(tuple(row) for row in csv.reader(io.StringIO((RECORDED / "webservice" / name).read_text()), delimiter=mark))
    for name, mark in (
        ("gradebook-export.csv", ","),
        ("gradebook-export-ru.csv", ";"),
        ("gradebook-export-ky.csv", ","),
    )
]


@dataclass(frozen=True)
class Course:
    """Where files are sent to."""

    sessions: SessionFactory
    id: CourseId
    platform: PlatformId
    old: Framework
    new: Framework


@pytest.fixture(scope="session")
def course(world: World) -> Course:
    """A mapped course with people, and the versions of the requirements."""
    with unit_of_work(world.sessions, writes=False) as session:
        old, new = (open_framework(session, info.id) for info in versions(session)[:2])
        platform = get_course(session, world.api.course_id).platform_id
    return Course(world.sessions, world.api.course_id, platform, old, new)


def _is_taken(read: Callable[[], object]) -> bool:
    try:
        read()
    except RuleBroken:
        return False
    return True


@cases(6)
@given(content=st.one_of([table(export) for export in EXPORTS]), told=st.none() | st.integers(-1, 40), word=TEXTS)
def test_gradebook_files_read(tally: Tally, content: bytes, told: int | None, word: str) -> None:
    columns = None if told is None else Columns(id_number=told, words={word: Display.REAL})

    def read() -> None:
        file = read_gradebook(content, columns)
        for column in file.items:
            if column.display in {Display.REAL, Display.PERCENTAGE}:
                printed_marks(file, column)

    with tally.case() as case:
        case.note(accepted=_is_taken(read))


@cases(2)
@given(content=table(RESULTS), dry=st.booleans())
def test_gradebook_files_imported(course: Course, tally: Tally, content: bytes, dry: bool) -> None:
    def take() -> None:
        with unit_of_work(course.sessions) as session:
            import_results(session, course.id, content, now=clock.now(), dry_run=dry)

    _stored_or_refused(course, tally, take)


@cases(12)
@given(content=workbook(MAPPED) | workbook(RESULTS))
def test_workbooks_read(tally: Tally, content: bytes) -> None:
    def read() -> None:
        records = read_table(content, known_headers)
        assert len(records) <= MAX_ROWS
        assert all(len(record.fields) <= MAX_COLUMNS for record in records)

    with tally.case() as case:
        case.note(accepted=_is_taken(read))


@cases(8)
@given(content=table(MAPPED))
def test_mapping_files_read(tally: Tally, content: bytes) -> None:
    with tally.case() as case:
        case.note(accepted=_is_taken(lambda: parse_mapping(read_table(content, known_headers))))


@cases(1.5)
@given(content=table(MAPPED), merge=st.booleans(), drafted=st.booleans())
def test_mapping_files_imported(course: Course, tally: Tally, content: bytes, merge: bool, drafted: bool) -> None:
    take_in = draft_mapping if drafted else import_mapping

    def take() -> None:
        with unit_of_work(course.sessions) as session:
            take_in(session, course.id, content, merge=merge, by=None, now=clock.now())

    _stored_or_refused(course, tally, take)


CATALOGUE = small_catalogue(((3, 2, 1), (1, 1, 1)), version="9")


@cases(3)
@given(changes=edits(CATALOGUE))
def test_versions_of_requirements(course: Course, tally: Tally, changes: list[object]) -> None:
    content = written(edited(CATALOGUE, changes))  # type: ignore[arg-type]  # a list of Edit

    def take() -> None:
        with unit_of_work(course.sessions) as session:
            publish(session, content, clock.now())

    _stored_or_refused(course, tally, take)


CROSSWALK: Table = (
    ("kind", "old", "new", "carries"),
    ("same", "1.1.1.a", "1.1.1.a", ""),
    ("split", "1.1.1.b", "1.1.1.b 1.1.1.c", "1.1.1.b"),
    ("merged", "1.2.1.a,1.2.1.b", "1.2.1.a", ""),
    ("new", "", "2.1.1.a", ""),
)


@cases(2)
@given(content=table(CROSSWALK))
def test_crosswalks(course: Course, tally: Tally, content: bytes) -> None:
    def take() -> None:
        lines = crosswalk_file.read(content)
        with unit_of_work(course.sessions) as session:
            now = clock.now()
            crosswalks.save_draft(session, course.platform, course.old, course.new, lines, seen=0, by=None, now=now)
            crosswalks.drafted(session, course.platform, course.old, course.new)

    _stored_or_refused(course, tally, take)


WRONG = [(name, content) for name, content, _code in BAD if len(content) < 5000]
RIGHT = [("a.pdf", files.PDF), ("a.png", files.PNG), ("a.docx", files.DOCX), ("a.xlsx", files.XLSX)]
RIGHT += [("a.ods", files.ods(files.ods_row(["a", 2.5]))), ("a.pptx", files.PPTX), ("a.csv", b"a,b\n1,2\n")]


@cases(16)
@given(
    start=st.sampled_from(RIGHT) | st.sampled_from(WRONG),
    name=st.none() | TEXTS,
    damage=DAMAGES,
    odd=st.binary(max_size=4),
)
def test_files_handed_in(
    tally: Tally, start: tuple[str, bytes], name: str | None, damage: Damage | None, odd: bytes
) -> None:
    given_name, content = start
    spoilt = odd + damaged(content, damage)[len(odd) :] if damage and odd else content + odd
    called = f"{name}{given_name}" if name else given_name
    with tally.case() as case:
        case.note(accepted=_is_taken(lambda: kind_of(called, io.BytesIO(spoilt))))


def _stored_or_refused(course: Course, tally: Tally, take: Callable[[], object]) -> None:
    with tally.case() as case, undone(course.sessions):
        before = rows(course.sessions)
        case.note(accepted=_is_taken(take))
        if case.outcome == "refused":
            assert rows(course.sessions) == before
