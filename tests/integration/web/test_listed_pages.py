"""Every route is on a list of pages, so that what must hold on all pages is tried on it, or named as none."""

from __future__ import annotations

from flask import Flask

from tests.journeys.pages import NEW_COURSE, NO_PAGES, ONCE, OWN, READ, SHAPES, reached

LISTED = {**READ, **NEW_COURSE, **OWN}


def _answering(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}


def test_every_route_is_a_page_on_a_list_or_named_as_none(app: Flask) -> None:
    opened = reached(LISTED, app.url_map) | set(ONCE)

    assert _answering(app) - opened - set(NO_PAGES) == set()


def test_what_is_named_as_no_page_is_a_route_and_on_no_list(app: Flask) -> None:
    opened = reached(LISTED, app.url_map) | set(ONCE)

    assert opened & set(NO_PAGES) == set()
    assert (set(NO_PAGES) | set(ONCE)) - _answering(app) == set()


def test_no_name_stands_on_two_lists_and_no_place_is_left_over() -> None:
    assert len(LISTED) == len(READ) + len(NEW_COURSE) + len(OWN)
    named = " ".join(path for _who, path, _status in LISTED.values())

    assert [place for place in SHAPES if f"{{{place}}}" not in named] == []
