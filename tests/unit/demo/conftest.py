"""A demonstration LMS without sockets, a minimal tool to register with it, and the recorded messages of Moodle."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.demo.gradebook import Column
from lti_tool.demo.lms import DemoLms
from lti_tool.demo.model import Link, Tool
from lti_tool.demo.platform import application
from lti_tool.demo.registration import invitation_address

RECORDED = Path(__file__).parents[2] / "data" / "moodle-5.1"
LMS = "https://moodle.example.invalid"
TOOL = "https://tool.example.invalid"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Clock:
    """Time that stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = 1_795_383_000.0

    def __call__(self) -> float:
        return self.time


@dataclass
class FakeTool:
    """The least that a tool is: a key and its published half."""

    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    kid: str = "tool-key"
    fetched: list[str] = field(default_factory=list)

    def published(self, url: str) -> Mapping[str, Any]:
        """The key set, as the LMS would fetch it."""
        self.fetched.append(url)
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": self.kid, "alg": "RS256", "use": "sig"}]}

    def sign(self, claims: Mapping[str, Any], kid: str | None = None) -> str:
        """A token of the tool."""
        return jwt.encode(dict(claims), self.key, algorithm="RS256", headers={"kid": kid or self.kid})


def recorded(name: str) -> dict[str, Any]:
    """A recorded exchange by its path without `.json`."""
    content: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    return content


def form_of(response: TestResponse) -> tuple[str, dict[str, str]]:
    """Action and fields of an auto-submitted form."""
    action = re.search(r'<form action="([^"]*)"', response.text)
    assert action is not None, response.text
    fields = re.findall(r'name="([^"]*)" value="([^"]*)"', response.text)
    return unescape(action[1]), {unescape(name): unescape(value) for name, value in fields}


@pytest.fixture
def clock() -> Clock:
    """The LMS's clock."""
    return Clock()


@pytest.fixture(scope="session")
def fake_tool() -> FakeTool:
    """One key for all tests of a process: making one is slow."""
    return FakeTool()


@pytest.fixture
def lms(clock: Clock, fake_tool: FakeTool) -> DemoLms:
    """The LMS's state, at the address of the recorded Moodle."""
    return DemoLms(LMS, TOOL, now=clock, fetch=fake_tool.published)


@pytest.fixture
def app(lms: DemoLms) -> Flask:
    """The LMS."""
    return application(lms)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser, or a tool, before the LMS."""
    return app.test_client()


Register = Callable[..., TestResponse]


@pytest.fixture
def register(client: FlaskClient, lms: DemoLms) -> Register:
    """Send a registration under a fresh token."""

    def send(body: Mapping[str, Any], token: str | None = None) -> TestResponse:
        if token is None:
            token = dict(parse_qsl(urlsplit(invitation_address(lms, TOOL)).query))["registration_token"]
        headers = {"Authorization": f"Bearer {token}"}
        return client.post("/mod/lti/openid-registration.php", json=body, headers=headers)

    return send


@pytest.fixture
def tool(register: Register, lms: DemoLms) -> Tool:
    """The recorded full tool, registered as deployment 1."""
    assert register(recorded("registration-full")["request"]["body"]).status_code == 200
    return lms.tools["1"]


@pytest.fixture
def columns(lms: DemoLms, tool: Tool) -> tuple[Column, Column]:
    """The recorded columns: 4 belongs to an activity and has 100 points, 24 is standalone and has 50."""
    lms.place_link(Link("", "2", tool.id, "Graded link"), maximum=100)
    of_activity = lms.gradebook.columns("2")[-1]
    standalone = lms.gradebook.add(Column("2", "Unc scores", of_activity.maximum / 2, tool_id=tool.id))
    for column, number in ((of_activity, "4"), (standalone, "24")):
        lms.gradebook.remove(column.id)
        lms.gradebook._next_id = int(number)
        lms.gradebook.add(column)
    return of_activity, standalone


@pytest.fixture
def bearer(lms: DemoLms, tool: Tool) -> dict[str, str]:
    """The header of a token with all scopes."""
    return {"Authorization": f"Bearer {lms.issue_token(tool.id, tool.scopes)}"}


Replay = Callable[[str], tuple[TestResponse, dict[str, Any]]]


@pytest.fixture
def replay(client: FlaskClient, bearer: dict[str, str]) -> Replay:
    """Send a recorded request to the LMS; its answer beside Moodle's."""

    def send(name: str) -> tuple[TestResponse, dict[str, Any]]:
        exchange = recorded(name)
        asked = exchange["request"]
        headers = {key: value for key, value in asked["headers"].items() if key != "Authorization"}
        if "Authorization" in asked["headers"] and "bad-token" not in name and "expired-token" not in name:
            headers |= bearer
        body = asked["body"]
        sent = (
            body if isinstance(body, str) or body is None else json.dumps(body, indent=2 if "pretty" in name else None)
        )
        response = client.open(asked["url"].removeprefix(LMS), method=asked["method"], headers=headers, data=sent)
        return response, exchange["response"]

    return send


def same_answer(response: TestResponse, moodle: Mapping[str, Any]) -> None:
    """Status, reason phrase, media type and body are Moodle's."""
    assert response.status.encode("latin-1").decode() == f"{moodle['status']} {moodle['reason']}"
    assert response.headers.get("Content-Type", "").lower() == moodle["headers"]["Content-Type"].lower()
    body = moodle["body"]
    assert (response.text if isinstance(body, str) else json.loads(response.text)) == body
