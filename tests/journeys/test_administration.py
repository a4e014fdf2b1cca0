"""An operator enters with codes, invites the LMS, sees what it became, tries it out, and looks at its courses."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import DESKTOP, running_demonstration
from tests.journeys.visits import OPERATORS_PASSWORD, Demonstration, enter_account, make_operator

pytestmark = pytest.mark.browser


def _set_codes_up(page: Page, demonstration: Demonstration) -> pyotp.TOTP:
    page.goto(f"{demonstration.tool}/account/")
    page.locator("#f-codes-password").fill(OPERATORS_PASSWORD)
    page.get_by_role("button", name="Set codes up").click()
    expect(page.locator("main img")).to_be_visible()
    one = pyotp.TOTP(page.locator("main code").inner_text().replace(" ", ""))
    page.locator("#f-code").fill(one.now())
    page.get_by_role("button", name="Switch codes on").click()
    expect(page.locator("main ol code")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.locator("main")).to_contain_text("On: entering asks for a code as well.")
    return one


def _invited(page: Page) -> str:
    page.get_by_label("The registration waits until somebody switches it on here.").check()
    page.get_by_role("button", name="Make an invitation").click()
    return page.locator("#f-url").input_value()


def _register(page: Page, demonstration: Demonstration, invitation: str) -> None:
    page.goto(f"{demonstration.lms}/tools")
    page.locator("#invitation").fill(invitation)
    page.get_by_role("button", name="Add LTI Advantage").click()
    page.frame_locator("iframe").locator("h1").wait_for()
    page.goto(f"{demonstration.lms}/tools")
    page.get_by_role("button", name="Activate").click()
    expect(page.locator(".card .note")).to_have_text(["Active", "Active"])


def test_an_operator_registers_an_lms_and_tries_it_out(browser: Browser, tmp_path: Path) -> None:
    with running_demonstration(tmp_path / "demo") as demonstration:
        make_operator(demonstration, "nurbek")
        context = browser.new_context(viewport=DESKTOP, locale="en")
        page = context.new_page()
        enter_account(page, demonstration, "nurbek")
        page.get_by_role("button", name="EN", exact=False).first.click()
        one = _set_codes_up(page, demonstration)
        page.get_by_role("button", name="End session").click()
        page.wait_for_url(f"{demonstration.tool}/account/login")

        # The code of the half minute to come: this one was used to set codes up.
        enter_account(page, demonstration, "nurbek", one.at(datetime.fromtimestamp(time.time() + 30, UTC)))
        invitation = _invited(page)
        _register(page, demonstration, invitation)

        page.goto(f"{demonstration.tool}/administration/registrations")
        expect(page.locator("main tbody tr")).to_have_count(2)
        expect(page.locator("main tbody tr").last).to_contain_text("off, or waits for approval")
        page.locator("main tbody th a").last.click()
        page.get_by_role("link", name="Switch on …").click()
        page.get_by_role("button", name="Switch it on").click()
        page.get_by_role("button", name="Test the connection now").click()
        expect(page.locator("#tried-title")).to_have_text("The connection works")
        expect(page.get_by_role("cell", name="allowed", exact=True)).to_have_count(4)

        page.goto(f"{demonstration.tool}/administration/registrations")
        page.locator("#f-platform").select_option(index=0)
        page.get_by_role("button", name="Look at it").click()
        page.wait_for_url(f"{demonstration.tool}/institute/courses")
        expect(page.locator(".who")).to_contain_text("operator, at")
        context.close()
