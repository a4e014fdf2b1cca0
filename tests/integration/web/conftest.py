"""A running application with an institute in it: two platforms, two courses on the first, people of every kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from lti_tool import clock
from lti_tool.accounts import account_sessions, account_store
from lti_tool.app import create_app
from lti_tool.competency.framework import Framework
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import CourseId, PlatformId
from lti_tool.lti.tables import PlatformRow
from lti_tool.outbound import Outbound
from lti_tool.people import sessions as login_sessions
from lti_tool.people.model import CourseRole
from lti_tool.people.sessions import Beginning
from lti_tool.people.store import as_person
from lti_tool.people.tables import CourseRow, PersonRow
from lti_tool.settings import Settings
from tests.factories.launch_bench import TOOL, Bench, write_tool_key
from tests.factories.make import Make
from tests.factories.signing_lms import FakeOutbound, SigningLms
from tests.factories.templates import share_templates

Visitor = Callable[[str], FlaskClient]


@dataclass(frozen=True)
class Institute:
    """Who and what there is, by name."""

    framework: Framework
    course: CourseRow
    other_course: CourseRow
    foreign_course: CourseRow
    persons: dict[str, PersonRow]
    registration: str
    """The first platform's, by its public id."""
    colleague: str
    """An account of an admin of the first platform, by its public id."""


@pytest.fixture
def app(tmp_path: Path, sessions: SessionFactory) -> Flask:
    """The whole application on an empty database."""
    return _application(tmp_path, sessions, FakeOutbound())


@pytest.fixture
def lms(tmp_path: Path, sessions: SessionFactory) -> Bench:
    """The whole application and a registered platform that launches it with recorded messages."""
    return make_lms(tmp_path, sessions)


def make_lms(folder: Path, sessions: SessionFactory) -> Bench:
    """The same on any database."""
    outbound = FakeOutbound()
    with unit_of_work(sessions) as session:
        Make(session, clock.now()).framework()
    bench = Bench(_application(folder, sessions, outbound), sessions, outbound, SigningLms(outbound))
    bench.add_registration("qhqNvAQpnzzf4xr", "1")
    return bench


def _application(folder: Path, sessions: SessionFactory, outbound: FakeOutbound) -> Flask:
    settings = Settings(
        base_url=TOOL,
        data_dir=folder,
        keys_dir=folder / "keys",
        secret_key=SecretStr("a secret of the tests, and of nobody else"),
        log_format="text",
    )
    write_tool_key(folder / "keys")
    return share_templates(create_app(settings, sessions, cast("Outbound", outbound)))


@pytest.fixture
def institute(sessions: SessionFactory) -> Institute:
    """Two platforms; the first has two courses with a trainer and a participant each, and an admin."""
    with unit_of_work(sessions) as session:
        make = Make(session, clock.now())
        framework = make.framework()
        registration = make.registration()
        platform, foreign = registration.platform_id, make.registration().platform_id
        colleague = make.account("colleague", platform)
        home, away = session.get_one(PlatformRow, platform), session.get_one(PlatformRow, foreign)
        course, other, elsewhere = make.course(home), make.course(home, "Экинчи курс"), make.course(away)
        persons = {
            "participant": make.person(home, "Айгүл", id_number="KG-1"),
            "neighbour": make.person(home, "Бакыт", id_number="KG-2"),
            "trainer": make.person(home, "Гүлнара"),
            "participant of another course": make.person(home, "Өмүрбек"),
            "trainer of another course": make.person(home, "Нурбек"),
            "admin": make.person(home, "Админ"),
            "trainer of another platform": make.person(away, "Trainer 2"),
            "admin of another platform": make.person(away, "Admin 2"),
        }
        for name in ("participant", "neighbour"):
            make.membership(course, persons[name])
        make.membership(course, persons["trainer"], "trainer")
        make.membership(other, persons["participant of another course"])
        make.membership(other, persons["trainer of another course"], "trainer")
        make.membership(elsewhere, persons["trainer of another platform"], "trainer")
    return Institute(framework, course, other, elsewhere, persons, registration.public_id, colleague.public_id)


def _entered(client: FlaskClient, sessions: SessionFactory, institute: Institute, name: str) -> FlaskClient:
    """A browser in which a local account has a session: "account" (admin of a platform) or "operator"."""
    course = institute.foreign_course if name.endswith("another platform") else institute.course
    where = PlatformId(course.platform_id)
    login = name.replace(" ", ".")
    with unit_of_work(sessions) as session:
        row = account_store.by_login(session, login)
        if row is None:
            row = Make(session, clock.now()).account(login, None if name.startswith("operator") else where)
        token = account_sessions.begin(session, account_store.as_account(row), clock.now())
        if name == "operator at the platform":
            begun = account_sessions.find(session, token, timedelta(days=1), clock.now())
            assert begun is not None
            account_sessions.choose_platform(session, begun, where, clock.now())
    with client.session_transaction(base_url=TOOL) as cookie:
        cookie["_user_id"] = token
    return client


@pytest.fixture
def visitor(app: Flask, sessions: SessionFactory, institute: Institute) -> Visitor:
    """A browser in which the named person has a session, as a launch would have begun it ("nobody": none)."""
    homes = {
        "participant": (institute.course, CourseRole.PARTICIPANT),
        "neighbour": (institute.course, CourseRole.PARTICIPANT),
        "trainer": (institute.course, CourseRole.TRAINER),
        "participant of another course": (institute.other_course, CourseRole.PARTICIPANT),
        "trainer of another course": (institute.other_course, CourseRole.TRAINER),
        "trainer of another platform": (institute.foreign_course, CourseRole.TRAINER),
    }

    def come(name: str) -> FlaskClient:
        client = app.test_client()
        if name == "nobody":
            return client
        if name.startswith(("account", "operator")):
            return _entered(client, sessions, institute, name)
        course, role = homes.get(name, (None, None))
        with unit_of_work(sessions) as session:
            beginning = Beginning(
                person=as_person(institute.persons[name]),
                is_admin=name.startswith("admin"),
                locale="en",
                course_id=CourseId(course.id) if course else None,
                role=role,
            )
            token, _login = login_sessions.begin(session, beginning, None, clock.now())
        with client.session_transaction(base_url="https://tool.example.invalid") as cookie:
            cookie["_user_id"] = token
        return client

    return come
