"""The database is gone, busy or full: a clear 503 in the person's language, nothing stored by half, and on it goes."""

from __future__ import annotations

import io
import re
import sqlite3
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select, update
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.competency.rules import rules_of
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory, unit_of_work
from lti_tool.ids import CourseId
from lti_tool.people.model import CourseRole
from lti_tool.people.tables import LoginSessionRow
from lti_tool.web.audited import READS
from tests.factories.big_course import BigCourse, counted, open_big_course
from tests.factories.broken_database import driver_error, failing_commits, failing_statements, rows
from tests.factories.launch_bench import TOOL, Bench
from tests.integration.web.conftest import Institute, Visitor, make_lms
from tests.integration.web.test_rights import path_of

TITLES = {
    "ky": "Куралды азырынча колдонууга болбойт",
    "ru": "Инструмент временно недоступен",
    "en": "The tool cannot be used for a moment",
}
STILL_FINE = {"health.healthz", "static", "api.openapi", "case.nothing", "case.one"}
"""What needs no database."""
ASKED_TO_WRITE = {"lti.login", "registration.register", "static"}
"""Platforms ask by GET for something to be begun; and files, which no database knows."""


def _is_clear(answer: TestResponse, locale: str = "en") -> bool:
    return (
        answer.status_code == 503
        and answer.headers["Retry-After"] == "30"
        and TITLES[locale] in answer.text
        and f'<html lang="{locale}"' in answer.text
        and "Set-Cookie" not in answer.headers
        and "default-src 'none'" in answer.headers["Content-Security-Policy"]
    )


@pytest.fixture
def big(any_sessions: SessionFactory) -> BigCourse:
    """A small course of the big kind, on either database."""
    return open_big_course(any_sessions, clock.now() - timedelta(hours=2), 2, 3)


@pytest.fixture
def trainer(big: BigCourse, tmp_path: Path) -> FlaskClient:
    """Its trainer, on the page where results are uploaded."""
    return big.visit(big.bench(tmp_path), CourseRole.TRAINER)


def _token(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path, base_url=TOOL).text)
    assert found is not None
    return found.group(1)


def _form(big: BigCourse, token: str, seed: int = 1) -> dict[str, object]:
    return {"csrf_token": token, "file": (io.BytesIO(big.export(seed)), "grades.csv")}


def _results(big: BigCourse) -> str:
    return f"/c/{big.course.public_id}/results"


def _send(client: FlaskClient, path: str, form: dict[str, object]) -> TestResponse:
    return client.post(path, data=form, base_url=TOOL)


@pytest.mark.parametrize("failing", ["statement", "commit"])
def test_an_upload_that_the_database_cannot_take_leaves_nothing_and_is_taken_afterwards(
    big: BigCourse, trainer: FlaskClient, failing: str
) -> None:
    path, error = _results(big), driver_error(big.sessions)
    token, before = _token(trainer, path), rows(big.sessions)

    if failing == "commit":
        with failing_commits(big.sessions, error):
            answer = _send(trainer, f"{path}?lang=en", _form(big, token))
    else:
        with failing_statements(big.sessions, error, "UPDATE attainment"):
            answer = _send(trainer, f"{path}?lang=en", _form(big, token))

    assert _is_clear(answer)
    assert "If what you sent is missing there, send it again." in answer.text
    assert rows(big.sessions) == before

    assert _send(trainer, path, _form(big, token)).status_code == 200
    after = rows(big.sessions)
    assert after["evidence"] == before["evidence"] + 2 * 3
    assert after["delivery"] > before["delivery"]


def test_a_launch_that_cannot_be_stored_begins_no_session_and_ends_none(
    any_sessions: SessionFactory, tmp_path: Path
) -> None:
    browser = make_lms(tmp_path, any_sessions).browser()
    here = browser.launch().headers["Location"]
    again = browser.log_in().payload()
    known = browser.bench.stored()

    with failing_commits(any_sessions, driver_error(any_sessions), after=1):  # the state is used up, whatever follows
        answer = browser.post(browser.bench.lms.sign(again))

    assert _is_clear(answer)
    assert "go back to your course and open the activity again" in answer.text
    assert browser.bench.stored() == known
    assert browser.client.get(here, base_url=TOOL).status_code == 200, "the session of before goes on"
    assert browser.launch().status_code == 303


