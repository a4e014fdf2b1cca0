"""A database that was away is noticed before a request is given its dead connection."""

from __future__ import annotations

import socket
import time

import psycopg
import pytest
from sqlalchemy import text

from lti_tool.db.sign_of_life import is_quiet
from lti_tool.db.unit_of_work import SessionFactory

HANG_UP = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid = %(pid)s"


def backend_of(sessions: SessionFactory) -> int:
    with sessions() as session:
        return int(session.scalar(text("SELECT pg_backend_pid()")) or 0)


def test_a_connection_on_which_the_database_hung_up_is_replaced_unnoticed(
    postgres_sessions: SessionFactory, postgres_url: str
) -> None:
    before = backend_of(postgres_sessions)
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as other:
        other.execute(HANG_UP, {"pid": before})

    assert backend_of(postgres_sessions) != before


def test_a_connection_that_was_just_used_is_not_asked_again(
    postgres_sessions: SessionFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(postgres_sessions.kw["bind"].dialect, "do_ping", asked.append)

    for _time in range(3):
        backend_of(postgres_sessions)

    assert asked == []


def test_a_connection_that_has_rested_long_is_asked_once(
    postgres_sessions: SessionFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(postgres_sessions.kw["bind"].dialect, "do_ping", asked.append)
    backend_of(postgres_sessions)

    monkeypatch.setattr(time, "monotonic", lambda: 10.0**9)
    backend_of(postgres_sessions)
    backend_of(postgres_sessions)

    assert len(asked) == 1


def test_what_has_something_to_read_is_not_quiet_and_neither_is_what_was_hung_up_on() -> None:
    here, there = socket.socketpair()
    with here:
        with there:
            before = is_quiet(here.fileno())
            there.send(b"E")
            told = is_quiet(here.fileno())
            here.recv(1)
        assert (before, told, is_quiet(here.fileno())) == (True, False, False)
