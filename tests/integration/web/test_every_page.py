"""What is offered beside a page's own matter: health for machines, the language, the end of a session, the way home."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.db import schema
from lti_tool.db.base import Base
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.people.tables import LoginSessionRow
from tests.factories.launch_bench import TOOL as BASE
from tests.integration.web.conftest import Institute, Visitor


def _token(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(path, base_url=BASE).text)
    assert found is not None
    return found.group(1)


def _choose(client: FlaskClient, institute: Institute, locale: str, back: str) -> TestResponse:
    token = _token(client, f"/c/{institute.course.public_id}/me")
    form = {"csrf_token": token, "locale": locale, "next": back}
    return client.post("/session/language", data=form, base_url=BASE)


def _lang(client: FlaskClient, path: str) -> str:
    page = BeautifulSoup(client.get(path, base_url=BASE).text, "html.parser")
    assert page.html is not None
    return str(page.html["lang"])


def test_a_living_process_says_so_without_a_database(app: Flask, sessions: SessionFactory) -> None:
    Base.metadata.drop_all(sessions.kw["bind"])

    answer = app.test_client().get("/healthz", base_url=BASE)

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_a_process_is_ready_once_the_schema_is_its_own(app: Flask, sessions: SessionFactory) -> None:
    client = app.test_client()
    before = client.get("/readyz", base_url=BASE)
    Base.metadata.drop_all(sessions.kw["bind"])
    schema.upgrade(sessions)

    after = client.get("/readyz", base_url=BASE)

    assert (before.status_code, before.json) == (503, {"status": "schema not current"})
    assert (after.status_code, after.json) == (200, {"status": "ready"})


@pytest.mark.parametrize("locale", ["ky", "ru", "en"])
def test_the_chosen_language_is_kept_and_the_same_page_shown(
    visitor: Visitor, institute: Institute, locale: str
) -> None:
    client, here = visitor("participant"), f"/c/{institute.course.public_id}/me"

    answer = _choose(client, institute, locale, here)

    assert (answer.status_code, answer.location) == (303, here)
    assert _lang(client, here) == locale
    assert _lang(client, "/") == locale


def test_a_language_that_is_not_known_changes_nothing(visitor: Visitor, institute: Institute) -> None:
    client = visitor("participant")

    answer = _choose(client, institute, "tlh", "/")

    assert answer.status_code == 400
    assert "This language is not known here." in answer.text
    assert _lang(client, "/") == "en"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "me", ""]
)
def test_the_switch_of_language_leads_nowhere_else(visitor: Visitor, institute: Institute, elsewhere: str) -> None:
    assert _choose(visitor("participant"), institute, "ru", elsewhere).location == "/"


def test_an_ended_session_is_gone_from_the_database(
    visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    client, here = visitor("participant"), f"/c/{institute.course.public_id}/me"
    token = _token(client, here)

    answer = client.post("/session/end", data={"csrf_token": token}, base_url=BASE)

    assert answer.status_code == 200
    assert "Айгүл" not in answer.text
    assert client.get(here, base_url=BASE).status_code == 401
    with unit_of_work(sessions, writes=False) as session:
        assert session.scalars(select(LoginSessionRow)).all() == []


def test_the_end_is_told_in_the_language_of_the_session(visitor: Visitor, institute: Institute) -> None:
    client, here = visitor("participant"), f"/c/{institute.course.public_id}/me"
    _choose(client, institute, "ru", here)

    answer = client.post("/session/end", data={"csrf_token": _token(client, here)}, base_url=BASE)

    assert "Ваш сеанс завершён" in answer.text
    assert _lang(client, "/framework/") == "ky", "nothing is left of who was here"


def test_who_is_signed_out_by_waiting_reads_on_in_their_language(
    visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    client, here = visitor("participant"), f"/c/{institute.course.public_id}/me"
    _choose(client, institute, "ru", here)
    with unit_of_work(sessions) as session:
        session.execute(update(LoginSessionRow).values(seen_at=clock.now() - timedelta(days=2)))

    answer = client.get(here, base_url=BASE)

    assert answer.status_code == 401
    assert "Ваш сеанс завершён" in answer.text
    assert _lang(client, "/framework/") == "ru"
    assert _lang(client, "/framework/?lang=en") == "en"


def test_ending_a_session_needs_its_token(visitor: Visitor, institute: Institute) -> None:
    client, here = visitor("participant"), f"/c/{institute.course.public_id}/me"

    answer = client.post("/session/end", base_url=BASE)

    assert answer.status_code == 403
    assert client.get(here, base_url=BASE).status_code == 200


@pytest.mark.parametrize(
    ("who", "leads_to"),
    [
        ("participant", ["/c/{course}/me", "/c/{course}/me/tasks"]),
        ("trainer", ["/c/{course}/group"]),
        ("admin", ["/institute/courses"]),
    ],
)
def test_home_leads_to_what_the_session_may_see(
    visitor: Visitor, institute: Institute, who: str, leads_to: list[str]
) -> None:
    page = BeautifulSoup(visitor(who).get("/", base_url=BASE).text, "html.parser")

    links = [str(link["href"]) for link in page.select("main a[href]")]

    assert links == [path.format(course=institute.course.public_id) for path in leads_to]


def test_home_without_a_session_says_how_to_come_in(visitor: Visitor) -> None:
    answer = visitor("nobody").get("/?lang=en", base_url=BASE)

    assert answer.status_code == 200
    assert "This tool is opened from a course in the LMS." in answer.text
