"""Access tokens: asked for sparingly, kept while they live, refused when they are not what was asked for."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import PlatformError, PlatformForbids, PlatformUnavailable
from lti_tool.lti import store
from lti_tool.lti.model import Scope
from lti_tool.lti.tables import AccessTokenRow
from lti_tool.lti.tokens import Tokens, error_word, life
from lti_tool.outbound import Answer
from lti_tool.sealing import ACCESS_TOKENS, Seal
from tests.factories.course_services import SEAL, Moodle, SharedSecret
from tests.factories.network import Asked, Network, answer, recorded

SCORE = frozenset({Scope.SCORE})


def test_the_assertion_is_back_dated_short_and_for_the_token_address(
    moodle: Moodle, network: Network, signer: SharedSecret, now: datetime
) -> None:
    moodle.tokens.get(moodle.registration, SCORE)

    [asked] = network.asked
    claims = signer.read(asked.form["client_assertion"])
    assert claims["iss"] == claims["sub"] == "qhqNvAQpnzzf4xr"
    assert claims["aud"] == asked.url
    assert claims["iat"] == int(now.timestamp()) - 60
    assert int(now.timestamp()) < int(str(claims["exp"])) <= int(now.timestamp()) + 300
    assert asked.form["grant_type"] == "client_credentials"
    assert asked.form["client_assertion_type"].endswith("jwt-bearer")


def test_another_audience_is_named_where_the_platform_wants_one(
    moodle: Moodle, network: Network, signer: SharedSecret
) -> None:
    moodle.tokens.get(replace(moodle.registration, token_audience="https://auth.example.invalid"), SCORE)

    assert signer.read(network.asked[0].form["client_assertion"])["aud"] == "https://auth.example.invalid"


def test_every_assertion_has_an_id_of_its_own(moodle: Moodle, network: Network, signer: SharedSecret) -> None:
    for scope in (Scope.SCORE, Scope.RESULT_READ):
        moodle.tokens.get(moodle.registration, {scope})

    ids = {signer.read(asked.form["client_assertion"])["jti"] for asked in network.asked}
    assert len(ids) == 2


def test_a_token_is_kept_for_all_processes(
    moodle: Moodle, network: Network, sessions: SessionFactory, signer: SharedSecret, now: datetime
) -> None:
    first = moodle.tokens.get(moodle.registration, SCORE)

    other_process = Tokens(sessions, network, signer, SEAL, lambda: now)

    assert other_process.get(moodle.registration, SCORE) == first
    assert len(network.asked) == 1


def test_a_token_is_replaced_a_minute_before_its_end(
    moodle: Moodle, network: Network, sessions: SessionFactory, signer: SharedSecret, now: datetime
) -> None:
    clock = [now]
    tokens = Tokens(sessions, network, signer, SEAL, lambda: clock[0])
    for seconds in (0, 3539, 3540):
        clock[0] = now + timedelta(seconds=seconds)
        tokens.get(moodle.registration, SCORE)

    assert len(network.asked) == 2


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [
        (3600, 3540),
        ("3600", 3540),
        (90, 45),
        (60, 30),
        (10**9, 86400),
        (None, 60),
        (0, 60),
        (-5, 60),
        ("soon", 60),
        (True, 60),
        (float("nan"), 60),
        (float("inf"), 60),
        ([], 60),
        (10**400, 60),
    ],
)
def test_a_token_lives_as_long_as_is_plausible(expires_in: object, seconds: float) -> None:
    assert life(expires_in) == seconds


def test_a_token_without_a_life_is_asked_for_again_after_a_minute(
    moodle: Moodle, network: Network, sessions: SessionFactory, signer: SharedSecret, now: datetime
) -> None:
    network.on("POST", moodle.registration.token_url, answer(200, {"access_token": "abc"}))
    clock = [now]
    tokens = Tokens(sessions, network, signer, SEAL, lambda: clock[0])
    for seconds in (0, 59, 60):
        clock[0] = now + timedelta(seconds=seconds)
        tokens.get(moodle.registration, SCORE)

    assert len(network.asked) == 2


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("token-error-bad-signature", "token_refused"),
        ("token-error-expired-assertion", "token_refused"),
        ("token-error-unknown-client", "token_refused"),
        ("token-error-wrong-grant", "token_refused"),
        ("token-iat-2s-future", "token_refused"),
        ("token-error-unknown-scope", "scope_refused"),
        ("token-none-tool-asks-all-scopes", "scope_refused"),
    ],
)
def test_a_recorded_refusal_concerns_the_platform(moodle: Moodle, network: Network, name: str, code: str) -> None:
    network.replay(f"token/{name}")

    with pytest.raises(PlatformForbids) as refused:
        moodle.tokens.get(moodle.registration, SCORE)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("token-error-bad-signature", "kid invalid, unable to lookup correct key"),
        ("token-error-expired-assertion", "Expired token"),
        ("token-error-unknown-client", "invalid_client"),
    ],
)
def test_moodles_word_is_found_even_in_broken_json(name: str, word: str) -> None:
    assert error_word(recorded(f"token/{name}").answer.body) == word


@pytest.mark.parametrize("body", [b"", b"<html>error</html>", b"[]", b'{"error": {"a": 1}}', b"\xff\xfe", b'"error":'])
def test_an_error_without_a_word_is_still_read(body: bytes) -> None:
    assert len(error_word(body)) <= 80
    assert "<" not in error_word(body)


@pytest.mark.parametrize(
    ("said", "expected", "code"),
    [
        (answer(503, Retry_After="30"), PlatformUnavailable, "platform_unavailable"),
        (answer(500), PlatformUnavailable, "platform_unavailable"),
        (answer(302), PlatformUnavailable, "platform_unavailable"),
        (answer(200, b"<html>maintenance"), PlatformUnavailable, "token_unreadable"),
        (answer(200, {"token_type": "Bearer"}), PlatformUnavailable, "token_unreadable"),
        (answer(200, {"access_token": "a\r\nX-Evil: 1"}), PlatformUnavailable, "token_unreadable"),
        (answer(200, {"access_token": "abc", "token_type": "mac"}), PlatformForbids, "token_type_unknown"),
        (answer(200, {"access_token": "abc", "scope": "other"}), PlatformForbids, "scope_missing"),
        (answer(200, {"access_token": "abc", "scope": None}), PlatformForbids, "scope_missing"),
        (answer(401), PlatformForbids, "token_refused"),
        (answer(403, b"forbidden"), PlatformForbids, "token_refused"),
        (answer(404), PlatformForbids, "token_refused"),
    ],
)
def test_an_odd_token_answer_is_refused_and_not_kept(
    moodle: Moodle, network: Network, session: Session, said: Answer, expected: type[PlatformError], code: str
) -> None:
    network.on("POST", moodle.registration.token_url, said)

    with pytest.raises(expected) as refused:
        moodle.tokens.get(moodle.registration, SCORE)

    assert refused.value.code == code
    assert session.query(AccessTokenRow).filter(AccessTokenRow.token != "").count() == 0


def test_what_else_a_platform_calls_granted_cannot_hurt_the_database(
    moodle: Moodle, network: Network, session: Session
) -> None:
    said = {"access_token": "abc", "scope": f"{Scope.SCORE} \0 \ud800 ы other"}
    network.on("POST", moodle.registration.token_url, answer(200, said))

    moodle.tokens.get(moodle.registration, SCORE)

    assert session.query(AccessTokenRow).one().granted == f"{Scope.SCORE} other"


def test_threads_that_want_the_same_token_ask_once(
    moodle: Moodle, network: Network, sessions: SessionFactory, signer: SharedSecret, now: datetime
) -> None:
    slow = _Slow(network)
    tokens = Tokens(sessions, slow, signer, SEAL, lambda: now)

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: tokens.get(moodle.registration, SCORE), range(16)))

    assert len({token.value for token in found}) == 1
    assert slow.calls == 1


def test_processes_that_want_the_same_token_ask_once(
    moodle: Moodle, network: Network, sessions: SessionFactory, signer: SharedSecret, now: datetime
) -> None:
    slow = _Slow(network)
    processes = [Tokens(sessions, slow, signer, SEAL, lambda: now) for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda tokens: tokens.get(moodle.registration, SCORE), processes))

    assert len({token.value for token in found}) == 1
    assert slow.calls == 1


def test_who_died_while_it_asked_is_waited_for_no_longer_than_its_time(
    moodle: Moodle, network: Network, sessions: SessionFactory, signer: SharedSecret, now: datetime
) -> None:
    key = (moodle.registration.id, " ".join(sorted(SCORE)))
    with unit_of_work(sessions) as session:
        assert store.take_asking(session, *key, now, now + timedelta(seconds=20))
        assert not store.take_asking(session, *key, now, now + timedelta(seconds=20))
    moments = iter([now] * 4)

    found = Tokens(sessions, network, signer, SEAL, lambda: next(moments, now + timedelta(seconds=20)))

    assert found.get(moodle.registration, SCORE).value
    assert len(network.asked) == 1


def test_an_outage_of_the_token_address_lets_the_next_one_ask(moodle: Moodle, network: Network) -> None:
    token = recorded("token/token-success-all-scopes")
    network.on("POST", moodle.registration.token_url, PlatformUnavailable("platform_unreachable"), token.answer)

    with pytest.raises(PlatformUnavailable):
        moodle.tokens.get(moodle.registration, SCORE)

    assert moodle.tokens.get(moodle.registration, SCORE).value


@pytest.mark.parametrize("ahead", [timedelta(minutes=-5), timedelta(minutes=5)])
def test_a_platform_with_another_time_is_asked_by_its_own_clock(
    moodle: Moodle, network: Network, signer: SharedSecret, now: datetime, ahead: timedelta
) -> None:
    its_time = now + ahead
    good = answer(200, {"access_token": "t", "expires_in": 3600})
    network.on(
        "POST", moodle.registration.token_url, answer(400, b"iat", Date=format_datetime(its_time, usegmt=True)), good
    )

    moodle.tokens.get(moodle.registration, SCORE)
    moodle.tokens.get(moodle.registration, frozenset({Scope.RESULT_READ}))

    issued = [int(str(signer.read(asked.form["client_assertion"])["iat"])) for asked in network.asked]
    assert issued == [int(moment.timestamp()) - 60 for moment in (now, its_time, its_time)]


def test_a_refusal_by_a_platform_whose_clock_is_right_is_not_asked_again(
    moodle: Moodle, network: Network, now: datetime
) -> None:
    refusal = answer(400, {"error": "invalid_client"}, Date=format_datetime(now, usegmt=True))
    network.on("POST", moodle.registration.token_url, refusal)

    with pytest.raises(PlatformForbids):
        moodle.tokens.get(moodle.registration, SCORE)

    assert len(network.asked) == 1


def test_sixteen_refusals_of_one_token_lead_to_one_new_one(moodle: Moodle, network: Network) -> None:
    network.on(
        "POST",
        moodle.registration.token_url,
        answer(200, {"access_token": "old", "expires_in": 3600}),
        answer(200, {"access_token": "new", "expires_in": 3600}),
    )
    old = moodle.tokens.get(moodle.registration, SCORE)

    def refused(_: int) -> str:
        moodle.tokens.drop(moodle.registration, SCORE, old)
        return moodle.tokens.get(moodle.registration, SCORE).value

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(refused, range(16))) == {"new"}
    assert len(network.asked) == 2


def test_dropping_a_token_forgets_it_in_the_database_too(
    moodle: Moodle, network: Network, sessions: SessionFactory, signer: SharedSecret, now: datetime
) -> None:
    token = moodle.tokens.get(moodle.registration, SCORE)
    moodle.tokens.drop(moodle.registration, SCORE, token)

    Tokens(sessions, network, signer, SEAL, lambda: now).get(moodle.registration, SCORE)

    assert len(network.asked) == 2


def test_a_token_lies_locked_in_the_database(moodle: Moodle, session: Session) -> None:
    token = moodle.tokens.get(moodle.registration, SCORE)

    kept = session.query(AccessTokenRow).one().token
    assert token.value not in kept
    assert SEAL.open(kept) == token.value


@pytest.mark.parametrize("kept", ["as a version before has kept it", "locked with a key that is gone"])
def test_a_token_that_does_not_open_is_asked_for_anew(
    moodle: Moodle, network: Network, sessions: SessionFactory, signer: SharedSecret, now: datetime, kept: str
) -> None:
    value = moodle.tokens.get(moodle.registration, SCORE).value
    gone = Seal("a key that is gone, of thirty-two letters", ACCESS_TOKENS).lock(value)
    with unit_of_work(sessions) as session:
        session.query(AccessTokenRow).one().token = value if kept.startswith("as") else gone

    found = Tokens(sessions, network, signer, SEAL, lambda: now).get(moodle.registration, SCORE)

    assert len(network.asked) == 2
    assert SEAL.open(_kept(sessions)) == found.value


def _kept(sessions: SessionFactory) -> str:
    with unit_of_work(sessions, writes=False) as session:
        return session.query(AccessTokenRow).one().token


def test_a_token_does_not_show_in_logs(moodle: Moodle) -> None:
    token = moodle.tokens.get(moodle.registration, SCORE)

    assert token.value not in repr(token)


class _Slow(Network):
    """A network whose answers take a moment, so that threads meet."""

    def __init__(self, inner: Network) -> None:
        super().__init__()
        self.inner = inner
        self.calls = 0
        self._counting = threading.Lock()

    def answer_to(self, asked: Asked) -> Answer | Exception:
        with self._counting:
            self.calls += 1
        time.sleep(0.05)
        return self.inner.request(asked.method, asked.url, headers=asked.headers, data=asked.data)
