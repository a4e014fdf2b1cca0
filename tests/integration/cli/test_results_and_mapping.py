"""`lti-tool course`, `mapping` and `results`: what an operator types, sees and gets."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli.context import opened
from lti_tool.cli.course import course
from lti_tool.cli.mapping import mapping
from lti_tool.cli.results import results
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.errors import NotFound, RuleBroken
from tests.factories.make import Make

EXPORT = Path(__file__).parents[2] / "data" / "moodle-5.1" / "webservice" / "gradebook-export.csv"
MAPPING = """activity,indicator,weight,role,pass_mark
Assignment: Lab report,4.1.1.a,2,required,0.5
Quiz: Week 1 quiz,4.1.1.b,1,supporting,
"""


@dataclass
class Desk:
    """An operator's desk: a course of the database, and a folder with files."""

    folder: Path
    course_id: str

    def run(self, *arguments: str) -> Result:
        group, verb, *rest = arguments
        command = {"mapping": mapping, "results": results}[group]
        return CliRunner().invoke(command, [verb, "--course", self.course_id, *rest])

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def map(self, text: str = MAPPING) -> Result:
        return self.run("mapping", "import", self.file("mapping.csv", text))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("LTI_TOOL_DATABASE_URL", raising=False)
    with opened() as work, unit_of_work(work.sessions) as session:
        make = Make(session, datetime(2026, 11, 1, tzinfo=UTC))
        platform = make.platform("https://moodle.example.invalid")
        made = make.course(platform, "Мугалимдин МКТ компетенттүүлүгү", "42")
        for number in (1, 2, 3):
            make.membership(made, make.person(platform, email=f"stud{number}@example.invalid"))
        return Desk(tmp_path, made.public_id)


def test_courses_are_listed_with_the_ids_that_commands_take(desk: Desk) -> None:
    result = CliRunner().invoke(course, ["list", "--json"])

    assert result.exit_code == 0
    assert json.loads(result.stdout) == [
        {
            "id": desk.course_id,
            "platform": "https://moodle.example.invalid",
            "context_id": "42",
            "title": "Мугалимдин МКТ компетенттүүлүгү",
        }
    ]
    assert desk.course_id in CliRunner().invoke(course, ["list"]).stdout


def test_a_mapping_goes_in_and_comes_out(desk: Desk) -> None:
    told = desk.map()
    out = desk.folder / "out.csv"
    written = desk.run("mapping", "export", str(out))

    assert (told.exit_code, written.exit_code) == (0, 0)
    assert "activity created: Quiz: Week 1 quiz" in told.stdout
    assert out.read_text() == MAPPING


def test_a_mapping_goes_to_standard_output(desk: Desk) -> None:
    desk.map()

    told = desk.run("mapping", "export", "-")

    assert (told.exit_code, told.stdout.splitlines()) == (0, MAPPING.splitlines())


def test_a_mapping_goes_out_as_a_workbook_and_in_again(desk: Desk) -> None:
    desk.map()
    book, back = desk.folder / "book.xlsx", desk.folder / "back.csv"

    desk.run("mapping", "export", str(book))
    desk.map("activity,indicator\n")
    again = desk.run("mapping", "import", str(book))
    desk.run("mapping", "export", str(back))

    assert book.read_bytes().startswith(b"PK")
    assert again.stdout == "cells: 2\n"
    assert back.read_text() == MAPPING


def test_merge_keeps_what_the_file_does_not_name(desk: Desk) -> None:
    desk.map()

    desk.run("mapping", "import", "--merge", desk.file("more.csv", "activity,indicator\nForum: A,4.1.1.c\n"))

    out = desk.folder / "out.csv"
    desk.run("mapping", "export", str(out))
    with out.open() as opened_file:
        assert [row["activity"] for row in csv.DictReader(opened_file)] == [
            "Assignment: Lab report",
            "Quiz: Week 1 quiz",
            "Forum: A",
        ]


def test_a_faulty_mapping_is_refused_and_changes_nothing(desk: Desk) -> None:
    desk.map()

    refused = desk.map("activity,indicator\nNew: one,4.1.1.a\nNew: one,9.9.9.z\n")

    assert isinstance(refused.exception, RuleBroken)
    assert str(refused.exception) == "indicator_unknown (line=3, indicator='9.9.9.z')"
    out = desk.folder / "out.csv"
    desk.run("mapping", "export", str(out))
    assert out.read_text() == MAPPING


def test_results_are_reported_as_json(desk: Desk) -> None:
    desk.map(MAPPING.replace("pass_mark\n", "pass_mark,max\n").replace("0.5\n", "0.5,50\n").replace("g,\n", "g,,\n"))

    rehearsed = json.loads(desk.run("results", "import", "--dry-run", "--json", str(EXPORT)).stdout)
    told = json.loads(desk.run("results", "import", "--json", str(EXPORT)).stdout)
    again = json.loads(desk.run("results", "import", "--json", str(EXPORT)).stdout)

    assert (told["added"], told["changed"], told["withdrawn"], told["unchanged"]) == (3, 0, 0, 0)
    assert (again["added"], again["unchanged"]) == (0, 3)
    assert rehearsed == told | {"dry_run": True}
    assert told["people_unmatched"] == [
        {"line": 5, "id_number": "SIS-stud4", "email": "stud4@example.invalid", "reason": "unknown"}
    ]
    assert {"column": "Quiz: Week 1 quiz (Real)", "reason": "column_without_maximum"} in told["columns_unmatched"]


def test_results_are_told_line_by_line(desk: Desk) -> None:
    result = desk.run("results", "import", "--dry-run", str(EXPORT))

    assert result.exit_code == 0
    assert "added: 0\n" in result.stdout
    assert "no person for line 5 (SIS-stud4, stud4@example.invalid): unknown" in result.stdout
    assert "column not taken: Unc scores (Real): activity_unknown" in result.stdout
    assert result.stdout.endswith("dry run: nothing was stored\n")


@pytest.mark.parametrize("time", ["2026-11-23T09:00:00", "yesterday"])
def test_a_time_without_a_zone_is_wrong_usage(desk: Desk, time: str) -> None:
    result = desk.run("results", "import", "--as-of", time, str(EXPORT))

    assert result.exit_code == 2
    assert "is not a time like" in result.stderr


def test_a_file_that_cannot_be_read_is_refused(desk: Desk) -> None:
    refused = desk.run("results", "import", desk.file("broken.csv", "a,b\n1,2\n"))

    assert isinstance(refused.exception, RuleBroken)
    assert refused.exception.code == "unknown_headers"


def test_an_unknown_course_is_refused(desk: Desk) -> None:
    desk.course_id = "nothere"

    assert isinstance(desk.run("results", "import", str(EXPORT)).exception, NotFound)
    assert desk.run("results", "import", "missing.csv").exit_code == 2
