"""A course on a Moodle that answers as the recorded one did."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.ids import CourseId
from lti_tool.lti.ags import AgsSender
from lti_tool.lti.model import Scope
from lti_tool.lti.nrps import RosterReader
from lti_tool.lti.services import Services
from lti_tool.lti.store import as_registration
from lti_tool.lti.tables import CourseServiceRow
from lti_tool.lti.tokens import Tokens
from tests.factories.course_services import MOODLE, SEAL, Moodle, SharedSecret
from tests.factories.make import Make
from tests.factories.network import Network, recorded


@pytest.fixture
def signer() -> SharedSecret:
    return SharedSecret()


@pytest.fixture
def network() -> Network:
    network = Network()
    token = recorded("token/token-success-all-scopes")
    network.on(token.method, token.url, token.answer)
    return network


@pytest.fixture
def moodle(
    session: Session, sessions: SessionFactory, make: Make, network: Network, signer: SharedSecret, now: datetime
) -> Moodle:
    platform = make.platform(MOODLE)
    row = make.registration(platform, "qhqNvAQpnzzf4xr")
    row.token_url = f"{MOODLE}/mod/lti/token.php"
    course = make.course(platform, context_id="2")
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
    tokens = Tokens(sessions, network, signer, SEAL, lambda: now)
    services = Services(sessions, network, tokens, lambda: now)
    registration = as_registration(row, platform.issuer)
    return Moodle(registration, CourseId(course.id), tokens, services, AgsSender(services), RosterReader(services))
