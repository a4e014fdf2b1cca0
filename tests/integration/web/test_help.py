"""The way to the institute's own guide: at the foot of pages, where the operator has named one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask

from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import BASE

GUIDE = "https://help.example.invalid/ict?for=all&lang=ky"


def _name(app: Flask, address: str) -> None:
    tool = app.extensions["tool"]
    app.extensions["tool"] = replace(tool, settings=tool.settings.model_copy(update={"help_url": address}))


def _link(text: str, words: str) -> Tag | None:
    feet = BeautifulSoup(text, "html.parser").select("footer a")
    return next((each for each in feet if each.get_text(strip=True) == words), None)


@pytest.mark.parametrize(("language", "words"), [("ky", "Жардам"), ("ru", "Помощь"), ("en", "Help")])
def test_a_page_of_a_session_leads_to_the_guide_in_a_tab_of_its_own(
    app: Flask, institute: Institute, visitor: Visitor, language: str, words: str
) -> None:
    _name(app, GUIDE)

    page = visitor("participant").get(f"/c/{institute.course.public_id}/me?lang={language}", base_url=BASE)

    link = _link(page.text, words)
    assert link is not None
    assert (link["href"], link["target"], link["rel"]) == (GUIDE, "_blank", ["noopener"])


@pytest.mark.parametrize("address", ["/framework/?lang=en", "/verify/none?lang=en"])
def test_a_public_page_leads_there_too(app: Flask, institute: Institute, address: str) -> None:
    _name(app, GUIDE)

    assert _link(app.test_client().get(address, base_url=BASE, follow_redirects=True).text, "Help") is not None


def test_without_a_guide_there_is_no_link(app: Flask, institute: Institute, visitor: Visitor) -> None:
    page = visitor("participant").get(f"/c/{institute.course.public_id}/me?lang=en", base_url=BASE)

    assert "My data" in page.text
    assert _link(page.text, "Help") is None
