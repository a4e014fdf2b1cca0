"""The roster page: who is here as what and why, when the list was read, and what reading it failed by."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lti_tool import clock
from lti_tool.audit.model import Action
from lti_tool.audit.tables import AuditEventRow
from lti_tool.competency import decision_queries
from lti_tool.competency.tables import CourseLeadRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import CourseForbids, Permanent, PlatformUnavailable, Retryable, ToolError
from lti_tool.grading import jobs
from lti_tool.grading.tables import PlatformChannelRow
from lti_tool.ids import CourseId
from lti_tool.lti.model import Member
from lti_tool.lti.nrps import RosterReader
from lti_tool.lti.tables import CourseServiceRow, RegistrationRow
from lti_tool.outbound import Outbound
from lti_tool.people.errand import LEASE, MOST_TRIES
from lti_tool.people.errands import Tell
from lti_tool.people.model import CourseRole
from lti_tool.people.tables import CourseRow, ErrandRow, MembershipRow, PersonRow
from lti_tool.steps import steps
from lti_tool.tasks.shelf import Shelf
from tests.factories.fake_platform import FakePlatform
from tests.factories.launch_bench import TOOL as BASE
from tests.factories.make import Make
from tests.integration.web.conftest import Institute, Visitor

HOUR = timedelta(hours=1)
CHOLPON = Member("s1", CourseRole.PARTICIPANT, "Чолпон", None, None, None, None)


class Platform:
    """A platform that names these people, or fails."""

    def __init__(self, answer: tuple[Member, ...] | ToolError) -> None:
        self.answer = answer
        self.asked: list[CourseId] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def members(self, course_id: CourseId, tell: Tell) -> tuple[Member, ...]:
        """What the list says."""
        self.asked.append(course_id)
        tell(1, 1, None)
        self.meanwhile()
        if isinstance(self.answer, ToolError):
            raise self.answer
        return self.answer


class Roster:
    """The page in a trainer's browser, and the worker behind it."""

    def __init__(self, client: FlaskClient, institute: Institute, sessions: SessionFactory) -> None:
        self.client, self.institute, self.sessions = client, institute, sessions
        self.address = f"/c/{institute.course.public_id}/roster"

    def open(self) -> str:
        """All that the page says."""
        answer = self.client.get(self.address, base_url=BASE)
        assert answer.status_code == 200
        return _words(answer.text)

    def row(self, name: str) -> list[str]:
        """What the page says of one person, cell by cell."""
        page = BeautifulSoup(self.client.get(self.address, base_url=BASE).text, "html.parser")
        (found,) = [row for row in page.select("tbody tr") if name in row.get_text()]
        for label in found.select(".cell-level"):
            label.decompose()
        return [_words(str(cell)) for cell in found.select("td")]

    def ask(self) -> str:
        """What the page says once the list was asked for."""
        answer = self.client.post(self.address + "/read", base_url=BASE, follow_redirects=True)
        assert answer.status_code == 200
        return _words(answer.text)

    def work(self, platform: Platform, now: datetime | None = None) -> None:
        """The worker's steps."""
        reader, outbound = cast("RosterReader", platform), cast("Outbound", None)
        shelf = Shelf(Path("unused"))
        for step in steps(reader, FakePlatform(), outbound, shelf, HOUR):
            if step.name in {"errands", "rosters"}:
                step.run(self.sessions, now or clock.now())


@pytest.fixture
def roster(app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory) -> Roster:
    """The institute's course, whose platform shares its list; it was tried ten minutes ago."""
    app.config["WTF_CSRF_ENABLED"] = False
    with unit_of_work(sessions) as session:
        course = session.get_one(CourseRow, institute.course.id)
        registration = session.query(RegistrationRow).filter_by(platform_id=course.platform_id).one()
        service = CourseServiceRow(course_id=course.id, registration_id=registration.id, seen_at=clock.now())
        service.memberships_url = "https://lms.example.invalid/memberships"
        service.roster_tried_at = clock.now() - timedelta(minutes=10)
        session.add(service)
    return Roster(visitor("trainer"), institute, sessions)


