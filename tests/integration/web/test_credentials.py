"""The addresses of badges: for programs that check them, from any origin, without a session and without a cookie."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.credentials import badges, keyring
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.privacy import store as privacy_store
from tests.factories.badges import Holder, holder
from tests.factories.launch_bench import TOOL
from tests.integration.web.conftest import Visitor

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
Get = Callable[..., TestResponse]


@pytest.fixture
def has(app: Flask, sessions: SessionFactory, tmp_path: Path, now: datetime) -> Holder:
    """Somebody with certified levels, in the application's own database and with its own keys."""
    return holder(sessions, tmp_path / "keys", now)


@pytest.fixture
def get(app: Flask) -> Get:
    client: FlaskClient = app.test_client()

    def ask(path: str, accept: str = "*/*") -> TestResponse:
        return client.get(path, base_url=TOOL, headers={"Accept": accept})

    return ask


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/vc+jwt"),
        ("application/vc+jwt", "application/vc+jwt"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("application/json", "application/json"),
        ("application/ld+json", "application/ld+json"),
        (BROWSER, "text/html; charset=utf-8"),
    ],
)
def test_a_badge_is_given_in_the_form_that_is_asked_for(has: Holder, get: Get, accept: str, kind: str) -> None:
    answer = get(f"/credentials/{has.make()}", accept)

    assert (answer.status_code, answer.content_type) == (200, kind)
    assert "Accept" in answer.headers["Vary"]


def test_what_is_read_is_what_was_signed(has: Holder, get: Get) -> None:
    made = has.make()

    told = get(f"/credentials/{made}", "application/json").json
    again = get(f"/credentials/{made}").text, get(f"/credentials/{made}.jwt").text

    assert told is not None
    assert told["id"] == f"{TOOL}/credentials/{made}"
    assert again[0] == again[1]


def test_the_files_are_named_and_saved(has: Holder, get: Get) -> None:
    made = has.make()

    for ending in ("jwt", "json"):
        answer = get(f"/credentials/{made}.{ending}")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="badge-{made}.{ending}"'
    assert get(f"/credentials/{made}.exe").status_code == 404


def test_a_browser_is_told_what_it_is_and_what_to_do_with_it(has: Holder, get: Get) -> None:
    made = has.make()

    page = get(f"/credentials/{made}?lang=en", BROWSER).text

    assert "What to do with it" in page
    assert f"{TOOL}/verify/{made}" in page
    assert "Valid" in page
    assert "Айгүл" not in page


@pytest.mark.parametrize("path", ["issuer", "jwks", "{made}", "{made}.jwt", "status/0", "achievements/{level}"])
def test_anybody_may_read_from_any_origin_and_gets_no_cookie(has: Holder, get: Get, path: str) -> None:
    made = has.make()

    answer = get("/credentials/" + path.format(made=made, level="kg-ict-teachers/1.0/4.1/1/ky"))

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["ETag"]


def test_nothing_that_is_given_out_names_the_person(has: Holder, get: Get) -> None:
    made = has.make(by_email=True)

    told = "".join(get(f"/credentials/{path}", "application/json").text for path in (made, f"{made}.json"))

    assert "Айгүл" not in told
    assert "school.example" not in told


def test_what_a_badge_leads_to_is_there(has: Holder, get: Get) -> None:
    badge: dict[str, Any] = json.loads(get(f"/credentials/{has.make()}.json").text)
    achievement = badge["credentialSubject"]["achievement"]

    def found(address: str) -> Any:  # noqa: ANN401  whatever stands there
        return get(address.removeprefix(TOOL), "application/json").json

    assert found(badge["issuer"]["id"])["name"]
    there, here = found(achievement["id"])["resultDescription"][0], achievement["resultDescription"][0]
    assert (there["id"], there["requiredLevel"]) == (here["id"], here["requiredLevel"])
    assert get(achievement["criteria"]["id"].removeprefix(TOOL)).status_code == 200
    for alignment in achievement["alignment"]:
        assert found(alignment["targetUrl"])["uri"] == alignment["targetUrl"]


def test_each_public_key_stands_at_the_address_that_badges_name(
    has: Holder, get: Get, sessions: SessionFactory, tmp_path: Path, now: datetime
) -> None:
    has.make()
    with unit_of_work(sessions) as session:
        keyring.rotate(session, tmp_path / "keys", None, now)

    keys = (get("/credentials/jwks").json or {})["keys"]

    assert len(keys) == 2, "the retired one stays"
    for key in keys:
        assert get(key["kid"].removeprefix(TOOL)).json == key
        assert "d" not in key
    assert get("/credentials/keys/nosuch").status_code == 404


def test_operators_see_the_keys_of_badges_beside_those_of_the_tool(
    has: Holder, visitor: Visitor, tmp_path: Path, sessions: SessionFactory, now: datetime
) -> None:
    before = visitor("operator").get("/administration/keys", base_url=TOOL).text
    has.make()
    with unit_of_work(sessions) as session:
        made = keyring.rotate(session, tmp_path / "keys", None, now)

    page = visitor("operator").get("/administration/keys", base_url=TOOL, headers={"Accept-Language": "en"}).text

    assert "Keys that sign badges" not in before
    assert made.kid in page.partition("Keys that sign badges")[2]
    assert "still published, signs no more" in page.partition("Keys that sign badges")[2]


@pytest.mark.parametrize(
    "path",
    [
        "nosuch", "nosuch.jwt", "status/7", "achievements/kg-ict-teachers/1.0/9.9/1/ky",
        "achievements/kg-ict-teachers/1.0/4.1/9/ky", "achievements/kg-ict-teachers/1.0/4.1/1/de",
        "achievements/kg-ict-teachers/8.8/4.1/1/ky", "%00",
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_to_programs(has: Holder, get: Get, path: str) -> None:
    answer = get(f"/credentials/{path}")

    assert answer.status_code == 404


def test_an_unknown_badge_leads_to_the_check_page(get: Get) -> None:
    assert (get("/credentials/nosuch").json or {})["check"] == f"{TOOL}/verify/nosuch"


def test_what_was_erased_is_given_to_nobody_any_more(has: Holder, get: Get, sessions: SessionFactory) -> None:
    made = has.make()
    with unit_of_work(sessions) as session:
        privacy_store.delete_holdings(session, has.person.id, has.now)

    assert get(f"/credentials/{made}").status_code == 404
    assert get("/credentials/status/0").status_code == 200


def test_a_revoked_badge_is_still_given_out_and_its_page_says_so(
    has: Holder, get: Get, sessions: SessionFactory
) -> None:
    made = has.make()
    with unit_of_work(sessions) as session:
        badges.withdraw(session, has.person.id, made, has.now)

    assert get(f"/credentials/{made}").status_code == 200
    assert "Revoked" in get(f"/credentials/{made}?lang=en", BROWSER).text
