"""The page of the tokens for the API: a token is shown once, listed with its last use, ended at once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from lti_tool import clock
from lti_tool.accounts import token_queries, tokens
from lti_tool.accounts.token_model import MOST_IN_FORCE, ApiToken
from lti_tool.accounts.tokens import Wish
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import PlatformId
from tests.integration.web.conftest import Institute, Visitor

BASE = "https://tool.example.invalid"
PAGE = "/institute/api"


@pytest.fixture
def admin(app: Flask, visitor: Visitor) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return visitor("admin")


def _page(client: FlaskClient, path: str = PAGE) -> BeautifulSoup:
    return BeautifulSoup(client.get(path, base_url=BASE).text, "html.parser")


def _make(client: FlaskClient, name: str = "Министрлик", days: str = "365") -> tuple[int, BeautifulSoup]:
    answer = client.post(PAGE, data={"name": name, "days": days}, base_url=BASE)
    return answer.status_code, BeautifulSoup(answer.text, "html.parser")


def _secret(page: BeautifulSoup) -> str:
    found = page.select_one(".secret code")
    assert found is not None
    return found.get_text(strip=True)


def _tokens(sessions: SessionFactory, institute: Institute) -> tuple[ApiToken, ...]:
    with unit_of_work(sessions, writes=False) as session:
        return token_queries.tokens_of(session, PlatformId(institute.persons["admin"].platform_id))


def test_a_new_token_is_shown_once_and_opens_the_api(
    admin: FlaskClient, app: Flask, sessions: SessionFactory, institute: Institute
) -> None:
    status, page = _make(admin)

    secret = _secret(page)
    [token] = _tokens(sessions, institute)
    assert (status, token.name, token.made_by) == (200, "Министрлик", "Админ")
    assert token.expires_at is not None
    assert token.expires_at - token.created_at == timedelta(days=365)
    read = app.test_client().get("/api/v1/courses", base_url=BASE, headers={"Authorization": f"Bearer {secret}"})
    assert {each["title"] for each in read.json["items"]} == {"ИКТ 101", "Экинчи курс"}
    again = admin.get(PAGE, base_url=BASE)
    assert secret not in again.text
    assert secret[:10] in again.text
    assert again.headers["Cache-Control"] == "no-store"


def test_the_list_says_whether_a_token_is_used(admin: FlaskClient, app: Flask) -> None:
    secret = _secret(_make(admin)[1])
    assert "never yet" in _page(admin).text

    app.test_client().get("/api/v1/courses", base_url=BASE, headers={"Authorization": f"Bearer {secret}"})

    assert "never yet" not in _page(admin).text


def test_a_revoked_token_opens_nothing_and_is_listed_as_ended(
    admin: FlaskClient, app: Flask, sessions: SessionFactory, institute: Institute
) -> None:
    secret = _secret(_make(admin, days="0")[1])
    [token] = _tokens(sessions, institute)
    form = _page(admin).select_one("details form")
    assert form is not None

    answer = admin.post(str(form["action"]), base_url=BASE, follow_redirects=True)

    assert "“Министрлик” is revoked" in answer.text
    assert "Tokens that have ended" in answer.text
    assert re.search(r"revoked on \d", answer.text)
    assert token.expires_at is None
    read = app.test_client().get("/api/v1/courses", base_url=BASE, headers={"Authorization": f"Bearer {secret}"})
    assert read.status_code == 401


def test_an_expired_token_is_listed_as_ended(
    admin: FlaskClient, sessions: SessionFactory, institute: Institute
) -> None:
    platform_id = PlatformId(institute.persons["admin"].platform_id)
    with unit_of_work(sessions) as session:
        tokens.make(session, platform_id, Wish("Эски", days=1), clock.now() - timedelta(days=3))

    page = _page(admin)

    assert re.search(r"expired on \d", page.text)
    assert page.select_one("details form") is None


@pytest.mark.parametrize(
    ("name", "days", "sentence"),
    [
        ("", "365", "what the token is for"),
        ("x" * 101, "365", "what the token is for"),
        ("x", "9999", "how long the token holds"),
        ("x", "soon", "how long the token holds"),
    ],
)
def test_what_cannot_be_is_said_and_stores_nothing(
    admin: FlaskClient, sessions: SessionFactory, institute: Institute, name: str, days: str, sentence: str
) -> None:
    status, page = _make(admin, name, days)

    assert status == 422
    assert sentence in page.text
    assert page.select_one(".secret") is None
    field = page.select_one("#f-name")
    assert field is not None
    assert field["value"] == name, "what was typed stays"
    assert _tokens(sessions, institute) == ()


def test_too_many_tokens_are_refused_with_what_to_do(
    admin: FlaskClient, sessions: SessionFactory, institute: Institute
) -> None:
    platform_id = PlatformId(institute.persons["admin"].platform_id)
    with unit_of_work(sessions) as session:
        for _ in range(MOST_IN_FORCE):
            tokens.make(session, platform_id, Wish("x"), clock.now())

    status, page = _make(admin)

    assert status == 422
    assert "Revoke one that nobody needs" in page.text


def test_an_admin_of_another_platform_sees_and_ends_nothing_of_this_one(
    admin: FlaskClient, visitor: Visitor, sessions: SessionFactory, institute: Institute
) -> None:
    _make(admin)
    [token] = _tokens(sessions, institute)
    stranger = visitor("admin of another platform")

    assert "Министрлик" not in _page(stranger).text
    assert stranger.post(f"{PAGE}/{token.public_id}/revoke", base_url=BASE).status_code == 404
    assert _tokens(sessions, institute)[0].revoked_at is None


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_the_page_about_the_api_tells_every_endpoint_and_problem(app: Flask, language: str) -> None:
    page = _page(app.test_client(), f"/api/v1/?lang={language}")

    assert page.html is not None
    assert page.html["lang"] == language
    document = app.test_client().get("/api/v1/openapi.json", base_url=BASE).json
    told = {code.get_text(strip=True) for code in page.select("article h3 code")}
    assert told == {f"GET /api/v1{path}" for path in document["paths"]}
    kinds = set(document["components"]["responses"])
    assert {str(row["id"]) for row in page.select("tbody tr")} == kinds, "a problem's type opens to its explanation"


def test_the_address_without_its_stroke_leads_to_the_page(app: Flask) -> None:
    assert app.test_client().get("/api/v1", base_url=BASE).location == f"{BASE}/api/v1/"


def test_the_document_is_kept_by_its_tag_and_needs_no_token(app: Flask) -> None:
    client = app.test_client()
    first = client.get("/api/v1/openapi.json", base_url=BASE)

    again = client.get("/api/v1/openapi.json", base_url=BASE, headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code) == (200, 304)
    assert first.headers["Content-Language"] == "en"
    assert first.json["openapi"].startswith("3.1")
