"""The way out with a script instead of a network: the real guard, recorded answers, and a list of what was asked."""

from __future__ import annotations

import ipaddress
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from urllib3 import HTTPHeaderDict

from lti_tool.outbound import MAX_BYTES, Answer, AnswerUnreadable, Outbound

RECORDED = Path(__file__).parent.parent / "data" / "moodle-5.1"
PUBLIC = "93.184.216.34"


@dataclass(frozen=True)
class Asked:
    """One request that left the tool."""

    method: str
    url: str
    headers: Mapping[str, str]
    data: bytes | None

    @property
    def json(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.data or b"{}")
        return message

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl((self.data or b"").decode()))


def answer(status: int = 200, body: object = b"", **headers: str) -> Answer:
    """An answer; a body that is not bytes is sent as JSON, `Retry_After` becomes Retry-After."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, "", HTTPHeaderDict({name.replace("_", "-"): value for name, value in headers.items()}), raw)


@dataclass(frozen=True)
class Recording:
    """A recorded exchange with Moodle 5.1."""

    method: str
    url: str
    request: dict[str, Any]
    answer: Answer
    body: Any


def recorded(name: str) -> Recording:
    """The exchange in tests/data/moodle-5.1/<name>.json; texts go as they are, anything else as Moodle's JSON."""
    plain = json.loads((RECORDED / f"{name}.json").read_text())
    request, response = plain["request"], plain["response"]
    body = response["body"]
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    said = Answer(response["status"], response["reason"], HTTPHeaderDict(response["headers"]), raw)
    return Recording(request["method"], request["url"], request, said, body)


class Network(Outbound):
    """Outbound whose answers are scripted by method and address; the last one of each is given again and again."""

    def __init__(self, allow_private: bool = False, leads_to: str = PUBLIC) -> None:
        super().__init__(allow_private, resolve=lambda host, port: [host if _is_address(host) else self.leads_to])
        self.leads_to = leads_to
        self.asked: list[Asked] = []
        self._script: dict[tuple[str, str], list[Answer | Exception]] = defaultdict(list)

    def on(self, method: str, url: str, *answers: Answer | Exception) -> None:
        """What to answer; what was scripted for it before is forgotten."""
        self._script[method, url] = list(answers)

    def replay(self, name: str) -> Recording:
        """Answers as Moodle did."""
        recording = recorded(name)
        self.on(recording.method, recording.url, recording.answer)
        return recording

    def asked_of(self, method: str, part: str) -> list[Asked]:
        """The requests whose address contains `part`."""
        return [each for each in self.asked if each.method == method and part in each.url]

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
        timeout: float | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> Answer:
        self.check(url)
        asked = Asked(method, url, dict(headers or {}), data)
        self.asked.append(asked)
        said = self.answer_to(asked)
        if isinstance(said, Exception):
            raise said
        if len(said.body) > max_bytes:
            raise AnswerUnreadable("answer_too_large", status=said.status)
        return said

    def answer_to(self, asked: Asked) -> Answer | Exception:
        """What the script has for it."""
        script = self._script.get((asked.method, asked.url))
        assert script, f"nobody expected {asked.method} {asked.url}"
        return script.pop(0) if len(script) > 1 else script[0]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
