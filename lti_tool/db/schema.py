"""The schema's versions: brought up to date by migrations, on both databases alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.errors import SettingsFaulty

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(sessions: SessionFactory, revision: str = "head") -> None:
    """Runs the migrations that the database lacks. On PostgreSQL two at once wait for each other."""
    with _transaction(sessions) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(727174)")
        command.upgrade(_config(connection), revision)


def downgrade(sessions: SessionFactory, revision: str) -> None:
    """Takes migrations back to `revision` ("base": all of them)."""
    with _transaction(sessions) as connection:
        command.downgrade(_config(connection), revision)


def check_current(sessions: SessionFactory) -> None:
    """Raises SettingsFaulty where the database's schema is not the one this version of the tool works with."""
    with _engine(sessions).connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        wanted = ScriptDirectory.from_config(_config(connection)).get_current_head()
    if found != wanted:
        raise SettingsFaulty(
            "schema_not_current",
            faults=[f"the database's schema is at {found or 'nothing'}, not {wanted}: run `lti-tool db upgrade`"],
        )


@contextmanager
def _transaction(sessions: SessionFactory) -> Iterator[Connection]:
    # On SQLite the write lock is taken at the beginning: a worker that writes meanwhile makes this wait, not fail.
    writing = _engine(sessions).connect().execution_options(sqlite_begin="BEGIN IMMEDIATE")
    with writing as connection, connection.begin():
        yield connection


def _engine(sessions: SessionFactory) -> Engine:
    engine: Engine = sessions.kw["bind"]
    return engine


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
