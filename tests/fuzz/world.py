"""An institute in which something of everything has happened, and whoever may look at it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from itertools import count
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts import account_sessions, account_store
from lti_tool.competency.publishing import publish
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import CourseId, PlatformId
from lti_tool.lti.tables import PlatformRow
from lti_tool.people import sessions as login_sessions
from lti_tool.people.model import CourseRole
from lti_tool.people.sessions import Beginning
from lti_tool.people.store import as_person
from lti_tool.people.tables import CourseRow, PersonRow
from tests.factories.api_world import ApiWorld, open_api_world
from tests.factories.catalogues import next_catalogue
from tests.factories.launch_bench import TOOL
from tests.factories.make import Make

OWN = ("evidence", "observation", "self_assessment")
PARTICIPANT, TRAINER, ADMIN, OPERATOR, NOBODY = "participant", "trainer", "admin", "operator", "nobody"

TRAINERS = ("group", "mapping", "rules", "checklists", "queue", "roster", "results", "deliveries", "closing")
TRAINERS += ("statistics", "templates", "decisions", "rubric", "native-marks")
ADMINS = ("courses", "people", "audit", "requirements", "readiness", "overview", "levels", "api", "moodle")
ADMINS += ("deliveries", "retention")


_ADDRESSES = count(1)


def from_elsewhere(client: FlaskClient) -> FlaskClient:
    """The browser, at an address of its own: of what comes from one, only so much is read in a minute."""
    client.environ_base["REMOTE_ADDR"] = str(ip_address(0x0A000000 + next(_ADDRESSES)))
    return client


@dataclass(eq=False)
class World:
    """The application and its visitors."""

    api: ApiWorld
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def app(self) -> Flask:
        """The application."""
        return self.api.app

    @property
    def sessions(self) -> SessionFactory:
        """Its database."""
        return self.api.sessions

    def browser(self, visitor: str) -> FlaskClient:
        """A browser in which this visitor has a session."""
        client = from_elsewhere(self.app.test_client())
        if visitor != NOBODY:
            with client.session_transaction(base_url=TOOL) as cookie:
                cookie["_user_id"] = self.tokens[visitor]
                cookie["locale"] = "en"
        return client

    def beginnings(self, visitor: str) -> tuple[str, ...]:
        """Pages of a visitor from which all others are reached."""
        course = f"/c/{self.api.ids['course']}"
        folder, names = {
            PARTICIPANT: (course, ("me", "me/tasks", "me/credentials", "me/next", "me/record")),
            TRAINER: (course, TRAINERS),
            ADMIN: ("/institute", ADMINS),
            OPERATOR: ("/administration", ("registrations", "accounts", "languages", "keys")),
            NOBODY: ("/framework", ("", "search?q=окутуу")),
        }[visitor]
        more = {PARTICIPANT: ("/me/data",), OPERATOR: ("/account/",), NOBODY: ("/", "/account/login")}
        return (*(f"{folder}/{name}" for name in names), *more.get(visitor, ()))


def open_world(sessions: SessionFactory, folder: Path, now: datetime) -> World:
    """Everything in its place, on an empty database."""
    world = World(open_api_world(sessions, folder, now - timedelta(hours=1)))
    world.app.config["WTF_CSRF_ENABLED"] = False
    with unit_of_work(sessions) as session:
        make = Make(session, now)
        course = _course(session, world.api.ids["course"])
        for number, kind in enumerate(OWN):
            make.activity(course, f"External tool: {kind}", kind=kind, source="lti", external_id=f"own-{number}")
        publish(session, json.dumps(next_catalogue()).encode(), now)
        make.registration(session.get_one(PlatformRow, course.platform_id), "client-2")
        make.account("operator")
        people = {PARTICIPANT: "1", TRAINER: "trainer", ADMIN: "2"}
        for visitor, sub in people.items():
            world.tokens[visitor] = _session(session, course, sub, visitor, now)
        account = account_store.by_login(session, "operator")
        assert account is not None
        world.tokens[OPERATOR] = account_sessions.begin(session, account_store.as_account(account), now)
        begun = account_sessions.find(session, world.tokens[OPERATOR], timedelta(days=1), now)
        assert begun is not None
        account_sessions.choose_platform(session, begun, PlatformId(course.platform_id), now)
    return world


def _course(session: Session, public_id: str) -> CourseRow:
    return session.scalars(select(CourseRow).where(CourseRow.public_id == public_id)).one()


def _session(session: Session, course: CourseRow, sub: str, visitor: str, now: datetime) -> str:
    query = select(PersonRow).where(PersonRow.platform_id == course.platform_id, PersonRow.sub == sub)
    beginning = Beginning(
        person=as_person(session.scalars(query).one()),
        is_admin=visitor == ADMIN,
        locale="en",
        course_id=None if visitor == ADMIN else CourseId(course.id),
        role={PARTICIPANT: CourseRole.PARTICIPANT, TRAINER: CourseRole.TRAINER}.get(visitor),
    )
    return login_sessions.begin(session, beginning, None, now)[0]
