"""Readiness of training sites as values: unknown is not missing, and nobody signs for what others found."""

from __future__ import annotations

from datetime import date

import pytest

from lti_tool.catalogue.readiness_model import (
    NAME,
    NOTE,
    Check,
    Finding,
    ItemState,
    Site,
    changed,
    check_findings,
    item_key,
    items_of,
    site_name,
)
from lti_tool.competency.catalogue import parse
from lti_tool.competency.framework import Localized
from lti_tool.errors import RuleBroken
from tests.factories.catalogues import packaged_catalogue, small_catalogue

ITEMS = items_of(parse(packaged_catalogue()))
TODAY = date(2026, 11, 23)


def test_the_items_are_those_of_the_requirements() -> None:
    assert [item.number for item in ITEMS] == [1, 2, 3, 4, 5, 6]
    assert ITEMS[2].texts.en == "A multimedia projector;"
    assert items_of(parse(small_catalogue())) == ()


def test_what_nobody_has_looked_at_is_not_checked_and_not_missing() -> None:
    site = Site("s", "Ош", {ITEMS[0].key: Check(ItemState.PRESENT), ITEMS[1].key: Check(ItemState.MISSING)})

    tally = site.tally(ITEMS)

    assert site.check(ITEMS[5]).state is ItemState.NOT_CHECKED
    assert [tally[state] for state in ItemState] == [1, 0, 1, 4]


def test_an_item_is_known_by_its_official_wording_alone() -> None:
    key = item_key(Localized("Мультимедиа проектору;", "Проектор"))

    assert key == item_key(Localized(" Мультимедиа  проектору;", "Мультимедийный проектор"))
    assert key != item_key(Localized("Мультимедиа проектору жана экран;", "Проектор"))


def test_only_what_differs_is_new() -> None:
    site = Site("s", "Ош", {"a": Check(ItemState.PRESENT, "2 даана"), "b": Check(ItemState.MISSING)})
    same = [
        Finding("a", ItemState.PRESENT, "2 даана"),
        Finding("b", ItemState.MISSING, ""),
        Finding("c", ItemState.NOT_CHECKED, ""),
    ]
    new = [
        Finding("a", ItemState.PRESENT, "3 даана"),
        Finding("b", ItemState.NOT_CHECKED, ""),
        Finding("c", ItemState.PARTLY, ""),
    ]

    assert changed(site, same) == ()
    assert changed(site, new) == tuple(new)


@pytest.mark.parametrize(
    ("finding", "on", "code"),
    [
        (Finding("a", ItemState.PRESENT, "x" * (NOTE + 1)), TODAY, "site_note_long"),
        (Finding("a", ItemState.NOT_CHECKED, "x"), TODAY, "site_note_without_state"),
        (Finding("a", ItemState.PRESENT, ""), date(2026, 11, 24), "site_date_ahead"),
    ],
)
def test_what_cannot_be_is_refused(finding: Finding, on: date, code: str) -> None:
    with pytest.raises(RuleBroken, match=code):
        check_findings([finding], on, TODAY)


def test_a_note_of_full_length_on_this_day_is_taken() -> None:
    check_findings([Finding("a", ItemState.PRESENT, "x" * NOTE)], TODAY, TODAY)


@pytest.mark.parametrize(
    ("typed", "code"), [("", "site_name_missing"), ("  \n", "site_name_missing"), ("x" * (NAME + 1), "site_name_long")]
)
def test_a_site_needs_a_name_that_fits(typed: str, code: str) -> None:
    with pytest.raises(RuleBroken, match=code):
        site_name(typed)


def test_a_name_is_kept_in_one_line() -> None:
    assert site_name(" Ош,\n 2-имарат ") == "Ош, 2-имарат"
