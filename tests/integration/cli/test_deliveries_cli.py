"""`lti-tool deliveries` and `lti-tool platform limit`: what an operator asks and sets."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from lti_tool import clock
from lti_tool.cli import main
from lti_tool.cli.context import opened
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.grading.tables import DeliveryRow, LineItemRow
from lti_tool.people.tables import CourseRow, PersonRow
from tests.factories.fake_platform import FakePlatform
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


def _sent(given: int) -> FakePlatform:
    """The grade has arrived an hour ago, in a column that shows this now."""
    lms = FakePlatform()
    with opened() as work, unit_of_work(work.sessions) as session:
        column = session.scalars(select(LineItemRow)).one()
        column.url = lms.add_column(str(column.score_maximum), column.resource_id)
        row = session.scalars(select(DeliveryRow)).one()
        row.state, row.sent_at, row.last_answer = "sent", clock.now() - timedelta(hours=1), "accepted"
        row.sent_given, row.sent_maximum = row.wanted_given, row.wanted_maximum
        lms.write(column.url, session.get_one(PersonRow, row.person_id).sub, str(given), clock.now())
    return lms


@pytest.mark.parametrize(("given", "differing"), [(1, 0), (3, 1)])
def test_an_operator_compares_with_the_gradebook_now(
    course: str, monkeypatch: pytest.MonkeyPatch, given: int, differing: int
) -> None:
    lms = _sent(given)
    monkeypatch.setattr(import_module("lti_tool.cli.deliveries"), "create_sender", lambda *_given: lms)

    told = json.loads(_run("deliveries", "compare", "--course", course, "--json").stdout)
    plain = _run("deliveries", "compare", "--all")

    assert told == [
        {"course": course, "columns": 1, "unread": 0, "waiting": 0, "grades": 1, "differing": differing},
    ]
    # Within a minute nobody is asked again; what was found is told all the same.
    assert plain.stdout == f"{course}\t0\t0\t0\t0\t{differing}\n"
    assert lms.posts == []


def test_a_column_that_cannot_be_read_is_counted_as_unread(course: str) -> None:
    _sent(3)

    done = _run("deliveries", "compare", "--course", course)

    assert (done.exit_code, done.stdout) == (0, f"{course}\t0\t1\t0\t0\t0\n")


def test_after_a_restore_what_was_overtaken_is_held(course: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lms = _sent(3)
    with opened() as work, unit_of_work(work.sessions) as session:
        row = session.scalars(select(DeliveryRow)).one()
        row.state, row.due_at = "due", clock.now()
    monkeypatch.setattr(import_module("lti_tool.cli.deliveries"), "create_sender", lambda *_given: lms)

    (told,) = json.loads(_run("deliveries", "after-restore", "--json").stdout)

    assert (told["course"], told["held"], told["columns"]) == (course, 1, 1)
    (listed,) = json.loads(_run("deliveries", "list", "--json").stdout)
    assert (listed["state"], listed["answer"]) == ("held", "newer_there")
    assert _run("deliveries", "after-restore").stdout.startswith(f"{course}\t0\t")


@pytest.mark.parametrize("words", [(), ("--course", "x", "--all")])
def test_what_to_compare_must_be_said_once(course: str, words: tuple[str, ...]) -> None:
    assert _run("deliveries", "compare", *words).exit_code == 2
