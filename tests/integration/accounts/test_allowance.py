"""The limit of calls: one for all processes, and cheap."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from lti_tool.accounts import allowance, token_queries, tokens
from lti_tool.accounts.allowance import Allowances
from lti_tool.accounts.token_model import ApiToken
from lti_tool.accounts.tokens import Wish
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import PlatformId
from tests.factories.make import Make

MINUTE = timedelta(minutes=1)


def _token(sessions: SessionFactory, now: datetime, rate: int) -> ApiToken:
    with unit_of_work(sessions) as session:
        platform = Make(session, now).platform(f"https://{secrets.token_hex(4)}.example.invalid")
        return tokens.make(session, PlatformId(platform.id), Wish("x", rate=rate), now).token


def _used(sessions: SessionFactory, token: ApiToken) -> datetime | None:
    with unit_of_work(sessions, writes=False) as session:
        [found] = token_queries.tokens_of(session, token.platform_id)
        return found.used_at


@pytest.mark.parametrize("rate", [1, 2, 19, 20, 21, 100])
def test_a_minute_has_exactly_so_many_calls(sessions: SessionFactory, now: datetime, rate: int) -> None:
    token, here = _token(sessions, now, rate), Allowances(sessions)

    answers = [here.spend(token, now) for _ in range(rate + 3)]

    assert [each.granted for each in answers] == [True] * rate + [False] * 3
    assert [each.left for each in answers] == [*range(rate - 1, -1, -1), 0, 0, 0]


def test_the_next_minute_begins_anew(sessions: SessionFactory, now: datetime) -> None:
    token, here = _token(sessions, now, 3), Allowances(sessions)
    late = now + timedelta(seconds=59)
    assert [here.spend(token, late).granted for _ in range(4)] == [True, True, True, False]
    assert here.spend(token, late).seconds == 1

    assert here.spend(token, now + MINUTE).granted
    assert here.spend(token, now + MINUTE).seconds == 60


def test_several_processes_have_one_limit(any_sessions: SessionFactory, now: datetime) -> None:
    token = _token(any_sessions, now, 60)
    processes = [Allowances(any_sessions) for _ in range(3)]

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda number: processes[number % 3].spend(token, now).granted, range(120)))

    # What one process has taken and not spent, another cannot give: a few at most, never one too many.
    assert 50 <= sum(answers) <= 60


def test_one_call_after_the_other_uses_the_limit_up_wherever_it_goes(sessions: SessionFactory, now: datetime) -> None:
    token, processes = _token(sessions, now, 60), [Allowances(sessions) for _ in range(4)]

    answers = [processes[number % 4].spend(token, now).granted for number in range(80)]

    assert sum(answers) == 60


def test_many_calls_take_few_writes(sessions: SessionFactory, now: datetime) -> None:
    token, here = _token(sessions, now, 600), Allowances(sessions)
    written: list[str] = []
    event.listen(sessions.kw["bind"], "before_cursor_execute", lambda *seen: written.append(seen[2]))

    for _ in range(300):
        here.spend(token, now)

    assert sum(statement.startswith("UPDATE") for statement in written) <= 20


def test_a_clock_that_is_behind_begins_no_minute_anew(sessions: SessionFactory, now: datetime) -> None:
    token, ahead, behind = _token(sessions, now, 4), Allowances(sessions), Allowances(sessions)
    assert [ahead.spend(token, now + MINUTE).granted for _ in range(3)] == [True, True, True]

    assert [behind.spend(token, now).granted for _ in range(2)] == [True, False]
    assert behind.spend(token, now).seconds == 120
    assert not ahead.spend(token, now + MINUTE).granted


def test_the_last_use_is_noted_once_a_minute(sessions: SessionFactory, now: datetime) -> None:
    token, here = _token(sessions, now, 600), Allowances(sessions)
    assert _used(sessions, token) is None
    for second in range(0, 50, 10):
        here.spend(token, now + timedelta(seconds=second))
    assert _used(sessions, token) == now

    here.spend(token, now + MINUTE)

    assert _used(sessions, token) == now + MINUTE


def test_who_only_reads_waits_for_no_writer(
    sessions: SessionFactory, now: datetime, writing: Callable[[], AbstractContextManager[Session]]
) -> None:
    token, here = _token(sessions, now, 2), Allowances(sessions)

    with writing():
        answers = [here.spend(token, now).granted for _ in range(4)]

    assert answers == [True, True, False, False], "bounded all the same"
    assert _used(sessions, token) is None


@pytest.fixture
def writing(sessions: SessionFactory) -> Callable[[], AbstractContextManager[Session]]:
    """Holds the write lock."""
    return lambda: unit_of_work(sessions)


def test_tokens_of_past_minutes_are_forgotten(
    sessions: SessionFactory, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "MOST_KEPT", 2)
    here = Allowances(sessions)
    old = [_token(sessions, now, 10) for _ in range(2)]
    for each in old:
        here.spend(each, now)

    here.spend(_token(sessions, now, 10), now + MINUTE)

    assert len(here._held) == 1
