"""The file for Moodle's importer of competency frameworks (tool_lpimportcsv), column by column as it reads them."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from lti_tool.catalogue.moodle_csv import HEADER, ScaleWords, moodle_csv
from lti_tool.competency.catalogue import parse
from lti_tool.competency.framework import Framework
from tests.factories.catalogues import packaged_catalogue, small_catalogue

FRAMEWORK = parse(packaged_catalogue())
WORDS = ScaleWords("not shown", "emerging", "shown", "convincing", "below basic")
(PARENT, ID, NAME, DESCRIPTION, FORMAT, SCALE, CONFIGURATION, RULE, OUTCOME, RULES, RELATED, EXPORTED, IS_FRAMEWORK,
 TAXONOMY) = range(14)  # fmt: skip


def rows(framework: Framework = FRAMEWORK, language: str = "ky") -> list[list[str]]:
    return list(csv.reader(io.StringIO(moodle_csv(framework, language, WORDS), newline="")))


def test_the_columns_are_the_importers_in_its_order() -> None:
    """Of Moodle 5.1; it goes by position and shows these names to whoever imports."""
    assert HEADER == (
        "Parent ID number", "ID number", "Short name", "Description", "Description format", "Scale values",
        "Scale configuration", "Rule type (optional)", "Rule outcome (optional)", "Rule config (optional)",
        "Cross-referenced competency ID numbers", "Exported ID (optional)", "Is framework", "Taxonomy",
    )  # fmt: skip
    assert rows()[0] == list(HEADER)
    assert {len(row) for row in rows()} == {14}


def test_the_framework_stands_first_with_its_scale_and_the_names_of_the_four_levels_of_the_tree() -> None:
    first, *rest = rows()[1:]

    assert (first[PARENT], first[ID], first[IS_FRAMEWORK]) == ("", "kg-ict-teachers-1.0", "1")
    assert first[TAXONOMY] == "domain,competency,level,indicator"
    assert first[SCALE] == "not shown,emerging,shown,convincing"
    assert {row[IS_FRAMEWORK] for row in rest} == {""}, "Moodle takes any other word for a framework"


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_a_scale_has_a_default_and_something_proficient_and_no_more_values_than_words(language: str) -> None:
    scales = {(row[SCALE], row[CONFIGURATION]) for row in rows(language=language)[1:] if row[SCALE]}

    assert len(scales) == 2
    for values, configuration in scales:
        place, *chosen = json.loads(configuration)
        assert list(place) == ["scaleid"]
        assert [each["id"] for each in chosen if each["scaledefault"]] == [chosen[0]["id"]]
        assert all(each["proficient"] == 1 for each in chosen)
        assert chosen[-1]["id"] == len(values.split(",")) == 4
        assert all(value == value.strip() != "" for value in values.split(",")), "as Moodle compares scales"


def test_the_tree_is_aspect_competency_level_indicator() -> None:
    parents = {row[ID]: row[PARENT] for row in rows()[2:]}

    assert parents["aspect:4"] == ""
    assert parents["competency:4.1"] == "aspect:4"
    assert parents["level:4.1.2"] == "competency:4.1"
    assert parents["indicator:4.1.2.c"] == "level:4.1.2"
    kinds = [id_number.partition(":")[0] for id_number in parents]
    assert [kinds.count(kind) for kind in ("aspect", "competency", "level", "indicator")] == [6, 11, 33, 61]


def test_parents_come_before_children_and_no_id_number_comes_twice() -> None:
    seen = {""}
    for row in rows()[2:]:
        assert row[PARENT] in seen
        assert row[ID] not in seen
        seen.add(row[ID])


def test_no_id_number_looks_like_a_number_to_php() -> None:
    """PHP holds "1.1" and "1.10" for the same parent."""
    crowded = parse(small_catalogue([(1,)] * 10))

    identifiers = [row[ID] for row in rows(crowded)[1:]]

    assert {"competency:1.1", "competency:1.10"} <= set(identifiers)
    assert not [each for each in identifiers if re.match(r"\s*[-+.\d]", each)]


def test_a_level_without_indicators_is_left_out() -> None:
    identifiers = [row[ID] for row in rows(parse(small_catalogue([(2, 0, 1)])))]

    assert "level:1.1.1" in identifiers
    assert "level:1.1.2" not in identifiers


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_short_names_begin_with_the_code_and_fit_into_moodle(language: str) -> None:
    for row in rows(language=language)[1:]:
        assert 0 < len(row[NAME]) <= 100
        if row[ID].startswith("indicator:"):
            assert row[NAME].startswith(row[ID].removeprefix("indicator:") + " ")


def test_the_version_is_seen_in_the_frameworks_name_even_where_the_title_is_cut() -> None:
    assert rows()[1][NAME].endswith("… (1.0)")


def test_a_translation_is_followed_by_the_official_text() -> None:
    indicator = FRAMEWORK.indicator("4.1.1.a")
    (described,) = (row[DESCRIPTION] for row in rows(language="ru") if row[ID] == "indicator:4.1.1.a")

    assert described == f'<p lang="ru">{indicator.texts.ru}</p><p lang="ky">{indicator.texts.ky}</p>'


def test_descriptions_are_html_and_what_looks_like_tags_is_text() -> None:
    document = small_catalogue()
    document["aspects"][0]["competencies"][0]["text_ky"] = 'A <b> & "c"\nd'

    (described,) = (row[DESCRIPTION] for row in rows(parse(document)) if row[ID] == "competency:1.1")

    assert described == '<p lang="ky">A &lt;b&gt; &amp; "c" d</p>'
    assert {row[FORMAT] for row in rows()[1:]} == {"1"}


def test_rules_and_relations_are_left_to_the_institute_and_exported_ids_are_numbers() -> None:
    inside = rows()[2:]

    assert {(row[RULE], row[OUTCOME], row[RULES], row[RELATED]) for row in inside} == {("", "0", "null", "")}
    assert [row[EXPORTED] for row in inside] == [str(number) for number in range(1, len(inside) + 1)]


def test_a_comma_within_a_value_of_a_scale_does_not_make_two_of_it() -> None:
    words = ScaleWords("not, yet", "emerging", "shown", "convincing", "below")
    first = list(csv.reader(io.StringIO(moodle_csv(FRAMEWORK, "en", words), newline="")))[1]

    assert first[SCALE] == "not; yet,emerging,shown,convincing"
