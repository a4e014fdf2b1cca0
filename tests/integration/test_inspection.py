"""What is asked of a database before anything in it: is it there, how goes its clock."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import ArgumentError, OperationalError

from lti_tool import clock
from lti_tool.db import inspection
from lti_tool.db.unit_of_work import SessionFactory, make_session_factory


@pytest.mark.postgres
@pytest.mark.parametrize("minutes", [10, -10])
def test_a_clock_that_is_wrong_is_told_by_how_much(
    postgres_sessions: SessionFactory, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    little = timedelta(seconds=5)
    assert abs(inspection.ahead(postgres_sessions)) < little
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(minutes=minutes))

    assert abs(inspection.ahead(postgres_sessions) - timedelta(minutes=minutes)) < little


def test_an_sqlite_has_the_clock_of_its_machine(sessions: SessionFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(minutes=10))

    assert inspection.ahead(sessions) == timedelta(0)


def test_a_file_that_is_not_there_is_named_and_not_made(tmp_path: Path) -> None:
    file = tmp_path / "none.sqlite3"

    assert inspection.missing_file(f"sqlite:///{file}") == file
    assert not file.exists()
    file.touch()
    assert inspection.missing_file(f"sqlite:///{file}") is None


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "postgresql+psycopg://x@127.0.0.1/x"])
def test_what_has_no_file_misses_none(url: str) -> None:
    assert inspection.missing_file(url) is None


def test_a_database_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "CONNECT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        engine = inspection.impatient_engine(f"postgresql+psycopg://x@127.0.0.1:{silent.getsockname()[1]}/x")
        began = time.monotonic()

        with pytest.raises(OperationalError):
            make_session_factory(engine)().connection()

    assert time.monotonic() - began < 10


def test_the_password_is_not_shown() -> None:
    assert inspection.shown("postgresql+psycopg://u:geheim@db/x") == "postgresql+psycopg://u:***@db/x"


def test_the_password_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    assert inspection.impatient_engine("postgresql+psycopg://u:ge%40heim@db/x").url.password == "ge@heim"


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(ArgumentError):
        inspection.impatient_engine("nonsense")
