"""Faulty catalogues: each fault is named with its path, and all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.competency.catalogue import parse, parse_json
from lti_tool.competency.json_tree import MAX_BYTES
from lti_tool.errors import RuleBroken
from tests.factories.catalogues import packaged_catalogue, small_catalogue

Json = dict[str, Any]
PLACE = "aspects[0].competencies[0]"


def faults_of(document: Json) -> list[str]:
    """The faults for which a document is refused."""
    with pytest.raises(RuleBroken) as refused:
        parse(document)
    assert refused.value.code == "framework_faulty"
    faults = refused.value.facts["faults"]
    assert isinstance(faults, list)
    return faults


def competency(document: Json) -> Json:
    found: Json = document["aspects"][0]["competencies"][0]
    return found


def indicator(document: Json, position: int = 0) -> Json:
    found: Json = competency(document)["indicators"][position]
    return found


FAULTS: list[tuple[Callable[[Json], object], str]] = [
    (lambda d: d.pop("framework"), "framework: an object is expected, not nothing"),
    (lambda d: d.pop("edition"), "edition: an object is expected, not nothing"),
    (lambda d: d.pop("levels"), "levels: a list is expected, not nothing"),
    (lambda d: d.update(aspects=[]), "aspects: is empty"),
    (lambda d: d.update(aspects=["x"]), "aspects[0]: an object is expected, not the text 'x'"),
    (lambda d: d.update(glossary={}), "glossary: a list is expected, not an object"),
    (lambda d: d["framework"].update(title_ky="  "), "framework.title_ky: is empty"),
    (lambda d: d["framework"].update(original_language="ru"), "framework.original_language: only ky is supported"),
    (
        lambda d: d["framework"].update(counts={"indicators": 7}),
        "framework.counts.indicators: says 7, the document has 6",
    ),
    (lambda d: d["edition"].update(framework="Kg Ict"), "edition.framework: 'Kg Ict' does not have the form"),
    (lambda d: d["edition"].update(version=1), "edition.version: a text is expected, not the number 1"),
    (
        lambda d: d["edition"].update(key_indicators=["1.1.1.z"]),
        "edition.key_indicators: there is no indicator 1.1.1.z",
    ),
    (lambda d: d["edition"].update(key_indicators="1.1.1.a"), "edition.key_indicators: a list of indicator codes"),
    (
        lambda d: d["edition"].update(short_titles={"9.9": {"ky": "x"}}),
        "edition.short_titles.9.9: there is no such competency",
    ),
    (
        lambda d: d["edition"].update(short_titles={"1.1": {"ky": "к" * 61}}),
        "edition.short_titles.1.1.ky: has 61 characters, at most 60 are allowed",
    ),
    (lambda d: d["edition"].update(short_titles={"1.1": "x"}), "edition.short_titles.1.1: an object is expected"),
    (lambda d: d["levels"][1].update(number=3), "levels[1].number: level 2 is expected here, not 3"),
    (lambda d: d["levels"][0].pop("name_ky"), "levels[0].name_ky: a text is expected, not nothing"),
    (lambda d: d["aspects"][0].update(number=0), "aspects[0].number: 0 is not between 1 and 99"),
    (lambda d: d["aspects"][0].update(number=True), "aspects[0].number: a whole number is expected, not true"),
    (lambda d: d["aspects"].append(d["aspects"][0]), "aspects[1].number: 1 stands twice"),
    (lambda d: competency(d).update(code="2.1"), f"{PLACE}.code: 2.1 stands under aspect 1"),
    (lambda d: competency(d).update(code="1.1."), f"{PLACE}.code: '1.1.' does not have the form"),
    (lambda d: competency(d).update(text_ru=None, text_ky=None), f"{PLACE}.text_ky: a text is expected, not nothing"),
    (lambda d: competency(d).update(text_ru=5), f"{PLACE}.text_ru: a text is expected, not the number 5"),
    (lambda d: competency(d).update(indicators=[]), f"{PLACE}.indicators: is empty"),
    (lambda d: indicator(d).update(code="1.1.1.а"), f"{PLACE}.indicators[0].code: '1.1.1.а' does not have the form"),
    (lambda d: indicator(d).update(code="1.2.1.a"), f"{PLACE}.indicators[0].code: 1.2.1.a stands under competency 1.1"),
    (lambda d: indicator(d, 1).update(code="1.1.1.a"), f"{PLACE}.indicators[1].code: 1.1.1.a stands twice"),
    (lambda d: indicator(d).update(level=2), f"{PLACE}.indicators[0].level: 2 does not agree with the code 1.1.1.a"),
    (lambda d: indicator(d).update(level=4), f"{PLACE}.indicators[0].level: there is no level 4"),
    (lambda d: indicator(d).update(level="1"), f"{PLACE}.indicators[0].level: a whole number is expected"),
    (
        lambda d: indicator(d).update(text_ky="a\x00b"),
        f"{PLACE}.indicators[0].text_ky: holds the control character U+0000",
    ),
    (lambda d: d.update(preface={"a\x07": 1}), "preface: holds the control character U+0007"),
    (
        lambda d: d.update(normative_documents=[{"position": 1, "title_ky": "М", "url": "javascript:alert(1)"}]),
        "normative_documents[0].url: 'javascript:alert(1)' is not an http address",
    ),
    (lambda d: d.update(authors=[{"number": 1, "name": "А"}]), "authors[0].post: a text is expected, not nothing"),
    (lambda d: d.update(glossary=[{"number": 1, "term_ky": "Т"}]), "glossary[0].definition_ky: a text is expected"),
    (
        lambda d: d.update(general_provisions=[{"number": "1", "text_ky": ""}]),
        "general_provisions[0].text_ky: is empty",
    ),
]


@pytest.mark.parametrize(("spoil", "fault"), FAULTS, ids=[fault for _, fault in FAULTS])
def test_a_fault_is_named_with_its_path(spoil: Callable[[Json], object], fault: str) -> None:
    document = small_catalogue()
    spoil(document)

    assert any(found.startswith(fault) for found in faults_of(document)), faults_of(document)


def test_all_faults_are_named_at_once() -> None:
    document = small_catalogue()
    document["framework"]["title_ky"] = ""
    indicator(document, 0)["text_ky"] = ""
    indicator(document, 3)["level"] = 1

    assert faults_of(document) == [
        f"{PLACE}.indicators[0].text_ky: is empty",
        f"{PLACE}.indicators[3].level: 1 does not agree with the code 1.1.2.a",
        "framework.title_ky: is empty",
    ]


def test_nesting_without_end_is_a_fault_and_no_crash() -> None:
    document = small_catalogue()
    inner: Json = {}
    document["preface"] = inner
    for _ in range(60):
        inner["x"] = {}
        inner = inner["x"]

    assert "is nested deeper than 40 levels" in faults_of(document)[0]


def test_the_packaged_catalogue_is_noticed_when_one_indicator_is_lost() -> None:
    document = packaged_catalogue()
    document["aspects"][3]["competencies"][0]["indicators"].pop()

    assert faults_of(document) == ["framework.counts.indicators: says 61, the document has 60"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting property name"),
        (b"[1]", "an object is expected, not a list"),
        ("{'ky': 'ө'}".encode(), "Expecting property name"),
        ('{"ky": "текст"}'.encode("cp1251"), "can't decode"),
        (b'{"a": NaN}', "NaN is not a number"),
        (b'{"a": {"b": 1, "b": 2}}', "repeated key b"),
        (b'{"a": "\\ud800"}', "surrogates not allowed"),
        (b'{"a": ' + b"9" * 5000 + b"}", "limit"),
        (b"[" * 200_000, "recursion"),
        (b" " * (MAX_BYTES + 1), "larger than"),
    ],
    ids=["empty", "cut", "list", "quotes", "cp1251", "nan", "repeated", "surrogate", "huge number", "deep", "large"],
)
def test_a_file_that_is_no_json_object_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        parse_json(data)

    assert refused.value.code == "framework_unreadable"
    assert reason in str(refused.value.facts["reason"])


def test_a_byte_order_mark_is_forgiven() -> None:
    assert parse_json(b"\xef\xbb\xbf{}") == {}


_ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["code", "level", "ky"]), inner),
    max_leaves=8,
)
_KEYS = ["framework", "edition", "levels", "aspects", "glossary", "general_provisions", "authors", "equipment"]


@given(st.sampled_from(_KEYS), _ANY_JSON)
def test_whatever_stands_in_a_part_is_read_or_refused_but_never_crashes(key: str, value: object) -> None:
    document = small_catalogue()
    document[key] = value

    assert _parts_or_faults(document)


def _parts_or_faults(document: Json) -> Sequence[object]:
    try:
        return parse(document).indicators
    except RuleBroken as refused:
        faults = refused.facts["faults"]
        return faults if isinstance(faults, list) else []
