"""Whoever is erased is nowhere afterwards: in no dump, no file of the database, not on the shelf, not in logs.

And what is counted over people is what it was.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import structlog.testing
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lti_tool.audit.model import OPERATOR
from lti_tool.competency import closing_store, decision_queries
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import Conflict, NotFound
from lti_tool.ids import CourseId, PersonId, PlatformId
from lti_tool.people import member_queries, roster
from lti_tool.people.model import Arrival, CourseRole, Enrolled
from lti_tool.privacy import erasing
from lti_tool.privacy.erasing import Plan
from lti_tool.privacy.holdings import HOLDINGS, Fate
from lti_tool.reports import exports, rollup
from lti_tool.reports.drawer import Drawer
from lti_tool.reports.export import Wanted
from lti_tool.tasks.shelf import Shelf
from tests import postgres
from tests.factories.dossier import EMAIL, FORMER_NAME, NAME, SUB, WORDS, Dossier, fill, rename

STATISTICS = (
    """SELECT m.course_id, m.groups, s.competency_id, s.established, count(*)
       FROM competency_standing s JOIN membership m ON m.course_id = s.course_id AND m.person_id = s.person_id
       WHERE m.active AND m.roster_role = 'participant' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4""",
    """SELECT m.course_id, m.groups, a.indicator_id, a.state, count(*)
       FROM attainment a JOIN membership m ON m.course_id = a.course_id AND m.person_id = a.person_id
       WHERE m.active GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4""",
    "SELECT course_id, competency_id, level, count(*) FROM certified_level GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    """SELECT s.course_id, a.indicator_id, a.step, count(*) FROM self_answer a
       JOIN self_assessment s ON s.id = a.self_assessment_id WHERE s.submitted_at IS NOT NULL
       GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
    "SELECT course_id, groups, launched_role, roster_role, active, count(*) FROM membership GROUP BY 1, 2, 3, 4, 5",
    "SELECT count(DISTINCT person_id) FROM competency_standing",
)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "files")


@pytest.fixture
def dossier(any_sessions: SessionFactory, shelf: Shelf, now: datetime) -> Dossier:
    with unit_of_work(any_sessions) as session:
        filled = fill(session, shelf, now)
    with unit_of_work(any_sessions) as session:
        rename(session, filled)
    return filled


def _drawer(shelf: Shelf) -> Drawer:
    """Where made files lie, beside what was handed in."""
    return Drawer(shelf._folder.parent / "exports")


def _planned(sessions: SessionFactory, dossier: Dossier) -> Plan:
    with unit_of_work(sessions, writes=False) as session:
        return erasing.plan(session, dossier.public_id)


def _erase(sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime, wait: float = 0) -> None:
    planned = _planned(sessions, dossier)
    erasing.erase(sessions, shelf, _drawer(shelf), planned, by=OPERATOR, now=lambda: now, wait_seconds=wait)


def _everywhere(sessions: SessionFactory, folder: Path) -> str:
    """A dump of the database, and every byte of its files and of the folder."""
    url = sessions.kw["bind"].url
    dumped = b""
    if url.get_backend_name() == "postgresql":
        binaries = postgres.binaries()
        assert binaries is not None
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        done = subprocess.run([binaries / "pg_dump", address], check=True, capture_output=True, env=dict(os.environ))
        # Some versions draw a key for each dump.
        dumped = b"\n".join(line for line in done.stdout.splitlines() if b"restrict " not in line)
    else:
        connection = sqlite3.connect(url.database)
        dumped = "\n".join(connection.iterdump()).encode()
        connection.close()
    files = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    return b"\n".join([dumped, *files]).decode(errors="replace")


def _statistics(sessions: SessionFactory) -> list[list[tuple[object, ...]]]:
    with unit_of_work(sessions, writes=False) as session:
        return [sorted(map(str, map(tuple, session.execute(text(each))))) for each in STATISTICS]


def test_afterwards_nothing_of_them_is_anywhere_and_the_figures_are_what_they_were(
    any_sessions: SessionFactory,
    shelf: Shelf,
    dossier: Dossier,
    now: datetime,
    tmp_path: Path,
) -> None:
    before, stood = _statistics(any_sessions), _everywhere(any_sessions, tmp_path)
    on_sqlite = any_sessions.kw["bind"].dialect.name == "sqlite"
    missing = [word for word in WORDS if word not in stood]
    assert missing == ([] if on_sqlite else [FORMER_NAME]), "what is searched for was there"
    assert all(before), "and something was counted"

    with structlog.testing.capture_logs() as said:
        _erase(any_sessions, shelf, dossier, now)

    left = _everywhere(any_sessions, tmp_path)
    assert [word for word in WORDS if word in left] == []
    assert [word for word in WORDS if word in str(said)] == []
    assert [each["event"] for each in said] == ["person_erased"]
    assert _statistics(any_sessions) == before
    assert "Somebody Else" in left
    assert "text of another" in left


