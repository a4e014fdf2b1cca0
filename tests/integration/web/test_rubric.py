"""Descriptions of the rubric's steps: written by trainers, read where people assess and by who is assessed."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.competency import rubric
from lti_tool.competency.model import Mapping, ObservationStep
from lti_tool.competency.tables import RubricRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import gradebook
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.people import courses
from lti_tool.people.model import ActivityKind, ActivitySource
from lti_tool.people.tables import ActivityRow, CourseRow
from tests.integration.web.conftest import Institute, Visitor

BASE = "https://tool.example.invalid"
CODE = "2.1.1.a"
EMERGING = "Планда МКТ аталат, бирок колдонулбайт."


class Desk:
    """An evidence task and a checklist that show one indicator, as one visitor sees them."""

    def __init__(self, client: FlaskClient, institute: Institute, own: list[ActivityRow]) -> None:
        self.client = client
        self.course = f"/c/{institute.course.public_id}"
        self.form = f"{self.course}/rubric/{CODE}"
        self.task, self.checklist = (
            f"{self.course}/tasks/{own[0].public_id}",
            f"{self.course}/checklists/{own[1].public_id}",
        )

    def words(self, path: str) -> str:
        answer = self.client.get(path, base_url=BASE)
        assert answer.status_code == 200, answer.text[:300]
        return _words(answer.text)

    def describe(self, *, version: int = 0, **steps: str) -> TestResponse:
        fields = {f"step-{step}": text for step, text in steps.items()}
        return self.client.post(self.form, data={"version": str(version), **fields}, base_url=BASE)


def _words(html: str) -> str:
    return re.sub(r"\s+", " ", BeautifulSoup(html, "html.parser").get_text(" ", strip=True))


@pytest.fixture
def desks(app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory) -> dict[str, Desk]:
    app.config["WTF_CSRF_ENABLED"] = False
    own = []
    with unit_of_work(sessions) as session:
        for kind in (ActivityKind.EVIDENCE, ActivityKind.OBSERVATION):
            row = ActivityRow(course_id=institute.course.id, kind=kind, source=ActivitySource.LTI)
            row.external_id = row.name = f"External tool: {kind}"
            row.created_at = clock.now()
            session.add(row)
            session.flush()
            own.append(row)
        indicator = institute.framework.indicator(CODE).id
        cells = [Mapping(ActivityId(row.id), indicator) for row in own]
        gradebook.accept_mapping(session, CourseId(institute.course.id), cells, by=None, now=clock.now())
    return {name: Desk(visitor(name), institute, own) for name in ("trainer", "admin", "participant")}  # type: ignore[return-value]


def test_descriptions_are_read_where_people_assess_and_are_assessed(desks: dict[str, Desk]) -> None:
    trainer = desks["trainer"]
    assert CODE in trainer.words(f"{trainer.course}/rubric")

    assert trainer.describe(emerging=EMERGING, shown=" ").status_code == 303

    assert "1 step described" in trainer.words(f"{trainer.course}/rubric")
    for who, path in (("trainer", trainer.checklist), ("participant", trainer.task)):
        assert f"emerging {EMERGING}" in desks[who].words(path)
        assert "convincing Планда" not in desks[who].words(path)


def test_two_trainers_at_once_are_told_and_nothing_typed_is_lost(desks: dict[str, Desk]) -> None:
    trainer = desks["trainer"]
    trainer.describe(emerging=EMERGING)

    answer = trainer.describe(emerging="Меники")

    assert answer.status_code == 409
    words = _words(answer.text)
    assert "Somebody else has described these steps meanwhile." in words
    assert "Меники" in words
    assert f"Stored meanwhile: {EMERGING}" in words
    assert trainer.describe(version=1, emerging="Меники").status_code == 303
    assert "Меники" in trainer.words(trainer.form)


def test_the_same_words_twice_are_stored_once(desks: dict[str, Desk], sessions: SessionFactory) -> None:
    assert [desks["trainer"].describe(emerging=EMERGING).status_code for _ in range(2)] == [303, 303]

    with unit_of_work(sessions) as session:
        assert session.scalars(select(RubricRow.version)).all() == [1]


def test_a_description_too_long_keeps_what_was_typed(desks: dict[str, Desk], sessions: SessionFactory) -> None:
    answer = desks["trainer"].describe(emerging="ө" * 501)

    assert answer.status_code == 409
    assert "A description has at most 500 letters." in _words(answer.text)
    assert "ө" * 501 in answer.text
    with unit_of_work(sessions) as session:
        assert session.scalars(select(RubricRow)).all() == []


def test_emptied_descriptions_are_gone(desks: dict[str, Desk]) -> None:
    desks["trainer"].describe(emerging=EMERGING)

    desks["trainer"].describe(version=1)

    assert EMERGING not in desks["participant"].words(desks["participant"].task)


def test_an_admin_reads_and_a_participant_has_no_such_page(desks: dict[str, Desk]) -> None:
    desks["trainer"].describe(emerging=EMERGING)

    assert EMERGING in desks["admin"].words(desks["admin"].form)
    assert "Store the descriptions" not in desks["admin"].words(desks["admin"].form)
    assert desks["participant"].client.get(desks["participant"].form, base_url=BASE).status_code == 404


def test_no_such_indicator_is_not_found(desks: dict[str, Desk]) -> None:
    trainer = desks["trainer"]
    for method in (trainer.client.get, trainer.client.post):
        assert method(f"{trainer.course}/rubric/9.9.9.z", base_url=BASE).status_code == 404


def test_a_copied_course_reads_its_origin_s_words_until_it_has_its_own(
    desks: dict[str, Desk], institute: Institute, sessions: SessionFactory
) -> None:
    desks["trainer"].describe(emerging=EMERGING, shown="Көрсөтүлдү")
    indicator = institute.framework.indicator(CODE).id
    copy, by = CourseId(institute.other_course.id), PersonId(institute.persons["trainer"].id)
    with unit_of_work(sessions) as session:
        session.get_one(CourseRow, copy).history = institute.course.context_id

        told = rubric.descriptors_of(session, courses.get_course(session, copy))[indicator]
        rubric.describe(
            session, copy, indicator, {ObservationStep.SHOWN: "Өзүнүкү"}, seen=told.version, by=by, now=clock.now()
        )
        own = rubric.descriptors_of(session, courses.get_course(session, copy))[indicator]
        origin = rubric.descriptors_of(session, courses.get_course(session, CourseId(institute.course.id)))[indicator]

    assert (told.steps[ObservationStep.EMERGING], told.version) == (EMERGING, 0)
    assert own.steps == {ObservationStep.SHOWN: "Өзүнүкү"}
    assert origin.steps[ObservationStep.SHOWN] == "Көрсөтүлдү"
