"""Deciding over marks, in whole pages: what the trainer does, what the participant reads, what nobody may."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.competency.tables import JudgementRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from tests.factories.make import Make
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import Classroom

BASE = "https://tool.example.invalid"
CODE = "2.1.1.a"
REASON = "Сабакта өзүм көрдүм."


class Desk:
    """The pages of the institute's course as one visitor sees them."""

    def __init__(self, client: FlaskClient, institute: Institute) -> None:
        self.client = client
        self.course = f"/c/{institute.course.public_id}"
        self.person = f"{self.course}/people/{institute.persons['participant'].public_id}"
        self.indicator = f"{self.person}/indicators/{CODE}"

    def page(self, path: str = "") -> BeautifulSoup:
        answer = self.client.get(path or self.indicator, base_url=BASE)
        assert answer.status_code == 200, answer.text[:300]
        return BeautifulSoup(answer.text, "html.parser")

    def words(self, path: str = "") -> str:
        return re.sub(r"\s+", " ", self.page(path).select_one("main").get_text(" ", strip=True))  # type: ignore[union-attr]

    def post(self, path: str = "", /, **fields: str) -> TestResponse:
        return self.client.post(self.indicator + path, data=fields, base_url=BASE)

    def judge(self, side: str = "attained", *, version: int = 0, step: str = "", **more: str) -> TestResponse:
        return self.post(step, side=side, version=str(version), **{"reason": REASON, **more})

    def entry(self, form: str) -> str:
        """The hidden entry of the first form that posts there."""
        found = self.page().select_one(f'form[action$="/{form}"] input[name=entry]')
        assert found is not None
        return str(found["value"])


@pytest.fixture
def desks(app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory) -> Iterator[dict[str, Desk]]:
    """A quiz of level 1 of 2.1 marked 8 of 20; two trainers, an admin and the participant at it."""
    app.config["WTF_CSRF_ENABLED"] = False
    room = Classroom(sessions, institute)
    room.map()
    room.mark("8")
    with unit_of_work(sessions) as session:
        second = institute.persons["trainer of another course"]
        Make(session, clock.now()).membership(institute.course, second, "trainer")
    return {name: Desk(visitor(name), institute) for name in ("trainer", "admin", "participant")}


def _judged_by_another(sessions: SessionFactory, institute: Institute, *, attained: bool) -> None:
    with unit_of_work(sessions) as session:
        session.add(
            JudgementRow(
                course_id=institute.course.id,
                person_id=institute.persons["participant"].id,
                indicator_id=institute.framework.indicator(CODE).id,
                judged_by=institute.persons["trainer of another course"].id,
                attained=attained,
                reason="Башкача көрдүм, далили бар.",
                judged_at=clock.now(),
            )
        )


def _judgements(sessions: SessionFactory) -> list[JudgementRow]:
    with sessions() as session:
        return list(session.scalars(select(JudgementRow).order_by(JudgementRow.id)))


def test_a_judgement_stands_beside_what_the_marks_say(desks: dict[str, Desk]) -> None:
    assert desks["trainer"].judge().status_code == 303

    words = desks["trainer"].words()
    assert "A trainer decided this. The marks alone say: Not attained." in words
    assert REASON in words


def test_the_participant_reads_it_with_its_reason_and_whom_to_ask(desks: dict[str, Desk]) -> None:
    desks["trainer"].judge(until="2030-05-31")

    words = desks["participant"].words(f"{desks['participant'].course}/me/2.1")

    assert REASON in words
    assert "Гүлнара" in words
    assert "ask the trainer named here" in words
    assert "until 1 June 2030" in words
    assert "void evidence" not in words