def _words(html: str) -> str:
    return re.sub(r"\s+", " ", BeautifulSoup(html, "html.parser").get_text(" ", strip=True))


DAYS = timedelta(days=1)


@pytest.mark.parametrize(
    ("launched", "staff_days", "listed", "active", "role", "why"),
    [
        ("participant", None, "participant", True, "participant", "On the LMS's list."),
        ("participant", None, None, True, "participant", "Opened the course as a participant."),
        (None, None, "participant", True, "participant", "On the LMS's list."),
        ("trainer", 3, "participant", True, "staff", "Opened the course as a trainer. The list calls non-editing"),
        ("trainer", 3, None, True, "staff", "Opened the course as a trainer. The list leaves out managers"),
        ("participant", None, "trainer", True, "staff", "A trainer on the LMS's list."),
        ("trainer", 181, None, True, "no part", "Was a trainer here more than 180 days ago"),
        ("trainer", 181, "participant", True, "participant", "On the LMS's list."),
        ("participant", None, None, False, "left", "No longer on the list. Marks and levels stay."),
    ],
)
def test_each_person_is_told_as_what_they_are_here_and_why(
    roster: Roster, launched: str | None, staff_days: int | None, listed: str | None, active: bool, role: str, why: str
) -> None:
    with unit_of_work(roster.sessions) as session:
        row = session.get_one(MembershipRow, (roster.institute.course.id, roster.institute.persons["neighbour"].id))
        row.launched_role, row.roster_role, row.active, row.groups = launched, listed, active, "7,12"
        row.launched_at = clock.now() if launched else None
        row.staff_launched_at = clock.now() - staff_days * DAYS if staff_days else None

    said = roster.row("Бакыт")

    assert said[0] == role
    assert said[1].startswith(why)
    assert said[2] == (listed or "–")
    assert said[3].startswith(launched or "–")
    assert said[4] == "7, 12"


def test_the_list_is_read_on_demand_and_by_the_worker_alone(roster: Roster) -> None:
    named = Platform((CHOLPON,))
    roster.work(named)
    assert named.asked == []
    assert "The list has not been read yet." in roster.open()

    assert "It waits for its turn" in roster.ask()
    assert "Read it now" not in roster.open()
    roster.work(named)

    assert named.asked == [roster.institute.course.id]
    assert "Last read:" in roster.open()
    assert "New participants: 1, no longer here: 2." in roster.open()
    assert "waits for its turn" not in roster.open()
    assert roster.row("Чолпон")[0] == "participant"
    assert roster.row("Бакыт")[0] == "left"
    with unit_of_work(roster.sessions, writes=False) as session:
        query = select(AuditEventRow).where(AuditEventRow.action == Action.ROSTER_READ).order_by(AuditEventRow.id)
        asked, read = session.scalars(query)
    assert (asked.actor_kind, read.actor_kind, read.detail) == ("person", "worker", {"count": 3})


def test_a_click_within_the_minute_asks_nobody_again(roster: Roster) -> None:
    platform = Platform(())
    roster.ask()
    roster.work(platform)

    assert "The list was asked for a moment ago" in roster.ask()
    roster.work(platform)
    assert len(platform.asked) == 1


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (CourseForbids("memberships_unknown"), "The LMS does not say where the list is."),
        (Permanent("roster_gone"), "The LMS says that there is no such list."),
        (Permanent("roster_too_large"), "The list is longer than this tool reads"),
        (Retryable("roster_unreadable"), "The LMS answered something that is no list."),
        (PlatformUnavailable("timeout"), "The LMS could not be asked or refused (timeout)."),
    ],
)
def test_a_failure_is_told_until_the_list_is_read(roster: Roster, failure: ToolError, said: str) -> None:
    roster.ask()
    roster.work(Platform(failure))
    assert said in roster.open()
    assert "Everybody here stays as they are." in roster.open()
    assert roster.row("Бакыт")[0] == "participant"

    roster.work(Platform((CHOLPON,)), clock.now() + 2 * HOUR)

    assert said not in roster.open()


