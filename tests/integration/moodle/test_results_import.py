"""A gradebook export becomes evidence, and only what is news does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from lti_tool.competency.evidence import NewEvidence, current_evidence
from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.model import MappingRole
from lti_tool.competency.tables import CompetencyRow, EvidenceRow
from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.errors import RuleBroken
from lti_tool.grading.gradebook import accept_results
from lti_tool.grading.line_items import adopt_line_item
from lti_tool.grading.tables import DeliveryRow, LineItemRow
from lti_tool.moodle.gradebook_file import Columns
from lti_tool.moodle.results_import import ImportReport
from tests.integration.moodle.conftest import Imported

EXPORTED = datetime(2026, 11, 22, 21, 50, 17, tzinfo=UTC)
LAB, QUIZ, LINK = "Assignment: Lab report", "Quiz: Week 1 quiz", "External tool: Graded link"


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    return report.added, report.changed, report.withdrawn, report.unchanged, report.older


def ledger_length(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(EvidenceRow)) or 0


def test_the_recorded_export_becomes_evidence_on_either_database(
    any_sessions: SessionFactory, now: datetime, imported_course: Callable[[Session, datetime], Imported]
) -> None:
    with any_sessions() as session:
        course = imported_course(session, now)
        course.map()

        report = course.results(course.export())
        again = course.results(course.export())

        assert counts(report) == (5, 0, 0, 0, 0)
        assert counts(again) == (0, 0, 0, 5, 0)
        assert course.marks(LAB) == {
            "stud1": (Decimal(45), Decimal(50)),
            "stud2": (Decimal("30.5"), Decimal(50)),
            "stud3": (Decimal(0), Decimal(50)),
        }
        assert course.marks(QUIZ) == {"stud1": (Decimal(8), Decimal(10)), "stud4": (Decimal("6.25"), Decimal(10))}
        assert {entry.worked_at for entry in current_evidence(session, course.course_id).values()} == {EXPORTED}
        assert {entry.source for entry in current_evidence(session, course.course_id).values()} == {"gradebook_file"}


def test_the_report_names_what_matched_nothing(course: Imported) -> None:
    report = course.results(course.export("SIS-stud4,,,stud4@", "SIS-else,,,else@"))

    assert [(row.line, row.id_number, row.email) for row in report.people_unmatched] == [
        (5, "SIS-else", "else@example.invalid")
    ]
    assert {note.column: note.reason for note in report.columns_unmatched} == {
        "External tool: Graded link (Real)": "column_without_maximum",
        "External tool: Sync-only link (Real)": "activity_unknown",
        "External tool: Group A only link (Real)": "activity_unknown",
        "External tool: DL item one (Real)": "activity_unknown",
        "Unc scores (Real)": "activity_unknown",
    }
    assert "Course total (Real)" in {note.column for note in report.columns_ignored}
    assert report.columns_taken == ("Assignment: Lab report (Real)", "Quiz: Week 1 quiz (Real)")


@pytest.mark.parametrize("name", ["gradebook-export-ru", "gradebook-export-ky"])
def test_exports_in_other_languages_mean_the_same_activities(course: Imported, name: str) -> None:
    course.results(course.export(name=name))

    mark, maximum = course.marks(QUIZ)["stud1"]
    assert mark is not None
    assert mark / maximum == Decimal("0.8")


def test_a_dry_run_reports_the_same_and_stores_nothing(course: Imported, session: Session) -> None:
    rehearsed = course.results(course.export(), dry_run=True)

    assert ledger_length(session) == 0
    assert course.results(course.export()) == replace(rehearsed, dry_run=False)


def test_a_regrade_is_followed_and_a_repetition_is_no_entry(course: Imported, session: Session) -> None:
    course.results(course.export())

    report = course.results(course.export("45.00", "20.00"), as_of=EXPORTED + timedelta(days=1))

    assert counts(report) == (0, 1, 0, 4, 0)
    assert course.marks(LAB)["stud1"][0] == 20
    assert ledger_length(session) == 6


def test_a_dash_withdraws_what_a_file_gave_before(course: Imported) -> None:
    course.results(course.export())

    report = course.results(course.export("45.00", "-"), as_of=EXPORTED + timedelta(days=1))

    assert counts(report) == (0, 0, 1, 4, 0)
    assert course.marks(LAB)["stud1"] == (None, Decimal(50))


def test_a_dash_withdraws_nothing_that_another_source_gave(course: Imported, now: datetime) -> None:
    given = NewEvidence(
        course.people["stud4"], course.activity(LAB), None, Decimal(9), Decimal(0), Decimal(50), "trainer", EXPORTED
    )
    accept_results(course.session, course.course_id, [given], by=None, now=now)

    report = course.results(course.export(), as_of=EXPORTED + timedelta(days=1))

    assert report.withdrawn == 0
    assert course.marks(LAB)["stud4"][0] == 9


def test_a_missing_row_or_column_says_nothing(course: Imported) -> None:
    course.results(course.export())
    lines = course.export().decode().splitlines()

    report = course.results("\n".join(lines[:2]).encode(), as_of=EXPORTED + timedelta(days=1))

    assert counts(report) == (0, 0, 0, 1, 0)
    assert course.marks(LAB)["stud1"][0] == 45


def test_an_older_file_never_replaces_a_newer_one(course: Imported) -> None:
    course.results(course.export())

    report = course.results(course.export("45.00", "20.00"), as_of=EXPORTED - timedelta(hours=1))

    assert counts(report) == (0, 0, 0, 4, 1)
    assert course.marks(LAB)["stud1"][0] == 45


def test_a_file_between_two_that_agree_comes_too_late(course: Imported) -> None:
    course.results(course.export(), as_of=EXPORTED)
    course.results(course.export(), as_of=EXPORTED + timedelta(days=2))

    changed = course.results(course.export("45.00", "20.00"), as_of=EXPORTED + timedelta(days=1))
    ungraded = course.results(course.export("30.50", "-"), as_of=EXPORTED + timedelta(days=1))
    graded = course.results(
        course.export("\nDmitri,Иванов,SIS-stud4,,,stud4@example.invalid,-", "\nD,I,SIS-stud4,,,,7"),
        as_of=EXPORTED + timedelta(days=1),
    )

    assert [changed.older, ungraded.older, graded.older] == [1, 1, 1]
    assert course.marks(LAB)["stud1"][0] == 45
    assert "stud4" not in course.marks(LAB)


def test_as_of_goes_before_the_times_in_the_file(course: Imported) -> None:
    moment = EXPORTED - timedelta(days=30)

    course.results(course.export(), as_of=moment)

    assert {entry.worked_at for entry in current_evidence(course.session, course.course_id).values()} == {moment}


def test_a_file_without_times_needs_as_of(course: Imported, session: Session) -> None:
    content = course.export(',"Last downloaded from this course"', "").decode().replace(",1795384217", "").encode()

    with pytest.raises(RuleBroken, match="time_unknown"):
        course.results(content)

    assert course.results(content, as_of=EXPORTED).added == 5


def test_a_zoneless_time_is_refused(course: Imported) -> None:
    with pytest.raises(RuleBroken, match="time_zoneless"):
        course.results(course.export(), as_of=datetime(2026, 11, 22, 21, 50))  # noqa: DTZ001  the naive time is the point


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("6.25", "6,2,5", "row_length"),
        ("6.25", "6.2.5", "mark_unreadable"),
        ("SIS-stud4,,,stud4@", "SIS-stud1,,,stud1@", "person_twice"),
        ("1795384217", "soon", "time_unreadable"),
        ('"ID number"', "Number", "unknown_headers"),
        ('"Feedback for stud1"', '"Feedback for stud1', "table_malformed"),
    ],
)
def test_a_malformed_file_stores_nothing(course: Imported, session: Session, old: str, new: str, code: str) -> None:
    content = course.export(old, new)
    if code == "unknown_headers":
        content = content.replace(b'"Email address"', b"Mail")

    with pytest.raises(RuleBroken, match=code):
        course.results(content)

    assert ledger_length(session) == 0


def test_the_uploader_can_say_what_unknown_headers_mean(course: Imported) -> None:
    content = course.export('"ID number"', "Number").replace(b'"Email address"', b"Mail")

    report = course.results(content, columns=Columns(id_number=2, email=5))

    assert report.added == 5


def own_column(course: Imported, session: Session, now: datetime, sent: dict[str, str]) -> None:
    """The link's own column out of 100, with what the tool has sent there."""
    item = LineItemRow(
        course_id=course.course_id,
        activity_id=course.activity(LINK),
        resource_id="activity:x",
        tag="competency",
        label=LINK,
        score_maximum=Decimal(100),
        created_at=now,
        ready_at=now,
    )
    session.add(item)
    session.flush()
    platform_id = 1
    for person, given in sent.items():
        session.add(
            DeliveryRow(
                course_id=course.course_id,
                line_item_id=item.id,
                person_id=course.people[person],
                platform_id=platform_id,
                wanted_given=Decimal(given),
                wanted_maximum=Decimal(100),
                wanted_at=now,
                sent_given=Decimal(given),
                sent_maximum=Decimal(100),
                state="sent",
            )
        )
    session.flush()


