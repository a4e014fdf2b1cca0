"""The pages about Moodle's web service: the connection without its token, and the choice of activities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from lti_tool import clock
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import CourseId
from lti_tool.moodle import native_marks
from lti_tool.moodle.grade_items import Item, ItemFault
from lti_tool.moodle.pull_store import note_items
from lti_tool.moodle.tables import MoodleConnectionRow, NativeItemRow, NativePullRow
from lti_tool.outbound import Outbound
from lti_tool.people.errand import ErrandKind
from lti_tool.people.tables import ErrandRow
from lti_tool.web.shared import Tool
from tests.factories.moodle_server import TOKEN, MoodleServer, moodle_server
from tests.integration.web.conftest import Institute, Visitor

BASE = "https://tool.example.invalid"
PAGE = "/institute/moodle"


@pytest.fixture
def moodle() -> Iterator[MoodleServer]:
    with moodle_server() as running:
        yield running


@pytest.fixture
def admin(app: Flask, visitor: Visitor) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    shared: Tool = app.extensions["tool"]
    app.extensions["tool"] = replace(shared, outbound=Outbound(allow_private=True))
    return visitor("admin")


def text(client: FlaskClient, path: str) -> str:
    return client.get(f"{path}?lang=en", base_url=BASE, headers={"Accept-Language": "en"}).text


def send(client: FlaskClient, path: str, **data: object) -> str:
    answer = client.post(path, base_url=BASE, data=data, headers={"Accept-Language": "en"})
    return (
        text(client, path.removesuffix("/test").removesuffix("/remove")) if answer.status_code == 303 else answer.text
    )


def test_a_connection_is_stored_tested_and_removed_and_its_token_never_shown(
    admin: FlaskClient, moodle: MoodleServer, sessions: SessionFactory
) -> None:
    stored = send(admin, PAGE, url=moodle.url, token=TOKEN)
    tested = send(admin, f"{PAGE}/test")

    assert "The connection works: Lab Moodle." in tested
    assert moodle.url in tested
    assert TOKEN not in stored + tested
    with sessions() as session:
        assert TOKEN not in session.scalars(select(MoodleConnectionRow.token_locked)).one()

    assert moodle.url not in send(admin, f"{PAGE}/remove")
    with sessions() as session:
        assert session.scalars(select(MoodleConnectionRow)).all() == []


def test_a_refused_token_is_told_as_that(admin: FlaskClient, moodle: MoodleServer) -> None:
    send(admin, PAGE, url=moodle.url, token="wrong")

    assert "Moodle refuses the token." in send(admin, f"{PAGE}/test")


@pytest.mark.parametrize(
    ("url", "token", "sentence"),
    [
        ("moodle", TOKEN, "may not be called"),
        ("http://169.254.169.254", TOKEN, "may not be called"),
        ("https://moodle.example.invalid", "", "Give the token"),
    ],
)
def test_what_cannot_be_a_connection_is_refused(
    admin: FlaskClient, sessions: SessionFactory, url: str, token: str, sentence: str
) -> None:
    assert sentence in send(admin, PAGE, url=url, token=token)
    with sessions() as session:
        assert session.scalars(select(MoodleConnectionRow)).all() == []


def listed(sessions: SessionFactory, institute: Institute) -> str:
    course_id = CourseId(institute.course.id)
    items = [
        Item("grade:2", "Assignment: Lab report", "assign", "1", Decimal(0), Decimal(50)),
        Item("grade:9", "Forum: Scale", "forum", "1", Decimal(1), Decimal(4), ItemFault.SCALE),
    ]
    with unit_of_work(sessions) as session:
        native_marks.ask(session, course_id, clock.now())
        note_items(session, course_id, items, (), frozenset())
    return f"/c/{institute.course.public_id}/native-marks"


def test_a_trainer_chooses_from_what_moodle_lists(
    app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    path, trainer = listed(sessions, institute), visitor("trainer")
    assert "a scale without numbers" in text(trainer, path)

    send(trainer, path, item=["grade:2"])

    assert "checked" in text(trainer, path)
    with sessions() as session:
        chosen = select(NativeItemRow.key).where(NativeItemRow.activity_id.is_not(None))
        assert session.scalars(chosen).all() == ["grade:2"]
        assert session.scalars(select(ErrandRow.kind)).one() == ErrandKind.NATIVE_MARKS


def test_a_failure_is_told_with_what_to_do(
    app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    path = listed(sessions, institute)
    with unit_of_work(sessions) as session:
        session.add(
            MoodleConnectionRow(platform_id=institute.course.platform_id, url="x", token_locked="x", set_at=clock.now())
        )
        row = session.scalars(select(NativePullRow)).one()
        row.fault, row.failed_at = "platform_timeout", clock.now()
        session.execute(delete(ErrandRow))

    page = text(visitor("trainer"), path)
    assert "Moodle did not answer in time." in page
    assert "No mark was changed." in page


def test_marks_completions_and_what_cannot_be_chosen_stand_apart(
    visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    path = listed(sessions, institute)
    with unit_of_work(sessions) as session:
        note_items(
            session,
            CourseId(institute.course.id),
            [
                Item("grade:2", "Assignment: Lab report", "assign", "1", Decimal(0), Decimal("50.50")),
                Item("grade:8", "Forum: Words", "forum", "2", Decimal(1), Decimal(4)),
                Item("grade:9", "Forum: Scale", "forum", "1", Decimal(1), Decimal(1), ItemFault.SCALE),
            ],
            [Item("completion:5", "Page: Read this", "page", "1", Decimal(0), Decimal(1))],
            frozenset(),
        )

    page = BeautifulSoup(text(visitor("trainer"), path), "html.parser")

    groups = {
        " ".join(group.legend.get_text().split()): [" ".join(each.get_text().split()) for each in group.select("label")]
        for group in page.select("main fieldset")
        if group.legend
    }
    assert groups == {
        "Marks": ["Assignment: Lab report (full mark 50.5)", "Forum: Words (from 1 to 4)"],
        "Completion: done or passed is 1 of 1, failed is 0": ["Page: Read this"],
    }
    (left_out,) = page.select("main details li")
    assert " ".join(left_out.get_text().split()) == "Forum: Scale (a scale without numbers)"
    assert page.select("main input[disabled]") == []


@pytest.mark.parametrize("asked", [True, False])
def test_the_next_reading_is_told_unless_one_is_under_way(
    visitor: Visitor, institute: Institute, sessions: SessionFactory, asked: bool
) -> None:
    path = listed(sessions, institute)
    with unit_of_work(sessions) as session:
        session.add(
            MoodleConnectionRow(platform_id=institute.course.platform_id, url="x", token_locked="x", set_at=clock.now())
        )
        session.scalars(select(NativePullRow)).one().due_at = clock.now()
        if not asked:
            session.execute(delete(ErrandRow))

    page = text(visitor("trainer"), path)

    assert ("It is read again by itself, next at" in page) is not asked
    assert ("It waits for its turn" in page) is asked
    assert ("Read Moodle now" in page) is not asked


def test_a_refused_connection_keeps_its_place_among_the_pages(admin: FlaskClient) -> None:
    page = BeautifulSoup(send(admin, PAGE, url="moodle", token=TOKEN), "html.parser")

    assert [" ".join(each.get_text().split()) for each in page.select("nav [aria-current=page]")] == [
        "Connection to Moodle"
    ]
