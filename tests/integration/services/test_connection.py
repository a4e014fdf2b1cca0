"""Trying a registration out: its keys and a token, asked at once, nothing kept and nothing personal read."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import PlatformUnavailable
from lti_tool.lti import connection
from lti_tool.lti.connection import WANTED
from lti_tool.lti.model import Scope
from lti_tool.lti.tables import AccessTokenRow
from tests.factories.course_services import Moodle
from tests.factories.network import Network, answer


@pytest.fixture(autouse=True)
def _keys(moodle: Moodle, network: Network) -> None:
    """The platform shows keys, unless a test says otherwise."""
    network.on("GET", moodle.registration.jwks_url, answer(200, {"keys": [{"kid": "1"}]}))


def _token(scopes: list[Scope]) -> object:
    return {"access_token": "abc", "token_type": "Bearer", "expires_in": 3600, "scope": " ".join(scopes)}


def test_all_is_well_where_keys_are_read_and_all_is_granted(moodle: Moodle, network: Network) -> None:
    network.on("POST", moodle.registration.token_url, answer(200, _token(list(WANTED))))

    tried = connection.try_out(network, moodle.tokens, moodle.registration)

    assert (tried.key_set.fault, tried.token_fault, tried.granted) == (None, None, frozenset(WANTED))
    assert sorted(asked.url for asked in network.asked) == sorted(
        [moodle.registration.jwks_url, moodle.registration.token_url]
    )


def test_a_try_keeps_no_token_and_uses_none_that_is_kept(
    moodle: Moodle, network: Network, sessions: SessionFactory
) -> None:
    network.on("POST", moodle.registration.token_url, answer(200, _token(list(WANTED))))

    for _ in range(2):
        connection.try_out(network, moodle.tokens, moodle.registration)

    assert [asked.method for asked in network.asked].count("POST") == 2
    with unit_of_work(sessions, writes=False) as session:
        assert session.scalar(select(func.count()).select_from(AccessTokenRow)) == 0


@pytest.mark.parametrize("granted", [[], [Scope.SCORE], [Scope.SCORE, Scope.LINE_ITEM, Scope.RESULT_READ]])
def test_what_is_not_granted_is_told_scope_by_scope(moodle: Moodle, network: Network, granted: list[Scope]) -> None:
    network.on("POST", moodle.registration.token_url, answer(200, _token(granted)))

    tried = connection.try_out(network, moodle.tokens, moodle.registration)

    assert (tried.token_fault, tried.granted) == (None, frozenset(granted))


def test_each_fault_is_told_for_itself(moodle: Moodle, network: Network) -> None:
    network.on("GET", moodle.registration.jwks_url, answer(404))
    network.on("POST", moodle.registration.token_url, answer(400, {"error": "invalid_client"}))

    tried = connection.try_out(network, moodle.tokens, moodle.registration)

    assert tried.key_set.fault is not None
    assert tried.token_fault is not None
    assert (tried.key_set.fault.code, tried.token_fault.code) == ("answer_not_ok", "token_refused")
    assert tried.granted == frozenset()


def test_a_silent_platform_is_a_fault_like_others(moodle: Moodle, network: Network) -> None:
    for method, url in (("GET", moodle.registration.jwks_url), ("POST", moodle.registration.token_url)):
        network.on(method, url, PlatformUnavailable("platform_timeout"))

    tried = connection.try_out(network, moodle.tokens, moodle.registration)

    assert tried.key_set.fault is not None
    assert tried.token_fault is not None
    assert {tried.key_set.fault.code, tried.token_fault.code} == {"platform_timeout"}
