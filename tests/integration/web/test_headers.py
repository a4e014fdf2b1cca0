"""What every answer says about itself: who may frame it, what it may load, that it is not kept (rows 41, 58, 59)."""

from __future__ import annotations

import pytest
from flask import Flask

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.people.tables import CourseRow, PersonRow
from tests.integration.web.conftest import Institute, Visitor

BASE = "https://tool.example.invalid"


def _directives(policy: str) -> dict[str, str]:
    return {name: value for name, _, value in (part.strip().partition(" ") for part in policy.split(";"))}


def test_a_page_may_be_framed_by_its_own_platform_only(visitor: Visitor, institute: Institute) -> None:
    answer = visitor("participant").get(f"/c/{institute.course.public_id}/me", base_url=BASE)

    ancestors = _directives(answer.headers["Content-Security-Policy"])["frame-ancestors"]
    assert ancestors == "'self' https://lms1.example.invalid"
    assert "X-Frame-Options" not in answer.headers


def test_nobody_may_frame_a_page_without_a_session(app: Flask) -> None:
    answer = app.test_client().get("/", base_url=BASE)

    assert _directives(answer.headers["Content-Security-Policy"])["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("path", ["me", "group", "mapping", "results", "deliveries"])
def test_no_policy_allows_inline_script_or_style(visitor: Visitor, institute: Institute, path: str) -> None:
    answer = visitor("trainer").get(f"/c/{institute.course.public_id}/{path}", base_url=BASE)

    policy = _directives(answer.headers["Content-Security-Policy"])
    page = answer.get_data(as_text=True)
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'none'", "'self'", "'self'")
    assert " style=" not in page
    assert "<script>" not in page
    assert " onclick=" not in page


@pytest.mark.parametrize("path", ["/", "/lti/jwks", "/healthz", "/nowhere"])
def test_nothing_but_assets_is_kept(app: Flask, path: str) -> None:
    assert app.test_client().get(path, base_url=BASE).headers["Cache-Control"] == "no-store"


def test_pages_with_a_session_are_not_kept(visitor: Visitor, institute: Institute) -> None:
    answer = visitor("participant").get(f"/c/{institute.course.public_id}/me", base_url=BASE)

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_the_session_cookie_is_partitioned_and_bound_to_the_host(visitor: Visitor, institute: Institute) -> None:
    answer = visitor("participant").get(f"/c/{institute.course.public_id}/me", base_url=BASE)

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    for attribute in ("Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"):
        assert attribute in cookie


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/lti/launch"), ("GET", "/lti/launch"), ("HEAD", "/lti/login"), ("DELETE", "/")]
)
def test_other_methods_are_refused(app: Flask, method: str, path: str) -> None:
    assert app.test_client().open(path, method=method, base_url=BASE).status_code == 405


def test_a_method_override_is_not_heard(app: Flask) -> None:
    answer = app.test_client().post("/lti/launch", headers={"X-HTTP-Method-Override": "GET"}, base_url=BASE)

    assert answer.status_code == 400


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "{{ 7*7 }}",
    "\u202eabc",
    "я" * 10_000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_and_titles_are_shown_as_text(
    visitor: Visitor, institute: Institute, sessions: SessionFactory, text: str
) -> None:
    with unit_of_work(sessions) as session:
        session.get_one(PersonRow, institute.persons["participant"].id).name = text
        session.get_one(CourseRow, institute.course.id).title = text

    for path in ("group", "me", "deliveries", "mapping"):
        page = visitor("trainer").get(f"/c/{institute.course.public_id}/{path}", base_url=BASE)
        assert page.status_code == 200
        for raw in ("<img src=x", "<script>alert", "<svg onload", ">49<"):
            assert raw not in page.get_data(as_text=True)
