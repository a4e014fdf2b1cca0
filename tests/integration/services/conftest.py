"""A course on a Moodle that answers as the recorded one did."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory
from tests.factories.course_services import MOODLE, Moodle, SharedSecret, at_moodle
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
    course = make.course(make.platform(MOODLE), context_id="2")
    return at_moodle(session, sessions, course, network, signer, now)
