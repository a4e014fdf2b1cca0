"""The packaged Kyrgyz texts against the official document, word by word.

The official text is the dump of a PDF: its tables come cell by cell, a cell's lines one below the other. A text of
the catalogue names the lines of its cell; folded into one line they must be that text, whole and to the letter. In
one place two cells of neighbouring columns share a line; there a line is cut where the neighbour's printed code begins.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.factories.catalogues import packaged_catalogue

Json = dict[str, Any]

OFFICIAL = Path(__file__).parents[2] / "data" / "ict-competency-requirements-ky.txt"
CATALOGUE = packaged_catalogue()
DUMP = OFFICIAL.read_text(encoding="utf-8").split("\n")

BROKEN_UP_TERMS = {13}
"""The glossary's row 13 is printed across its three columns: its texts are there only word by word, in order."""


def competencies(catalogue: Json) -> Iterator[Json]:
    for aspect in catalogue["aspects"]:
        yield from aspect["competencies"]


def indicators(catalogue: Json) -> Iterator[Json]:
    for competency in competencies(catalogue):
        yield from competency["indicators"]


PRINTED_CODES = [indicator["code_as_printed"] for indicator in indicators(CATALOGUE)]
CODES = [indicator["code"] for indicator in indicators(CATALOGUE)]


def cell(ranges: Iterable[str], dump: Sequence[str]) -> list[str]:
    """The lines named by ranges like "844-848", numbered from 1."""
    named = [tuple(map(int, each.partition("-")[::2])) if "-" in each else (int(each), int(each)) for each in ranges]
    return [line for first, last in named for line in dump[first - 1 : last]]


def folded(lines: Iterable[str]) -> str:
    """Lines as one: NFC, blanks run together, a word broken at a hyphen joined again."""
    text = ""
    for line in lines:
        words = " ".join(unicodedata.normalize("NFC", line).split())
        joined = text.endswith("-") and not text.endswith(" -")
        text += words if joined or not text or not words else f" {words}"
    return text


def own_part(line: str, code: str) -> str:
    """A line without what belongs to a neighbouring cell, which begins at that cell's printed code."""
    starts = sorted(line.index(each) for each in PRINTED_CODES if each in line)
    if len(starts) < 2:
        return line
    first = line.index(code)
    return line[first : next((start for start in starts if start > first), None)]


def printed_indicator(indicator: Json, dump: Sequence[str]) -> str:
    code = indicator["code_as_printed"]
    return folded(own_part(line, code) for line in cell(indicator["seed_lines"], dump))


def not_printed(catalogue: Json, dump: Sequence[str]) -> list[str]:
    """The codes of all indicators whose text is not what the official text prints in their lines."""
    return [
        indicator["code"]
        for indicator in indicators(catalogue)
        if printed_indicator(indicator, dump) != f"{indicator['code_as_printed']} {indicator['text_ky']}"
    ]


def in_order(words: Iterable[str], among: Iterable[str]) -> bool:
    """Whether all words stand among the others in the same order."""
    rest = iter(among)
    return all(word in rest for word in words)


def changed(word: str) -> str:
    """The word with its first letter changed, or a sign with a letter added."""
    found = re.search(r"[^\W\d_]", word)
    if found is None:
        return f"{word}ө"
    return word[: found.start()] + ("ү" if found[0] != "ү" else "ө") + word[found.end() :]


def test_the_official_text_is_the_one_that_the_catalogue_was_made_from() -> None:
    source = CATALOGUE["framework"]["seed"]
    data = OFFICIAL.read_bytes()

    assert OFFICIAL.name == source["file"]
    assert hashlib.sha256(data).hexdigest() == source["sha256"]
    assert len(data) == source["bytes"]
    assert data.count(b"\n") == source["lines"]


def test_every_indicator_is_printed_in_its_lines_to_the_letter() -> None:
    assert len(CODES) == 61

    assert not_printed(CATALOGUE, DUMP) == []


@pytest.mark.parametrize("code", CODES)
def test_one_changed_word_of_an_indicator_is_noticed(code: str) -> None:
    catalogue = deepcopy(CATALOGUE)
    indicator = next(each for each in indicators(catalogue) if each["code"] == code)
    words = indicator["text_ky"].split()

    for position, word in enumerate(words):
        indicator["text_ky"] = " ".join([*words[:position], changed(word), *words[position + 1 :]])
        assert not_printed({"aspects": [{"competencies": [{"indicators": [indicator]}]}]}, DUMP) == [code], word


@pytest.mark.parametrize("code", CODES)
def test_one_word_lost_or_moved_in_an_indicator_is_noticed(code: str) -> None:
    catalogue = deepcopy(CATALOGUE)
    indicator = next(each for each in indicators(catalogue) if each["code"] == code)
    words = indicator["text_ky"].split()

    indicator["text_ky"] = " ".join(words[:-2] + words[-1:])
    assert not_printed(catalogue, DUMP) == [code]

    indicator["text_ky"] = " ".join([words[1], words[0], *words[2:]])
    assert not_printed(catalogue, DUMP) == [code]


