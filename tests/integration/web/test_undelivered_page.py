"""The institute's undelivered grades: one alert for a paused LMS, reasons, courses; nothing of another platform."""

from __future__ import annotations

import re
from datetime import timedelta

from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from lti_tool import clock
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.grading.model import Answer, DeliveryState
from lti_tool.grading.tables import PlatformChannelRow
from lti_tool.reports import undelivered
from lti_tool.reports.tables import UndeliveredRollupRow
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_deliveries_page import Post, post
from tests.integration.web.test_participant import BASE

__all__ = ["post"]


def _open(client: FlaskClient) -> BeautifulSoup:
    answer = client.get("/institute/deliveries", base_url=BASE)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def _said(page: BeautifulSoup) -> str:
    assert page.main is not None
    return re.sub(r"\s+", " ", page.main.get_text(" ", strip=True))


def test_reasons_are_counted_and_courses_lead_to_what_waits(visitor: Visitor, post: Post, institute: Institute) -> None:
    post.is_at("neighbour", DeliveryState.HELD, Answer.REFUSED)

    page = _open(visitor("admin"))

    assert "does not take a grade for this person. Number of grades 1" in _said(page)
    (link,) = page.select("section[aria-labelledby=courses-title] tbody a")
    assert link["href"] == f"/c/{institute.course.public_id}/deliveries?state=waiting"


def test_the_workers_count_is_shown_for_less_than_a_minute_and_says_as_of_when(
    visitor: Visitor, post: Post, institute: Institute
) -> None:
    post.is_at("neighbour", DeliveryState.HELD, Answer.REFUSED)
    _counted(post, institute, ago=timedelta(seconds=20))
    post.is_at("neighbour", DeliveryState.HELD, Answer.FORBIDDEN)
    young = _said(_open(visitor("admin")))

    _counted_long_ago(post, institute)
    old = _said(_open(visitor("admin")))

    assert "does not take a grade for this person" in young
    assert "does not take a grade for this person" not in old
    assert "As of" in young


def test_what_is_kept_is_what_was_counted(visitor: Visitor, post: Post, institute: Institute) -> None:
    post.is_at("neighbour", DeliveryState.HELD, Answer.REFUSED)
    platform, now = institute.course.platform_id, clock.now()
    with post.sessions() as session:
        live = undelivered.undelivered(session, platform, now)

    _counted(post, institute, ago=timedelta(0))

    with post.sessions() as session:
        kept = undelivered.undelivered(session, platform, clock.now())
    assert kept.what == live.what
    assert [each.count for each in kept.what.groups] == [1, 1]
    assert list(kept.what.courses) == list(live.what.courses) == [institute.course.id]


def _counted(post: Post, institute: Institute, ago: timedelta) -> None:
    undelivered.keep(post.sessions, institute.course.platform_id, clock.now() - ago)


def _counted_long_ago(post: Post, institute: Institute) -> None:
    with unit_of_work(post.sessions) as session:
        row = session.get_one(UndeliveredRollupRow, institute.course.platform_id)
        row.as_of -= undelivered.FRESH


def test_another_platforms_admin_sees_nothing_of_it(visitor: Visitor, post: Post) -> None:
    assert "Every grade is in the gradebook" in _said(_open(visitor("admin of another platform")))


def test_a_paused_platform_is_one_alert_and_can_be_tried_now(
    visitor: Visitor, post: Post, institute: Institute
) -> None:
    until = clock.now() + timedelta(hours=1)
    values = {"paused_until": until, "paused_since": clock.now(), "reason": Answer.FORBIDDEN}
    with unit_of_work(post.sessions) as session:
        session.merge(PlatformChannelRow(platform_id=institute.course.platform_id, **values))
    client = visitor("admin")
    (alert,) = _open(client).select("[role=alert]")
    token = alert.select_one("[name=csrf_token]")
    assert token is not None

    client.post("/institute/deliveries/try", data={"csrf_token": token["value"]}, base_url=BASE)

    assert "Ask the LMS's administrator" in alert.get_text()
    with post.sessions() as session:
        row = session.get_one(PlatformChannelRow, institute.course.platform_id)
        assert row.paused_until is not None
        assert row.paused_until <= clock.now()
    assert "Next try: in a moment." in _said(_open(client))
