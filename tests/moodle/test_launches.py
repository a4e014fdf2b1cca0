"""Launches by each role, framed in Moodle on another origin, with third-party cookies blocked as the browser does."""

from __future__ import annotations

import pytest
from playwright.sync_api import Frame

from tests.moodle.conftest import PROFILE, Course, Enter
from tests.moodle.site import Site


def leads(frame: Frame) -> bool:
    """Whether the page offers what a trainer does."""
    return frame.locator("nav.tabs a[href$='/group']").count() > 0


def oversees(frame: Frame) -> bool:
    """Whether the page offers what an institute admin does."""
    return frame.locator("nav.tabs a[href*='/institute/']").count() > 0


def test_a_student_sees_their_own_page(placed: Course, enter: Enter) -> None:
    frame = enter(placed.participants[0]).launch(placed.activities[PROFILE])
    assert frame.locator(".who-name").inner_text() == "Айгүл 1"
    assert not leads(frame)


@pytest.mark.parametrize("who", ["trainer", "assistant"])
def test_teachers_editing_or_not_lead_the_course(placed: Course, enter: Enter, who: str) -> None:
    frame = enter(getattr(placed, who)).launch(placed.activities[PROFILE])
    assert leads(frame)


def test_a_manager_who_is_not_enrolled_leads_the_course(placed: Course, site: Site, enter: Enter) -> None:
    manager = site.people.get("Manager 1") or site.make_person("Manager 1")
    site.make_manager(manager)
    frame = enter(manager).launch(placed.activities[PROFILE])
    assert leads(frame)
    assert not oversees(frame)


def test_the_sites_admin_sees_all_courses_too(placed: Course, enter: Enter) -> None:
    frame = enter(None).launch(placed.activities[PROFILE])
    assert leads(frame)
    assert oversees(frame)
