"""Work is handed in without scripts: text, a link and a file by the form as it stands, and taken up again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.journeys.posting import PlainBrowser
from tests.journeys.prepared import Place
from tests.journeys.visits import EVIDENCE_TASK, NURGUL, Demonstration, enter

pytestmark = pytest.mark.browser


def test_work_is_handed_in_by_a_plain_form(filled: Demonstration, browser: Browser) -> None:
    context = browser.new_context()
    page, course = enter(context, filled, NURGUL, EVIDENCE_TASK)
    reader = PlainBrowser(Place(page, filled.tool, course))
    reader.open(page.url)

    reader.press("button[value=file]", {"text": "Сабактын иштелмеси"}, ("план.txt", "Максаты: …".encode()))
    assert [each.get_text() for each in reader.page.select(".file-list a")] == ["план.txt"]
    reader.press("button[value=hand_in]", {"links": "https://example.org/plan"})

    handed_in = reader.page.select_one("section[aria-labelledby^=attempt]")
    assert handed_in is not None
    assert all(each in handed_in.get_text() for each in ("Сабактын иштелмеси", "https://example.org/plan", "план.txt"))
    context.close()
