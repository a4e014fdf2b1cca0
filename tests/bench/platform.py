"""A platform and its people's browsers: they log in, launch and follow to the page, over real connections."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

from tests.factories.signing_lms import ISSUER, jwk_of, recorded_payload, rsa_key

CLIENT = "qhqNvAQpnzzf4xr"
DEPLOYMENT = "1"
KID = "key-1"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def key_set() -> dict[str, Any]:
    """What the platform publishes."""
    return {"keys": [jwk_of(rsa_key(1), KID)]}


@dataclass(frozen=True, slots=True)
class Learner:
    """Somebody whom the platform sends, and where to."""

    sub: str
    name: str
    given_name: str | None
    family_name: str | None
    email: str
    id_number: str
    context_id: str
    label: str | None
    title: str
    role: str = "Learner"

    def claims(self, nonce: str, target: str) -> dict[str, Any]:
        """A recorded message of Moodle's, made now and about this person."""
        made = int(time.time())
        told = copy.deepcopy(_RECORDED) | {"nonce": nonce, "iat": made, "exp": made + 60, "sub": self.sub}
        told |= {"name": self.name, "email": self.email}
        told |= {"given_name": self.given_name or self.name, "family_name": self.family_name or self.name}
        told[CLAIM + "target_link_uri"] = target
        told[CLAIM + "context"] |= {"id": self.context_id, "label": self.label or self.title, "title": self.title}
        told[CLAIM + "lis"]["person_sourcedid"] = self.id_number
        told[CLAIM + "roles"] = [f"http://purl.imsglobal.org/vocab/lis/v2/membership#{self.role}"]
        told[CLAIM + "launch_presentation"]["locale"] = "ky"
        return told


_RECORDED = recorded_payload("resource-link-student")


def signed(claims: Mapping[str, Any]) -> str:
    """The message as the platform sends it."""
    return jwt.encode(dict(claims), rsa_key(1), "RS256", {"kid": KID})


@dataclass
class Browser:
    """One browser over one connection that stays open; its cookies are its own."""

    port: int
    timeout: float = 60
    cookies: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    """Time that was spent waiting for the server since this was last set to 0."""
    _line: HTTPConnection | None = None

    def forget(self) -> None:
        """As a browser that has never been here."""
        self.cookies.clear()

    def close(self) -> None:
        """Hangs up."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def ask(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> tuple[int, str, bytes]:
        """(status, where it leads, body) of one request."""
        if self._line is None:
            self._line = HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        headers = {"Accept-Encoding": "gzip", "Accept-Language": "ky,ru;q=0.8", **(FORM if fields else {})}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = urlencode(fields) if fields else None
        began = time.perf_counter()
        try:
            self._line.request(method, path, body, headers)
            answer = self._line.getresponse()
            told = answer.read()
        except OSError:
            self.close()
            raise
        self.seconds += time.perf_counter() - began
        self._keep_cookies(answer)
        return answer.status, answer.headers.get("Location", ""), told

    def get(self, path: str) -> bytes:
        """A page, which must be there."""
        status, _to, body = self.ask("GET", path)
        assert status == 200, (status, path, body[:500])
        return body

    def log_in(self, learner: Learner) -> dict[str, str]:
        """Begins a launch; the form with which the platform answers."""
        asked = {
            "iss": ISSUER,
            "login_hint": "6",
            "target_link_uri": f"http://127.0.0.1:{self.port}/lti/launch",
            "lti_message_hint": '{"cmid":6}',
            "client_id": CLIENT,
            "lti_deployment_id": DEPLOYMENT,
        }
        status, to, body = self.ask("POST", "/lti/login", asked)
        assert status == 302, (status, body[:500])
        told = parse_qs(urlsplit(to).query)
        token = signed(learner.claims(told["nonce"][0], asked["target_link_uri"]))
        return {"state": told["state"][0], "id_token": token}

    def launch(self, learner: Learner) -> bytes:
        """Logs in, launches and follows to the page, if there is one to follow to."""
        status, to, body = self.ask("POST", "/lti/launch", self.log_in(learner))
        if status == 303:
            status, to, body = self.ask("GET", urlsplit(to).path)
        assert status == 200, (status, to, body[:500])
        return body

    def _keep_cookies(self, answer: HTTPResponse) -> None:
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
