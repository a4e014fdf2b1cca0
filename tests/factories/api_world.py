"""Two platforms with courses, marks, levels and deliveries, and a token for the API of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_tool.accounts import tokens
from lti_tool.accounts.tokens import Wish
from lti_tool.app import create_app
from lti_tool.competency import closing as looking
from lti_tool.competency.decisions import Who
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.model import Mapping
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import closing, gradebook
from lti_tool.ids import ActivityId, CourseId, PersonId, PlatformId
from lti_tool.lti.tables import PlatformRow
from lti_tool.outbound import Outbound
from lti_tool.people import roster
from lti_tool.people.model import CourseRole, Enrolled
from lti_tool.people.tables import CourseRow, PersonRow
from lti_tool.reports import rollup
from lti_tool.settings import Settings
from tests.factories.launch_bench import TOOL, write_tool_key
from tests.factories.make import Make
from tests.factories.signing_lms import FakeOutbound
from tests.factories.templates import share_templates

PEOPLE = 7
MOST_PAGES = 300
FULL = (Decimal(0), Decimal(100))


@dataclass
class ApiWorld:
    """The application and what is in it, by public ids."""

    app: Flask
    sessions: SessionFactory
    now: datetime
    token: str
    foreign_token: str
    ids: dict[str, str] = field(default_factory=dict)
    """course, second_course, foreign_course, person, foreign_person."""

    def ask(self, path: str, token: str | None = "", **headers: str) -> TestResponse:
        """The answer to a call; `token` None brings none, the empty one brings the first platform's."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            given["Authorization"] = f"Bearer {token or self.token}"
        address = path if path.startswith("http") else f"{TOOL}/api/v1{path}"
        return self.app.test_client().open(address, method=given.pop("method", "GET"), headers=given)

    def read(self, path: str, token: str | None = "", **headers: str) -> Any:  # noqa: ANN401  JSON
        """What a call answers that is expected to go well."""
        answer = self.ask(path, token, **headers)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def read_all(self, path: str) -> list[dict[str, Any]]:
        """Every item of a list, page by page."""
        found: list[dict[str, Any]] = []
        following = path
        for _page in range(MOST_PAGES):
            page = self.read(following)
            found += page["items"]
            following = page["next"]
            if following is None:
                return found
        raise AssertionError(f"{path} has no end")

    @property
    def course_id(self) -> CourseId:
        """The first course's row."""
        with unit_of_work(self.sessions, writes=False) as session:
            return CourseId(
                session.scalars(select(CourseRow.id).where(CourseRow.public_id == self.ids["course"])).one()
            )


def open_api_world(sessions: SessionFactory, folder: Path, now: datetime) -> ApiWorld:
    """A course of seven people with marks and deliveries, a closed one of two of them, and one of another platform."""
    write_tool_key(folder / "keys")
    settings = Settings(
        base_url=TOOL,
        data_dir=folder,
        keys_dir=folder / "keys",
        secret_key=SecretStr("a secret of the tests, and of nobody else"),
        log_format="text",
    )
    app = share_templates(create_app(settings, sessions, cast("Outbound", FakeOutbound())))
    with unit_of_work(sessions) as session:
        make = Make(session, now)
        make.framework()
        home, away = make.platform(), make.platform()
        made = [tokens.make(session, PlatformId(each.id), Wish("тест", rate=6000), now) for each in (home, away)]
        course = _course(session, make, home, "Базалык курс", range(PEOPLE))
        second = _course(session, make, home, "Жабылган курс", range(2), least=70)
        elsewhere = _course(session, make, away, "Башка институт", range(3))
        closer = session.scalars(select(PersonRow.id).where(PersonRow.platform_id == home.id)).first()
        assert closer is not None
        _close(session, CourseId(second.id), PersonId(closer), now)
        ids = {
            "course": course.public_id,
            "second_course": second.public_id,
            "foreign_course": elsewhere.public_id,
            "person": _first(session, home).public_id,
            "foreign_person": _first(session, away).public_id,
        }
    rollup.refresh(sessions, now)
    return ApiWorld(app, sessions, now, made[0].secret, made[1].secret, ids)


def _course(
    session: Session, make: Make, platform: PlatformRow, title: str, people: Sequence[int], least: int = 0
) -> CourseRow:
    now, course = make.now, make.course(platform, title)
    framework = make.framework()
    activities = [ActivityId(make.activity(course, f"Quiz: Test {number}").id) for number in range(4)]
    # The last two competencies are mapped by nothing.
    shown = [each for competency in framework.competencies[:-2] for each in competency.indicators]
    cells = [Mapping(activities[number % 4], each.id, 1) for number, each in enumerate(shown)]
    gradebook.accept_mapping(session, CourseId(course.id), cells, by=None, now=now)
    named = [_enrolled(number) for number in people]
    staff = Enrolled("trainer", CourseRole.TRAINER, name="Trainer 1")
    joined = roster.sync(session, CourseId(course.id), [*named, staff], now).joined
    gradebook.welcome(session, CourseId(course.id), joined, now=now)
    marks = [
        NewEvidence(person, activity, None, Decimal(min(100, least + 20 * place + 5 * number)), *FULL, "trainer", now)
        for place, person in enumerate(sorted(joined))
        for number, activity in enumerate(activities)
        if (place + number) % 5
    ]
    gradebook.accept_results(session, CourseId(course.id), marks, by=None, now=now + timedelta(minutes=1))
    return course


def _enrolled(number: int) -> Enrolled:
    return Enrolled(
        str(number),
        CourseRole.PARTICIPANT,
        name=f"Катышуучу {number}",
        given_name="Катышуучу",
        id_number=f"KG-{number}",
        email=f"p{number}@example.invalid",
    )


def _close(session: Session, course_id: CourseId, by: PersonId, now: datetime) -> None:
    seen = looking.look(session, course_id, now + timedelta(minutes=2)).fingerprint
    closing.accept_closing(session, course_id, seen, by=Who(by, is_admin=True), now=now + timedelta(minutes=2))


def _first(session: Session, platform: PlatformRow) -> PersonRow:
    query = select(PersonRow).where(PersonRow.platform_id == platform.id, PersonRow.sub == "1")
    return session.scalars(query).one()