def test_an_own_links_mark_counts_only_where_it_differs(course: Imported, session: Session, now: datetime) -> None:
    own_column(course, session, now, {"stud1": "66.66667", "stud2": "2"})

    report = course.results(course.export())

    assert report.own == 1
    assert course.marks(LINK) == {
        "stud1": (Decimal(88), Decimal(100)),
        "stud3": (Decimal(1), Decimal(100)),
        "stud4": (Decimal(1), Decimal(100)),
    }


def test_a_mark_that_has_left_and_was_not_answered_yet_is_our_own(
    course: Imported, session: Session, now: datetime
) -> None:
    own_column(course, session, now, {"stud1": "88", "stud2": "2"})
    for row, left in zip(session.scalars(select(DeliveryRow).order_by(DeliveryRow.id)), (now, None), strict=True):
        row.sent_given, row.sent_maximum, row.state, row.last_timestamp = None, None, "due", left
    session.flush()

    report = course.results(course.export())

    assert report.own == 1
    assert course.marks(LINK).keys() == {"stud2", "stud3", "stud4"}


def test_a_row_of_nobody_leaves_those_below_it_their_marks(course: Imported) -> None:
    report = course.results(course.export("SIS-stud2,,,stud2@", "SIS-else,,,else@"))

    assert (len(report.people_unmatched), report.added) == (1, 4)


