"""A worker that is told to stop in the middle of an errand ends soon, and leaves it to the next one."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import CourseId
from lti_tool.lti import courses as lti_courses
from lti_tool.lti.model import Member
from lti_tool.lti.nrps import RosterReader
from lti_tool.lti.tables import CourseServiceRow
from lti_tool.outbound import Outbound
from lti_tool.people import errand_queries
from lti_tool.people.errand import Errand, ErrandKind, Stage
from lti_tool.people.errands import Tell
from lti_tool.people.roster import participants_for_matching
from lti_tool.steps import steps
from lti_tool.tasks.shelf import Shelf
from lti_tool.worker import Worker
from tests.factories.fake_platform import FakePlatform, plain_comment
from tests.factories.make import Make


class Endless:
    """A roster of which page after page comes."""

    def __init__(self) -> None:
        self.pages = 0

    def members(self, _course_id: CourseId, tell: Tell) -> tuple[Member, ...]:
        """Reads on."""
        while self.pages < 2000:
            # Longer than any other thread of the worker takes to end.
            time.sleep(0.02 if self.pages < 3 else 1.5)
            self.pages += 1
            tell(1, 50, None)
        return ()


@pytest.fixture
def course_id(any_sessions: SessionFactory, now: datetime) -> CourseId:
    """A course whose roster was read just now, and is asked for again."""
    with unit_of_work(any_sessions) as session:
        make = Make(session, now)
        platform = make.platform()
        course, registration = make.course(platform), make.registration(platform)
        service = CourseServiceRow(course_id=course.id, registration_id=registration.id, seen_at=now)
        service.memberships_url = "https://lms.example.invalid/memberships"
        service.roster_tried_at = now - timedelta(minutes=2)
        session.add(service)
        make.membership(course, make.person(platform))
        session.flush()
        assert lti_courses.ask_for_roster(session, CourseId(course.id), now)
        return CourseId(course.id)


def test_an_errand_outlives_the_worker_that_is_stopped_at_it(
    any_sessions: SessionFactory, course_id: CourseId, now: datetime, tmp_path: Path
) -> None:
    def look() -> Errand | None:
        with unit_of_work(any_sessions, writes=False) as session:
            return errand_queries.errand_of(session, course_id, ErrandKind.ROSTER, now)

    reader = Endless()
    outbound = Outbound(allow_private=True)
    clockwork = steps(cast("RosterReader", reader), FakePlatform(), outbound, Shelf(tmp_path), timedelta(hours=1))
    worker = Worker(any_sessions, FakePlatform(), plain_comment, steps=clockwork, now=lambda: now)
    running = threading.Thread(target=worker.run, daemon=True)
    running.start()
    end = time.monotonic() + 20
    while reader.pages < 3 and time.monotonic() < end:
        time.sleep(0.02)
    under_way = look()

    began = time.monotonic()
    worker.stop()
    running.join(15)

    assert not running.is_alive()
    assert time.monotonic() - began < 15
    left = look()
    assert under_way is not None
    assert left is not None
    assert (under_way.stage, left.stage, left.not_before) == (Stage.UNDER_WAY, Stage.WAITING, None)
    with any_sessions() as session:
        assert len(participants_for_matching(session, course_id)) == 1