def test_while_it_is_read_the_page_tells_how_much(roster: Roster) -> None:
    platform, seen = Platform((CHOLPON,)), []
    platform.meanwhile = lambda: seen.extend([roster.open(), roster.ask()])
    roster.ask()

    roster.work(platform)

    for words in seen:
        assert "The LMS is being read. 1 page, 1 person" in words
        assert "Read it now" not in words
    assert len(platform.asked) == 1


def test_what_nobody_foresaw_is_told_too_and_costs_nobody_else_a_turn(roster: Roster) -> None:
    broken = Platform((CHOLPON,))
    broken.meanwhile = lambda: {}["Нурлан"]
    roster.ask()

    roster.work(broken)

    assert "This tool failed over it (KeyError)" in roster.open()
    assert "Нурлан" not in roster.open()
    assert roster.row("Бакыт")[0] == "participant"


def test_whom_a_long_list_brings_is_computed_in_batches(roster: Roster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 0)
    roster.ask()

    roster.work(Platform((CHOLPON,)))

    assert "people are done." in roster.open()
    jobs.advance(roster.sessions, clock.now())
    assert "people are done." not in roster.open()


def test_a_list_that_was_taken_over_by_another_worker_is_not_stored(roster: Roster) -> None:
    asleep = Platform(())
    asleep.meanwhile = lambda: roster.work(Platform((CHOLPON,)), clock.now() + LEASE)
    roster.ask()

    roster.work(asleep)

    assert roster.row("Чолпон")[0] == "participant"
    assert "New participants: 1" in roster.open()


def test_a_list_that_ended_three_workers_is_given_up(roster: Roster) -> None:
    roster.ask()
    with unit_of_work(roster.sessions) as session:
        session.scalars(select(ErrandRow)).one().tries = MOST_TRIES

    roster.work(never := Platform(()))

    assert never.asked == []
    assert "This tool failed over it (workers_lost)" in roster.open()


def test_while_the_lms_is_paused_nobody_asks_and_the_page_says_until_when(roster: Roster) -> None:
    until = clock.now() + timedelta(minutes=7)
    with unit_of_work(roster.sessions) as session:
        platform_id = session.get_one(CourseRow, roster.institute.course.id).platform_id
        session.merge(PlatformChannelRow(platform_id=platform_id, paused_until=until, reason="outage"))
    platform = Platform((CHOLPON,))

    assert "The LMS does not answer just now. It is left alone until" in roster.ask()
    roster.work(platform)
    assert platform.asked == []

    roster.work(platform, until)
    assert len(platform.asked) == 1


def test_who_waits_long_is_told_that_no_worker_may_run(roster: Roster) -> None:
    roster.ask()
    with unit_of_work(roster.sessions) as session:
        session.scalars(select(ErrandRow)).one().asked_at = clock.now() - timedelta(minutes=3)

    assert "no worker may be running" in roster.open()


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_what_follows_the_page_is_told_in_its_language(roster: Roster, language: str) -> None:
    roster.ask()
    address = f"/c/{roster.institute.course.public_id}/progress/roster"

    waiting = roster.client.get(address, base_url=BASE, headers={"Page-Language": language}).text
    roster.work(Platform((CHOLPON,)))
    done = roster.client.get(address, base_url=BASE, headers={"Page-Language": language}).text

    assert f'data-following="{address}"' in waiting
    assert "data-following" not in done
    assert 'href=""' in done
    assert ("seconds" in waiting) is ("New participants" in done) is (language == "en")
    assert len(waiting) < 1500


def test_there_is_nothing_to_follow_under_another_name(roster: Roster) -> None:
    address = f"/c/{roster.institute.course.public_id}/progress/"

    assert roster.client.get(address + "levels", base_url=BASE).status_code == 200
    assert roster.client.get(address + "csv", base_url=BASE).status_code == 404


