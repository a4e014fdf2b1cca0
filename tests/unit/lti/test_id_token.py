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
    ("moments", "code"),
    [
        ({"iat": T, "exp": T + 60}, None),
        ({"iat": T + 9, "exp": T + 60}, None),
        ({"iat": T - 70, "exp": T - 9}, None),
        ({"iat": T, "exp": T + 3600}, None),
        ({"iat": T - 309, "exp": T + 60}, None),
        ({"iat": T, "exp": T + 60, "nbf": T + 9}, None),
        ({"iat": T + 11, "exp": T + 60}, "token_from_the_future"),
        ({"iat": T - 70, "exp": T - 10}, "token_expired"),
        ({"iat": T, "exp": T + 3601}, "token_lives_too_long"),
        ({"iat": T + 5, "exp": T + 4}, "token_lives_too_long"),
        ({"iat": T - 311, "exp": T + 60}, "token_too_old"),
        ({"iat": T, "exp": T + 60, "nbf": T + 11}, "token_from_the_future"),
        ({"iat": T, "exp": T + 60, "nbf": None}, "token_from_the_future"),
        ({"exp": T + 60}, "times_missing"),
        ({"iat": T}, "times_missing"),
        ({"iat": True, "exp": T}, "times_missing"),
        ({"iat": T, "exp": 10**400}, "times_missing"),
    ],
)
def test_times_are_judged_to_the_second(moments: dict[str, object], code: str | None) -> None:
    if code is None:
        id_token.check_times(moments, NOW)
        return
    with pytest.raises(LaunchRefused) as refused:
        id_token.check_times(moments, NOW)
    assert (refused.value.code, refused.value.status) == (code, 401)


@pytest.mark.parametrize(
    ("payload", "right"),
    [
        ({"aud": "me"}, True),
        ({"aud": ["me"]}, True),
        ({"aud": ["me"], "azp": "me"}, True),
        ({"aud": ["other", "me"], "azp": "me"}, True),
        ({"aud": ["other", "me"]}, False),
        ({"aud": ["me", "me"]}, False),
        ({"aud": "me", "azp": "other"}, False),
        ({"aud": "me", "azp": ["me"]}, False),
        ({"aud": "ME"}, False),
        ({"aud": {"me": 1}}, False),
        ({"aud": []}, False),
        ({}, False),
        ({"aud": "me", "iss": "https://other.example.invalid"}, False),
        ({"aud": "me", "iss": None}, False),
    ],
)
def test_a_message_for_others_is_refused(payload: dict[str, object], right: bool) -> None:
    signed = {"iss": "https://lms.example.invalid", **payload}
    if right:
        id_token.check_audience(signed, "https://lms.example.invalid", "me")
        return
    with pytest.raises(LaunchRefused):
        id_token.check_audience(signed, "https://lms.example.invalid", "me")


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
        with pytest.raises(LaunchRefused, match="signature_wrong"):
            id_token.check_signature(id_token.take_apart(text), key.public_key())


def test_a_nonce_is_compared_by_its_hash() -> None:
    id_token.check_nonce({"nonce": "n"}, id_token.digest("n"))

    for nonce in ("N", "", None, 1, ["n"], "\ud800"):
        with pytest.raises(LaunchRefused, match="nonce_wrong"):
            id_token.check_nonce({"nonce": nonce}, id_token.digest("n"))
