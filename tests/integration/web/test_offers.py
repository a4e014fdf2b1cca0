"""A link that was changed in the LMS: its new indicators are offered, and taken only as a draft that somebody saw."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.mapping_draft import draft_of
from lti_tool.competency.model import Mapping
from lti_tool.competency.rules import rules_of
from lti_tool.competency.tables import MappingRow
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.grading import gradebook
from lti_tool.ids import CourseId
from lti_tool.people.tables import ActivityRow, CourseRow
from tests.factories.launch_bench import TOOL, Bench

FIRST = {"activity": "evidence", "indicators": "1.1.1.a:2:r,1.1.1.b"}
CHANGED = FIRST | {"indicators": "1.1.1.a:2:r,2.1.1.a:3,9.9.9.z"}


class Changed:
    """A link that a trainer opened, and that says something else now."""

    def __init__(self, lms: Bench, now_says: dict[str, str] | None = None) -> None:
        self.lms = lms
        lms.browser().launch("resource-link-editing-teacher", custom=FIRST)
        browser = lms.browser()
        answer = browser.launch(
            "resource-link-editing-teacher",
            custom=CHANGED if now_says is None else now_says,
            launch_presentation={"locale": "en"},
        )
        self.client: FlaskClient = browser.client
        self.course = "/".join(answer.headers["Location"].split("/")[:3])

    def page(self) -> BeautifulSoup:
        return BeautifulSoup(self.client.get(f"{self.course}/mapping", base_url=TOOL).text, "html.parser")

    def said(self) -> str:
        found = self.page().select("[aria-labelledby^=offer-]")
        return re.sub(r"\s+", " ", " ".join(each.get_text(" ", strip=True) for each in found))

    def settle(self, do: str) -> TestResponse:
        form = self.page().select_one("form[action*='/mapping/offers/']")
        assert form is not None
        token = str(form.select_one("input[name=csrf_token]")["value"])  # type: ignore[index]  # there is one
        return self.client.post(str(form["action"]), data={"csrf_token": token, "do": do}, base_url=TOOL)

    def cells(self) -> tuple[dict[str, int], dict[str, int]]:
        """Code → weight, as published and as drafted."""
        with unit_of_work(self.lms.sessions, writes=False) as session:
            course = CourseId(session.scalars(select(CourseRow.id)).one())
            framework = rules_of(session, course, clock.now()).framework
            told = [mapping_of(session, course), draft_of(session, course).wanted]
            published, drafted = [
                {framework.indicator_by_id(cell.indicator).code: cell.weight for cell in cells} for cells in told
            ]
        return published, drafted


OLD, NEW = {"1.1.1.a": 2, "1.1.1.b": 1}, {"1.1.1.a": 2, "2.1.1.a": 3}


def test_a_changed_link_is_said_on_the_mapping_page_and_changes_nothing(lms: Bench) -> None:
    changed = Changed(lms)

    said = changed.said()

    assert "A changed link: External tool: Graded link" in said
    assert "1.1.1.b: supporting, weight 1 → nothing" in said
    assert "2.1.1.a: nothing → supporting, weight 3" in said
    assert "1.1.1.a:" not in said, "it stays as it is"
    assert "“9.9.9.z” names no indicator here" in said
    assert changed.cells() == (OLD, OLD)


def test_taking_it_makes_a_draft_that_is_looked_at_first(lms: Bench) -> None:
    changed = Changed(lms)

    answer = changed.settle("take")

    assert answer.headers["Location"] == f"{changed.course}/mapping/preview"
    assert changed.cells() == (OLD, NEW)
    assert changed.said() == ""
    assert lms.browser().launch("resource-link-editing-teacher", custom=CHANGED).status_code == 303
    assert changed.said() == "", "it is not offered twice"


@pytest.mark.parametrize("do", ["leave", "", "nonsense"])
def test_leaving_it_keeps_the_mapping_and_asks_no_more(lms: Bench, do: str) -> None:
    changed = Changed(lms)

    changed.settle(do)

    assert changed.cells() == (OLD, OLD)
    assert changed.said() == ""


def test_other_activities_and_pass_marks_stay_as_they_are(lms: Bench) -> None:
    changed = Changed(lms)
    with unit_of_work(lms.sessions) as session:
        course = CourseId(session.scalars(select(CourseRow.id)).one())
        link = session.scalars(select(ActivityRow)).one()
        made = ActivityRow(course_id=course, kind="native", source="gradebook", external_id="q", created_at=clock.now())
        made.name = "Quiz: Q"
        session.add(made)
        session.flush()
        framework = rules_of(session, course, clock.now()).framework
        first, other = framework.indicator("1.1.1.a").id, framework.indicator("4.1.1.a").id
        cells = [
            Mapping(link.id, first, 2, pass_mark=Fraction(4, 5)),  # type: ignore[arg-type]  # ids of rows
            Mapping(made.id, other, 5, pass_mark=Fraction(1, 2)),  # type: ignore[arg-type]
        ]
        gradebook.accept_mapping(session, course, cells, by=None, now=clock.now(), merge=True)

    changed.settle("take")

    assert changed.cells()[1] == NEW | {"4.1.1.a": 5}
    with unit_of_work(lms.sessions, writes=False) as session:
        marks = {cell.weight: cell.pass_mark for cell in draft_of(session, course).wanted}
    assert marks == {2: Fraction(4, 5), 3: None, 5: Fraction(1, 2)}


def test_the_same_said_otherwise_is_told_as_the_same(lms: Bench) -> None:
    changed = Changed(lms, FIRST | {"indicators": "1.1.1.b:1,1.1.1.a:2:r"})

    assert "The same as the mapping says already." in changed.said()


def test_an_offer_that_is_settled_cannot_be_settled_again(lms: Bench) -> None:
    changed = Changed(lms)
    form = changed.page().select_one("form[action*='/mapping/offers/']")
    assert form is not None
    changed.settle("leave")
    token = changed.page().select_one("input[name=csrf_token]")
    assert token is not None

    again = changed.client.post(
        str(form["action"]), data={"csrf_token": str(token["value"]), "do": "take"}, base_url=TOOL
    )

    assert again.status_code == 404
    assert changed.cells() == (OLD, OLD)


def test_a_participant_neither_sees_nor_settles_it(lms: Bench) -> None:
    changed = Changed(lms)
    form = changed.page().select_one("form[action*='/mapping/offers/']")
    assert form is not None
    learner = lms.browser()
    learner.launch("resource-link-student", custom=CHANGED)
    lms.app.config["WTF_CSRF_ENABLED"] = False

    assert learner.client.post(str(form["action"]), data={"do": "take"}, base_url=TOOL).status_code == 404
    with lms.sessions() as session:
        assert len(list(session.scalars(select(MappingRow)))) == 2
