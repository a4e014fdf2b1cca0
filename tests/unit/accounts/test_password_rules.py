"""Passwords are refused for being short or among the first to be guessed, and for nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.accounts import password_rules
from lti_tool.errors import RuleBroken


def _code(typed: str, login: str = "nurbek") -> str:
    try:
        password_rules.check(typed, login=login)
    except RuleBroken as refused:
        return refused.code
    return ""


@pytest.mark.parametrize(
    "typed",
    [
        "көк мышык терезеде",
        "correct horse battery",
        "only lower case",
        "tvrqzmkwpxbn",
        "  blanks count  ",
        "123456789012x8472",
        "x" * 11 + "yz" + "q" * 187,
        "пароль-от-старого-сейфа",
    ],
)
def test_a_long_one_that_nobody_guesses_is_taken_whatever_it_is_made_of(typed: str) -> None:
    assert _code(typed) == ""


@pytest.mark.parametrize("typed", ["", "Aa1!", "elevenlette"])
def test_a_short_one_is_refused(typed: str) -> None:
    assert _code(typed) == "password_short"


@pytest.mark.parametrize("typed", ["x1" * 101, "a nul \0 inside it"])
def test_what_no_database_or_hash_should_get_is_refused(typed: str) -> None:
    assert _code(typed) == "password_long"


@pytest.mark.parametrize(
    "typed",
    [
        "passwordpassword",
        "Password123!",
        "administrator",
        "Administrator1",
        "aaaaaaaaaaaa",
        "abcabcabcabcabc",
        "123456789012",
        "210987654321",
        "qwertyuiopas",
        "ЙЦУКЕНГШЩЗХЪ",
        "пароль1234567",
        "кыргызстан2026",
        "nurbek1234567",
        "nurbeknurbek",
        "2026-11-26-2026",
        "************",
    ],
)
def test_what_is_tried_first_is_refused(typed: str) -> None:
    assert _code(typed) == "password_common"


def test_the_own_name_is_refused_with_or_without_its_host() -> None:
    assert _code("gulnara.institute", login="gulnara.institute@example.invalid") == "password_common"
    assert _code("gulnara.institute") == ""


def test_one_letter_typed_in_two_ways_is_the_same_letter() -> None:
    composed, apart = "кайра жүктөй", "кайра жүктөи\u0306"

    assert password_rules.check(apart, login="x") == password_rules.check(composed, login="x")


@given(st.text(max_size=250))
def test_nothing_but_a_refusal_comes_of_any_text(typed: str) -> None:
    code = _code(typed)

    assert code or 12 <= len(password_rules.as_password(typed)) <= 200
