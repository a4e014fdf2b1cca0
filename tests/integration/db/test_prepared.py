"""Prepared statements say on both databases what SQLAlchemy itself would, and fail as it does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import bindparam, delete, event, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from lti_tool.db.prepared import WROTE, Prepared
from lti_tool.db.trouble import is_trouble
from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.lti.tables import JwksRow
from lti_tool.people.model import ActivityKind, ActivitySource
from lti_tool.people.tables import ActivityRow, CourseRow
from tests.factories.make import Make

SET = {"keys": [{"kid": "1", "n": "Ж"}]}
MARKS = Prepared(
    select(ActivityRow.name, ActivityRow.mark_max, ActivityRow.created_at, ActivityRow.gone_at)
    .where(ActivityRow.course_id == bindparam("course"), ActivityRow.kind != "profile")
    .order_by(ActivityRow.id)
)
KEEP = Prepared(insert(JwksRow).values({name: bindparam(name) for name in ("url", "document", "tried_at")}))
FIND = Prepared(select(JwksRow.document, JwksRow.tried_at, JwksRow.fetched_at).where(JwksRow.url == bindparam("url")))
TOUCH = Prepared(update(JwksRow).where(JwksRow.url == bindparam("of")).values(fetched_at=bindparam("at")))
DROP = Prepared(delete(JwksRow).where(JwksRow.url == bindparam("of")).returning(JwksRow.url, JwksRow.fetched_at))


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest) -> SessionFactory:
    chosen: SessionFactory = request.getfixturevalue("sessions" if request.param == "sqlite" else "postgres_sessions")
    return chosen


def test_values_come_back_as_they_were_given(either: SessionFactory, now: datetime) -> None:
    with either() as session:
        KEEP.run(session, url="https://lms.example.kg/jwks", document=SET, tried_at=now)

        assert FIND.all(session, url="https://lms.example.kg/jwks") == [(SET, now, None)]
        assert FIND.first(session, url="https://other.example.kg/jwks") is None


def test_what_is_known_to_be_there_is_found_or_missed_aloud(either: SessionFactory, now: datetime) -> None:
    with either() as session:
        KEEP.run(session, url="u", document=SET, tried_at=now)

        assert FIND.one(session, url="u") == (SET, now, None)
        with pytest.raises(LookupError, match="other"):
            FIND.one(session, url="other")


def test_what_is_written_is_what_others_read(either: SessionFactory, now: datetime) -> None:
    east = now.astimezone(timezone(timedelta(hours=6)))
    with either() as session:
        KEEP.run(session, url="u", document=SET, tried_at=east)
        TOUCH.run(session, of="u", at=east)
        session.commit()

    with either() as session:
        row = session.get_one(JwksRow, "u")
        assert (row.document, row.tried_at, row.fetched_at) == (SET, now, now)
        assert row.tried_at.tzinfo is UTC


@pytest.mark.parametrize("count", [0, 1, 3])
def test_each_of_many_is_written_and_told_of_at_one_go(either: SessionFactory, now: datetime, count: int) -> None:
    told: list[tuple[int, bool]] = []
    with either() as session:
        session.connection()
        event.listen(session.get_bind(), "before_cursor_execute", lambda *said: told.append((len(said[3]), said[5])))
        KEEP.each(session, [{"url": str(number), "document": SET, "tried_at": now} for number in range(count)])

        assert told == ([(count, True)] if count else [])
        assert [FIND.first(session, url=str(number)) for number in range(3)] == [
            (SET, now, None) if number < count else None for number in range(3)
        ]


@pytest.mark.parametrize("count", [1, 2])
def test_where_one_of_many_cannot_be_written_sqlalchemy_says_so(
    either: SessionFactory, now: datetime, count: int
) -> None:
    with either() as session:
        KEEP.run(session, url="0", document=None, tried_at=now)
        with pytest.raises(IntegrityError):
            KEEP.each(session, [{"url": str(number), "document": None, "tried_at": now} for number in range(count)])


def test_what_was_removed_is_given_to_who_removed_it(either: SessionFactory, now: datetime) -> None:
    with either() as session:
        KEEP.run(session, url="u", document=None, tried_at=now)

        assert (DROP.first(session, of="u"), DROP.first(session, of="u")) == (("u", None), None)


def test_numbers_are_exact_and_values_of_the_statement_itself_count(either: SessionFactory, now: datetime) -> None:
    with either() as session:
        course = Make(session, now).course().id
        for kind, mark in ((ActivityKind.NATIVE, Decimal("33.33333")), (ActivityKind.PROFILE, Decimal(1))):
            row = ActivityRow(course_id=course, kind=kind, source=ActivitySource.LTI, external_id=kind, name=kind)
            row.mark_max, row.created_at = mark, now
            session.add(row)

        # Neither was flushed: what a session has not written yet is written before it asks.
        assert MARKS.all(session, course=course) == [("native", Decimal("33.33333"), now, None)]


def test_a_session_knows_that_it_has_written(either: SessionFactory, now: datetime) -> None:
    with either() as session:
        FIND.first(session, url="u")
        before = session.info.get(WROTE)
        KEEP.run(session, url="u", document=None, tried_at=now)

        assert (before, session.info[WROTE]) == (None, True)


def test_a_refusal_is_told_as_sqlalchemy_tells_it_and_without_what_was_given(
    either: SessionFactory, now: datetime
) -> None:
    with either() as session:
        KEEP.run(session, url="https://secret.example.kg", document=None, tried_at=now)

        with pytest.raises(IntegrityError) as refused:
            KEEP.run(session, url="https://secret.example.kg", document=None, tried_at=now)

    assert "jwks" in (refused.value.statement or "")
    assert not refused.value.params
    assert not is_trouble(refused.value)


def test_a_naive_time_is_refused(either: SessionFactory) -> None:
    with either() as session, pytest.raises(ValueError, match="naive"):
        KEEP.run(session, url="u", document=None, tried_at=datetime(2026, 1, 1))  # noqa: DTZ001  that is the point


def test_a_column_that_python_would_fill_in_is_refused(sessions: SessionFactory) -> None:
    faulty = Prepared(insert(CourseRow).values({name: bindparam(name) for name in ("platform_id", "context_id")}))

    with sessions() as session, pytest.raises(TypeError, match="public_id"):
        faulty.run(session, platform_id=1, context_id="1")


def test_a_lost_database_is_trouble_and_the_next_session_has_another(
    postgres_sessions: SessionFactory, postgres_url: str
) -> None:
    with postgres_sessions() as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

        with pytest.raises(OperationalError) as lost:
            FIND.first(session, url="u")

    assert (is_trouble(lost.value), lost.value.connection_invalidated) == (True, True)
    with postgres_sessions() as session:
        assert FIND.first(session, url="u") is None


def test_who_listens_to_statements_hears_of_them(either: SessionFactory) -> None:
    heard: list[str] = []
    event.listen(either.kw["bind"], "before_cursor_execute", lambda *told: heard.append(told[2]))

    with either() as session:
        FIND.first(session, url="u")

    assert ["jwks.url" in each for each in heard if each != "BEGIN"] == [True]


def test_postgresql_parses_it_once_for_a_connection(postgres_sessions: SessionFactory) -> None:
    with postgres_sessions() as session:
        for _time in range(3):
            FIND.all(session, url="u")

        known = session.execute(
            text("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%jwks%'")
        ).all()
    assert len(known) == 1