def test_the_mark_of_one_indicator_is_not_the_activitys(course: Imported) -> None:
    cell = next(cell for cell in mapping_of(course.session, course.course_id) if cell.role is MappingRole.REQUIRED)
    entry = NewEvidence(
        course.people["stud1"], cell.activity, cell.indicator, Decimal(45), Decimal(0), Decimal(50), "rubric", EXPORTED
    )
    accept_results(course.session, course.course_id, [entry], by=None, now=course.now)

    report = course.results(course.export())

    assert counts(report) == (5, 0, 0, 0, 0)


def test_the_maximum_of_an_own_column_that_was_not_read_back_is_not_guessed(course: Imported) -> None:
    adopt_line_item(course.session, course.course_id, course.activity(LINK), "https://lms/7", LINK, course.now)

    report = course.results(course.export())

    assert (f"{LINK} (Real)", "column_without_maximum") in {(n.column, n.reason) for n in report.columns_unmatched}
    assert course.marks(LINK) == {}


def test_a_column_that_this_tool_made_is_never_evidence(course: Imported, session: Session, now: datetime) -> None:
    label = "4.1 Сабакты пландоо"
    competency = session.scalars(select(CompetencyRow)).first()
    assert competency is not None
    item = LineItemRow(course_id=course.course_id, competency_id=competency.id, resource_id="competency:4.1")
    item.tag, item.label, item.score_maximum, item.created_at = "competency", label, Decimal(3), now
    session.add(item)
    course.map(f"activity,indicator,max\n{label},4.2.1.a,3\n", merge=True)

    report = course.results(course.export("Unc scores (Real)", f"{label} (Real)"))

    assert (f"{label} (Real)", "own_column") in {(note.column, note.reason) for note in report.columns_ignored}
    assert course.marks(label) == {}


@pytest.fixture
def queries(session: Session) -> Iterator[list[str]]:
    """The statements that the session sends."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def test_a_repeated_file_costs_the_same_queries_for_any_number_of_people(course: Imported, queries: list[str]) -> None:
    lines = course.export().decode().splitlines()
    costs = []
    course.results(course.export())
    for length in (2, 5):
        queries.clear()
        course.results("\n".join(lines[:length]).encode(), as_of=EXPORTED + timedelta(days=length))
        costs.append(len(queries))

    assert abs(costs[0] - costs[1]) <= 1, queries
