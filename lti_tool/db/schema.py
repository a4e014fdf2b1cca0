"""The schema's versions: brought up to date by migrations, on both databases alike."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import OperationalError

from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.errors import SettingsFaulty

MIGRATIONS = Path(__file__).parent / "migrations"

# Shorter than PostgreSQL's `deadlock_timeout` (1 s): where a migration and a worker hold what the other waits for, it
# is the migration that gives way, and nothing waits behind its claim on a table for longer than this.
LOCK_TIMEOUT = timedelta(seconds=0.5)
PATIENCE = timedelta(minutes=5)
PAUSE = timedelta(seconds=0.3)
LOCK_NOT_AVAILABLE = "55P03"


def upgrade(sessions: SessionFactory, revision: str = "head") -> None:
    """Runs the migrations that the database lacks, while workers and pages of the version before go on.

    On PostgreSQL each migration is a transaction of its own, and one that cannot have a table's lock at once lets go
    of all it holds and tries again. Two upgrades at once wait for each other.

    Raises:
        SettingsFaulty: a table stayed in use for the whole of `PATIENCE`; the migrations before it are done.
    """
    if revision == "head" and (_found(sessions) or "") >= newest():
        return
    if _engine(sessions).dialect.name != "postgresql":
        with _transaction(sessions) as connection:
            _migrate(connection, revision)
        return
    with _engine(sessions).connect() as connection:
        _wait_for_others(connection)
        connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT.total_seconds():g}s'")
        connection.commit()
        try:
            _upgrade_in_steps(connection, revision)
        finally:
            # The connection's end gives the advisory lock back, also when the server went away.
            connection.invalidate()


def _wait_for_others(connection: Connection) -> None:
    # Asked again and again, not waited for: an index that is built beside (`online.py`) waits for every transaction,
    # and one that waits for the upgrade that builds it would never end.
    while not connection.exec_driver_sql("SELECT pg_try_advisory_lock(727174)").scalar():
        connection.rollback()
        time.sleep(PAUSE.total_seconds())


def _upgrade_in_steps(connection: Connection, revision: str) -> None:
    until = time.monotonic() + PATIENCE.total_seconds()
    while True:
        try:
            _migrate(connection, revision)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            connection.rollback()
            if time.monotonic() > until:
                raise SettingsFaulty(
                    "schema_in_use", faults=["a table stayed in use: stop long readings or workers, then try again"]
                ) from error
            time.sleep(PAUSE.total_seconds())
        else:
            return


def downgrade(sessions: SessionFactory, revision: str) -> None:
    """Takes migrations back to `revision` ("base": all of them)."""
    with _transaction(sessions) as connection:
        _migrate(connection, revision, back=True)


def check_current(sessions: SessionFactory) -> None:
    """Raises SettingsFaulty where the database's schema lacks what this version of the tool works with.

    One that a later version has migrated will do: migrations only add, so that both may run side by side, and the
    version before can be started again.
    """
    found, wanted = _found(sessions), newest()
    if found is None or found < wanted:
        raise SettingsFaulty(
            "schema_not_current",
            faults=[f"the database's schema is at {found or 'nothing'}, not {wanted}: run `lti-tool db upgrade`"],
        )


def later(sessions: SessionFactory) -> str | None:
    """The number of the database's schema where a later version has migrated it; None where it is this one's."""
    found = _found(sessions)
    return found if found is not None and found > newest() else None


def newest() -> str:
    """The number of the last migration; their files are named by it, one after the other."""
    return max(path.name for path in (MIGRATIONS / "versions").glob("0*.py")).partition("_")[0]


@contextmanager
def _transaction(sessions: SessionFactory) -> Iterator[Connection]:
    # On SQLite the write lock is taken at the beginning: a worker that writes meanwhile makes this wait, not fail.
    writing = _engine(sessions).connect().execution_options(sqlite_begin="BEGIN IMMEDIATE")
    with writing as connection, connection.begin():
        yield connection


def _engine(sessions: SessionFactory) -> Engine:
    engine: Engine = sessions.kw["bind"]
    return engine


def _found(sessions: SessionFactory) -> str | None:
    with _engine(sessions).connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _migrate(connection: Connection, revision: str, *, back: bool = False) -> None:
    # Imported when there is something to do: a process whose schema is current need not hold the library.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    (command.downgrade if back else command.upgrade)(config, revision)
