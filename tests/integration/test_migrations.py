"""Migrations make exactly the tables that the models describe, up and down, on both databases."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from lti_tool.db import schema
from lti_tool.db.base import Base
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory, unit_of_work
from lti_tool.errors import SettingsFaulty
from tests import postgres
from tests.factories import remembered
from tests.factories.make import Make


@pytest.fixture(autouse=True)
def _each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here migrations run; elsewhere what they leave is remembered."""
    monkeypatch.setattr(schema, "_migrate", remembered.really_migrate)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SessionFactory]:
    """Sessions on a database without a single table."""
    if request.param == "sqlite":
        engine = make_engine(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
        yield make_session_factory(engine)
        engine.dispose()
        return
    cluster: postgres.Cluster = request.getfixturevalue("postgres_cluster")
    url = cluster.new_database(empty=True)
    engine = make_engine(url)
    yield make_session_factory(engine)
    engine.dispose()
    cluster.drop(url)


def test_what_is_remembered_of_them_elsewhere_is_what_they_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrated = make_engine(f"sqlite:///{tmp_path / 'migrated.sqlite3'}")
    schema.upgrade(make_session_factory(migrated))
    monkeypatch.setattr(schema, "_migrate", remembered._migrate)
    for name in ("first", "again"):
        engine = make_engine(f"sqlite:///{tmp_path / name}.sqlite3")
        schema.upgrade(make_session_factory(engine))

        assert _dump(engine) == _dump(migrated)


def _dump(engine: Engine) -> list[list[str]]:
    """What makes the database again; in which order a table that was made anew names its constraints is chance."""
    with engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        return sorted(sorted(statement.replace(",", " ").split()) for statement in driver.iterdump())


def _engine(sessions: SessionFactory) -> Engine:
    engine: Engine = sessions.kw["bind"]
    return engine


def test_migrations_and_models_agree(empty: SessionFactory) -> None:
    schema.upgrade(empty)

    with _engine(empty).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_last_migration_is_the_one_whose_file_has_the_highest_number() -> None:
    assert ScriptDirectory(str(schema.MIGRATIONS)).get_current_head() == schema.newest()


def test_what_was_stored_survives_a_second_upgrade(empty: SessionFactory, now: datetime) -> None:
    schema.upgrade(empty)
    with unit_of_work(empty) as session:
        Make(session, now).course(title="Сакталат")

    schema.upgrade(empty)

    with unit_of_work(empty) as session:
        assert session.connection().exec_driver_sql("SELECT title FROM course").scalar_one() == "Сакталат"


def test_all_migrations_can_be_taken_back_with_data_in_the_tables(empty: SessionFactory, now: datetime) -> None:
    schema.upgrade(empty)
    with unit_of_work(empty) as session:
        make = Make(session, now)
        make.framework()
        make.membership(make.course(), make.person(make.platform()))

    schema.downgrade(empty, "base")

    assert inspect(_engine(empty)).get_table_names() == ["alembic_version"]


def test_a_database_that_is_behind_is_named_as_such(empty: SessionFactory) -> None:
    with pytest.raises(SettingsFaulty) as refused:
        schema.check_current(empty)

    assert "run `lti-tool db upgrade`" in str(refused.value.facts["faults"])
    schema.upgrade(empty)
    schema.check_current(empty)


@pytest.fixture
def before(postgres_cluster: postgres.Cluster) -> Iterator[SessionFactory]:
    """Sessions on a PostgreSQL database at 0026; 0028 changes `person`, then `membership`."""
    url = postgres_cluster.new_database(empty=True)
    engine = make_engine(url)
    schema.upgrade(make_session_factory(engine), "0026")
    yield make_session_factory(engine)
    engine.dispose()
    postgres_cluster.drop(url)


@pytest.mark.postgres
def test_a_migration_gives_way_to_work_that_it_would_block(before: SessionFactory) -> None:
    with ThreadPoolExecutor(1) as pool, _engine(before).connect() as reading:
        reading.exec_driver_sql("SELECT count(*) FROM membership")
        upgrade = pool.submit(schema.upgrade, before)
        _wait_until_the_migration_waits(before)
        # By now the migration holds `person` and waits for `membership`: neither could go on.
        persons = reading.exec_driver_sql("SELECT count(*) FROM person").scalar_one()
        reading.commit()
        upgrade.result(30)

    assert persons == 0
    schema.check_current(before)


@pytest.mark.postgres
def test_a_table_in_use_for_long_leaves_the_migrations_before_it(
    before: SessionFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "PATIENCE", timedelta(0))
    with _engine(before).connect() as reading:
        reading.exec_driver_sql("SELECT count(*) FROM membership")
        with pytest.raises(SettingsFaulty, match="a table stayed in use"):
            schema.upgrade(before)

    with _engine(before).connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == "0027"
    schema.upgrade(before)
    schema.check_current(before)


@pytest.fixture
def before_an_index(postgres_cluster: postgres.Cluster) -> Iterator[SessionFactory]:
    """Sessions on a PostgreSQL database at 0036; 0037 builds an index of `attainment`."""
    url = postgres_cluster.new_database(empty=True)
    engine = make_engine(url)
    schema.upgrade(make_session_factory(engine), "0036")
    yield make_session_factory(engine)
    engine.dispose()
    postgres_cluster.drop(url)


@pytest.mark.postgres
def test_an_index_of_a_large_table_is_built_while_others_write_into_it(before_an_index: SessionFactory) -> None:
    write = "LOCK TABLE attainment IN ROW EXCLUSIVE MODE"
    engine = _engine(before_an_index)
    with ThreadPoolExecutor(1) as pool, engine.connect() as writing, engine.connect() as another:
        writing.exec_driver_sql(write)
        upgrade = pool.submit(schema.upgrade, before_an_index)
        _wait_until_the_migration_waits(before_an_index)
        another.exec_driver_sql("SET lock_timeout = '100ms'")
        another.exec_driver_sql(write)
        another.commit()
        writing.commit()
        upgrade.result(30)

    schema.check_current(before_an_index)


@pytest.mark.postgres
def test_two_upgrades_at_once_do_not_wait_for_each_other_for_ever(before_an_index: SessionFactory) -> None:
    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(schema.upgrade, before_an_index) for _ in range(2)]:
            each.result(30)

    schema.check_current(before_an_index)


def _wait_until_the_migration_waits(sessions: SessionFactory) -> None:
    until = time.monotonic() + 20
    with _engine(sessions).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while time.monotonic() < until:
            if connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar_one():
                return
            time.sleep(0.02)
    pytest.fail("no migration came to wait")
