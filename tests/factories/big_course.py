"""A course of any size with the national framework, all of it mapped, and the gradebook file of its marks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import Connection, event

from lti_tool import clock
from lti_tool.app import create_app
from lti_tool.competency.model import Mapping
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import gradebook
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.outbound import Outbound
from lti_tool.people import roster
from lti_tool.people import sessions as login_sessions
from lti_tool.people.model import CourseRole, Enrolled
from lti_tool.people.sessions import Beginning
from lti_tool.people.store import as_person
from lti_tool.people.tables import CourseRow, PersonRow
from lti_tool.settings import Settings
from tests.factories.launch_bench import TOOL, Bench, write_tool_key
from tests.factories.make import Make
from tests.factories.signing_lms import FakeOutbound, SigningLms
from tests.factories.templates import share_templates


@dataclass
class BigCourse:
    """The course and how its marks are told."""

    sessions: SessionFactory
    now: datetime
    course: CourseRow
    trainer: PersonRow
    size: int
    activities: list[str]

    @property
    def id(self) -> CourseId:
        return CourseId(self.course.id)

    def roster(self, size: int | None = None) -> list[Enrolled]:
        """The participants as a platform names them; their `sub`s are their numbers."""
        return [
            Enrolled(
                str(number),
                CourseRole.PARTICIPANT,
                name=f"Катышуучу {number:04}",
                id_number=f"KG-{number}",
                email=f"p{number}@example.invalid",
            )
            for number in range(self.size if size is None else size)
        ]

    def export(self, seed: int = 1) -> bytes:
        """A gradebook file with a mark of everyone in everything; another seed gives other marks, seconds later."""
        columns = [f'"{name} (Percentage)"' for name in self.activities]
        head = ['"ID number"', *columns, '"Last downloaded from this course"']
        at = int(self.now.timestamp()) + seed
        lines = [",".join(head)]
        for number in range(self.size):
            marks = [f'"{30 + (7 * number + 13 * column + 5 * seed) % 71}.00 %"' for column in range(len(columns))]
            lines.append(",".join([f"KG-{number}", *marks, str(at)]))
        return "\n".join(lines).encode()

    def bench(self, folder: Path) -> Bench:
        """The whole application on the course's database, registered at a platform that signs launches."""
        outbound = FakeOutbound()
        settings = Settings(
            base_url=TOOL,
            data_dir=folder,
            keys_dir=folder / "keys",
            secret_key=SecretStr("a secret of the tests, and of nobody else"),
            log_format="text",
        )
        write_tool_key(folder / "keys")
        app = share_templates(create_app(settings, self.sessions, cast("Outbound", outbound)))
        return Bench(app, self.sessions, outbound, SigningLms(outbound))

    def visit(self, bench: Bench, role: CourseRole) -> FlaskClient:
        """A browser with a session of the trainer, or of the first participant."""
        with unit_of_work(self.sessions) as session:
            who = self.trainer if role is CourseRole.TRAINER else session.get_one(PersonRow, self.people()[0])
            beginning = Beginning(as_person(who), is_admin=False, locale="ky", course_id=self.id, role=role)
            token, _login = login_sessions.begin(session, beginning, None, clock.now())
        client = bench.app.test_client()
        with client.session_transaction(base_url=TOOL) as cookie:
            cookie["_user_id"] = token
        return client

    def people(self) -> list[PersonId]:
        with unit_of_work(self.sessions, writes=False) as session:
            return [person.id for person in roster.participants(session, self.id, self.now)]


def open_big_course(sessions: SessionFactory, now: datetime, size: int, activities: int) -> BigCourse:
    """A course whose every indicator is shown by two of its quizzes, with its whole roster taken over."""
    with unit_of_work(sessions) as session:
        make = Make(session, now)
        framework, platform = make.framework(), make.platform()
        course, trainer = make.course(platform), make.person(platform, "Гүлнара", sub="trainer")
        make.membership(course, trainer, "trainer")
        names = [f"Quiz: Test {number}" for number in range(activities)]
        ids = [ActivityId(make.activity(course, name).id) for name in names]
        cells = [
            Mapping(ids[(number + shift) % activities], indicator.id, 1 + number % 5)
            for number, indicator in enumerate(framework.indicators)
            for shift in (0, 1)
        ]
        gradebook.accept_mapping(session, CourseId(course.id), cells, by=None, now=now)
    big = BigCourse(sessions, now, course, trainer, size, names)
    with unit_of_work(sessions) as session:
        joined = roster.sync(session, big.id, [*big.roster(), Enrolled("trainer", CourseRole.TRAINER)], now).joined
        gradebook.welcome(session, big.id, joined, now=now)
    return big


@contextmanager
def counted(sessions: SessionFactory) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    engine = sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
