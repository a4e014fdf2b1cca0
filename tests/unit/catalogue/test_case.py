"""The requirements as CASE 1.0: valid against a schema of the standard, whole, and with GUIDs that stay."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from lti_tool.catalogue.case import KINDS, Edition, Exchange, exchange
from lti_tool.catalogue.case_ids import is_guid
from lti_tool.competency.catalogue import parse
from tests.factories.catalogues import packaged_catalogue, small_catalogue

SCHEMA = json.loads((Path(__file__).parents[2] / "data" / "case-1.0" / "cfpackage-schema.json").read_bytes())
BASE = "https://tool.example.invalid"
THEN = datetime(2026, 5, 1, 6, 30, tzinfo=UTC)


def edition(document: dict[str, Any], number: str = "1") -> Edition:
    return Edition(parse(document), number, THEN)


@pytest.fixture(scope="module")
def offered() -> Exchange:
    """Everything about the packaged requirements."""
    return exchange([edition(packaged_catalogue())], BASE)


def document(offered: Exchange, language: str) -> dict[str, Any]:
    (found,) = (each for each in offered["CFDocuments"].values() if each["language"] == language)
    return found


def package(offered: Exchange, language: str) -> dict[str, Any]:
    return offered["CFPackages"][document(offered, language)["identifier"]]


def by_code(package: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each.get("humanCodingScheme", f"level {each.get('listEnumeration')}"): each for each in package["CFItems"]}


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_a_package_is_valid_against_the_schema(offered: Exchange, language: str) -> None:
    checker = jsonschema.Draft7Validator(SCHEMA, format_checker=jsonschema.FormatChecker())

    assert [error.message for error in checker.iter_errors(package(offered, language))] == []


def test_the_schema_would_notice(offered: Exchange) -> None:
    broken = deepcopy(package(offered, "ky"))
    del broken["CFItems"][3]["fullStatement"]
    broken["CFAssociations"][0]["associationType"] = "isCousinOf"

    assert len(list(jsonschema.Draft7Validator(SCHEMA).iter_errors(broken))) == 2


def test_small_requirements_without_translations_glossary_and_authors_are_valid_too() -> None:
    offered = exchange([edition(small_catalogue())], BASE)

    for each in offered["CFPackages"].values():
        jsonschema.Draft7Validator(SCHEMA).validate(each)
    assert {each["language"] for each in offered["CFDocuments"].values()} == {"ky", "ru", "en"}
    assert {item["language"] for item in package(offered, "en")["CFItems"]} == {"ky"}, "said in the language it is in"


def test_nothing_of_the_requirements_is_left_out(offered: Exchange) -> None:
    framework, items = parse(packaged_catalogue()), by_code(package(offered, "ky"))

    assert len(items) == 6 + 11 + 61 + 3
    for each in (*framework.competencies, *framework.indicators):
        assert items[each.code]["fullStatement"] == each.texts.ky
    assert len(package(offered, "ky")["CFDefinitions"]["CFConcepts"]) == 20


def test_each_kind_of_thing_has_its_type(offered: Exchange) -> None:
    items = by_code(package(offered, "en"))

    kinds = [items[code]["CFItemType"] for code in ("4", "4.1", "4.1.1.a", "level 1")]
    assert kinds == ["Aspect", "Competency", "Indicator", "Level"]
    assert all(item["CFItemTypeURI"]["identifier"] in offered["CFItemTypes"] for item in items.values())
    assert not any("educationLevel" in item for item in items.values()), "which is about pupils"


def test_indicators_stand_under_competencies_under_aspects_and_show_a_level(offered: Exchange) -> None:
    whole = package(offered, "ru")
    items = by_code(whole)

    def ends(code: str, kind: str) -> list[str]:
        guid = items[code]["identifier"]
        return [
            link["destinationNodeURI"]["identifier"]
            for link in whole["CFAssociations"]
            if link["associationType"] == kind and link["originNodeURI"]["identifier"] == guid
        ]

    assert ends("4.1.2.c", "isChildOf") == [items["4.1"]["identifier"]]
    assert ends("4.1.2.c", "hasSkillLevel") == [items["level 2"]["identifier"]]
    assert ends("4.1", "isChildOf") == [items["4"]["identifier"]]
    assert ends("4", "isChildOf") == [whole["CFDocument"]["identifier"]]
    assert ends("level 1", "precedes") == [items["level 2"]["identifier"]]
    assert ends("level 3", "precedes") == []


def test_siblings_are_numbered_in_the_order_of_the_document(offered: Exchange) -> None:
    whole = package(offered, "ky")
    codes = {item["identifier"]: code for code, item in by_code(whole).items()}
    within = [
        (link["sequenceNumber"], codes[link["originNodeURI"]["identifier"]])
        for link in whole["CFAssociations"]
        if link["associationType"] == "isChildOf" and codes.get(link["destinationNodeURI"]["identifier"]) == "4.2"
    ]

    assert [number for number, _ in within] == list(range(1, len(within) + 1))
    assert [code for _, code in within] == sorted(code for _, code in within)


def test_a_translation_says_that_it_is_none_of_the_official_text_and_matches_it_item_by_item(offered: Exchange) -> None:
    official, russian = package(offered, "ky"), package(offered, "ru")
    matches = [each for each in russian["CFAssociations"] if each["associationType"] == "exactMatchOf"]

    assert "notes" not in official["CFDocument"]
    assert official["CFDocument"]["uri"] in russian["CFDocument"]["notes"]
    assert {each["destinationNodeURI"]["identifier"] for each in matches} == {
        official["CFDocument"]["identifier"],
        *(item["identifier"] for item in official["CFItems"]),
    }


def test_an_item_tells_all_its_associations_and_those_of_its_translations(offered: Exchange) -> None:
    guid = by_code(package(offered, "ky"))["1.1.1.a"]["identifier"]

    told = offered["CFItemAssociations"][guid]

    assert told["CFItem"] == offered["CFItems"][guid]
    kinds = sorted(link["associationType"] for link in told["CFAssociations"])
    assert kinds == ["exactMatchOf", "exactMatchOf", "hasSkillLevel", "isChildOf"]


def test_items_name_the_terms_that_they_use(offered: Exchange) -> None:
    item = by_code(package(offered, "en"))["5.2"]

    assert item["conceptKeywords"] == [
        "Assistive technologies",
        "Information and communication technologies (ICT)",
    ]
    one = by_code(package(offered, "en"))["1.1"]
    (concept,) = offered["CFConcepts"][one["conceptKeywordsURI"]["identifier"]]["CFConcepts"]
    assert concept["keywords"] == "ICT"


def test_a_type_comes_with_what_stands_under_it(offered: Exchange) -> None:
    aspect = by_code(package(offered, "en"))["1"]["CFItemTypeURI"]["identifier"]

    types = offered["CFItemTypes"][aspect]["CFItemTypes"]

    assert [each["title"] for each in types] == ["Aspect", "Competency", "Indicator"]


def test_every_guid_has_the_form_and_every_address_leads_to_what_it_names(offered: Exchange) -> None:
    for kind in KINDS:
        for guid, record in offered[kind].items():
            assert is_guid(guid)
            for each in _addresses(record):
                found_kind, found = each.removeprefix(f"{BASE}/ims/case/v1p0/").split("/")
                assert found in offered[found_kind], each


def _addresses(record: object) -> list[str]:
    if isinstance(record, dict):
        own = [record["uri"]] if "uri" in record else []
        return own + [address for value in record.values() for address in _addresses(value)]
    return [address for value in record for address in _addresses(value)] if isinstance(record, list) else []


def test_guids_are_those_that_were_once_handed_out(offered: Exchange) -> None:
    items = by_code(package(offered, "ky"))

    assert document(offered, "ky")["identifier"] == "20f519b0-37b9-5e7e-81f5-2cbabfadbc33"
    assert items["3"]["identifier"] == "7677d7c8-e2fd-52ed-ab7e-a1d8735c8b65"
    assert by_code(package(offered, "en"))["level 3"]["identifier"] == "46d78c7f-0efe-5ffe-a8a3-2909a8fdbd50"


def _guids(offered: Exchange) -> set[str]:
    return {guid for kind in offered.values() for guid in kind}


def test_a_corrected_text_keeps_its_guid(offered: Exchange) -> None:
    corrected = packaged_catalogue()
    corrected["edition"]["version"] = "1.1"
    corrected["aspects"][0]["competencies"][0]["text_ky"] += " Оңдолду."

    again = exchange([edition(corrected)], BASE)

    assert _guids(again) == _guids(offered)
    assert package(again, "ky") != package(offered, "ky")
    assert document(again, "ky")["version"] == "1.1"


def test_another_edition_and_another_framework_share_no_guid(offered: Exchange) -> None:
    other = packaged_catalogue()
    other["edition"]["framework"] = "other"

    assert not _guids(exchange([edition(packaged_catalogue(), "2")], BASE)) & _guids(offered)
    assert not _guids(exchange([edition(other)], BASE)) & _guids(offered)
