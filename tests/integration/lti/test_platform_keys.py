"""Keys of platforms through rotation, outage, slowness and nonsense: a key that is known never waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import LaunchRefused, PlatformError, PlatformUnavailable
from lti_tool.lti import launch_store, platform_keys
from lti_tool.outbound import AnswerUnreadable, Outbound
from tests.factories.launch_bench import Bench, Browser, make_bench
from tests.factories.signing_lms import JWKS_URL, FakeOutbound, SigningLms, jwk_of, rsa_key

Ask = Callable[..., Any]


@pytest.fixture
def outbound() -> FakeOutbound:
    return FakeOutbound()


@pytest.fixture
def lms(outbound: FakeOutbound) -> SigningLms:
    return SigningLms(outbound)


@pytest.fixture
def ask(sessions: SessionFactory, outbound: FakeOutbound, lms: SigningLms, now: datetime) -> Ask:
    """Asks for a key so many seconds after the first moment."""

    def key_for(kid: str = "key-1", *, after: float = 0) -> object:
        with unit_of_work(sessions, writes=False) as session:
            known = launch_store.key_set(session, JWKS_URL)
        source = platform_keys.KeySource(sessions, cast("Outbound", outbound), JWKS_URL)
        return platform_keys.key_for(source, known, kid, now + timedelta(seconds=after))

    return key_for


def test_a_known_key_is_fetched_once(ask: Ask, outbound: FakeOutbound) -> None:
    for seconds in (0, 1, 3600, 86_000):
        ask(after=seconds)

    assert outbound.asked == [JWKS_URL]


def test_a_fetch_inside_a_launch_may_take_a_second_and_a_half(ask: Ask, outbound: FakeOutbound) -> None:
    ask()

    assert outbound.timeouts == [1.5]


def test_a_key_rotated_without_notice_costs_one_fetch(ask: Ask, lms: SigningLms, outbound: FakeOutbound) -> None:
    ask()
    lms.publish(jwk_of(rsa_key(2), "key-2"))

    assert ask("key-2", after=40) == rsa_key(2).public_key()
    assert len(outbound.asked) == 2


def test_unknown_key_ids_are_looked_for_once_in_thirty_seconds(ask: Ask, outbound: FakeOutbound) -> None:
    ask()
    for seconds in (31, 33, 40, 60):
        with pytest.raises(LaunchRefused) as refused:
            ask("nobody's", after=seconds)
        assert refused.value.status == 401

    assert len(outbound.asked) == 2


def _answer_of(kind: str) -> object:
    return {
        "down": PlatformUnavailable("platform_unreachable"),
        "slow": PlatformUnavailable("platform_timeout"),
        "500": AnswerUnreadable("answer_not_ok", status=500),
        "html": AnswerUnreadable("answer_not_json"),
        "list": [1, 2],
        "no keys": {"error": "maintenance"},
        "keys that are a text": {"keys": "none"},
    }[kind]


@pytest.mark.parametrize("kind", ["down", "slow", "500", "html", "list", "no keys", "keys that are a text"])
def test_an_outage_leaves_the_known_keys_in_force(ask: Ask, outbound: FakeOutbound, kind: str) -> None:
    ask()
    outbound.answers[JWKS_URL] = _answer_of(kind)

    with pytest.raises(LaunchRefused):
        ask("unknown", after=60)

    assert ask(after=86_000) == rsa_key(1).public_key()


def test_keys_that_nobody_confirmed_for_a_day_are_not_believed(ask: Ask, outbound: FakeOutbound) -> None:
    ask()
    outbound.answers[JWKS_URL] = PlatformUnavailable("platform_unreachable")

    with pytest.raises(LaunchRefused):
        ask(after=86_500)


def test_a_platform_that_was_down_at_first_is_asked_again(ask: Ask, lms: SigningLms, outbound: FakeOutbound) -> None:
    shown = outbound.answers[JWKS_URL]
    outbound.answers[JWKS_URL] = PlatformUnavailable("platform_unreachable")
    with pytest.raises(LaunchRefused):
        ask()
    outbound.answers[JWKS_URL] = shown

    assert ask(after=31) == rsa_key(1).public_key()


def test_launches_that_meet_a_rotation_wait_for_one_fetch(ask: Ask, lms: SigningLms, outbound: FakeOutbound) -> None:
    ask()
    lms.publish(jwk_of(rsa_key(2), "key-2"))
    shown = outbound.answers[JWKS_URL]

    def slowly() -> object:
        time.sleep(0.2)
        return shown

    outbound.answers[JWKS_URL] = slowly
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(lambda _: ask("key-2", after=40), range(8)))

    assert keys == [rsa_key(2).public_key()] * 8
    assert len(outbound.asked) == 2


def test_a_known_key_does_not_wait_for_a_fetch_under_way(ask: Ask, outbound: FakeOutbound) -> None:
    ask()
    release = threading.Event()

    def hanging() -> object:
        release.wait(5)
        return PlatformUnavailable("platform_timeout")

    outbound.answers[JWKS_URL] = hanging
    with ThreadPoolExecutor(1) as threads:
        lost = threads.submit(lambda: ask("unknown", after=40))
        began = time.perf_counter()
        ask(after=41)
        took = time.perf_counter() - began
        release.set()
        assert isinstance(lost.exception(), LaunchRefused)

    assert took < 1


def _nested(depth: int) -> object:
    inner: object = 1
    for _ in range(depth):
        inner = [inner]
    return inner


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), _nested(980), "x\0\ud800" * 1000])
def test_what_else_stands_in_a_key_set_hurts_nobody(any_sessions: SessionFactory, tmp_path: Path, odd: object) -> None:
    bench = make_bench(any_sessions, tmp_path)
    good = jwk_of(bench.lms.key, bench.lms.kid)
    bench.outbound.answers[JWKS_URL] = {"keys": [{"kid": odd}, {**good, "x5c": odd}], "odd": odd}

    assert bench.browser().launch().status_code == 302
    with unit_of_work(any_sessions, writes=False) as session:
        kept = launch_store.key_set(session, JWKS_URL)
    assert kept is not None
    assert kept.document == {"keys": [{name: good[name] for name in ("kty", "kid", "n", "e")}]}


def test_of_a_key_set_only_what_can_be_used_is_kept(ask: Ask, lms: SigningLms, sessions: SessionFactory) -> None:
    good = jwk_of(rsa_key(1), "key-1")
    lms.publish({**good, "kid": 7}, {**good, "n": "A" * 100_000}, {**good, "kid": "a", "use": "enc"}, good)

    ask()

    with unit_of_work(sessions, writes=False) as session:
        kept = launch_store.key_set(session, JWKS_URL)
    assert kept is not None
    assert kept.document == {"keys": [{name: good[name] for name in ("kty", "kid", "n", "e")}]}


@pytest.mark.parametrize(
    "jwk",
    [
        jwk_of(rsa_key(1), "key-1", use="enc"),
        jwk_of(rsa_key(1), "key-1", key_ops=["sign"]),
        jwk_of(rsa_key(1), "key-1", key_ops="verify"),
        jwk_of(rsa_key(1), "key-1", alg="RS512"),
        jwk_of(rsa_key(1), "key-1", kty="EC"),
        jwk_of(rsa_key(1), "key-1", n="AQAB"),
        jwk_of(rsa_key(1), "key-1", n="ы"),
        jwk_of(rsa_key(1), "key-1", n=7),
        jwk_of(rsa_key(1), "key-1", e="AA"),
        jwk_of(rsa_key(1), "key-1", e="AQ"),
        jwk_of(rsa_key(1), "key-1", n="A" * 100_000),
        {"kty": "RSA", "kid": "key-1"},
        {"kid": "key-1", "kty": "oct", "k": "c2VjcmV0"},
        "key-1",
        None,
    ],
)
def test_a_key_that_may_not_sign_is_no_key(jwk: object) -> None:
    assert list(platform_keys.usable_keys({"keys": [jwk]}, "key-1")) == []


def test_a_usable_key_is_found_behind_unusable_ones_of_its_name(lms: SigningLms) -> None:
    keys = [None, jwk_of(rsa_key(2), "key-1", use="enc"), jwk_of(rsa_key(1), "key-1")]

    assert list(platform_keys.usable_keys({"keys": keys}, "key-1")) == [rsa_key(1).public_key()]


def test_a_key_without_use_and_algorithm_may_sign() -> None:
    plain = {name: value for name, value in jwk_of(rsa_key(1), "key-1").items() if name not in {"use", "alg"}}

    assert len(list(platform_keys.usable_keys({"keys": [plain]}, "key-1"))) == 1


def test_the_worker_renews_key_sets_older_than_an_hour(bench: Bench, now: datetime) -> None:
    way_out = cast("Outbound", bench.outbound)

    assert platform_keys.refresh(bench.sessions, way_out, now) == 1
    assert platform_keys.refresh(bench.sessions, way_out, now + timedelta(minutes=59)) == 0
    assert platform_keys.refresh(bench.sessions, way_out, now + timedelta(minutes=61)) == 1
    assert len(bench.outbound.asked) == 2


def test_the_worker_asks_a_platform_that_is_away_no_more_often_than_launches_do(bench: Bench, now: datetime) -> None:
    bench.outbound.answers[JWKS_URL] = PlatformUnavailable("platform_unreachable")
    way_out = cast("Outbound", bench.outbound)

    for seconds in (0, 1, 20, 31, 40):
        platform_keys.refresh(bench.sessions, way_out, now + timedelta(seconds=seconds))

    assert len(bench.outbound.asked) == 2


@pytest.mark.parametrize("failure", [PlatformUnavailable("platform_unreachable"), AnswerUnreadable("answer_not_ok")])
def test_launches_go_on_while_the_key_set_cannot_be_read(
    bench: Bench, browser: Browser, failure: PlatformError
) -> None:
    assert browser.launch().status_code == 302
    bench.outbound.answers[JWKS_URL] = failure

    assert browser.launch().status_code == 302


def test_a_launch_signed_with_a_new_key_is_accepted_after_one_fetch(bench: Bench, browser: Browser) -> None:
    bench.lms.kid, bench.lms.key = "key-2", rsa_key(2)
    bench.lms.publish(jwk_of(rsa_key(2), "key-2"))

    assert browser.launch().status_code == 302
    assert bench.outbound.asked == [JWKS_URL]
