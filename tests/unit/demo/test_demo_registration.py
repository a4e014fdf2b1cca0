"""Dynamic registration and the token endpoint answer as the recorded Moodle."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.demo.lms import DemoLms
from lti_tool.demo.model import Tool
from lti_tool.demo.registration import RegistrationFailed, invitation_address, register_with
from tests.unit.demo.conftest import ASSERTION_TYPE, LMS, TOOL, Clock, FakeTool, Register, recorded, same_answer

ERRORS = [
    "bad-auth-method",
    "bad-response-type",
    "domain-without-port",
    "missing-domain",
    "missing-jwks-uri",
    "missing-redirect-uris",
    "missing-tool-configuration",
]
CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"


def test_the_lms_describes_itself_with_moodles_endpoints(client: FlaskClient) -> None:
    moodle = recorded("openid-configuration")["response"]["body"]

    for path in ("/.well-known/openid-configuration", "/mod/lti/openid-configuration.php"):
        said = client.get(path).json or {}
        assert set(said) == set(moodle)
        assert {key: said[key] for key in moodle if "endpoint" in key or key in ("issuer", "jwks_uri")} == {
            key: moodle[key] for key in moodle if "endpoint" in key or key in ("issuer", "jwks_uri")
        }


def test_the_published_key_has_moodles_fields(client: FlaskClient) -> None:
    published = (client.get("/mod/lti/certs.php").json or {})["keys"]

    assert set(published[0]) == set(recorded("platform-jwks")["response"]["body"]["keys"][0])


@pytest.mark.parametrize("name", ["registration-full", "registration-syncro"])
def test_a_registration_is_answered_as_moodle_did(name: str, register: Register) -> None:
    exchange = recorded(name)
    said, moodle = register(exchange["request"]["body"]).json or {}, exchange["response"]["body"]

    said["client_id"] = moodle["client_id"]
    said[CONFIGURATION]["deployment_id"] = moodle[CONFIGURATION]["deployment_id"]
    assert said == moodle


@pytest.mark.parametrize("name", ERRORS)
def test_a_faulty_registration_gets_moodles_word(name: str, register: Register, lms: DemoLms) -> None:
    exchange = recorded(f"registration-error-{name}")
    if name == "domain-without-port":  # the port was lost when the recording was made anonymous
        exchange["request"]["body"][CONFIGURATION]["target_link_uri"] = f"{TOOL}:8443/launch"
    answer = register(exchange["request"]["body"])

    assert (answer.status_code, answer.text) == (exchange["response"]["status"], exchange["response"]["body"])
    assert lms.tools == {}


def test_a_registration_token_is_good_once_and_for_an_hour(
    client: FlaskClient, register: Register, lms: DemoLms, clock: Clock
) -> None:
    body = recorded("registration-full")["request"]["body"]
    same_answer(
        client.post("/mod/lti/openid-registration.php", json=body), recorded("registration-error-no-token")["response"]
    )
    token = invitation_address(lms, TOOL).split("registration_token=")[1]
    clock.time += 3600
    assert register(body, token).status_code == 401
    clock.time -= 1

    assert [register(body, token).status_code for _ in range(2)] == [200, 401]


def test_the_sample_links_appear_with_the_first_tool_only(register: Register, lms: DemoLms) -> None:
    body = recorded("registration-full")["request"]["body"]
    register(body)
    placed = list(lms.links)
    register(body)

    assert (len(placed), list(lms.links), set(lms.tools)) == (3, placed, {"1", "2"})


def test_the_admins_invitation_keeps_its_own_query_and_activates(client: FlaskClient, lms: DemoLms) -> None:
    opened: list[str] = []

    def tool_registers(url: str) -> int:
        opened.append(url)
        token = url.split("registration_token=")[1]
        body = recorded("registration-full")["request"]["body"]
        headers = {"Authorization": f"Bearer {token}"}
        return client.post("/mod/lti/openid-registration.php", json=body, headers=headers).status_code

    tool = register_with(lms, f"{TOOL}/lti/register?invite=a%2Fb", tool_registers)

    assert tool.active
    assert opened[0].startswith(f"{TOOL}/lti/register?invite=a%2Fb&openid_configuration=https%3A%2F%2Fmoodle")


def test_an_invitation_that_registers_nothing_is_an_error(lms: DemoLms) -> None:
    with pytest.raises(RegistrationFailed, match="403"):
        register_with(lms, f"{TOOL}/lti/register?invite=used", lambda url: 403)


def ask(client: FlaskClient, assertion: str, **changed: str | None) -> TestResponse:
    """A token request."""
    scopes = "https://purl.imsglobal.org/spec/lti-ags/scope/score https://purl.imsglobal.org/spec/nope"
    form: dict[str, str | None] = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        "scope": scopes,
        **changed,
    }
    return client.post("/mod/lti/token.php", data={key: value for key, value in form.items() if value is not None})


def claims(tool: Tool, **changed: object) -> dict[str, Any]:
    """An assertion's claims."""
    now = int(time.time())
    return {
        "iss": tool.client_id,
        "sub": tool.client_id,
        "aud": LMS,
        "iat": now - 5,
        "exp": now + 60,
        "jti": "1",
    } | changed