@pytest.mark.parametrize(("locale", "browser"), [("ky", "en"), ("ru", "ky"), ("en", "ru")])
def test_the_page_speaks_the_language_that_the_person_chose(
    visitor: Visitor, institute: Institute, sessions: SessionFactory, locale: str, browser: str
) -> None:
    client, here = visitor("participant"), f"/c/{institute.course.public_id}/me"
    form = {"csrf_token": _csrf(client, here), "locale": locale, "next": here}
    assert client.post("/session/language", data=form, base_url=TOOL).status_code == 303

    with failing_statements(sessions, sqlite3.OperationalError("database is locked")):
        answer = client.get(here, base_url=TOOL, headers={"Accept-Language": browser})

    assert _is_clear(answer, locale)


def test_the_page_speaks_the_language_of_the_launch(lms: Bench) -> None:
    browser = lms.browser()
    presentation = {"locale": "ru", "document_target": "iframe", "return_url": "https://moodle.example.invalid/back"}
    here = browser.launch(launch_presentation=presentation).headers["Location"]

    with failing_statements(lms.sessions, sqlite3.OperationalError("disk I/O error")):
        answer = browser.client.get(here, base_url=TOOL, headers={"Accept-Language": "en"})

    assert _is_clear(answer, "ru")


def _csrf(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(path, base_url=TOOL).text)
    assert found is not None
    return found.group(1)


def test_what_was_typed_is_shown_to_be_copied(visitor: Visitor, institute: Institute, sessions: SessionFactory) -> None:
    client, course = visitor("trainer"), institute.course.public_id
    token = _token(client, f"/c/{course}/mapping")
    form: dict[str, object] = {"csrf_token": token, "name": "Quiz: <b>Жума 7</b>"}

    with failing_commits(sessions, sqlite3.OperationalError("database or disk is full")):
        answer = _send(client, f"/c/{course}/activities?lang=en", form)

    assert _is_clear(answer)
    assert "Quiz: &lt;b&gt;Жума 7&lt;/b&gt;" in answer.text
    assert token not in answer.text


