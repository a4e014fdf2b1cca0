"""`GET /metrics`: who may read it, and what stands in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import text
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.app import create_app
from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.errors import PlatformUnavailable, ScoreRefused
from lti_tool.lti.tables import PlatformRow
from lti_tool.people.tables import CourseRow, PersonRow
from lti_tool.settings import Settings
from lti_tool.worker import Worker
from tests.factories.desk import Desk, open_desk, with_column
from tests.factories.fake_platform import plain_comment
from tests.factories.launch_bench import TOOL, write_tool_key
from tests.factories.templates import share_templates

TOKEN = "a token of the tests"
ELSEWHERE = "192.0.2.7"
Samples = dict[tuple[str, str], float]


def _application(folder: Path, sessions: SessionFactory, token: str | None = TOKEN, proxies: int = 0) -> Flask:
    write_tool_key(folder / "keys")
    settings = Settings(
        base_url=TOOL,
        data_dir=folder,
        keys_dir=folder / "keys",
        secret_key=SecretStr("a secret of the tests, and of nobody else"),
        metrics_token=None if token is None else SecretStr(token),
        trusted_proxies=proxies,
        log_format="text",
    )
    return share_templates(create_app(settings, sessions))


@pytest.fixture
def client(tmp_path: Path, sessions: SessionFactory) -> FlaskClient:
    return _application(tmp_path, sessions).test_client()


def _ask(client: FlaskClient, peer: str = "127.0.0.1", **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get("/metrics", headers=named, environ_base={"REMOTE_ADDR": peer})


def _samples(answer: TestResponse) -> Samples:
    """By name and by what the labels beside the platform's say, in the alphabet of the labels."""
    assert answer.status_code == 200
    found = {}
    for family in text_string_to_metric_families(answer.get_data(as_text=True)):
        for sample in family.samples:
            others = ",".join(value for label, value in sample.labels.items() if label != "platform")
            found[sample.name.removeprefix("lti_tool_"), others] = sample.value
    return found


# --- who


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1"])
def test_the_machine_itself_may_read_them(client: FlaskClient, peer: str) -> None:
    answer = _ask(client, peer)

    assert (answer.status_code, answer.content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")


@pytest.mark.parametrize("peer", [ELSEWHERE, "10.0.0.1", "2001:db8::1", "", "unix:"])
def test_another_machine_needs_the_token(client: FlaskClient, peer: str) -> None:
    answer = _ask(client, peer)

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "lti_tool_" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "header", ["X_Forwarded_For", "Forwarded", "X_Forwarded_Host", "X_Forwarded_Proto", "X_Real_IP", "Via"]
)
def test_who_comes_through_a_proxy_of_this_machine_is_not_the_machine(client: FlaskClient, header: str) -> None:
    assert _ask(client, "127.0.0.1", **{header: "127.0.0.1"}).status_code == 401


@pytest.mark.parametrize("claimed", ["127.0.0.1", "127.0.0.1, 192.0.2.7", "::1"])
def test_behind_a_trusted_proxy_nobody_passes_for_the_machine(
    tmp_path: Path, sessions: SessionFactory, claimed: str
) -> None:
    client = _application(tmp_path, sessions, proxies=1).test_client()

    assert _ask(client, ELSEWHERE, X_Forwarded_For=claimed).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_the_token_opens_them_from_anywhere(client: FlaskClient, scheme: str) -> None:
    answer = _ask(client, ELSEWHERE, Authorization=f"{scheme} {TOKEN}", X_Forwarded_For=ELSEWHERE)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "brought",
    [
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Basic {TOKEN}",
        f"Token {TOKEN}",
        TOKEN,
        "Bearer Өткүр",
        f"Bearer {TOKEN.upper()}",
        "Basic Og==",
    ],
)
def test_anything_else_opens_nothing(client: FlaskClient, brought: str) -> None:
    assert _ask(client, ELSEWHERE, Authorization=brought.encode().decode("latin-1")).status_code == 401


@pytest.mark.parametrize("token", [None, "", "  "])
@pytest.mark.parametrize("brought", ["Bearer", "Bearer ", "Bearer None"])
def test_a_token_that_is_not_set_opens_nothing(
    tmp_path: Path, sessions: SessionFactory, token: str | None, brought: str
) -> None:
    client = _application(tmp_path, sessions, token).test_client()

    assert _ask(client, ELSEWHERE, Authorization=brought).status_code == 401
    assert _ask(client).status_code == 200


