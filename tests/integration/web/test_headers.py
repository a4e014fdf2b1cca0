"""What every answer says about itself: who may frame it, what it may load, that it is not kept (rows 41, 58, 59)."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.people.tables import CourseRow, PersonRow
from lti_tool.web.auth import Permission
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_rights import path_of

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


KEPT_BY_ANYBODY = {"api.openapi", "case", "catalogue", "catalogue_files", "credentials", "static"}
"""Routes, or all of a blueprint, whose answers tell nothing of anybody."""
PLATFORM = "'self' https://lms1.example.invalid"
FRAMED_BY = {"participant": PLATFORM, "trainer": PLATFORM, "admin": PLATFORM, "operator": "'none'", "nobody": "'none'"}


@pytest.mark.parametrize("name", FRAMED_BY)
def test_no_page_loads_runs_or_keeps_what_it_must_not(
    app: Flask, visitor: Visitor, institute: Institute, name: str
) -> None:
    client, faults = visitor(name), []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            answer = client.get(path_of(rule, institute), base_url=BASE)
            is_public = getattr(app.view_functions[rule.endpoint], "permission", None) is Permission.PUBLIC
            found = _faults(answer, FRAMED_BY[name], is_public=is_public, may_be_kept=rule.endpoint)
            faults += [f"{rule.endpoint}: {fault}" for fault in found]

    assert faults == []


def _faults(answer: TestResponse, framed_by: str, *, is_public: bool, may_be_kept: str) -> list[str]:
    headers, told = answer.headers, _directives(answer.headers.get("Content-Security-Policy", ""))
    kept = set(headers.get("Cache-Control", "").split(", "))
    right = {
        "script": told.get("script-src", "'none'") in {"'self'", "'none'"},
        "style": told.get("style-src", "'none'") in {"'self'", "'none'"},
        "everything else": told["default-src"] == "'none'",
        "framed": answer.status_code >= 400 or told["frame-ancestors"] in {framed_by, "'none'"},
        "type": headers.get("X-Content-Type-Options", "") == "nosniff",
        "referrer": headers.get("Referrer-Policy", "") == "same-origin",
        "camera": "camera=()" in headers.get("Permissions-Policy", ""),
        "plain http": headers.get("Strict-Transport-Security", "") == "max-age=31536000",
        "kept": bool(kept & {"no-store", "private"})
        or bool({may_be_kept, may_be_kept.split(".")[0]} & KEPT_BY_ANYBODY),
        "loaded by others": is_public or headers.get("Cross-Origin-Resource-Policy", "") == "same-origin",
    }
    return [name for name, is_right in right.items() if not is_right] + _inline(answer)


def _inline(answer: TestResponse) -> list[str]:
    """Scripts and styles that stand in the page itself: the policy would stop them."""
    if answer.mimetype != "text/html":
        return []
    page = BeautifulSoup(answer.text, "html.parser")
    found = [str(each)[:80] for each in page.select("script:not([src]), style, [style]")]
    return found + [str(each)[:80] for each in page.find_all(True) if any(name.startswith("on") for name in each.attrs)]


def test_pages_of_accounts_share_no_window_with_another_site(visitor: Visitor, institute: Institute) -> None:
    for path in ("/account/", "/account/login", "/administration/registrations"):
        assert visitor("operator").get(path, base_url=BASE).headers["Cross-Origin-Opener-Policy"] == "same-origin", path

    # An LMS waits for the window in which it let people select content.
    course = visitor("trainer").get(f"/c/{institute.course.public_id}/group", base_url=BASE)
    assert "Cross-Origin-Opener-Policy" not in course.headers
