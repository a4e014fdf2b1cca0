"""Each check of a signed message, alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.errors import LaunchRefused
from lti_tool.lti import id_token
from tests.factories.signing_lms import FakeOutbound, SigningLms, part, rsa_key

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
T = NOW.timestamp()


Told = TypeVar("Told")


def _outcome(check: Callable[[], Told]) -> Told | LaunchRefused:
    try:
        return check()
    except LaunchRefused as refused:
        return refused


@given(st.text(st.characters(), max_size=200) | st.lists(st.text(max_size=20), max_size=6).map(".".join))
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    outcome = _outcome(lambda: id_token.take_apart(text))

    if isinstance(outcome, LaunchRefused):
        assert outcome.status in {400, 401, 413}
    else:
        assert isinstance(outcome.payload, dict)


@given(
    st.dictionaries(st.sampled_from(["alg", "kid", "jku", "crit", "typ"]), st.none() | st.text() | st.lists(st.text()))
)
def test_any_header_names_a_key_or_is_refused(header: dict[str, object]) -> None:
    outcome = _outcome(lambda: id_token.kid_of(id_token.Unverified("", header, {})))

    if isinstance(outcome, LaunchRefused):
        assert outcome.status == 401
    else:
        assert (header["alg"], header["kid"]) == ("RS256", outcome)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"alg": "RS256", "kid": "k"}, None),
        ({"alg": "RS256", "kid": "k", "typ": "JWT", "x5t": "a"}, None),
        ({"kid": "k"}, "algorithm_refused"),
        ({"alg": "none", "kid": "k"}, "algorithm_refused"),
        ({"alg": "HS256", "kid": "k"}, "algorithm_refused"),
        ({"alg": ["RS256"], "kid": "k"}, "algorithm_refused"),
        ({"alg": "RS256", "kid": "k", "jku": "a"}, "header_refused"),
        ({"alg": "RS256", "kid": "k", "x5u": "a"}, "header_refused"),
        ({"alg": "RS256", "kid": "k", "jwk": {}}, "header_refused"),
        ({"alg": "RS256", "kid": "k", "zip": "DEF"}, "header_refused"),
        ({"alg": "RS256", "kid": "k", "enc": "A"}, "header_refused"),
        ({"alg": "RS256", "kid": "k", "crit": []}, "header_refused"),
        ({"alg": "RS256", "kid": "k", "b64": False}, "header_refused"),
        ({"alg": "RS256"}, "kid_missing"),
        ({"alg": "RS256", "kid": ""}, "kid_missing"),
        ({"alg": "RS256", "kid": 1}, "kid_missing"),
    ],
)
def test_a_header_names_one_key_by_its_id_and_nothing_else(header: dict[str, object], code: str | None) -> None:
    outcome = _outcome(lambda: id_token.kid_of(id_token.Unverified("", header, {})))

    if isinstance(outcome, LaunchRefused):
        assert (outcome.code, outcome.status) == (code, 401)
    else:
        assert (outcome, code) == ("k", None)


def test_a_refused_header_is_told_by_the_keys_that_it_brought() -> None:
    outcome = _outcome(
        lambda: id_token.kid_of(id_token.Unverified("", {"alg": "RS256", "x5u": "a", "jku": "b", "crit": []}, {}))
    )

    assert isinstance(outcome, LaunchRefused)
    assert outcome.facts == {"names": ["jku", "x5u"]}


EMPTY = part({})


@pytest.mark.parametrize(
    ("token", "code", "status", "facts"),
    [
        ("a" * 65_537, "token_too_long", 413, {"length": 65_537}),
        ("a.b.c.d.e", "token_encrypted", 401, {}),
        ("a.b", "token_malformed", 400, {"parts": 2}),
        ("a.b.c.d", "token_malformed", 400, {"parts": 4}),
        (f"{EMPTY}.{part([])}.", "token_malformed", 400, {}),
        (f"{part(1)}.{EMPTY}.", "token_malformed", 400, {}),
        (f"{EMPTY}.ы.", "token_malformed", 400, {}),
        (f"{EMPTY}.+/.", "token_malformed", 400, {}),
        (f"{EMPTY}.e30=!!!!.", "token_malformed", 400, {}),
        (f"{EMPTY}.e30=\n\n\n\n.", "token_malformed", 400, {}),
        (f"{EMPTY}.a.", "token_malformed", 400, {}),
        (f"{EMPTY}.bm8.", "token_malformed", 400, {}),
    ],
)
def test_what_is_no_token_is_refused_by_name(token: str, code: str, status: int, facts: dict[str, object]) -> None:
    outcome = _outcome(lambda: id_token.take_apart(token))

    assert isinstance(outcome, LaunchRefused)
    assert (outcome.code, outcome.status, outcome.facts) == (code, status, facts)


def test_the_longest_token_is_taken_apart() -> None:
    head = f"{part({'alg': 'RS256'})}.{part({'sub': '6', 'name': '>>>???'})}."
    token = head + "a" * (64 * 1024 - len(head))

    apart = id_token.take_apart(token)

    assert (apart.token, apart.header, apart.payload) == (token, {"alg": "RS256"}, {"sub": "6", "name": ">>>???"})


@pytest.mark.parametrize("claims", [{}, {"sub": "6"}, {"sub": "66"}, {"sub": "666"}])
def test_a_token_is_read_whatever_the_length_of_its_parts(claims: dict[str, object]) -> None:
    assert id_token.take_apart(f"{part(claims)}.{part(claims)}.").payload == claims


@pytest.mark.parametrize(
    ("moments", "code", "facts"),
    [
        ({"iat": T, "exp": T + 60}, None, {}),
        ({"iat": T + 10, "exp": T + 60}, None, {}),
        ({"iat": T - 69, "exp": T - 9}, None, {}),
        ({"iat": T, "exp": T}, None, {}),
        ({"iat": T, "exp": T + 3600}, None, {}),
        ({"iat": T - 310, "exp": T + 60}, None, {}),
        ({"iat": T, "exp": T + 60, "nbf": T + 10}, None, {}),
        ({"iat": T + 11, "exp": T + 60}, "token_from_the_future", {"seconds_ahead": 11}),
        ({"iat": T + 11, "exp": T + 60, "nbf": T}, "token_from_the_future", {"seconds_ahead": 11}),
        ({"iat": T - 70, "exp": T - 10}, "token_expired", {"seconds_ago": 10}),
        ({"iat": T, "exp": T + 3601}, "token_lives_too_long", {"seconds": 3601}),
        ({"iat": T + 5, "exp": T + 4}, "token_lives_too_long", {"seconds": -1}),
        ({"iat": T - 311, "exp": T + 60}, "token_too_old", {"seconds_ago": 311}),
        ({"iat": T, "exp": T + 60, "nbf": T + 11}, "token_from_the_future", {"seconds_ahead": 0}),
        ({"iat": T, "exp": T + 60, "nbf": None}, "token_from_the_future", {"seconds_ahead": 0}),
        ({"exp": T + 60}, "times_missing", {"missing": ["iat"]}),
        ({"iat": T}, "times_missing", {"missing": ["exp"]}),
        ({}, "times_missing", {"missing": ["iat", "exp"]}),
        ({"iat": True, "exp": T}, "times_missing", {"missing": []}),
        ({"iat": T, "exp": 10**400}, "times_missing", {"missing": []}),
        ({"iat": T, "exp": float("inf")}, "times_missing", {"missing": []}),
        ({"iat": str(T), "exp": T}, "times_missing", {"missing": []}),
    ],
)
def test_times_are_judged_to_the_second(moments: dict[str, object], code: str | None, facts: dict[str, object]) -> None:
    outcome = _outcome(lambda: id_token.check_times(moments, NOW))

    if isinstance(outcome, LaunchRefused):
        assert (outcome.code, outcome.status, outcome.facts) == (code, 401, facts)
    else:
        assert code is None


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"aud": "me"}, None),
        ({"aud": ["me"]}, None),
        ({"aud": ["me"], "azp": "me"}, None),
        ({"aud": ["other", "me"], "azp": "me"}, None),
        ({"aud": ["other", "me"]}, "authorized_party_wrong"),
        ({"aud": ["me", "me"]}, "authorized_party_wrong"),
        ({"aud": "me", "azp": "other"}, "authorized_party_wrong"),
        ({"aud": "me", "azp": ["me"]}, "authorized_party_wrong"),
        ({"aud": "ME"}, "audience_wrong"),
        ({"aud": {"me": 1}}, "audience_wrong"),
        ({"aud": []}, "audience_wrong"),
        ({}, "audience_wrong"),
        ({"aud": "me", "iss": "https://other.example.invalid"}, "issuer_wrong"),
        ({"aud": "me", "iss": None}, "issuer_wrong"),
    ],
)
def test_a_message_for_others_is_refused(payload: dict[str, object], code: str | None) -> None:
    signed = {"iss": "https://lms.example.invalid", **payload}
    outcome = _outcome(lambda: id_token.check_audience(signed, "https://lms.example.invalid", "me"))

    if isinstance(outcome, LaunchRefused):
        assert (outcome.code, outcome.status) == (code, 401)
    else:
        assert code is None


def test_a_digest_is_the_one_that_everybody_computes() -> None:
    assert id_token.digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_signature_holds_for_its_own_text_and_key_only() -> None:
    lms = SigningLms(FakeOutbound())
    apart = id_token.take_apart(lms.sign({"sub": "6"}))
    head, _, signature = apart.token.split(".")

    id_token.check_signature(apart, rsa_key(1).public_key())
    for text, key in [
        (apart.token, rsa_key(2)),
        (f"{head}.{part({'sub': '7'})}.{signature}", rsa_key(1)),
        (f"{head}.{part({'sub': '6'})}.", rsa_key(1)),
        (f"{head}.{part({'sub': '6'})}.{signature[:-4]}", rsa_key(1)),
    ]:
        with pytest.raises(LaunchRefused, match=r"^signature_wrong$") as refused:
            id_token.check_signature(id_token.take_apart(text), key.public_key())
        assert refused.value.status == 401


def test_a_nonce_is_compared_by_its_hash() -> None:
    id_token.check_nonce({"nonce": "n"}, id_token.digest("n"))

    for nonce in ("N", "", None, 1, ["n"], "\ud800"):
        with pytest.raises(LaunchRefused, match=r"^nonce_wrong$") as refused:
            id_token.check_nonce({"nonce": nonce}, id_token.digest("n"))
        assert refused.value.status == 401
