"""The services of one course at a scripted Moodle, joined as the application joins them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import jwt
from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.ids import CourseId
from lti_tool.lti.ags import AgsSender
from lti_tool.lti.model import Registration, Scope
from lti_tool.lti.nrps import RosterReader
from lti_tool.lti.services import Services
from lti_tool.lti.store import as_registration
from lti_tool.lti.tables import CourseServiceRow, PlatformRow
from lti_tool.lti.tokens import Tokens
from lti_tool.outbound import Outbound
from lti_tool.people.tables import CourseRow
from lti_tool.sealing import ACCESS_TOKENS, Seal
from tests.factories.make import Make

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


def at_moodle(
    session: Session,
    sessions: SessionFactory,
    course: CourseRow,
    outbound: Outbound,
    signer: SharedSecret,
    now: datetime,
) -> Moodle:
    """The services of a course of this platform, which is a Moodle from now on; commits."""
    platform = session.get_one(PlatformRow, course.platform_id)
    row = Make(session, now).registration(platform, "qhqNvAQpnzzf4xr")
    row.token_url = f"{MOODLE}/mod/lti/token.php"
    session.add(
        CourseServiceRow(
            course_id=course.id,
            registration_id=row.id,
            line_items_url=f"{MOODLE}/mod/lti/services.php/2/lineitems?type_id=1",
            memberships_url=f"{MOODLE}/mod/lti/services.php/CourseSection/2/bindings/1/memberships",
            scopes=[scope.value for scope in Scope if scope is not Scope.MEMBERSHIP],
            seen_at=now,
        )
    )
    session.commit()
    tokens = Tokens(sessions, outbound, signer, SEAL, lambda: now)
    services = Services(sessions, outbound, tokens, lambda: now)
    registration = as_registration(row, platform.issuer)
    return Moodle(registration, CourseId(course.id), tokens, services, AgsSender(services), RosterReader(services))
