"""`lti-tool deliveries` and `lti-tool platform limit`: what an operator asks and sets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from lti_tool import clock
from lti_tool.cli import main
from lti_tool.cli.context import opened
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.grading.tables import DeliveryRow
from lti_tool.people.tables import CourseRow
from tests.factories.schoolroom import open_schoolroom


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The public id of a course with one held grade, in the database that commands open."""
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LTI_TOOL_KEYS_DIR", str(tmp_path / "keys"))
    with opened() as work:
        room = open_schoolroom(work.sessions, clock.now())
        quiz = room.activity("Quiz: 1")
        room.map_levels(quiz, 1)
        room.mark(quiz, 70)
        with unit_of_work(work.sessions) as session:
            session.execute(update(DeliveryRow).values(state="held", last_answer="refused"))
            return session.get_one(CourseRow, room.course_id).public_id


def _run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def test_what_has_not_arrived_is_listed_without_names(course: str) -> None:
    done = _run("deliveries", "list", "--course", course, "--json")

    (row,) = json.loads(done.stdout)
    assert (row["course"], row["state"], row["answer"]) == (course, "held", "refused")
    assert "Person" not in done.stdout
    assert _run("deliveries", "list", "--state", "dead").stdout == ""


def test_a_retry_can_be_looked_at_before_it_is_done(course: str) -> None:
    looked = _run("deliveries", "retry", "--course", course, "--dry-run")
    none = _run("deliveries", "retry", "--all", "--state", "dead")
    done = _run("deliveries", "retry", "--all")

    assert [each.stdout.strip() for each in (looked, none, done)] == ["1", "0", "1"]
    assert json.loads(_run("deliveries", "list", "--json").stdout)[0]["state"] == "due"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["deliveries", "retry"], 2),
        (["deliveries", "retry", "--all", "--course", "x"], 2),
        (["deliveries", "retry", "--course", "nope"], 1),
        (["deliveries", "list", "--platform", "nope"], 1),
        (["platform", "limit", "nope", "--rate", "5"], 1),
        (["platform", "limit", "nope"], 2),
        (["platform", "limit", "nope", "--rate", "many"], 2),
    ],
)
def test_what_cannot_be_is_refused_on_stderr(course: str, words: list[str], status: int) -> None:
    done = _run(*words)

    assert (done.exit_code, done.stdout, bool(done.stderr)) == (status, "", True)
