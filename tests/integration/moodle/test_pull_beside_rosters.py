"""A Moodle that takes its time with marks holds up no roster, and a slow roster no marks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import CourseId, PlatformId
from lti_tool.lti.model import Member
from lti_tool.lti.nrps import RosterReader
from lti_tool.lti.tables import CourseServiceRow
from lti_tool.moodle import connections, native_marks
from lti_tool.outbound import Outbound
from lti_tool.people.errands import Tell
from lti_tool.people.model import CourseRole
from lti_tool.people.roster import participants_for_matching
from lti_tool.sealing import Seal
from lti_tool.steps import steps
from lti_tool.tasks.shelf import Shelf
from lti_tool.worker import Worker
from tests.factories.fake_platform import FakePlatform, plain_comment
from tests.factories.make import Make
from tests.factories.moodle_server import TOKEN, MoodleServer, moodle_server

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SEAL = Seal("a secret of the tests, and of nobody else")
LONGEST = 20.0
"""Seconds after which a test gives up; where all is well nobody waits."""


class SlowRoster:
    """A roster that answers once Moodle is being asked for marks."""

    def __init__(self, together: threading.Barrier) -> None:
        self._together = together

    def members(self, _course_id: CourseId, _tell: Tell) -> tuple[Member, ...]:
        self._together.wait(LONGEST)
        return (Member("6", CourseRole.PARTICIPANT, "Чолпон", None, None, None, None),)


@pytest.fixture
def moodle() -> Iterator[MoodleServer]:
    with moodle_server() as running:
        yield running


def _course(sessions: SessionFactory, moodle: MoodleServer) -> CourseId:
    """A course whose roster and whose marks are due."""
    with unit_of_work(sessions) as session:
        make = Make(session, NOW)
        make.framework()
        platform = make.platform()
        course = make.course(platform, context_id="2")
        registration = make.registration(platform)
        service = CourseServiceRow(course_id=course.id, registration_id=registration.id, seen_at=NOW)
        service.memberships_url = "https://lms.example.invalid/memberships"
        session.add(service)
        connections.connect(session, SEAL, PlatformId(platform.id), moodle.url, TOKEN, by=None, now=NOW)
        native_marks.ask(session, CourseId(course.id), NOW)
        return CourseId(course.id)


def test_neither_waits_for_the_other(any_sessions: SessionFactory, moodle: MoodleServer, tmp_path: Path) -> None:
    course_id, together = _course(any_sessions, moodle), threading.Barrier(2)
    answer = moodle.answer

    def late(form: dict[str, str]) -> tuple[int, bytes]:
        if len(moodle.asked) == 1:
            together.wait(LONGEST)  # Moodle answers only while a roster is being read, which waits for Moodle itself
        return answer(form)

    moodle.answer = late  # type: ignore[method-assign]
    reader = cast("RosterReader", SlowRoster(together))
    clockwork = steps(reader, FakePlatform(), Outbound(allow_private=True), Shelf(tmp_path), timedelta(hours=1), SEAL)
    worker = Worker(any_sessions, FakePlatform(), plain_comment, steps=clockwork, now=lambda: NOW)
    running = threading.Thread(target=worker.run, daemon=True)
    running.start()

    def both_are_read() -> bool:
        with any_sessions() as session:
            reading = native_marks.reading_of(session, course_id)
            return bool(participants_for_matching(session, course_id)) and bool(reading and reading.read_at)

    for _ in range(int(LONGEST * 20)):
        if both_are_read() or together.broken:
            break
        time.sleep(0.05)
    worker.stop()
    running.join(LONGEST)

    assert not together.broken
    assert both_are_read()
