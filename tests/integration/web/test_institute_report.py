"""The institute's report: figures in words, small groups unsaid, in three languages; from plain values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from lti_tool import clock
from lti_tool.competency.framework import Framework
from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.reports import pdf_file
from lti_tool.reports.institute_report import InstituteReport, MonthFigures
from lti_tool.reports.periods import Month, Period
from lti_tool.reports.report import PrintedTable, Report, StackCell
from lti_tool.reports.rollup import Rollups
from lti_tool.reports.tally import Growth, Tally, total
from lti_tool.web import institute_report
from lti_tool.web.i18n import speaking
from tests.factories.pdf import facts_of, text_of
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import BASE, Classroom

SEPTEMBER = Month(2026 * 12 + 8)


def sample(framework: Framework) -> InstituteReport:
    """Three months; few took part in the last one."""

    def tally(people: int) -> Tally:
        unknown = people // 5
        row = (unknown, people - unknown - 2, 1, 1, 0)
        indicators = [each for competency in framework.competencies for each in competency.indicators]
        return Tally(
            people,
            {each.id: row for each in framework.competencies},
            {each.id: (people // 2 + place % 9, 1, people // 3, 0) for place, each in enumerate(indicators)},
            {each.id: Growth(people, people, 2 * people) for each in indicators[:20]},
        )

    months = tuple(
        MonthFigures(Month(SEPTEMBER.number + place), 3 + place, tally(people))
        for place, people in enumerate((120, 60, 4))
    )
    return InstituteReport(
        platform="https://moodle.example.kg",
        period=Period(),
        people=150,
        courses=12,
        tally=replace(total(each.tally for each in months), people=150),
        months=months,
        as_of=datetime(2026, 11, 26, 4, tzinfo=UTC),
    )


@contextmanager
def _outside(app: Flask, language: str) -> Iterator[None]:
    with app.test_request_context(), speaking(language):
        yield


def made(app: Flask, framework: Framework, figures: InstituteReport, language: str = "en") -> Report:
    with _outside(app, language):
        return institute_report.document(framework, figures)


def table_of(report: Report, title: str) -> PrintedTable:
    (section,) = [each for each in report.sections if each.title == title]
    assert section.table is not None
    return section.table


def test_it_says_everything_of_a_large_institute(app: Flask, institute: Institute) -> None:
    report = made(app, institute.framework, sample(institute.framework))

    facts = {note.label: note.text for note in report.facts}
    assert (facts["People"], facts["Courses"], facts["Participations"]) == ("150", "12", "184")
    assert (facts["Period"], facts["As of"]) == ("all courses", "26 November 2026, 10:00")
    levels = table_of(report, "Levels of each competency")
    assert len(levels.rows) == 11
    shares = StackCell((142 / 184, 3 / 184, 3 / 184, 0, 36 / 184))
    assert levels.rows[0][1:] == (shares, "142", "3", "3", "0", "36")
    assert len(table_of(report, "Levels of each aspect").rows) == 6
    assert len(table_of(report, "Indicators attained least often").rows) == 10
    assert table_of(report, "Growth").rows[0][2:4] == ("1.0", "2.0")


def test_months_of_few_say_nothing_of_levels(app: Flask, institute: Institute) -> None:
    rows = table_of(made(app, institute.framework, sample(institute.framework)), "By month").rows

    assert [row[:3] for row in rows] == [
        ("September 2026", "3", "120"),
        ("October 2026", "4", "60"),
        ("November 2026", "5", "4"),
    ]
    assert (rows[0][3], set(rows[2][3:])) == ("2\N{NO-BREAK SPACE}%", {""})


@pytest.mark.parametrize("people", [0, 4])
def test_of_few_people_nothing_is_said(app: Flask, institute: Institute, people: int) -> None:
    few = replace(sample(institute.framework), tally=Tally(people), people=people)

    report = made(app, institute.framework, few)

    assert [each.table for each in report.sections] == [None]
    assert report.sections[0].paragraphs == ("So few people are counted that nothing is said of them.",)


@pytest.mark.pdf
def test_it_is_typeset_in_three_languages(app: Flask, institute: Institute, tmp_path: Path) -> None:
    for language, said in (("ky", "Институттун отчёту"), ("ru", "Отчёт института"), ("en", "Institute report")):
        file = tmp_path / f"{language}.pdf"
        with file.open("wb") as out:
            pdf_file.write(made(app, institute.framework, sample(institute.framework), language), out)

        facts = facts_of(file.read_bytes(), tmp_path)
        assert (facts["Title"], facts["Tagged"]) == (said, "yes")
        assert "4.2" in text_of(file.read_bytes())


def test_an_admin_takes_it_from_the_overview_and_a_trainer_does_not(
    visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    room = Classroom(sessions, institute)
    room.map()
    room.mark("18")
    Rollups()(sessions, clock.now())

    answer = visitor("admin").get("/institute/overview.pdf?count=participations", base_url=BASE)

    assert (answer.status_code, answer.data[:5]) == (200, b"%PDF-")
    assert visitor("trainer").get("/institute/overview.pdf", base_url=BASE).status_code == 404
