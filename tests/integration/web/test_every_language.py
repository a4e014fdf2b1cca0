"""Every page in every language: nothing is left in English, and texts of the requirements say which ones they are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from lti_tool.web.auth import Permission
from tests.factories.spoken import left_in_english, unmarked
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_rights import BASE, BOUND, path_of

VISITORS = ("nobody", "participant", "trainer", "admin", "operator")


def _pages(app: Flask, visitor: Visitor, institute: Institute, locale: str) -> Iterator[tuple[str, TestResponse]]:
    """Every page that one of the visitors finds at an address without a thing that must exist first."""
    for name in VISITORS:
        client = visitor(name)
        for rule in app.url_map.iter_rules():
            permission = getattr(app.view_functions[rule.endpoint], "permission", None)
            if "GET" not in (rule.methods or ()) or rule.endpoint in BOUND or permission is Permission.API:
                continue
            answer = client.get(path_of(rule, institute), query_string={"lang": locale}, base_url=BASE)
            if answer.mimetype == "text/html":
                yield f"{rule.endpoint} for {name} ({answer.status_code})", answer


@pytest.mark.parametrize("locale", ["ky", "ru"])
def test_every_page_is_in_its_language_and_says_which_text_of_the_requirements_it_shows(
    app: Flask, visitor: Visitor, institute: Institute, locale: str
) -> None:
    pages = dict(_pages(app, visitor, institute, locale))

    assert {name: said for name, page in pages.items() if (said := left_in_english(page.text, locale))} == {}
    assert {name: found for name, page in pages.items() if (found := unmarked(page.text))} == {}
    assert sum("(200)" in name for name in pages) > 60


def test_a_page_in_the_wrong_language_is_noticed(visitor: Visitor, institute: Institute) -> None:
    page = visitor("participant").get(f"/c/{institute.course.public_id}/me?lang=en", base_url=BASE).text

    found = left_in_english(page.replace('lang="en"', 'lang="ky"', 1), "ky")

    assert {"My competencies", "What the signs mean", "End session"} <= set(found)


def test_a_text_of_the_requirements_without_a_mark_is_noticed() -> None:
    faults = unmarked('<p class="quoted" lang="ky"><a class="term" href="#term-1">МКТ</a></p><p class="quoted">…</p>')

    assert len(faults) == 3
