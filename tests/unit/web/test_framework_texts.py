"""Texts of the requirements: in which language they are, whether official, and which terms a page has used."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lti_tool.competency import catalogue
from lti_tool.competency.framework import Framework, Localized
from lti_tool.ids import FrameworkVersionId
from lti_tool.web.framework_texts import Texts, framework_text, terms_here
from tests.factories.catalogues import packaged_catalogue
from tests.unit.web.conftest import Speak

SAYS = Localized("МКТны колдонот.", "Использует ИКТ.", "Uses ICT.")


@pytest.fixture(scope="module")
def requirements() -> Framework:
    """The packaged requirements."""
    return catalogue.parse(packaged_catalogue())


@pytest.mark.parametrize(("locale", "marked"), [("ky", "МКТны"), ("ru", "ИКТ"), ("en", "ICT")])
def test_a_term_is_marked_and_explained_at_the_end_of_the_page(
    speak: Speak, requirements: Framework, locale: str, marked: str
) -> None:
    with speak(locale):
        text = framework_text(SAYS, locale, requirements)
        explained = terms_here()

    assert text.text == SAYS.text(locale)
    assert [piece.text for piece in text.pieces if piece.term] == [marked]
    assert [term.number for term in explained] == [piece.term for piece in text.pieces if piece.term]
    assert explained[0].definition.text == next(
        each.definition(locale) for each in requirements.glossary if each.number == explained[0].number
    )


@pytest.mark.parametrize(
    ("texts", "locale", "lang", "official"),
    [(SAYS, "ky", "ky", True), (SAYS, "ru", "ru", False), (Localized("Колдонот."), "ru", "ky", True)],
)
def test_a_translation_is_never_taken_for_the_official_text_nor_the_other_way(
    texts: Localized, locale: str, lang: str, official: bool
) -> None:
    text = framework_text(texts, locale)

    assert (text.lang, text.is_official) == (lang, official)
    assert text.original == (None if official else texts.ky)


def test_where_no_version_is_said_nothing_is_marked(speak: Speak) -> None:
    with speak("ky"):
        assert [piece.term for piece in framework_text(SAYS, "ky").pieces] == [None]
        assert terms_here() == ()


def test_texts_of_a_further_version_stay_unmarked_for_its_terms_may_mean_something_else(
    speak: Speak, requirements: Framework
) -> None:
    further = replace(requirements, id=FrameworkVersionId(2), version="2.0")
    with speak("ky"):
        framework_text(SAYS, "ky", requirements)

        assert [piece.term for piece in framework_text(SAYS, "ky", further).pieces] == [None]


def test_an_explanation_does_not_mark_the_term_that_it_explains(requirements: Framework) -> None:
    for term in requirements.glossary:
        view = Texts(requirements, "ky").term(term)

        assert term.number not in {piece.term for piece in view.definition.pieces}


def test_versions_with_the_same_row_are_remembered_as_one_and_others_are_not(requirements: Framework) -> None:
    again = catalogue.parse(packaged_catalogue())
    further = replace(requirements, id=FrameworkVersionId(2))

    assert (hash(again), again) == (hash(requirements), requirements)
    assert hash(further) != hash(requirements)