def test_a_course_whose_list_is_not_shared_offers_no_reading(roster: Roster) -> None:
    with unit_of_work(roster.sessions) as session:
        session.get_one(CourseServiceRow, roster.institute.course.id).memberships_url = None

    assert "The LMS does not share its list of this course." in roster.open()
    assert "Read it now" not in roster.open()
    assert "or the LMS does not share it" in roster.ask()


def test_an_admin_reads_the_page_and_asks_for_nothing(roster: Roster, visitor: Visitor) -> None:
    reader = Roster(visitor("admin"), roster.institute, roster.sessions)

    assert "Бакыт" in reader.open()
    assert "Read it now" not in reader.open()
    assert reader.client.post(reader.address + "/read", base_url=BASE).status_code == 404


def test_a_person_without_a_name_has_a_line(roster: Roster) -> None:
    with unit_of_work(roster.sessions) as session:
        session.get_one(PersonRow, roster.institute.persons["neighbour"].id).name = ""

    assert roster.row("Name not shared")[0] == "participant"


class TestTheLead:
    """Who leads: seen by the staff, named by the lead or an admin, and by nobody else."""

    @pytest.fixture(autouse=True)
    def _team(self, app: Flask, institute: Institute, sessions: SessionFactory) -> None:
        app.config["WTF_CSRF_ENABLED"] = False
        self.institute, self.sessions = institute, sessions
        with unit_of_work(sessions) as session:
            second = institute.persons["trainer of another course"]
            Make(session, clock.now()).membership(institute.course, second, "trainer")

    def _name(self, client: FlaskClient, whom: str) -> str:
        fields = {"person": self.institute.persons[whom].public_id}
        address = f"/c/{self.institute.course.public_id}/roster/lead"
        return _words(client.post(address, data=fields, base_url=BASE, follow_redirects=True).text)

    def _lead(self) -> int | None:
        with unit_of_work(self.sessions) as session:
            return decision_queries.lead_of(session, CourseId(self.institute.course.id))

    def test_an_admin_names_and_the_named_names_on(self, visitor: Visitor) -> None:
        assert "Lead trainer Nobody yet." in _words(
            visitor("trainer").get(f"/c/{self.institute.course.public_id}/roster", base_url=BASE).text
        )

        assert "The lead trainer is named." in self._name(visitor("admin"), "trainer")
        assert self._lead() == self.institute.persons["trainer"].id

        assert "The lead trainer is named." in self._name(visitor("trainer"), "trainer of another course")
        assert self._lead() == self.institute.persons["trainer of another course"].id

    def test_who_does_not_lead_names_nobody(self, visitor: Visitor) -> None:
        self._name(visitor("admin"), "trainer of another course")

        words = self._name(visitor("trainer"), "trainer")

        assert "Only the lead trainer of the course or an institute admin decides this." in words
        assert "Name the lead trainer" not in words
        assert self._lead() == self.institute.persons["trainer of another course"].id

    def test_a_participant_cannot_lead(self, visitor: Visitor) -> None:
        assert "Only somebody who teaches in this course can lead it." in self._name(visitor("admin"), "participant")
        assert self._lead() is None

    def test_naming_the_lead_again_stores_nothing(self, visitor: Visitor) -> None:
        for _ in range(2):
            self._name(visitor("admin"), "trainer")

        with unit_of_work(self.sessions) as session:
            assert session.scalar(select(func.count()).select_from(CourseLeadRow)) == 1

    def test_nobody_cannot_lead(self, visitor: Visitor) -> None:
        address = f"/c/{self.institute.course.public_id}/roster/lead"
        answer = visitor("admin").post(address, data={"person": "nobody\0"}, base_url=BASE, follow_redirects=True)

        assert "Only somebody who teaches in this course can lead it." in _words(answer.text)
