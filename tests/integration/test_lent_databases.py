"""A PostgreSQL database that a test gives back is as new for the next one."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import text

from lti_tool.db.unit_of_work import make_engine, make_session_factory
from lti_tool.lti.tables import PlatformRow
from tests import postgres
from tests.factories.make import Make

pytestmark = pytest.mark.postgres


def test_what_a_test_wrote_is_gone_with_all_its_traces(postgres_cluster: postgres.Cluster, now: datetime) -> None:
    url = postgres_cluster.lend()
    engine = make_engine(url)
    with make_session_factory(engine).begin() as session:
        Make(session, now).course()
    left_open = engine.connect()
    left_open.execute(text("LOCK TABLE platform"))

    postgres_cluster.give_back(url)

    assert postgres_cluster.lend() == url
    left_open.invalidate()
    with make_session_factory(engine).begin() as session:
        assert session.query(PlatformRow).count() == 0
        assert session.scalar(text("SELECT pg_relation_size('platform')")) == 0
        session.add(PlatformRow(issuer="https://a.example.invalid", name="A", created_at=now))
        session.flush()
        assert session.query(PlatformRow).one().id == 1
    engine.dispose()
    postgres_cluster.give_back(url)


def test_a_database_whose_tables_were_changed_is_lent_to_nobody_else(postgres_cluster: postgres.Cluster) -> None:
    url = postgres_cluster.lend()
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE platform RENAME TO away"))
    engine.dispose()

    postgres_cluster.give_back(url)

    assert url not in postgres_cluster.spare
