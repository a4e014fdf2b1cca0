"""Every sentence of the pages is there in Kyrgyz, Russian and English, whole and with the same placeholders."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

import lti_tool
from lti_tool.web import messages
from tests.factories.catalogues import packaged_catalogue

PACKAGE = Path(lti_tool.__file__).parent
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
WORDS_OF_PAGES = Path(__file__).parents[3] / "docs" / "glossary-ui.md"
PLURALS = {"ky": 2, "ru": 3, "en": 2}
NAMES = re.compile(
    r"\b(?:https?|application/json|problem|RFC|Retry-After|RateLimit|Accept|lti-tool|token|JSON|CSV|XLSX|PDF|ZIP|XML)\b"
)
"""What is written in Latin letters in every language."""


def _forms(text: object) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)  # type: ignore[arg-type]  # babel: a tuple of plurals


def _sentences(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


@pytest.mark.parametrize("locale", ["ky", "ru", "en"])
def test_no_sentence_is_missing_or_only_guessed(locale: str) -> None:
    wanted = messages.update(locale, messages.messages_in_code())

    assert len(_sentences(wanted)) > 300
    assert messages.missing(messages.read(locale)) == []
    assert messages.missing(wanted) == []


@pytest.mark.parametrize("locale", ["ky", "ru", "en"])
def test_no_sentence_is_left_over(locale: str) -> None:
    asked = {_forms(message.id)[0] for message in _sentences(messages.messages_in_code())}

    held = {_forms(message.id)[0] for message in _sentences(messages.read(locale))}

    assert held - asked == set()


@pytest.mark.parametrize("locale", ["ky", "ru", "en"])
def test_a_translation_keeps_every_placeholder(locale: str) -> None:
    wrong = []
    for message in _sentences(messages.read(locale)):
        allowed = {found for form in _forms(message.id) for found in PLACEHOLDER.findall(form)}
        needed = set(PLACEHOLDER.findall(_forms(message.id)[0]))
        for form in _forms(message.string):
            found = set(PLACEHOLDER.findall(form))
            if not (found <= allowed and needed - {"%(num)d"} <= found):
                wrong.append((message.id, form))

    assert wrong == []


@pytest.mark.parametrize(("locale", "forms"), PLURALS.items())
def test_a_number_has_the_forms_that_its_language_has(locale: str, forms: int) -> None:
    catalogue = messages.read(locale)

    assert catalogue.num_plurals == forms
    assert catalogue.plural_expr == Catalog(locale=locale).plural_expr, "as CLDR has it"
    told = {len(message.string) for message in catalogue if message.pluralizable}
    assert told == {forms}


@pytest.mark.parametrize("locale", ["ky", "ru"])
def test_a_translation_begins_and_ends_like_its_sentence(locale: str) -> None:
    """Sentences are put together, so that a space or a mark at the end too few shows on a page."""
    wrong = []
    for message in _sentences(messages.read(locale)):
        said = _forms(message.id)[0]
        wrong += [(said, form) for form in _forms(message.string) if _edges(form) != _edges(said)]

    assert wrong == []


def _edges(text: str) -> tuple[bool, bool, str]:
    last = text.rstrip()[-1:]
    return text != text.lstrip(), text != text.rstrip(), last if last in ".:?…" else ""


@pytest.mark.parametrize("locale", ["ky", "ru"])
def test_no_sentence_was_left_in_english(locale: str) -> None:
    left = []
    for message in _sentences(messages.read(locale)):
        for form in _forms(message.string):
            words = re.findall(r"[^\W\d_]{2,}", NAMES.sub("", PLACEHOLDER.sub("", form)))
            if len(words) > 1 and not re.search("[а-яёүөң]", form, re.IGNORECASE):
                left.append(form)

    assert left == []


def _columns(heading: str) -> list[list[str]]:
    """The rows of the table of the glossary that stands under a heading."""
    part = WORDS_OF_PAGES.read_text().partition(heading)[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_every_word_of_the_glossary_is_used() -> None:
    """A word that no page has any more would mislead whoever translates next."""
    requirements = json.dumps(packaged_catalogue(), ensure_ascii=False)
    said = {
        locale: " ".join([requirements, *(" ".join(_forms(each.string)) for each in messages.read(locale))]).casefold()
        for locale in PLURALS
    }
    unused = []
    for english, kyrgyz, russian, _official in _columns("# The words of the pages"):
        for locale, cell in (("en", english), ("ky", kyrgyz), ("ru", russian)):
            for word in re.split(r"[,;] ", re.sub(r"\([^)]*\)|said to participants:", "", cell)):
                if not _stem(word) or _stem(word) not in said[locale]:
                    unused.append((locale, word))

    assert unused == []


def _stem(phrase: str) -> str:
    """The longest word of a phrase without its ending."""
    longest = max(re.findall(r"\w+", phrase.casefold()), key=len, default="")
    return longest[: max(3, len(longest) - 3)]


@pytest.mark.parametrize("locale", ["ky", "ru"])
def test_a_word_that_the_glossary_rules_out_is_not_used(locale: str) -> None:
    ruled_out = [row for row in _columns("## Words that are not used") if row[0] == locale]
    assert len(ruled_out) > 3

    found = [
        (wrong, form)
        for message in _sentences(messages.read(locale))
        for form in _forms(message.string)
        for _locale, wrong, _right in ruled_out
        if re.search(rf"\b{re.escape(wrong)}", re.sub("«[^»]*»", "", form), re.IGNORECASE)
    ]

    assert found == []


def test_a_missing_translation_is_noticed() -> None:
    catalogue = messages.update("ky", messages.messages_in_code())
    next(message for message in catalogue if message.id == "Search").string = ""

    assert messages.missing(catalogue) == ["Search"]


def test_no_sentence_is_in_the_neighbours_language() -> None:
    """Letters tell Kyrgyz from Russian; a whole sentence that is the same in both was copied from one of them."""
    kyrgyz, russian = (
        {_forms(message.id)[0]: " ".join(_forms(message.string)) for message in _sentences(messages.read(locale))}
        for locale in ("ky", "ru")
    )

    assert [text for text in russian.values() if re.search("[үөңҮӨҢ]", text)] == []
    words = {key: re.findall("[а-яёүөң]{2,}", PLACEHOLDER.sub("", text.casefold())) for key, text in kyrgyz.items()}
    assert [text for key, text in kyrgyz.items() if len(words[key]) > 3 and text == russian[key]] == []


def test_every_sentence_in_the_code_is_found_even_inside_an_f_string() -> None:
    asked = {_forms(message.id)[0] for message in _sentences(messages.messages_in_code())}

    said = {
        part.args[0].value
        for path in PACKAGE.rglob("*.py")
        for part in ast.walk(ast.parse(path.read_text()))
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in {"_", "ngettext"}
        if part.args and isinstance(part.args[0], ast.Constant)
    }

    assert said - asked == set()
