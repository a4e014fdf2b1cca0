"""`lti-tool gradebook export`: to a file and to standard output."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from lti_tool import clock
from lti_tool.cli import main
from lti_tool.cli.context import opened
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.people.tables import CourseRow
from tests.factories.launch_bench import write_tool_key
from tests.factories.pdf import text_of
from tests.factories.schoolroom import open_schoolroom


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The public id of a course with one mark, in the database that commands open."""
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LTI_TOOL_KEYS_DIR", str(tmp_path / "keys"))
    assert CliRunner().invoke(main, ["db", "upgrade"]).exit_code == 0
    with opened() as work:
        room = open_schoolroom(work.sessions, clock.now())
        quiz = room.activity("Quiz: 1")
        room.map_levels(quiz, 1)
        room.mark(quiz, 70)
        with unit_of_work(work.sessions) as session:
            return session.get_one(CourseRow, room.course_id).public_id


def test_the_gradebook_goes_to_standard_output(course: str) -> None:
    done = CliRunner().invoke(main, ["gradebook", "export", "--course", course, "--format", "csv"])

    lines = list(csv.DictReader(io.StringIO(done.stdout)))
    assert (done.exit_code, len(lines), lines[0]["established"], lines[1]["established"]) == (0, 4, "1", "")


def test_the_gradebook_goes_to_a_file(course: str, tmp_path: Path) -> None:
    target = tmp_path / "out.xlsx"

    done = CliRunner().invoke(main, ["gradebook", "export", "--course", course, "--format", "xlsx", str(target)])

    assert (done.exit_code, done.stdout) == (0, "")
    assert load_workbook(target).worksheets[0].max_row == 5


@pytest.mark.parametrize(("flags", "begins"), [([], b'"person",'), (["--bom"], b'\xef\xbb\xbf"person",')], ids=str)
def test_csv_begins_with_a_byte_order_mark_where_it_is_asked_for(
    course: str, tmp_path: Path, flags: list[str], begins: bytes
) -> None:
    target = str(tmp_path / "out.csv")

    CliRunner().invoke(main, ["gradebook", "export", "--course", course, "--format", "csv", *flags, target])

    assert Path(target).read_bytes().startswith(begins)


@pytest.mark.pdf
def test_the_report_goes_to_standard_output_in_a_language(course: str) -> None:
    export = ["gradebook", "export", "--course", course, "--format", "pdf"]

    kyrgyz, russian = (CliRunner().invoke(main, [*export, *more]) for more in ([], ["--language", "ru"]))

    assert (kyrgyz.exit_code, russian.exit_code, kyrgyz.stderr) == (0, 0, "")
    assert "Курстун отчёту" in text_of(kyrgyz.stdout_bytes)
    assert "Отчёт о курсе" in text_of(russian.stdout_bytes)


def test_an_unknown_course_is_refused_and_writes_no_file(course: str, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"

    done = CliRunner().invoke(main, ["gradebook", "export", "--course", "nope", "--format", "csv", str(target)])

    assert (done.exit_code, "course_unknown" in done.stderr, target.exists()) == (1, True, False)


@pytest.mark.parametrize("command", [["gradebook", "export", "--format", "csv"], ["mapping", "export"]], ids=str)
def test_a_file_that_cannot_be_written_is_one_line_on_stderr(course: str, tmp_path: Path, command: list[str]) -> None:
    nowhere = str(tmp_path / "no folder" / "out.csv")

    done = CliRunner().invoke(main, [*command, "--course", course, nowhere])

    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert nowhere in done.stderr


@pytest.mark.parametrize(
    ("database", "told"),
    [
        ("postgresql+psycopg://x@127.0.0.1:1/x", "Connection refused"),
        ("sqlite:////no/such/folder/x.sqlite3", "unable to open"),
        ("nonsense", "URL"),
    ],
)
def test_a_database_that_is_away_is_one_line_on_stderr(
    course: str, monkeypatch: pytest.MonkeyPatch, database: str, told: str
) -> None:
    monkeypatch.setenv("LTI_TOOL_DATABASE_URL", database)

    done = CliRunner().invoke(main, ["course", "list"])

    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("lti-tool: ")
    assert told in done.stderr


def test_a_folder_that_cannot_be_made_is_one_line_on_stderr(
    course: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path / "a file" / "var"))

    done = CliRunner().invoke(main, ["course", "list"])

    assert (done.exit_code, done.stderr.count("\n"), "a file" in done.stderr) == (1, 1, True)


@pytest.mark.parametrize(
    "wrong", [["--format", "csv"], ["--course", "x"], ["--course", "x", "--format", "ods"]], ids=str
)
def test_wrong_usage_is_told_apart(wrong: list[str]) -> None:
    assert CliRunner().invoke(main, ["gradebook", "export", *wrong]).exit_code == 2


def test_a_worker_that_runs_once_ends(course: str) -> None:
    done = CliRunner().invoke(main, ["worker", "--once", "--concurrency", "1"])

    assert done.exit_code == 0


def test_a_key_that_others_can_read_stops_the_web_process_before_it_serves(
    course: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LTI_TOOL_SECRET_KEY", "a secret of the tests, and of nobody else")
    key = tmp_path / "keys" / f"{write_tool_key(tmp_path / 'keys')}.pem"
    begun: list[object] = []
    monkeypatch.setattr("lti_tool.cli.serve._Server.run", lambda server: begun.append(server))
    good = CliRunner().invoke(main, ["serve"])
    key.chmod(0o644)

    refused = CliRunner().invoke(main, ["serve"])

    assert (good.exit_code, len(begun)) == (0, 1)
    assert (refused.exit_code, f"{key} can be read by others" in refused.stderr) == (1, True)
