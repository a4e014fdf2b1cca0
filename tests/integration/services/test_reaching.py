"""Endpoints are asked all at once, told apart by what is wrong with them, and never told a secret."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from lti_tool.errors import PlatformError, PlatformUnavailable
from lti_tool.ids import PublicId
from lti_tool.lti.model import RegistrationSummary
from lti_tool.lti.reaching import Endpoints, reach
from lti_tool.outbound import MAX_BYTES, AddressRefused, Answer
from tests.factories.network import Network, answer

LMS = "https://lms.example.invalid"
ONE = RegistrationSummary(
    id=PublicId("one"),
    platform="LMS",
    issuer=LMS,
    client_id="client-1",
    active=True,
    authorization_url=f"{LMS}/auth",
    token_url=f"{LMS}/token",
    jwks_url=f"{LMS}/jwks",
    deployments=("1",),
    scopes=(),
)
KEYS = answer(200, {"keys": [{"kty": "RSA", "kid": "a"}]})
REFUSED = answer(400, {"error": "invalid_request"})


@pytest.fixture
def network() -> Network:
    """An LMS in good health."""
    network = Network()
    network.on("GET", ONE.jwks_url, KEYS)
    network.on("POST", ONE.token_url, REFUSED)
    return network


def _reached(network: Network) -> Endpoints:
    return reach(network, [ONE])[ONE.id]


def _code(fault: PlatformError | None) -> str | None:
    return None if fault is None else fault.code


def test_endpoints_that_answer_have_no_fault(network: Network) -> None:
    found = _reached(network)

    assert (found.key_set.fault, found.token.fault) == (None, None)
    assert (found.key_set.url, found.token.url) == (ONE.jwks_url, ONE.token_url)
    assert 0 <= found.key_set.seconds < 5


@pytest.mark.parametrize(
    ("told", "known"), [({"Date": "Mon, 23 Nov 2020 09:00:00 GMT"}, True), ({"Date": "yesterday"}, False), ({}, False)]
)
def test_the_clock_is_known_where_the_token_endpoint_tells_it(
    network: Network, told: dict[str, str], known: bool
) -> None:
    network.on("POST", ONE.token_url, answer(400, {"error": "invalid_request"}, **told))

    ahead = _reached(network).token.ahead

    assert (ahead is not None and ahead > timedelta(days=365)) is known


def test_nothing_is_told_that_could_be_used_by_others(network: Network) -> None:
    _reached(network)

    keys, token = sorted(network.asked, key=lambda asked: asked.method)
    assert (keys.data, token.data) == (None, b"")
    for asked in (keys, token):
        assert not {"authorization", "cookie"} & {name.lower() for name in asked.headers}
        assert ONE.client_id not in f"{asked.url}{asked.headers}"


@pytest.mark.parametrize("status", [200, 400, 401, 403, 415, 429])
def test_a_token_endpoint_that_refuses_is_there(network: Network, status: int) -> None:
    network.on("POST", ONE.token_url, answer(status))

    assert _reached(network).token.fault is None


@pytest.mark.parametrize("status", [301, 302, 404, 405, 410, 500, 503])
def test_a_token_endpoint_that_is_elsewhere_or_broken_is_told_by_its_status(network: Network, status: int) -> None:
    network.on("POST", ONE.token_url, answer(status))

    fault = _reached(network).token.fault

    assert fault is not None
    assert (fault.code, fault.facts) == ("answer_not_ok", {"status": status})


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (answer(500), "answer_not_ok"),
        (answer(200, b"<html>"), "answer_not_json"),
        (answer(200, {"keys": []}), "not_a_key_set"),
        (answer(200, {"keys": "x"}), "not_a_key_set"),
        (answer(200, []), "not_a_key_set"),
        (PlatformUnavailable("platform_certificate", host="x"), "platform_certificate"),
        (PlatformUnavailable("platform_timeout", host="x"), "platform_timeout"),
    ],
)
def test_what_is_wrong_with_a_key_set_is_told_apart(network: Network, said: Answer | Exception, code: str) -> None:
    network.on("GET", ONE.jwks_url, said)

    found = _reached(network)

    assert (_code(found.key_set.fault), found.token.fault) == (code, None)


@pytest.mark.parametrize("inner", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1"])
def test_the_guard_holds_for_it_too(inner: str) -> None:
    found = reach(Network(leads_to=inner), [ONE])[ONE.id]

    assert isinstance(found.key_set.fault, AddressRefused)
    assert isinstance(found.token.fault, AddressRefused)


class _Meeting(Network):
    """Answers nobody before all are here: only who asks in parallel gets an answer."""

    def __init__(self, parties: int) -> None:
        super().__init__()
        self._all_here = threading.Barrier(parties, timeout=10)
        self.timeouts: list[float | None] = []

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
        timeout: float | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> Answer:
        self.timeouts.append(timeout)
        self._all_here.wait()
        return KEYS


def test_all_are_asked_at_once_and_none_for_long() -> None:
    many = [replace(ONE, id=PublicId(f"r{number}")) for number in range(5)]
    meeting = _Meeting(parties=10)

    found = reach(meeting, many)

    assert [each.token.fault for each in found.values()] == [None] * 5
    assert meeting.timeouts == [5.0] * 10


def test_without_registrations_nobody_is_asked() -> None:
    assert reach(Network(), []) == {}
