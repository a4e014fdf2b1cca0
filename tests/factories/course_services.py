"""The services of one course at a scripted Moodle, joined as the application joins them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import jwt

from lti_tool.ids import CourseId
from lti_tool.lti.ags import AgsSender
from lti_tool.lti.model import Registration
from lti_tool.lti.nrps import RosterReader
from lti_tool.lti.services import Services
from lti_tool.lti.tokens import Tokens
from lti_tool.sealing import ACCESS_TOKENS, Seal

MOODLE = "https://moodle.example.invalid"
SIGNING_SECRET = "a secret of at least thirty-two bytes"


class SharedSecret:
    """A signer with the real signature whose messages tests can read."""

    def sign(self, claims: Mapping[str, object]) -> str:
        return jwt.encode(dict(claims), SIGNING_SECRET, "HS256")

    def read(self, token: str) -> dict[str, object]:
        claims: dict[str, object] = jwt.decode(
            token, SIGNING_SECRET, ["HS256"], options={"verify_aud": False, "verify_exp": False, "verify_iat": False}
        )
        return claims


@dataclass(frozen=True)
class Moodle:
    """The services of one course, and what they are made of."""

    registration: Registration
    course: CourseId
    tokens: Tokens
    services: Services
    ags: AgsSender
    roster: RosterReader


SEAL = Seal("a key of the tests, and of nobody else", ACCESS_TOKENS)
"""What locks access tokens."""