def test_nobody_can_write_to_them(client: FlaskClient) -> None:
    assert client.post("/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code == 405


# --- what


@pytest.fixture
def desk(sessions: SessionFactory) -> Desk:
    return with_column(open_desk(sessions, clock.now(), people=3))


def test_before_the_first_platform_every_family_is_named_and_empty(client: FlaskClient) -> None:
    page = _ask(client).get_data(as_text=True)

    assert "# TYPE lti_tool_deliveries_waiting gauge\n" in page
    assert [line for line in page.splitlines() if not line.startswith("#")] == []


def test_what_waits_and_what_was_refused(client: FlaskClient, desk: Desk) -> None:
    desk.lms.fail_next(ScoreRefused("score_refused", status=400))
    desk.want(1, 0)
    desk.work()
    desk.want(2, 1)

    told = _samples(_ask(client))

    assert {state: told["deliveries", state] for state in ("due", "held", "dead")} == {"due": 1, "held": 1, "dead": 0}
    assert (told["deliveries_waiting", ""], told["deliveries_by_answer", "refused,held"]) == (1, 1)
    assert 0 <= told["deliveries_oldest_wait_seconds", ""] < 60
    assert (told["platform_paused", ""], told["jobs_open", ""]) == (0, 0)
    assert not [name for name, _ in told if name.startswith("platform_paused_")]


def test_tries_are_counted_by_their_answer(client: FlaskClient, desk: Desk) -> None:
    for person in range(3):
        desk.want(1, person)
    desk.lms.fail_next(ScoreRefused("score_refused", status=400))
    Worker(desk.sessions, desk.lms, plain_comment, now=lambda: desk.now).run_once()

    found = _samples(_ask(client))

    tries = {labels: count for (name, labels), count in found.items() if name == "tries_total"}
    assert tries == {"accepted": 2, "refused": 1}


def test_a_paused_platform_with_reason_and_beginning(client: FlaskClient, desk: Desk) -> None:
    desk.lms.fail_next(PlatformUnavailable("platform_timeout"))
    desk.want(1, 0)
    desk.work()

    told = _samples(_ask(client))

    assert told["platform_paused", ""] == 1
    assert told["platform_paused_timestamp_seconds", "outage"] == pytest.approx(desk.now.timestamp(), abs=0.01)


def test_a_platform_is_told_by_its_id_and_nobody_by_name(
    client: FlaskClient, desk: Desk, sessions: SessionFactory
) -> None:
    with sessions() as session:
        platform = session.get_one(PlatformRow, desk.platform_id)
        people = session.query(PersonRow).all()
        course = session.get_one(CourseRow, desk.course_id)
    desk.want(1, 0)

    page = _ask(client).get_data(as_text=True)

    assert f'lti_tool_platform_info{{issuer="{platform.issuer}",platform="{platform.public_id}"}} 1.0' in page
    names = {name for person in people for name in (person.name, person.public_id, person.sub)}
    labels = set(re.findall(r'="([^"]*)"', page))
    assert not labels & names
    assert course.title not in page


def test_an_issuer_cannot_write_lines_of_its_own(client: FlaskClient, sessions: SessionFactory) -> None:
    odd = 'https://lms.example.invalid/"} 1\nlti_tool_platform_paused{platform="x'
    with sessions.begin() as session:
        session.add(PlatformRow(issuer=odd, created_at=clock.now()))

    told = _samples(_ask(client))

    assert told["platform_info", odd] == 1
    assert ("platform_paused", "") in told
    assert len([key for key in told if key[0] == "platform_paused"]) == 1


def test_two_processes_tell_the_same(tmp_path: Path, desk: Desk) -> None:
    desk.want(1, 0)
    clients = [_application(tmp_path, desk.sessions).test_client() for _ in range(2)]

    first, second = ([line for line in _lines(client) if "oldest_wait" not in line] for client in clients)

    assert first == second
    assert len(first) > 10


def _lines(client: FlaskClient) -> list[str]:
    return _ask(client).get_data(as_text=True).splitlines()


def test_without_a_database_the_scrape_fails_and_says_nothing(client: FlaskClient, sessions: SessionFactory) -> None:
    with sessions.begin() as session:
        session.execute(text("DROP TABLE platform_channel"))

    answer = _ask(client)

    assert answer.status_code == 503
    assert "platform_channel" not in answer.get_data(as_text=True)
