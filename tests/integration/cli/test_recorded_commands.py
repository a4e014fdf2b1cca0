"""What an operator does by command is in the record: every command is said to change or read something, or neither."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from lti_tool import clock
from lti_tool.cli import main
from lti_tool.cli.context import opened
from lti_tool.db.unit_of_work import unit_of_work
from tests.factories.make import Make

RECORDED = {
    "admin create", "admin disable", "admin drop-codes", "admin enable", "admin passwd", "api-token create",
    "api-token revoke", "framework dates", "person sign-out",
    "audit export", "deliveries after-restore", "deliveries compare", "deliveries retry", "deployment add",
    "deployment remove", "framework import",
    "gradebook export", "keys rewrap", "keys rotate", "mapping import", "person erase", "person export", "platform add",
    "platform disable", "platform enable", "platform invite", "platform limit", "platform move", "results import",
}  # fmt: skip
"""Commands that change something, or hand out the records of people."""
BESIDE = {
    "admin list", "api-token list", "framework crosswalk",
    "course list", "db upgrade", "deliveries list", "demo", "deployment list", "doctor", "framework export",
    "framework list", "keys list", "mapping export", "platform list", "serve", "worker",
}  # fmt: skip
"""Commands that do neither; who runs the tool changes nothing by that."""


def _names(command: click.Command, path: str = "") -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        each = command.get_command(context, name)
        assert each is not None
        yield from _names(each, f"{path} {name}".strip())


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Public ids of a course and of the registration of its platform, in the database that commands open."""
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LTI_TOOL_KEYS_DIR", str(tmp_path / "keys"))
    monkeypatch.setenv("LTI_TOOL_BASE_URL", "https://tool.example.invalid")
    with opened() as work, unit_of_work(work.sessions) as session:
        make = Make(session, clock.now())
        platform = make.platform()
        return make.course(platform).public_id, make.registration(platform).public_id


def _run(*words: str) -> Result:
    answer = CliRunner().invoke(main, words)
    assert answer.exit_code == 0, answer.output
    return answer


def _lines() -> list[tuple[str, str, str | None]]:
    with opened() as work, unit_of_work(work.sessions, writes=False) as session:
        rows = session.execute(text("SELECT action, actor_kind, subject_id FROM audit_event ORDER BY id"))
        return [(row.action, row.actor_kind, row.subject_id) for row in rows]


def test_every_command_is_said_to_be_recorded_or_not() -> None:
    assert set(_names(main)) == RECORDED | BESIDE


def test_what_changes_something_leaves_its_line(course: tuple[str, str], tmp_path: Path) -> None:
    course_id, registration = course
    cells = tmp_path / "mapping.csv"
    cells.write_text("activity,indicator,weight,role,pass_mark\nQuiz: 1,1.1.1.a,1,supporting,\n")

    _run("mapping", "import", "--course", course_id, str(cells))
    _run("platform", "disable", registration)
    _run("deployment", "add", registration, "7")
    _run("gradebook", "export", "--course", course_id, "--format", "csv", str(tmp_path / "grades.csv"))
    _run("keys", "rotate")
    _run("platform", "invite")

    assert _lines() == [
        ("mapping.published", "operator", course_id),
        ("registration.changed", "operator", registration),
        ("registration.changed", "operator", registration),
        ("read.export", "operator", course_id),
        ("keys.changed", "operator", None),
        ("registration.changed", "operator", None),
    ]


def test_what_is_refused_or_only_listed_leaves_none(course: tuple[str, str]) -> None:
    assert CliRunner().invoke(main, ["platform", "disable", "nosuch"]).exit_code == 1
    _run("platform", "list")
    _run("course", "list")

    assert _lines() == []


def test_the_record_is_exported(course: tuple[str, str], tmp_path: Path) -> None:
    _run("platform", "disable", course[1])

    as_lines = [json.loads(line) for line in _run("audit", "export").stdout.splitlines()]
    as_csv = list(csv.DictReader(io.StringIO(_run("audit", "export", "--format", "csv").stdout)))
    nothing = _run("audit", "export", "--until", "2020-01-01").stdout

    assert [line["action"] for line in as_lines] == ["read.audit", "registration.changed"]
    assert as_lines[1]["detail"] == {"what": "disabled"}
    assert [line["action"] for line in as_csv] == ["read.audit", "registration.changed"]
    assert nothing == ""
