"""Every sentence of the pages is there in Kyrgyz, Russian and English, whole and with the same placeholders."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

import lti_tool
from lti_tool.web import messages

PACKAGE = Path(lti_tool.__file__).parent
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


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
