"""All threads of a web process at the database at once: the next time they find the same connections."""

from __future__ import annotations

from contextlib import ExitStack

from sqlalchemy import text

from lti_tool.cli.serve import THREADS
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory


def _backends_of_all_threads(sessions: SessionFactory) -> set[int]:
    with ExitStack() as stack:
        open_at_once = [stack.enter_context(sessions()) for _thread in range(THREADS)]
        return {int(session.scalar(text("SELECT pg_backend_pid()")) or 0) for session in open_at_once}


def test_no_thread_opens_a_connection_of_its_own_each_time(postgres_url: str) -> None:
    engine = make_engine(postgres_url)
    try:
        sessions = make_session_factory(engine)
        first = _backends_of_all_threads(sessions)
        second = _backends_of_all_threads(sessions)
    finally:
        engine.dispose()

    assert len(first) == THREADS
    assert second == first
