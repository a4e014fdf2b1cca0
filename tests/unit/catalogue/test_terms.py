"""Terms of the glossary are found in texts as people inflect them, once each, the longer one first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.catalogue.terms import Marker
from lti_tool.catalogue.wording import folded
from lti_tool.competency.catalogue import parse
from lti_tool.competency.framework import GlossaryTerm, Localized
from tests.factories.catalogues import packaged_catalogue

FRAMEWORK = parse(packaged_catalogue())


def marked(text: str, language: str, but: int | None = None) -> list[tuple[str, int]]:
    pieces = Marker(FRAMEWORK.glossary, language).pieces(text, but)
    assert "".join(piece.text for piece in pieces) == text
    return [(piece.text, piece.term) for piece in pieces if piece.term is not None]


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("ky", "МКТнын мүмкүнчүлүктөрү", [("МКТнын", 5)]),
        ("ky", "санариптик жарандыктын негиздери", [("санариптик жарандыктын", 15)]),
        ("ky", "ачык билим берүү ресурстарын табат", [("ачык билим берүү ресурстарын", 9)]),
        ("ru", "Применяет ассистивных технологий", [("ассистивных технологий", 1)]),
        ("ru", "в цифровых образовательных ресурсах", [("цифровых образовательных ресурсах", 18)]),
        ("en", "Digital technologies and content", [("Digital technologies", 19), ("content", 7)]),
        ("en", "uses the ICT room", [("ICT", 5)]),
    ],
)
def test_a_term_is_found_in_its_forms(language: str, text: str, found: list[tuple[str, int]]) -> None:
    assert marked(text, language) == found


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ky", "МКТА деген башка"),
        ("ky", "окутуучу"),
        ("ru", "контентоведение"),
        ("ru", "технологии"),
        ("en", "contentious"),
        ("en", "DEPARTMENT"),
        ("en", ""),
    ],
)
def test_a_word_that_only_begins_alike_is_no_term(language: str, text: str) -> None:
    assert marked(text, language) == []


def test_the_longer_of_two_terms_is_meant() -> None:
    text = "медийной и информационной грамотности"

    assert marked(text, "ru") == [(text, 8)], "not 4, Информационная грамотность, which stands within"


def test_a_term_is_marked_at_its_first_place_only() -> None:
    assert marked("МКТ жана МКТны", "ky") == [("МКТ", 5)]


def test_a_definition_does_not_explain_itself() -> None:
    assert marked("МКТ деген контент", "ky", but=5) == [("контент", 7)]


def test_a_term_without_a_translation_is_not_looked_for_in_the_other_language() -> None:
    only_kyrgyz = GlossaryTerm(1, Localized("Контент"), Localized("…"), None, "", "")

    assert Marker([only_kyrgyz], "ru").terms_in("Контент") == ()


def test_the_texts_of_the_requirements_use_ten_terms_in_each_language() -> None:
    for language in ("ky", "ru", "en"):
        marker = Marker(FRAMEWORK.glossary, language)
        texts = [each.text(language) for each in (*FRAMEWORK.indicators, *FRAMEWORK.competencies)]

        assert {number for text in texts for number in marker.terms_in(text)} == {1, 5, 7, 8, 9, 12, 15, 17, 18, 19}


@given(st.text())
def test_pieces_are_the_text_and_folding_keeps_its_length(text: str) -> None:
    assert "".join(piece.text for piece in Marker(FRAMEWORK.glossary, "ky").pieces(text)) == text
    assert len(folded(text)) == len(text)
