"""What is the database's own trouble, and what is not."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from lti_tool.db.trouble import is_trouble


def _wrapped(error: Exception, driver: type[Exception], *, gone: bool = False) -> BaseException:
    """As SQLAlchemy hands on what a driver raised."""
    return DBAPIError.instance("SELECT 1", {}, error, driver, connection_invalidated=gone)


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("database is locked"),
        sqlite3.OperationalError("database or disk is full"),
        sqlite3.OperationalError("disk I/O error"),
        sqlite3.OperationalError("unable to open database file"),
    ],
)
def test_a_busy_full_or_missing_file_is_trouble(error: Exception) -> None:
    wrapped = _wrapped(error, sqlite3.Error)

    assert isinstance(wrapped, OperationalError)
    assert is_trouble(wrapped)


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("connection refused"),
        psycopg.errors.AdminShutdown("terminating connection"),
        psycopg.errors.CannotConnectNow("the database system is starting up"),
        psycopg.errors.TooManyConnections("sorry, too many clients already"),
        psycopg.errors.DiskFull("could not extend file"),
        psycopg.errors.IoError("could not read block"),
        psycopg.errors.DeadlockDetected("deadlock detected"),
        psycopg.errors.ReadOnlySqlTransaction("cannot execute INSERT in a read-only transaction"),
    ],
)
def test_a_server_that_is_gone_starting_full_or_in_a_change_of_guard_is_trouble(error: Exception) -> None:
    assert is_trouble(_wrapped(error, psycopg.Error))


def test_a_connection_that_broke_is_trouble_whatever_the_driver_calls_it() -> None:
    error = psycopg.InterfaceError("cursor of a closed connection")

    assert is_trouble(_wrapped(error, psycopg.Error, gone=True))
    assert not is_trouble(_wrapped(error, psycopg.Error))


def test_no_free_connection_is_trouble() -> None:
    assert is_trouble(NoConnectionFree("QueuePool limit of size 5 overflow 10 reached"))


@pytest.mark.parametrize(
    ("error", "family"),
    [
        (psycopg.errors.UniqueViolation("duplicate key"), IntegrityError),
        (psycopg.errors.UndefinedTable("no such relation"), ProgrammingError),
    ],
)
def test_a_fault_of_the_program_is_none(error: Exception, family: type[Exception]) -> None:
    wrapped = _wrapped(error, psycopg.Error)

    assert isinstance(wrapped, family)
    assert not is_trouble(wrapped)


@pytest.mark.parametrize("error", [TimeoutError("a platform's"), ValueError("x"), OSError(28, "No space left")])
def test_what_does_not_come_from_the_database_is_none(error: Exception) -> None:
    assert not is_trouble(error)