def test_a_token_is_given_for_what_the_tool_may(client: FlaskClient, tool: Tool, fake_tool: FakeTool) -> None:
    answers = [ask(client, fake_tool.sign(claims(tool, aud="elsewhere"))) for _ in range(2)]

    moodle = recorded("token/token-success-all-scopes")["response"]
    assert answers[0].content_type == moodle["headers"]["Content-Type"]
    granted = json.loads(answers[0].text)
    assert set(granted) == set(moodle["body"])
    assert (granted["expires_in"], granted["scope"].split("/")[-1]) == (3600, "score")
    assert granted["access_token"] != json.loads(answers[1].text)["access_token"]


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("token-error-wrong-grant", {"grant_type": "authorization_code"}),
        ("token-error-no-scope", {"scope": None}),
        ("token-error-unknown-scope", {"scope": "https://purl.imsglobal.org/spec/nope"}),
        ("token-error-json-content-type", {"client_assertion": None}),
    ],
)
def test_a_faulty_token_request_is_answered_as_by_moodle(
    name: str, changed: dict[str, str | None], client: FlaskClient, tool: Tool, fake_tool: FakeTool
) -> None:
    same_answer(ask(client, fake_tool.sign(claims(tool)), **changed), recorded(f"token/{name}")["response"])


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("token-error-unknown-client", {"sub": "nobody"}),
        ("token-error-expired-assertion", {"exp": 1_600_000_000, "iat": 1_500_000_000}),
        ("token-iat-2s-future", {"iat": 1_795_383_139 + 10**9, "exp": 1_795_383_199 + 10**9}),
    ],
)
def test_a_faulty_assertion_is_answered_as_by_moodle(
    name: str, changed: dict[str, Any], client: FlaskClient, tool: Tool, fake_tool: FakeTool
) -> None:
    answer = ask(client, fake_tool.sign(claims(tool, **changed)))

    moodle = recorded(f"token/{name}")["response"]
    assert answer.status_code == moodle["status"]
    assert json.loads(answer.text)["error"][:36] == moodle["body"]["error"][:36]


def test_an_unknown_key_gets_a_body_that_is_no_json(client: FlaskClient, tool: Tool, fake_tool: FakeTool) -> None:
    answer = ask(client, fake_tool.sign(claims(tool), kid="other"))

    same_answer(answer, recorded("token/token-error-bad-signature")["response"])


def test_a_stolen_key_id_does_not_help(client: FlaskClient, tool: Tool) -> None:
    thief = FakeTool(rsa.generate_private_key(65537, 2048))

    assert json.loads(ask(client, thief.sign(claims(tool))).text) == {"error": "Signature verification failed"}


def test_the_tools_keys_are_fetched_again_only_when_a_check_fails(
    client: FlaskClient, tool: Tool, fake_tool: FakeTool
) -> None:
    fake_tool.fetched.clear()
    for kid in (None, None, "other"):
        ask(client, fake_tool.sign(claims(tool), kid=kid))

    assert fake_tool.fetched == [f"{TOOL}/jwks"] * 2