def test_a_message_that_a_failed_page_would_have_shown_comes_with_the_next_one(
    visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    client, here = visitor("trainer"), f"/c/{institute.course.public_id}/mapping"
    with client.session_transaction(base_url=TOOL) as cookie:
        cookie["_flashes"] = [("good", "Cактал&")]

    with failing_commits(sessions, sqlite3.OperationalError("database or disk is full")):
        assert client.get(here, base_url=TOOL).status_code == 503

    assert ["Cактал&amp;" in client.get(here, base_url=TOOL).text for _ in range(2)] == [True, False]


def test_who_only_reads_waits_for_no_writer(visitor: Visitor, institute: Institute, sessions: SessionFactory) -> None:
    client, here = visitor("participant"), f"/c/{institute.course.public_id}/me"
    assert client.get(here, base_url=TOOL).status_code == 200, "the course has its rules, as after a launch"
    _last_seen(sessions, clock.now() - timedelta(minutes=5))

    with unit_of_work(sessions) as _writing:
        began = time.monotonic()
        assert client.get(here, base_url=TOOL).status_code == 200
        assert time.monotonic() - began < 5

    assert client.get(here, base_url=TOOL).status_code == 200
    with unit_of_work(sessions, writes=False) as session:
        seen = session.scalars(select(LoginSessionRow.seen_at)).one()
        assert clock.now() - seen < timedelta(minutes=1), "the next click notes the use"


NOTED = {"my_tasks.show": "INSERT INTO last_look"}
"""By the route, what a page leaves behind that says what is new since somebody last looked."""


@pytest.mark.parametrize("who", ["participant", "trainer", "admin"])
def test_no_page_that_is_read_writes(
    app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory, who: str
) -> None:
    with unit_of_work(sessions) as session:
        rules_of(session, CourseId(institute.course.id), clock.now())  # a launch begins them
    client, read = visitor(who), 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in ASKED_TO_WRITE:
            continue
        with counted(sessions) as sent:
            read += client.get(path_of(rule, institute), base_url=TOOL).status_code == 200
        writes = [each for each in sent if not each.startswith(("SELECT", "BEGIN", "PRAGMA"))]
        # That somebody's record was read, or somebody looked at their tasks, is written down, briefly, by itself;
        # nothing else is.
        recorded = [each for each in writes if each.startswith(NOTED.get(rule.endpoint, "INSERT INTO audit_event"))]
        assert writes == recorded, rule.endpoint
        assert len(recorded) <= (rule.endpoint in READS or rule.endpoint in NOTED), rule.endpoint
        assert sum("IMMEDIATE" in each for each in sent) == len(recorded), rule.endpoint

    assert read >= 5


def _last_seen(sessions: SessionFactory, at: datetime) -> None:
    with unit_of_work(sessions) as session:
        session.execute(update(LoginSessionRow).values(seen_at=at))


def test_a_fault_in_leaving_is_written_down_once_and_without_the_address_as_it_came(
    lms: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    full = failing_commits(lms.sessions, sqlite3.OperationalError("database or disk is full"))

    with capture_logs() as told, full:
        lms.browser().client.get("/lti/jwks?code=a-one-time-code", base_url=TOOL)

    assert caplog.records == []
    assert [(each["code"], each["status"], each["path"]) for each in told] == [
        ("database_unavailable", 503, "/lti/jwks")
    ]
    assert "a-one-time-code" not in str(told)


@pytest.fixture
def stranded(app: Flask) -> Flask:
    """The whole application, whose PostgreSQL has gone since it started."""
    gone = make_session_factory(make_engine("postgresql+psycopg://tester@127.0.0.1:1/nowhere"))
    app.extensions["tool"] = replace(app.extensions["tool"], sessions=gone)
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_every_route_says_so_where_the_server_is_gone(stranded: Flask, method: str) -> None:
    client = stranded.test_client()
    with client.session_transaction(base_url=TOOL) as cookie:
        cookie["_user_id"] = "anybody"
    wrong = []
    for rule in stranded.url_map.iter_rules():
        if method not in (rule.methods or ()) or rule.endpoint in STILL_FINE:
            continue
        path = re.sub(r"<(?:\w+:)?\w+>", "abc", rule.rule)
        form = {"iss": "https://lms.example.invalid", "login_hint": "6", "target_link_uri": f"{TOOL}/launch"}
        token = {"Authorization": "Bearer ict_anything"}
        answer = client.open(path, method=method, base_url=TOOL, headers=token, **_sent(method, form))
        if (answer.status_code, answer.headers.get("Retry-After")) != (503, "30"):
            wrong.append((rule.endpoint, answer.status_code))

    # A launch without its token is refused unasked, and so is asking for the head of what changes something, or for a
    # badge as a file of a kind that there is not.
    unasked = {("lti.launch", 400), ("lti.login", 405), ("registration.register", 405), ("credentials.file", 404)}
    assert set(wrong) <= unasked
    assert client.get("/healthz", base_url=TOOL).status_code == 200
    assert client.get("/static/app.css", base_url=TOOL).status_code == 200


def _sent(method: str, form: dict[str, str]) -> dict[str, object]:
    return {"data": form} if method == "POST" else {"query_string": form}


def test_a_process_whose_database_is_gone_is_not_ready_and_says_why(stranded: Flask) -> None:
    answer = stranded.test_client().get("/readyz", base_url=TOOL)

    assert (answer.status_code, answer.json) == (503, {"status": "database unavailable"})
    assert answer.headers["Retry-After"] == "30"


def test_an_address_that_is_none_of_ours_is_told_as_ever(stranded: Flask) -> None:
    assert stranded.test_client().get("/nowhere", base_url=TOOL).status_code == 404


def test_a_request_for_which_no_connection_is_free_is_answered(
    app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    client, here = visitor("participant"), f"/c/{institute.course.public_id}/me?lang=en"
    narrow = create_engine(sessions.kw["bind"].url, pool_size=1, max_overflow=0, pool_timeout=0.1)
    app.extensions["tool"] = replace(app.extensions["tool"], sessions=make_session_factory(narrow))

    with narrow.connect():
        answer = client.get(here, base_url=TOOL)

    assert _is_clear(answer)
    assert client.get(here, base_url=TOOL).status_code == 200
    narrow.dispose()


def test_a_server_that_restarted_meanwhile_is_not_noticed(postgres_sessions: SessionFactory, tmp_path: Path) -> None:
    browser = make_lms(tmp_path, postgres_sessions).browser()
    here = browser.launch().headers["Location"]

    _end_connections(postgres_sessions)

    assert browser.client.get(here, base_url=TOOL).status_code == 200


def _end_connections(sessions: SessionFactory) -> None:
    """As a restart of the server does: whoever is connected is put out."""
    other = create_engine(sessions.kw["bind"].url, isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    other.dispose()
    time.sleep(0.05)