@pytest.mark.parametrize("code", CODES)
def test_one_changed_word_of_the_official_text_is_noticed(code: str) -> None:
    indicator = next(each for each in indicators(CATALOGUE) if each["code"] == code)
    last = max(int(number) for each in indicator["seed_lines"] for number in each.split("-"))
    while not DUMP[last - 1].strip():
        last -= 1
    words = DUMP[last - 1].split()
    dump = [*DUMP[: last - 1], " ".join([*words[:-1], changed(words[-1])]), *DUMP[last:]]

    assert not_printed(CATALOGUE, dump) == [code]


def test_every_competency_and_aspect_is_printed_in_its_lines_to_the_letter() -> None:
    found = [
        (folded(cell(each["seed_lines"], DUMP)), f"{each['code_as_printed']} {each['text_ky']}")
        for each in competencies(CATALOGUE)
    ] + [(folded(cell(each["seed_lines"], DUMP)), each["heading_as_printed_ky"]) for each in CATALOGUE["aspects"]]

    assert len(found) == 11 + 6
    assert [pair for pair in found if pair[0] != pair[1]] == []


def test_aspect_titles_are_their_printed_headings_without_the_number() -> None:
    assert [f"{each['number']}-аспект: {each['title_ky']}" for each in CATALOGUE["aspects"]] == [
        each["heading_as_printed_ky"] for each in CATALOGUE["aspects"]
    ]


@pytest.mark.parametrize("level", CATALOGUE["levels"], ids=lambda level: str(level["number"]))
def test_every_level_is_printed_with_its_name_and_description(level: Json) -> None:
    whole = folded(DUMP)

    assert folded(cell(level["seed_lines"], DUMP)) == f"{level['heading_in_text_ky']} {level['description_ky']}"
    assert f"{level['name_ky']} ({level['subtitle_ky']})" in whole


@pytest.mark.parametrize("term", CATALOGUE["glossary"], ids=lambda term: str(term["number"]))
def test_every_glossary_term_and_its_definition_are_printed_in_their_lines(term: Json) -> None:
    lines = term["seed_lines"]
    name, definition = folded(cell(lines["term"], DUMP)), folded(cell(lines["definition"], DUMP))

    if term["number"] in BROKEN_UP_TERMS:
        assert in_order(term["term_ky"].split(), name.split())
        assert in_order(term["definition_ky"].split(), definition.split())
    else:
        assert term["term_ky"] in name
        assert term["definition_ky"] in definition


@pytest.mark.parametrize("term", CATALOGUE["glossary"], ids=lambda term: str(term["number"]))
def test_every_glossary_source_is_printed_but_for_the_breaks_within_addresses(term: Json) -> None:
    printed = folded(cell(term["seed_lines"]["source"], DUMP))

    assert "".join(term["source"].split()) in "".join(printed.split())


def test_the_title_and_the_other_parts_are_printed_in_their_lines() -> None:
    head = CATALOGUE["framework"]
    provisions = CATALOGUE["general_provisions"]
    points = [point for each in provisions for point in each.get("items", [])]
    paragraphs = CATALOGUE["preface"]["paragraphs"] + CATALOGUE["methodology"]["paragraphs"]
    parts = [(head["title_seed_lines"], head["title_ky"])]
    parts += [(each["seed_lines"], f"{each['number']}. {each['text_ky']}") for each in provisions]
    parts += [(each["seed_lines"], f"{each['number']} {each['text_ky']}") for each in points]
    parts += [(each["seed_lines"], each["text_ky"]) for each in paragraphs]
    parts += [(each["seed_lines"], f"● {each['text_ky']}") for each in CATALOGUE["equipment"]]
    parts += [(each["seed_lines"], f"- {each['text_as_printed_ky']}") for each in CATALOGUE["normative_documents"]]

    assert [(lines, text) for lines, text in parts if folded(cell(lines, DUMP)) != text] == []


@pytest.mark.parametrize("author", CATALOGUE["authors"], ids=lambda author: str(author["number"]))
def test_every_author_is_printed_with_the_post(author: Json) -> None:
    first, last = author["seed_lines"][0].partition("-")[0], author["seed_lines"][-1].rpartition("-")[2]

    assert folded(cell([f"{first}-{last}"], DUMP)) == f"{author['number']}. {author['name']} {author['post']}"


def test_misprints_are_kept_as_printed_and_listed() -> None:
    listed = [(each, slip) for each in indicators(CATALOGUE) for slip in each.get("sic", [])]

    assert len(listed) == 6
    assert all(slip["printed"] in each["text_ky"] for each, slip in listed)
    assert all(slip["expected"] not in each["text_ky"] for each, slip in listed)
