"""Closing a course in whole pages: what is shown before and after, who may, and what a closed course refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.competency.tables import CourseLeadRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.people.tables import CourseRow
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import Classroom

BASE = "https://tool.example.invalid"
REASON = "Кайра текшерилди."


class Desk:
    """The closing page as one visitor sees it."""

    def __init__(self, client: FlaskClient, institute: Institute) -> None:
        self.client = client
        self.course = f"/c/{institute.course.public_id}"
        self.person = f"{self.course}/people/{institute.persons['participant'].public_id}"

    def page(self, path: str = "/closing") -> BeautifulSoup:
        answer = self.client.get(self.course + path, base_url=BASE)
        assert answer.status_code == 200, answer.text[:300]
        return BeautifulSoup(answer.text, "html.parser")

    def words(self, path: str = "/closing") -> str:
        return _words(str(self.page(path).select_one("main")))

    def post(self, path: str = "/closing", **fields: str) -> TestResponse:
        return self.client.post(self.course + path, data=fields, base_url=BASE)

    def field(self, name: str) -> str:
        found = self.page().select_one(f"input[name={name}]")
        assert found is not None
        return str(found["value"])

    def close(self) -> TestResponse:
        return self.post(seen=self.field("seen"))

    def cases(self, choose: str = "all") -> list[str]:
        """The ticked cases of the form."""
        return [str(box["value"]) for box in self.page(f"/closing?choose={choose}").select("input[name=case][checked]")]

    def settle(self, side: str, cases: list[str] | None = None, reason: str = REASON) -> TestResponse:
        data = {"side": side, "reason": reason, "case": self.cases() if cases is None else cases}
        return self.client.post(self.course + "/closing/cases", data=data, base_url=BASE)


def _words(html: str) -> str:
    return re.sub(r"\s+", " ", BeautifulSoup(html, "html.parser").get_text(" ", strip=True))


@pytest.fixture
def room(app: Flask, institute: Institute, sessions: SessionFactory) -> Classroom:
    """A quiz of level 1 of 2.1 marked 18 of 20; the trainer leads the course."""
    app.config["WTF_CSRF_ENABLED"] = False
    room = Classroom(sessions, institute)
    room.map()
    room.mark("18")
    with unit_of_work(sessions) as session:
        trainer = institute.persons["trainer"].id
        session.add(
            CourseLeadRow(course_id=institute.course.id, person_id=trainer, named_at=clock.now(), named_by=trainer)
        )
    return room


@pytest.fixture
def desks(room: Classroom, visitor: Visitor, institute: Institute) -> Iterator[dict[str, Desk]]:
    assert room
    return {name: Desk(visitor(name), institute) for name in ("trainer", "admin", "participant")}  # type: ignore[return-value]


def test_an_open_course_says_what_closing_does(desks: dict[str, Desk]) -> None:
    words = desks["trainer"].words()

    assert "What closing certifies Participants with certified levels: 1 of" in words
    assert "2.1" in words
    assert "Marks that came in after the closing" not in words


def test_closing_shows_the_course_as_closed_everywhere(desks: dict[str, Desk]) -> None:
    answer = desks["trainer"].close()

    assert answer.status_code == 303
    words = desks["trainer"].words()
    assert "The course is closed and its levels are certified." in words
    assert "Nothing waits for a decision." in words
    for who, path in (("trainer", "/group"), ("participant", "/me"), ("participant", "/me/2.1")):
        assert "This course was closed on" in desks[who].words(path)
    assert "Certified" in desks["participant"].words("/me/2.1")


def test_a_course_that_changed_since_it_was_looked_at_is_not_closed(desks: dict[str, Desk], room: Classroom) -> None:
    seen = desks["trainer"].field("seen")
    room.mark("3")

    answer = desks["trainer"].post(seen=seen)

    assert answer.status_code == 409
    assert "Levels have changed since you looked." in _words(answer.text)
    assert "This course was closed on" not in desks["trainer"].words("/group")


def test_who_does_not_lead_reads_only(desks: dict[str, Desk], sessions: SessionFactory, institute: Institute) -> None:
    other = institute.persons["trainer of another course"].id
    with unit_of_work(sessions) as session:
        session.add(CourseLeadRow(course_id=institute.course.id, person_id=other, named_at=clock.now(), named_by=other))

    assert "The lead trainer of the course or an institute admin closes it." in desks["trainer"].words()
    assert desks["trainer"].page().select_one("input[name=seen]") is None
    refused = desks["trainer"].post(seen=desks["admin"].field("seen"))
    assert refused.status_code == 409
    assert "Only the lead trainer" in _words(refused.text)
    assert desks["admin"].close().status_code == 303


def test_a_later_mark_waits_for_a_decision_and_can_be_taken_over(desks: dict[str, Desk], room: Classroom) -> None:
    desks["trainer"].close()
    room.mark("3")

    words = desks["trainer"].words()
    assert "Closed with: level 1. The marks now say: below basic level." in words
    assert "by them it would be: Below basic level." in desks["participant"].words("/me/2.1")

    assert desks["trainer"].settle("adopt").status_code == 303

    words = desks["trainer"].words()
    assert "Taken over" in words
    assert REASON in words
    assert "by them it would be" not in desks["participant"].words("/me/2.1")
    assert "Below basic level" in desks["participant"].words("/me/2.1")


def test_a_decision_without_a_reason_keeps_what_was_typed(desks: dict[str, Desk], room: Classroom) -> None:
    desks["trainer"].close()
    room.mark("3")

    answer = desks["trainer"].settle("keep", reason="жок")

    assert answer.status_code == 409
    assert "Give a reason of 10" in _words(answer.text)
    area = BeautifulSoup(answer.text, "html.parser").select_one("textarea")
    assert area is not None
    assert area.get_text().strip() == "жок"
    assert len(BeautifulSoup(answer.text, "html.parser").select("input[name=case][checked]")) == 1


def test_a_case_that_changed_meanwhile_is_told(desks: dict[str, Desk], room: Classroom) -> None:
    desks["trainer"].close()
    room.mark("3")

    (case,) = desks["trainer"].cases()

    answer = desks["trainer"].settle("adopt", [case.replace(":0", ":2")])

    assert answer.status_code == 409
    assert "This case has changed meanwhile" in _words(answer.text)


def test_a_case_of_nobody_is_not_found(desks: dict[str, Desk]) -> None:
    desks["trainer"].close()

    assert desks["trainer"].settle("adopt", ["none:1"]).status_code == 404


def test_a_decision_on_nothing_is_told(desks: dict[str, Desk], room: Classroom) -> None:
    desks["trainer"].close()
    room.mark("3")

    answer = desks["trainer"].settle("adopt", [])

    assert answer.status_code == 409
    assert "Nothing was chosen" in _words(answer.text)


def test_cases_can_be_chosen_at_one_go(desks: dict[str, Desk], room: Classroom) -> None:
    desks["trainer"].close()
    room.mark("3")

    assert [len(desks["trainer"].cases(choose)) for choose in ("", "all", "higher")] == [0, 1, 0]


def test_a_closed_course_shows_mapping_and_rules_to_read_only(desks: dict[str, Desk]) -> None:
    assert desks["trainer"].page("/rules").select_one("button[value=preview]") is not None
    desks["trainer"].close()

    assert desks["trainer"].page("/rules").select_one("button[value=preview]") is None
    assert desks["trainer"].page("/mapping").select_one("input[name^=cell]") is None


def test_reopening_says_so_and_lets_the_levels_follow(desks: dict[str, Desk], room: Classroom) -> None:
    desks["trainer"].close()
    room.mark("3")
    assert "level 1 → level 0" in desks["trainer"].words()

    assert desks["trainer"].post(step="reopen").status_code == 303

    words = desks["trainer"].words()
    assert "The course is open again" in words
    assert "level 1 is certified no longer." in words
    assert "Reopened" in words
    assert desks["trainer"].post(step="reopen").status_code == 409


def test_a_participant_has_no_such_page(desks: dict[str, Desk]) -> None:
    assert desks["participant"].client.get(desks["trainer"].course + "/closing", base_url=BASE).status_code == 404


def test_what_is_better_done_first_is_named(
    desks: dict[str, Desk], institute: Institute, sessions: SessionFactory
) -> None:
    unread = "The list of people has not been read from the LMS yet"
    assert unread in desks["trainer"].words()

    with unit_of_work(sessions) as session:
        session.get_one(CourseRow, institute.course.id).roster_synced_at = clock.now()

    assert unread not in desks["trainer"].words()
