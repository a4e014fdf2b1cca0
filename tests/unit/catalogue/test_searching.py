"""Searching the requirements as teachers type: capitals, ё and the letters that a keyboard lacks make no difference."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.catalogue.searching import Found, Index, Kind
from lti_tool.competency.catalogue import parse
from tests.factories.catalogues import packaged_catalogue

INDEX = Index(parse(packaged_catalogue()))


def codes(asked: str, language: str = "ky") -> list[str]:
    return [hit.entry.code for hit in INDEX.find(asked, language)[0]]


def first(asked: str, language: str) -> Found:
    return INDEX.find(asked, language)[0][0]


@pytest.mark.parametrize(
    ("asked", "language"),
    [("социальные сети", "ru"), ("СОЦИАЛЬНЫЕ сетей", "ru"), ("social networks", "en"), ("социалдык тармак", "ky")],
)
def test_every_word_has_to_be_there_in_any_form(asked: str, language: str) -> None:
    assert "4.1.1.h" in codes(asked, language)
    assert "4.1.1.a" not in codes(asked, language)


@pytest.mark.parametrize("asked", ["учётную", "учетную", "УЧЕТНАЯ", " учетную, "])
def test_yo_and_capitals_make_no_difference(asked: str) -> None:
    assert codes(asked, "ru") == ["4.1.1.d"]


def test_letters_that_a_russian_keyboard_lacks_may_be_replaced() -> None:
    assert codes("көйгөй") == codes("койгой") != []


def test_a_slip_of_one_letter_finds_nearly() -> None:
    exact, nearly = INDEX.find("сабаттуулук", "ky"), INDEX.find("сабатуулук", "ky")

    assert (exact[1], nearly[1]) == (False, True)
    assert [hit.entry for hit in exact[0]] == [hit.entry for hit in nearly[0]] != []


def test_a_code_finds_itself_first_and_what_is_under_it() -> None:
    assert codes("4.1.1.a") == ["4.1.1.a"]
    assert codes("4.2")[0] == "4.2"
    assert "4.2.3.b" in codes("4.2")
    assert codes("4.1 социалдык") == ["4.1.1.h"]


def test_what_stands_in_the_readers_language_comes_first_and_the_others_are_found_too() -> None:
    assert first("цифровое гражданство", "ru").language == "ru"
    assert first("цифровое гражданство", "ky").language == "ru"
    assert first("МКТ", "ru").language == "ky"


def test_the_places_are_those_of_the_words() -> None:
    hit = first("сети социальные", "ru")
    text = hit.entry.texts.text(hit.language)

    assert [text[begin:end] for begin, end in hit.places] == ["социальные", "сети"]


def test_terms_are_found_by_their_definition() -> None:
    kinds = {hit.entry.kind for hit in INDEX.find("слуховые аппараты", "ru")[0]}

    assert kinds == {Kind.TERM}


@pytest.mark.parametrize("asked", ["", "   ", "%", "zzzzzz", "' OR 1=1", "4.9", "(", "\0"])
def test_what_is_not_there_is_not_found(asked: str) -> None:
    assert codes(asked) == []


@given(st.text(max_size=300))
def test_any_question_is_answered(asked: str) -> None:
    hits, _nearly = INDEX.find(asked, "ru")

    for hit in hits:
        text = hit.entry.texts.text(hit.language)
        assert all(0 <= begin < end <= len(text) for begin, end in hit.places)