def test_the_institute_counts_what_it_counted(
    any_sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime
) -> None:
    def counted() -> list[object]:
        rollup.refresh(any_sessions, now)
        with unit_of_work(any_sessions, writes=False) as session:
            courses = session.execute(text("SELECT participants, tally FROM course_rollup ORDER BY course_id")).all()
            people = session.execute(text("SELECT people, tally FROM platform_rollup ORDER BY platform_id")).all()
        return [tuple(map(str, row)) for row in (*courses, *people)]

    before = counted()
    _erase(any_sessions, shelf, dossier, now)
    with unit_of_work(any_sessions) as session:
        session.execute(text("UPDATE course_rollup SET due_at = as_of"))

    assert counted() == before
    assert len(before) >= 2
    with unit_of_work(any_sessions, writes=False) as session:
        words = session.execute(
            text("SELECT count(*) FROM person_word WHERE person_id = :it"), {"it": dossier.person_id}
        )
        assert words.scalar_one() == 0, "and nobody finds them"


def test_what_the_plan_says_goes_goes_and_what_it_says_stays_stays(
    any_sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime
) -> None:
    planned = _planned(any_sessions, dossier)
    stands = _everywhere(any_sessions, Path("/nonexistent"))
    assert {holding.key for holding, _number in planned.counts} == {each.key for each in HOLDINGS}
    assert planned.files == 1
    assert _everywhere(any_sessions, Path("/nonexistent")) == stands, "looking changes nothing"

    _erase(any_sessions, shelf, dossier, now)

    with unit_of_work(any_sessions, writes=False) as session:
        for holding, number in planned.counts:
            left = session.execute(
                text(f"SELECT count(*) FROM {holding.table} WHERE {holding.column} = :it"),  # noqa: S608  names of ours
                {"it": dossier.person_id},
            ).scalar_one()
            if not holding.through:
                goes = holding.fate in {Fate.DELETED, Fate.EMPTIED, Fate.REVOKED}
                # What was theirs went with all that hung on it, whoever had done that.
                assert (left == 0) if goes else (left == number) or holding.fate is Fate.AUTHORED, holding.key


def test_the_record_says_that_it_happened_by_an_id_that_leads_nowhere(
    any_sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime
) -> None:
    _erase(any_sessions, shelf, dossier, now)

    with unit_of_work(any_sessions, writes=False) as session:
        row = session.execute(text("SELECT action, actor_kind, subject_id, detail FROM audit_event")).one()
        known = session.execute(text("SELECT count(*) FROM person WHERE public_id = :it"), {"it": dossier.public_id})
        assert (row.action, row.actor_kind, row.subject_id) == ("person.erased", "operator", dossier.public_id)
        assert known.scalar_one() == 0


def test_nobody_is_erased_twice(any_sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime) -> None:
    planned = _planned(any_sessions, dossier)
    _erase(any_sessions, shelf, dossier, now)

    with pytest.raises(NotFound):
        _planned(any_sessions, dossier)
    with pytest.raises(NotFound):
        erasing.erase(any_sessions, shelf, _drawer(shelf), planned, by=OPERATOR, now=lambda: now)


def test_who_is_of_another_platform_is_not_found(any_sessions: SessionFactory, dossier: Dossier) -> None:
    with unit_of_work(any_sessions, writes=False) as session:
        with pytest.raises(NotFound):
            erasing.plan(session, dossier.public_id, PlatformId(dossier.platform_id + 1))
        assert erasing.plan(session, dossier.public_id, PlatformId(dossier.platform_id)).person_id == dossier.person_id


def test_the_database_lets_nobody_write_to_an_erased_person(
    any_sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime
) -> None:
    _erase(any_sessions, shelf, dossier, now)

    with pytest.raises(IntegrityError, match="stays erased"), unit_of_work(any_sessions) as session:
        session.execute(text("UPDATE person SET name = 'again' WHERE id = :it"), {"it": dossier.person_id})


def test_a_new_launch_and_a_roster_that_still_lists_them_begin_somebody_new(
    any_sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime
) -> None:
    _erase(any_sessions, shelf, dossier, now)
    course, platform = CourseId(dossier.course_id), PlatformId(dossier.platform_id)

    with unit_of_work(any_sessions) as session:
        assert dossier.person_id not in {each.id for each in member_queries.members_of(session, course)}
        assert dossier.person_id not in roster.participant_ids(session, course, now)
        news = roster.sync(session, course, [Enrolled("another", CourseRole.PARTICIPANT)], now)
        assert dossier.person_id not in news.left
        arrival = Arrival(SUB, NAME, None, None, EMAIL, None, "ky", CourseRole.PARTICIPANT)
        somebody = roster.note_person(session, platform, arrival, now)
        listed = roster.sync(session, course, [Enrolled(SUB, CourseRole.PARTICIPANT)], now)

    assert somebody.id != dossier.person_id
    assert somebody.public_id != dossier.public_id
    assert listed.joined == {somebody.id}


