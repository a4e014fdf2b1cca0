"""The record of reads and changes: only added to, held by the database, and no reader waits for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from lti_tool.audit import recording, store
from lti_tool.audit.model import OPERATOR, WORKER, Action, Actor, ActorKind, Event, Subject, SubjectKind
from lti_tool.audit.recording import Reads
from lti_tool.db import schema
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory, unit_of_work
from lti_tool.ids import PlatformId
from tests import postgres

HERE, AWAY = PlatformId(1), PlatformId(2)


def _read(person: str = "p2", by: str = "p1", course: str = "c1") -> Event:
    return Event(
        Action.READ_RECORD,
        Actor(ActorKind.PERSON, by),
        HERE,
        Subject(SubjectKind.PERSON, person),
        course,
        {"page": "participant.somebody"},
    )


def _change(platform_id: PlatformId | None = HERE) -> Event:
    return Event(Action.RULES_CHANGED, OPERATOR, platform_id, Subject(SubjectKind.COURSE, "c1"), "c1")


def _rows(session: Session) -> int:
    found: int = session.execute(text("SELECT count(*) FROM audit_event")).scalar_one()
    return found


def _hold_the_record(sessions: SessionFactory) -> None:
    for statement in (
        "UPDATE audit_event SET actor_id = 'x'",
        "UPDATE audit_event SET detail = '{}'",
        "DELETE FROM audit_event",
    ):
        with pytest.raises(IntegrityError, match="append-only"), unit_of_work(sessions) as session:
            session.execute(text(statement))
    if sessions.kw["bind"].dialect.name == "postgresql":
        with pytest.raises(IntegrityError, match="append-only"), unit_of_work(sessions) as session:
            session.execute(text("TRUNCATE audit_event"))


def test_the_database_refuses_to_change_a_line(any_sessions: SessionFactory, now: datetime) -> None:
    with unit_of_work(any_sessions) as session:
        recording.record(session, _change(), now)

    _hold_the_record(any_sessions)

    with unit_of_work(any_sessions) as session:
        assert _rows(session) == 1


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_migrated_database_refuses_it_too(
    request: pytest.FixtureRequest, tmp_path: Path, now: datetime, database: str
) -> None:
    url = f"sqlite:///{tmp_path / 'migrated.sqlite3'}"
    if database == "postgres":
        cluster: postgres.Cluster = request.getfixturevalue("postgres_cluster")
        url = cluster.new_database(empty=True)
    engine: Engine = make_engine(url)
    sessions = make_session_factory(engine)
    schema.upgrade(sessions)
    with unit_of_work(sessions) as session:
        recording.record(session, _change(), now)

    _hold_the_record(sessions)
    engine.dispose()


def test_retention_deletes_what_is_old_of_its_platform_and_nothing_else(
    any_sessions: SessionFactory, now: datetime
) -> None:
    old, limit = now - timedelta(days=800), now - timedelta(days=730)
    with unit_of_work(any_sessions) as session:
        for moment in (old, old + timedelta(days=1), old + timedelta(days=2), limit, now):
            recording.record(session, _change(), moment)
        recording.record(session, _change(AWAY), old)
        recording.record(session, _change(None), old)

    with unit_of_work(any_sessions) as session:
        assert store.delete_before(session, HERE, limit, 2) == 2
        assert store.delete_before(session, HERE, limit, 2) == 1
        assert store.delete_before(session, HERE, limit, 2) == 0
        assert _rows(session) == 4
        assert store.delete_before(session, None, limit, 2) == 1

    _hold_the_record(any_sessions)


def test_the_way_that_retention_takes_is_closed_for_younger_lines(any_sessions: SessionFactory, now: datetime) -> None:
    with unit_of_work(any_sessions) as session:
        recording.record(session, _change(), now)

    with pytest.raises(IntegrityError, match="append-only"), unit_of_work(any_sessions) as session:
        before = {"at": "2020-01-01 00:00:00"}
        session.execute(text("INSERT INTO audit_expiry (platform_id, before_at) VALUES (1, :at)"), before)
        session.execute(text("DELETE FROM audit_event"))


def test_a_change_that_is_undone_leaves_no_line(any_sessions: SessionFactory, now: datetime) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work(any_sessions) as session:
        recording.record(session, _change(), now)
        raise ZeroDivisionError

    with unit_of_work(any_sessions) as session:
        assert _rows(session) == 0


def test_the_same_read_again_within_minutes_is_told_of_once(any_sessions: SessionFactory, now: datetime) -> None:
    reads = Reads()
    others = [_read(by="p9"), _read(person="p8"), _read(course="c7")]
    with unit_of_work(any_sessions, writes=False) as reading:
        reads.note(reading, any_sessions, _read(), now)
    for event, minutes in [(_read(), 9), *((other, 9) for other in others), (_read(), 11), (_read(), 20)]:
        with unit_of_work(any_sessions, writes=False) as reading:
            reads.note(reading, any_sessions, event, now + timedelta(minutes=minutes))

    with unit_of_work(any_sessions) as session:
        assert _rows(session) == 1 + len(others) + 1


def test_changes_are_never_folded_but_drafts_are(any_sessions: SessionFactory, now: datetime) -> None:
    draft = Event(Action.WORK_SAVED, Actor(ActorKind.PERSON, "p1"), HERE, None, "c1")
    with unit_of_work(any_sessions) as session:
        for event in (_change(), _change(), draft, draft):
            recording.record(session, event, now)

        assert _rows(session) == 3


def test_a_read_while_somebody_writes_waits_in_the_process_and_goes_with_the_next(
    sessions: SessionFactory, now: datetime
) -> None:
    reads = Reads(most=2)
    with capture_logs() as told, unit_of_work(sessions) as writing:
        store.add(writing, [(now, _change())])
        for person in ("p2", "p3"):
            with unit_of_work(sessions, writes=False) as reading:
                reads.note(reading, sessions, _read(person), now)
        assert reads.is_full
        assert not reads.store_waiting(sessions)

    with unit_of_work(sessions, writes=False) as reading:
        reads.note(reading, sessions, _read("p4"), now)

    assert not reads.is_full
    with unit_of_work(sessions) as session:
        found = session.execute(text("SELECT subject_id FROM audit_event WHERE action = 'read.record' ORDER BY id"))
        assert [row[0] for row in found] == ["p2", "p3", "p4"]
    assert [each["event"] for each in told] == ["read_not_recorded_yet"] * 2


def test_what_concerns_no_platform_is_recorded_too(any_sessions: SessionFactory, now: datetime) -> None:
    with unit_of_work(any_sessions) as session:
        recording.record(session, Event(Action.FRAMEWORK_CHANGED, WORKER), now)
        row = session.execute(text("SELECT platform_id, actor_kind, actor_id, action FROM audit_event")).one()

    assert tuple(row) == (None, "worker", None, "framework.changed")
