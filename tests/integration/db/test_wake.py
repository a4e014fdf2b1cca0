"""Hints that something is due: heard at once on PostgreSQL, and never needed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from lti_tool.db import wake
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work

SECONDS = 10.0


class Ear:
    """Listens on a thread of its own."""

    def __init__(self, sessions: SessionFactory) -> None:
        self.stopping, self.heard = threading.Event(), threading.Semaphore(0)
        self.thread = threading.Thread(target=wake.listen, args=(sessions, self.heard.release, self.stopping))
        self.thread.start()

    def hears(self, seconds: float = SECONDS) -> bool:
        return self.heard.acquire(timeout=seconds)


@pytest.fixture
def ear(postgres_sessions: SessionFactory) -> Iterator[Ear]:
    ear = Ear(postgres_sessions)
    assert ear.hears(), "the first look comes with the listening"
    yield ear
    ear.stopping.set()
    ear.thread.join(SECONDS)


def test_a_hint_is_heard_when_its_transaction_commits(ear: Ear, postgres_sessions: SessionFactory) -> None:
    with unit_of_work(postgres_sessions) as session:
        wake.workers(session)
        early = ear.hears(0.3)

    assert (early, ear.hears()) == (False, True)


def test_what_is_taken_back_is_not_told(ear: Ear, postgres_sessions: SessionFactory) -> None:
    with postgres_sessions() as session:
        wake.workers(session)
        session.rollback()

    assert not ear.hears(0.5)


def test_a_lost_connection_is_made_anew_and_the_look_is_made_up_for(
    ear: Ear, postgres_sessions: SessionFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wake, "RECONNECT_SECONDS", 0.1)
    listening = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    with unit_of_work(postgres_sessions) as session:
        ended = session.execute(text(listening)).all()

    assert (len(ended), ear.hears()) == (1, True)
    with unit_of_work(postgres_sessions) as session:
        wake.workers(session)
    assert ear.hears()


def test_on_sqlite_nobody_listens_and_nothing_is_told(sessions: SessionFactory) -> None:
    ear = Ear(sessions)
    ear.thread.join(SECONDS)
    with unit_of_work(sessions) as session:
        wake.workers(session)

    assert (ear.thread.is_alive(), ear.hears(0)) == (False, False)