def test_nothing_that_is_decided_over_people_meets_them_any_more(
    any_sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime
) -> None:
    course, person = CourseId(dossier.course_id), PersonId(dossier.person_id)

    def concerned() -> tuple[bool, bool]:
        with unit_of_work(any_sessions) as session:
            certified = {each.person for each in closing_store.standing_certificates(session, course, now)}
            open_matters = {each.person_id for each in decision_queries.open_matters(session, course)}
        return person in certified, person in open_matters

    with unit_of_work(any_sessions) as session:
        session.execute(text("UPDATE attainment SET review_due = true"))
        session.execute(text("UPDATE certified_level SET ended_at = NULL, expires_at = NULL"))
    assert concerned() == (True, True)

    _erase(any_sessions, shelf, dossier, now)

    assert concerned() == (False, False)


def _claim(sessions: SessionFactory, dossier: Dossier, until: datetime | None) -> None:
    with unit_of_work(sessions) as session:
        bound = {
            "until": until.replace(tzinfo=None) if until and _is_sqlite(sessions) else until,
            "it": dossier.person_id,
        }
        session.execute(text("UPDATE delivery SET state = 'due', lease_until = :until WHERE person_id = :it"), bound)


def _is_sqlite(sessions: SessionFactory) -> bool:
    return bool(sessions.kw["bind"].dialect.name == "sqlite")


def _due(sessions: SessionFactory, dossier: Dossier) -> list[object]:
    with unit_of_work(sessions, writes=False) as session:
        query = text("SELECT due_at FROM delivery WHERE person_id = :it")
        return [row[0] for row in session.execute(query, {"it": dossier.person_id})]


def test_a_grade_on_its_way_is_waited_for_and_goes_on_where_that_takes_too_long(
    any_sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime
) -> None:
    _claim(any_sessions, dossier, now + timedelta(seconds=20))
    was_due = _due(any_sessions, dossier)

    with pytest.raises(Conflict):
        _erase(any_sessions, shelf, dossier, now)
    assert was_due != [None]
    assert _due(any_sessions, dossier) == was_due, "what was stopped is due again"
    assert _planned(any_sessions, dossier).total(Fate.DELETED) > 0

    settled = threading.Timer(0.7, lambda: _claim(any_sessions, dossier, None))
    settled.start()
    _erase(any_sessions, shelf, dossier, now, wait=20)
    settled.join()
    assert _due(any_sessions, dossier) == []


def test_what_comes_in_while_they_are_erased_is_taken_away_soon(
    any_sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime
) -> None:
    _erase(any_sessions, shelf, dossier, now)
    with unit_of_work(any_sessions) as session:
        session.execute(
            text("UPDATE evidence SET person_id = :it WHERE person_id = :other"),
            {"it": dossier.person_id, "other": dossier.other_id},
        )

    assert erasing.sweep(any_sessions, shelf, now + timedelta(minutes=1)) == 1

    with unit_of_work(any_sessions, writes=False) as session:
        query = text("SELECT count(*) FROM evidence WHERE person_id = :it")
        assert session.execute(query, {"it": dossier.person_id}).scalar_one() == 0
    assert erasing.sweep(any_sessions, shelf, now + timedelta(hours=2)) == 0


@pytest.mark.postgres
def test_a_launch_at_the_same_time_waits_and_begins_somebody_new(
    postgres_sessions: SessionFactory, shelf: Shelf, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work(postgres_sessions) as session:
        dossier = fill(session, shelf, now)
    found: list[int] = []
    launching = threading.Thread(target=lambda: found.append(_launched(postgres_sessions, dossier, now)))
    nameless = erasing.store.make_nameless

    def meanwhile(*given: object) -> None:
        launching.start()
        launching.join(0.5)
        assert launching.is_alive(), "it waits for the person's row"
        nameless(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(erasing.store, "make_nameless", meanwhile)
    _erase(postgres_sessions, shelf, dossier, now)
    launching.join(20)

    assert found
    assert found[0] != dossier.person_id


def _launched(sessions: SessionFactory, dossier: Dossier, now: datetime) -> int:
    arrival = Arrival(SUB, NAME, None, None, EMAIL, None, "ky", CourseRole.PARTICIPANT)
    with unit_of_work(sessions) as session:
        return roster.note_person(session, PlatformId(dossier.platform_id), arrival, now).id


def test_files_that_were_made_meanwhile_are_thrown_away(
    any_sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime
) -> None:
    planned, drawer = _planned(any_sessions, dossier), _drawer(shelf)
    with drawer.lay() as laid:
        laid.file.write(NAME.encode())
    with unit_of_work(any_sessions) as session:
        wanted = Wanted(planned.platform_id, None, "person:1", "courses", "csv", "ky", {"query": {"q": NAME}})
        file_id = exports.ask(session, wanted, now)
        session.execute(text("UPDATE export SET shelf_name = :name, ended_at = :now"), {"name": laid.name, "now": now})

    _erase(any_sessions, shelf, dossier, now)

    with pytest.raises(NotFound):
        drawer.open(laid.name)
    with unit_of_work(any_sessions) as session, pytest.raises(NotFound):
        exports.find(session, file_id, "person:1", now)
