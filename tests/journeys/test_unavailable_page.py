"""What a browser shows while the database does not serve: a page that fits, is accessible, and keeps what was typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.people.model import CourseRole
from lti_tool.people.tables import LoginSessionRow
from tests.chaos.rig_web import Rig, served_course
from tests.journeys.inspection import Complaints, faults

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("unavailable_page")]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A served course."""
    with served_course(tmp_path, 2, 3) as served:
        yield served


def _break(rig: Rig) -> None:
    """From now on the driver refuses whatever needs a session."""
    with unit_of_work(rig.sessions) as session:
        session.connection().exec_driver_sql(f"ALTER TABLE {LoginSessionRow.__tablename__} RENAME TO away")


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_the_page_fits_is_accessible_and_keeps_what_was_typed(rig: Rig, browser: Browser, language: str) -> None:
    name, _, value = rig.visitor(CourseRole.TRAINER).cookie.partition("=")
    tool = f"http://localhost:{rig.web.port}"
    context = browser.new_context(locale=language)
    secure = tool.replace("http://", "https://")
    context.add_cookies([{"name": name, "value": value, "url": secure, "secure": True, "httpOnly": True}])
    page = context.new_page()
    page.goto(f"{tool}/c/{rig.big.course.public_id}/mapping")
    form = page.locator("form[action$='/activities']")
    if not form.locator("[name=name]").is_visible():
        form.locator("xpath=ancestor::details/summary").click()
    form.locator("[name=name]").fill("Жума 7: сабактын планы")
    _break(rig)
    complaints = Complaints(page)

    with page.expect_navigation() as sent:
        form.locator("button").first.click()
    assert sent.value.status == 503
    assert "Жума 7: сабактын планы" in page.locator("main").inner_text()
    assert faults(page, language, "unavailable sending") == []

    read = page.goto(f"{tool}/c/{rig.big.course.public_id}/group")
    assert read is not None
    assert read.status == 503
    assert faults(page, language, "unavailable reading") + complaints.texts == []
    context.close()