def test_a_withdrawn_judgement_leaves_the_participants_page_and_stays_in_the_history(desks: dict[str, Desk]) -> None:
    desk = desks["trainer"]
    desk.judge()

    assert desk.post("/withdrawal", entry=desk.entry("withdrawal")).status_code == 303

    assert REASON not in desks["participant"].words(f"{desk.course}/me/2.1")
    assert REASON in desk.words()
    assert "withdrawn on" in desk.words()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"side": ""}, "Choose “Attained” or “Not attained”"),
        ({"reason": "ооба"}, "Give a reason of 10 to 2000 letters"),
        ({"until": "yesterday"}, "is not a time"),
        ({"until": "9999-12-31"}, "is not a time"),
        ({"until": "2001-01-01"}, "The last day is past already"),
    ],
)
def test_bad_input_is_told_and_stores_nothing(
    desks: dict[str, Desk], sessions: SessionFactory, fields: dict[str, str], told: str
) -> None:
    answer = desks["trainer"].post("", **{"side": "attained", "reason": REASON, "version": "0", **fields})

    assert answer.status_code == 409
    assert told in answer.text
    assert _judgements(sessions) == []


def test_two_trainers_at_once_see_each_other_and_lose_nothing(
    desks: dict[str, Desk], sessions: SessionFactory, institute: Institute
) -> None:
    _judged_by_another(sessions, institute, attained=False)

    answer = desks["trainer"].judge(version=0)

    assert answer.status_code == 409
    assert "Somebody else has judged this indicator meanwhile" in answer.text
    assert "Башкача көрдүм" in answer.text
    assert REASON in answer.text
    version = BeautifulSoup(answer.text, "html.parser").select_one("input[name=version]")
    assert version is not None
    assert version["value"] == "1"
    assert desks["trainer"].judge(version=1).status_code == 303
    assert len(_judgements(sessions)) == 2


def test_a_dispute_is_listed_and_an_admin_decides_it(
    desks: dict[str, Desk], sessions: SessionFactory, institute: Institute
) -> None:
    _judged_by_another(sessions, institute, attained=False)
    desks["trainer"].judge(version=1)
    listed = desks["admin"].page(f"{desks['admin'].course}/decisions")
    assert [link["href"] for link in listed.select("main section li a:not(.term)")] == [desks["admin"].indicator]
    assert "Disputes" in listed.text
    assert "The lead trainer of the course or an institute admin decides." in desks["trainer"].words()

    refused = desks["trainer"].judge(version=2, step="/decision")
    assert (refused.status_code, "Only the lead trainer" in refused.text) == (409, True)
    assert desks["admin"].judge(version=2, step="/decision").status_code == 303

    assert "Nothing waits for a decision." in desks["admin"].words(f"{desks['admin'].course}/decisions")
    assert "Decided: attained" in desks["participant"].words(f"{desks['participant'].course}/me/2.1")


def test_evidence_is_voided_and_taken_back(desks: dict[str, Desk]) -> None:
    desk = desks["trainer"]
    assert "40 %" in desk.words()

    assert desk.post("/evidence", entry=desk.entry("evidence"), step="void", reason=REASON).status_code == 303
    assert "Nothing has been assessed yet." in desk.words()
    assert "Voided · Гүлнара" in desk.words()

    assert desk.post("/evidence", entry=desk.entry("evidence"), step="restore", reason=REASON).status_code == 303
    assert "40 %" in desk.words()


def test_an_admin_reads_but_does_not_judge(desks: dict[str, Desk]) -> None:
    assert desks["admin"].judge().status_code == 404
    assert not desks["admin"].page().select("main form")


def test_what_does_not_exist_is_not_found(desks: dict[str, Desk]) -> None:
    desk = desks["trainer"]

    assert desk.client.get(f"{desk.person}/indicators/9.9.9.z", base_url=BASE).status_code == 404
    assert desk.post("/withdrawal", entry="nosuch\0entry").status_code == 404
    assert desk.post("/evidence", entry="nosuchentry", reason=REASON).status_code == 404


def test_what_is_typed_is_text(desks: dict[str, Desk]) -> None:
    desks["trainer"].judge(reason="<script>alert(1)</script>")

    assert (
        "<script>alert"
        not in desks["participant"].client.get(f"{desks['participant'].course}/me/2.1", base_url=BASE).text
    )
