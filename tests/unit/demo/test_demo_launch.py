"""A launch runs through login and authorization, and its message has Moodle's claims, no more and no fewer."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.demo.gradebook import Column
from lti_tool.demo.lms import DemoLms
from lti_tool.demo.model import Tool
from tests.unit.demo.conftest import LMS, TOOL, Clock, FakeTool, form_of, recorded

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"

pytestmark = pytest.mark.usefixtures("tool")


def authorisation(client: FlaskClient, launch_path: str, **changed: str | None) -> TestResponse:
    """Click, take the login initiation as a tool does, ask for authorization."""
    action, login = form_of(client.get(launch_path))
    assert (action, login["iss"]) == (f"{TOOL}/login", LMS)
    asked: dict[str, str | None] = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": login["client_id"],
        "redirect_uri": f"{TOOL}/launch",
        "state": "st",
        "nonce": "no",
        "login_hint": login["login_hint"],
        "lti_message_hint": login["lti_message_hint"],
        **changed,
    }
    query = {key: value for key, value in asked.items() if value is not None}
    return client.get("/mod/lti/auth.php", query_string=query)


def launch(client: FlaskClient, lms: DemoLms, path: str) -> dict[str, Any]:
    """The verified claims of a whole launch."""
    action, fields = form_of(authorisation(client, path))
    assert (action, set(fields), fields["state"]) == (f"{TOOL}/launch", {"id_token", "state"}, "st")
    return lms.key.verify(fields["id_token"])


def shape(value: object) -> object:
    """Keys without values, at any depth."""
    return {key: shape(inner) for key, inner in value.items()} if isinstance(value, dict) else None


GRADED, PROFILE = "/mod/lti/launch.php?id=2", "/mod/lti/launch.php?id=1"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("launch-resource-link-student", f"{GRADED}&as=6"),
        ("launch-resource-link-editing-teacher", f"{GRADED}&as=3"),
        ("launch-resource-link-non-editing-teacher", f"{GRADED}&as=4"),
        ("launch-resource-link-site-admin", f"{GRADED}&as=2"),
        ("launch-ungraded-student", f"{PROFILE}&as=6"),
        ("launch-submission-review", f"{GRADED}&as=3&action=gradeReport&user=6"),
        ("launch-deep-linking-request-editing-teacher", "/mod/lti/contentitem.php?course=2&as=3"),
    ],
)
def test_each_launch_has_the_recorded_claims(name: str, path: str, client: FlaskClient, lms: DemoLms) -> None:
    moodle = recorded(name)["id_token_payload"]
    claims = launch(client, lms, path)
    extra = {"activity", "indicators"}

    moodle[CLAIM + "custom"].pop("inst_param", None)
    claims[CLAIM + "custom"] = {key: value for key, value in claims[CLAIM + "custom"].items() if key not in extra}
    assert shape(claims) == shape(moodle)
    for fixed in ("message_type", "roles", "version", "deployment_id", "target_link_uri"):
        assert claims[CLAIM + fixed] == moodle[CLAIM + fixed]
    assert claims["exp"] - claims["iat"] == 60
    assert claims[CLAIM + "context"]["type"] == ["CourseSection"]


def test_custom_parameters_are_expanded_and_unknown_variables_stay(client: FlaskClient, lms: DemoLms) -> None:
    custom = launch(client, lms, f"{GRADED}&as=6")[CLAIM + "custom"]

    assert custom["ctx_begin"] == "2026-08-31T18:00:00+00:00"
    assert (custom["user_image"], custom["lang"], custom["results"]) == ("$User.image", "$Message.locale", "")
    assert custom["linkmembers"] == f"{LMS}/mod/lti/services.php/links/{{link_id}}/memberships"
    assert (custom["activity"], custom["groups"], custom["with_equals"]) == ("evidence", "", "a=b")
    assert custom["lineitem"] == launch(client, lms, f"{GRADED}&as=6")[AGS]["lineitem"]


def test_the_persons_language_and_empty_id_number_are_sent(client: FlaskClient, lms: DemoLms) -> None:
    claims = launch(client, lms, f"{PROFILE}&as=9")

    assert claims[CLAIM + "launch_presentation"]["locale"] == "ky"
    assert (claims["name"], claims[CLAIM + "lis"]["person_sourcedid"]) == ("Бакыт Сыдыков", "")


@pytest.mark.parametrize(("posted", "expected"), [(1, ""), (2, None)])
def test_the_line_item_claim_has_moodles_holes(
    posted: int, expected: str | None, client: FlaskClient, lms: DemoLms, tool: Tool
) -> None:
    for _ in range(posted):
        lms.gradebook.add(Column("2", "Posted", lms.gradebook.columns("2")[0].maximum, tool_id=tool.id, link_id="1"))

    assert launch(client, lms, f"{PROFILE}&as=6")[AGS].get("lineitem") == expected


def test_a_hint_works_once(client: FlaskClient) -> None:
    _, login = form_of(client.get(f"{PROFILE}&as=6"))
    first = authorisation(client, f"{PROFILE}&as=6", lti_message_hint=login["lti_message_hint"])
    second = authorisation(client, f"{PROFILE}&as=6", lti_message_hint=login["lti_message_hint"])

    assert (first.status_code, second.status_code) == (200, 404)
    assert "Invalid request" in second.text


ERRORS = [
    "no-message-hint",
    "no-nonce",
    "prompt-login",
    "response-mode-missing",
    "scope",
    "unregistered-redirect-uri",
    "wrong-client",
    "wrong-login-hint",
]


@pytest.mark.parametrize("name", ERRORS)
def test_a_faulty_authorization_request_is_answered_as_by_moodle(name: str, client: FlaskClient) -> None:
    exchange = recorded(f"auth-error-{name}")
    answer = authorisation(client, f"{PROFILE}&as=6", **exchange["changed_parameters"])

    moodle = exchange["response"]
    assert answer.status_code == moodle["status"]
    if moodle["status"] == 200:
        action, fields = form_of(answer)
        assert (action, {**fields, "state": ""}) == (moodle["form_action"], {**moodle["form_fields"], "state": ""})


@pytest.mark.parametrize("path", [f"{PROFILE}&as=6", "/mod/lti/contentitem.php?course=2&as=4"])
def test_who_may_not_open_it_gets_no_token(path: str, client: FlaskClient, lms: DemoLms) -> None:
    lms.suspend("2", "6")
    answer = authorisation(client, path)

    assert (answer.status_code, "id_token" in answer.text) == (404, False)


def test_a_learner_can_ask_for_anothers_review_and_stays_learner(client: FlaskClient, lms: DemoLms) -> None:
    claims = launch(client, lms, f"{GRADED}&as=7&action=gradeReport&user=6")

    assert claims[CLAIM + "for_user"] == {"user_id": "6"}
    assert claims[CLAIM + "roles"] == ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"]


def test_switching_role_keeps_the_teachers_id(client: FlaskClient, lms: DemoLms) -> None:
    claims = launch(client, lms, f"{PROFILE}&as=3&learner=1")

    assert (claims["sub"], claims[CLAIM + "roles"][0].split("#")[1]) == ("3", "Learner")


def test_the_page_escapes_what_the_tool_sent(client: FlaskClient) -> None:
    page = authorisation(client, f"{PROFILE}&as=6", state='"><script>alert(1)</script>').text

    assert "<script>alert" not in page


def choose(client: FlaskClient, fake: FakeTool, tool: Tool, items: list[object], **changed: object) -> TestResponse:
    """Post a deep-linking response."""
    now = int(time.time())
    claims = {"iss": tool.client_id, "aud": [LMS], "iat": now - 5, "exp": now + 300, DL + "content_items": items}
    token = fake.sign(claims | changed)
    return client.post("/mod/lti/contentitem_return.php?course=2&id=1&sesskey=x", data={"JWT": token})


def test_several_chosen_items_become_moodles_columns(
    client: FlaskClient, lms: DemoLms, tool: Tool, fake_tool: FakeTool
) -> None:
    before, fixture = set(lms.links), recorded("deep-linking/multi-items-result")

    choose(client, fake_tool, tool, fixture["content_items_sent"])

    made = [link for link in lms.links.values() if link.id not in before]
    columns = {column.link_id: column for column in lms.gradebook.columns("2")}
    for link, expected in zip(made, fixture["created"], strict=True):
        column = columns.get(link.id)
        assert link.title == expected["name"]
        assert (column and (column.label, column.maximum, column.resource_id, column.tag)) == (
            expected["column"]
            and (
                expected["column"]["label"],
                expected["column"]["scoreMaximum"],
                expected["column"].get("resourceId", ""),
                expected["column"].get("tag", ""),
            )
        )


def test_a_chosen_item_is_launched_with_its_url_and_custom_parameters(
    client: FlaskClient, lms: DemoLms, tool: Tool, fake_tool: FakeTool
) -> None:
    review = {"url": f"{TOOL}/launch?review=42", "custom": {"rv": "1"}}
    item = {
        "title": "<b>DL</b>",
        "url": f"{TOOL}/launch?res=42",
        "custom": {"resource": "42", "multi": "line1\nline2"},
        "lineItem": {"scoreMaximum": 20, "submissionReview": review},
    }
    page = choose(client, fake_tool, tool, [item]).text
    claims = launch(client, lms, f"/mod/lti/launch.php?id={max(lms.links, key=int)}&as=6")
    reviewed = launch(client, lms, f"/mod/lti/launch.php?id={max(lms.links, key=int)}&as=3&action=gradeReport&user=6")

    assert "&lt;b&gt;DL" in page
    assert claims[CLAIM + "target_link_uri"].endswith("?res=42")
    assert (claims[CLAIM + "custom"]["resource"], claims[CLAIM + "custom"]["multi"]) == ("42", "line1")
    assert (reviewed[CLAIM + "target_link_uri"], reviewed[CLAIM + "custom"]["rv"]) == (review["url"], "1")


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"iss": "someone"}, "Consumer key is incorrect."),
        ({"exp": 1_500_000_300, "iat": 1_500_000_000}, "Expired token"),
        ({"iat": 3_000_000_000, "exp": 3_000_000_300}, "Cannot handle token with iat prior to"),
    ],
)
def test_a_faulty_choice_places_nothing(
    changed: dict[str, Any], text: str, client: FlaskClient, lms: DemoLms, tool: Tool, fake_tool: FakeTool
) -> None:
    before = dict(lms.links)
    answer = choose(client, fake_tool, tool, [{"title": "X"}], **changed)

    assert (answer.status_code, text in answer.text, lms.links) == (404, True, before)


@pytest.mark.parametrize("maximum", [0, 250, 12.5, "abc"])
def test_a_single_item_with_a_bad_maximum_cannot_be_saved(
    maximum: object, client: FlaskClient, lms: DemoLms, tool: Tool, fake_tool: FakeTool
) -> None:
    before = dict(lms.links)
    answer = choose(client, fake_tool, tool, [{"title": "X", "lineItem": {"scoreMaximum": maximum}}])

    assert ("Invalid grade value" in answer.text, lms.links) == (True, before)


def test_the_hint_names_the_activity_as_moodles_does(client: FlaskClient) -> None:
    _, login = form_of(client.get(f"{PROFILE}&as=6"))

    assert set(json.loads(login["lti_message_hint"])) == {"cmid", "launchid"}
    assert set(login) == set(recorded("launch-resource-link-student")["login_initiation"]["params"])


def test_the_tool_can_check_the_token_with_the_published_key(client: FlaskClient, clock: Clock) -> None:
    _, fields = form_of(authorisation(client, f"{PROFILE}&as=6"))
    published = jwt.PyJWKSet.from_dict(client.get("/mod/lti/certs.php").json or {})
    header = jwt.get_unverified_header(fields["id_token"])

    options = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
    claims = jwt.decode(fields["id_token"], published[header["kid"]], algorithms=["RS256"], options=options)
    assert (claims["iat"], urlsplit(claims["iss"]).netloc) == (int(clock.time), "moodle.example.invalid")
