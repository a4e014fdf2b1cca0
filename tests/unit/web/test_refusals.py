"""Refusals in words: a sentence of its own for each known code, with its facts; a general one beside any other code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lti_tool
from lti_tool.errors import RuleBroken
from lti_tool.web import refusals
from tests.unit.web.conftest import Speak

FACTS: dict[str, object] = {
    name: f"<{name}>"
    for name in (
        "line", "found", "expected", "column", "first", "activity", "indicator", "maximum", "most", "competency",
        "option", "least", "what", "reason", "deployment_id",
        "value", "rows", "length", "kinds", "ending", "megabytes", "link", "title", "name",
        "version", "codes",
    )
}  # fmt: skip
CODES = sorted(refusals._SENTENCES)


@pytest.mark.parametrize("locale", ["ky", "ru", "en"])
@pytest.mark.parametrize("code", CODES)
def test_each_known_code_has_a_sentence_of_its_own(speak: Speak, locale: str, code: str) -> None:
    with speak(locale):
        said = refusals.told(RuleBroken(code, **FACTS))

    assert f"({code})" not in said
    assert re.search(r"%\(\w+\)", said) is None
    assert said.rstrip("»”").endswith(".")


@pytest.mark.parametrize("code", CODES)
def test_no_sentence_of_another_language_is_english(speak: Speak, code: str) -> None:
    said = []
    for locale in ("ky", "ru", "en"):
        with speak(locale):
            said.append(refusals.told(RuleBroken(code, **FACTS)))

    assert len(set(said)) == 3


@pytest.mark.usefixtures("in_english")
def test_facts_stand_in_the_sentence() -> None:
    said = refusals.told(RuleBroken("mark_unreadable", line=7, column="Quiz: 1 (Real)", found="seven"))

    assert said == "Line 7, Quiz: 1 (Real): “seven” is not a mark. Nothing was stored."


@pytest.mark.usefixtures("in_english")
def test_a_code_without_a_sentence_stands_beside_a_general_one() -> None:
    assert refusals.told(RuleBroken("quite_new")) == "This cannot be taken (quite_new). Nothing was stored."
    assert refusals.told(RuleBroken("quite_new", line=3)) == "Line 3 cannot be taken (quite_new). Nothing was stored."


@pytest.mark.usefixtures("in_english")
def test_a_sentence_whose_facts_are_missing_falls_back() -> None:
    assert refusals.told(RuleBroken("mark_unreadable", line=7)) == (
        "Line 7 cannot be taken (mark_unreadable). Nothing was stored."
    )


def test_every_sentence_is_for_a_code_that_the_tool_knows() -> None:
    package = Path(lti_tool.__file__).parent
    code = "".join(path.read_text() for path in package.rglob("*.py") if path.name != "refusals.py")

    assert [each for each in CODES if f'"{each}"' not in code] == []
