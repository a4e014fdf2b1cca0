"""Self-assessment: kept as one goes, done again, shown beside what was shown, and never counted."""

from __future__ import annotations

import gzip
import json
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.competency import self_assessing
from lti_tool.competency.model import Mapping
from lti_tool.competency.self_assessing import SelfStep, self_assessments_of
from lti_tool.competency.self_tables import SelfAnswerRow, SelfAssessmentRow
from lti_tool.competency.tables import AttainmentRow, CompetencyStandingRow, EvidenceRow
from lti_tool.db.base import Base
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import Conflict
from lti_tool.grading import gradebook
from lti_tool.grading.tables import DeliveryRow
from lti_tool.ids import ActivityId, CourseId, IndicatorId
from lti_tool.people.tables import CourseRow
from tests.factories.launch_bench import TOOL as BASE
from tests.factories.launch_bench import Bench
from tests.factories.make import Make
from tests.factories.schoolroom import open_schoolroom
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import Classroom

TITLE = "Өзүмдү баалайм"
A, B = "cell-2.1.1.a", "cell-4.1.1.a"


class SelfAssessment:
    """A self-assessment of the institute's course, used as a browser without a script uses it."""

    def __init__(
        self, sessions: SessionFactory, institute: Institute, codes: tuple[str, ...] = ("2.1.1.a", "4.1.1.a")
    ) -> None:
        self.sessions, self.institute, self.course = sessions, institute, CourseId(institute.course.id)
        with unit_of_work(sessions) as session:
            course = session.get_one(CourseRow, self.course)
            row = Make(session, clock.now()).activity(
                course, f"External tool: {TITLE}", kind="self_assessment", source="lti", external_id=f"7{len(codes)}"
            )
            self.activity, self.public_id = ActivityId(row.id), row.public_id
            cells = [Mapping(self.activity, institute.framework.indicator(code).id) for code in codes]
            gradebook.accept_mapping(session, self.course, cells, by=None, now=clock.now(), merge=True)

    @property
    def address(self) -> str:
        return f"/c/{self.institute.course.public_id}/self/{self.public_id}"

    def page(self, client: FlaskClient, query: str = "") -> BeautifulSoup:
        answer = client.get(self.address + query, base_url=BASE)
        assert answer.status_code == 200, answer.text[:300]
        return BeautifulSoup(answer.text, "html.parser")

    def form(self, client: FlaskClient, query: str = "") -> dict[str, str]:
        fields = self.page(client, query).select("form[data-self] input[type=hidden], form[data-self] input[checked]")
        return {str(each["name"]): str(each["value"]) for each in fields}

    def send(self, client: FlaskClient, do: str, query: str = "", **typed: str) -> TestResponse:
        return client.post(self.address, data=self.form(client, query) | typed | {"do": do}, base_url=BASE)

    def script(self, client: FlaskClient, name: str, seen: str, value: str) -> TestResponse:
        """One answer, as the page's script stores it."""
        form = self.form(client)
        data = {"csrf_token": form["csrf_token"], "attempt": form["attempt"], "do": "save", name: value}
        data["shown"] = json.dumps({name: seen})
        return client.post(self.address, data=data, base_url=BASE, headers={"Accept": "application/json"})

    def handed_in(self) -> list[dict[str, int]]:
        """Code → step of each that was handed in, oldest first."""
        framework = self.institute.framework
        with self.sessions() as session:
            query = select(SelfAssessmentRow.id).where(SelfAssessmentRow.submitted_at.is_not(None))
            found: list[dict[str, int]] = []
            for each in session.scalars(query.order_by(SelfAssessmentRow.id)):
                answers = session.scalars(select(SelfAnswerRow).where(SelfAnswerRow.self_assessment_id == each))
                codes = {framework.indicator_by_id(IndicatorId(row.indicator_id)).code: row.step for row in answers}
                found.append(codes)
            return found


def _words(page: BeautifulSoup, selector: str = "main") -> str:
    return re.sub(r"\s+", " ", " ".join(each.get_text(" ", strip=True) for each in page.select(selector)))


@pytest.fixture
def mine(sessions: SessionFactory, institute: Institute) -> SelfAssessment:
    return SelfAssessment(sessions, institute)


def test_the_form_asks_about_what_is_mapped(mine: SelfAssessment, visitor: Visitor) -> None:
    page = mine.page(visitor("participant"))

    assert [each.get_text() for each in page.select("legend .code")] == ["2.1.1.a", "4.1.1.a"]
    assert _words(page, ".stack > h2") == "At the entry into the course"
    assert [each["value"] for each in page.select("fieldset:first-of-type input[checked]")] == ["", ""]
    assert _words(page, "fieldset label").startswith("no answer not yet with help on my own I could teach it")


def test_without_a_mapping_it_asks_about_everything_on_one_light_page(
    sessions: SessionFactory, institute: Institute, visitor: Visitor
) -> None:
    whole = SelfAssessment(sessions, institute, ())
    client = visitor("participant")

    assert len(whole.page(client).select("fieldset.question")) == 61
    assert len(gzip.compress(client.get(whole.address, base_url=BASE).data, 6)) <= 20_000


def test_a_draft_is_kept_and_nobody_else_sees_it(mine: SelfAssessment, visitor: Visitor) -> None:
    client = visitor("participant")
    answer = mine.send(client, "save", **{A: "1"})

    assert answer.status_code == 303
    assert mine.form(client)[A] == "1"
    assert mine.handed_in() == []
    person = mine.institute.persons["participant"].public_id
    about = visitor("trainer").get(f"/c/{mine.institute.course.public_id}/people/{person}", base_url=BASE).text
    assert "self-assessment" not in about


def test_the_script_stores_one_answer_at_a_time_and_takes_it_back(mine: SelfAssessment, visitor: Visitor) -> None:
    client = visitor("participant")
    assert mine.script(client, A, "", "3").get_json() == {"stored": True}
    mine.script(client, B, "", "0")
    mine.script(client, A, "3", "")

    form = mine.form(client)

    assert (form[A], form[B]) == ("", "0")


def test_two_tabs_of_one_person_keep_what_each_has_answered(mine: SelfAssessment, visitor: Visitor) -> None:
    client = visitor("participant")
    other_tab = mine.form(client)
    mine.script(client, A, "", "3")

    client.post(mine.address, data=other_tab | {B: "1", "do": "save"}, base_url=BASE)

    form = mine.form(client)
    assert (form[A], form[B]) == ("3", "1")


def test_it_is_handed_in_and_done_again_and_the_history_is_kept(mine: SelfAssessment, visitor: Visitor) -> None:
    client = visitor("participant")
    mine.send(client, "save", **{A: "0"})
    mine.send(client, "submit", **{B: "1"})
    page = mine.page(client)
    assert page.select("form[data-self]") == []
    assert "Your self-assessment is handed in." in _words(page)
    assert _words(mine.page(client, "?again=1"), ".stack > h2") == "At the exit of the course"

    mine.send(client, "submit", "?again=1", **{A: "2"})
    mine.send(client, "submit", "?again=1", **{A: "3"})

    assert mine.handed_in() == [{"2.1.1.a": 0, "4.1.1.a": 1}, {"2.1.1.a": 2}, {"2.1.1.a": 3}]
    rows = [_words(BeautifulSoup(str(each), "html.parser"), "td") for each in mine.page(client).select("tbody tr")]
    assert rows[0].startswith("At the entry not yet At the exit I could teach it Shown by evidence")
    assert rows[1].startswith("At the entry with help At the exit – Shown by evidence")


def test_a_form_sent_twice_is_no_exit(mine: SelfAssessment, visitor: Visitor) -> None:
    client = visitor("participant")
    form = mine.form(client) | {A: "1", "do": "submit"}
    client.post(mine.address, data=form, base_url=BASE)

    answer = client.post(mine.address, data=form, base_url=BASE, follow_redirects=True)

    assert "This was handed in already, in another tab perhaps." in answer.text
    assert mine.handed_in() == [{"2.1.1.a": 1}]


def test_nothing_answered_cannot_be_handed_in(mine: SelfAssessment, visitor: Visitor) -> None:
    client = visitor("participant")

    answer = mine.send(client, "submit")

    assert answer.status_code == 303
    assert "Nothing is answered yet" in _words(mine.page(client))
    with mine.sessions() as session:
        assert list(session.scalars(select(SelfAssessmentRow))) == []


@pytest.mark.parametrize(
    "typed",
    [
        {A: "4"},
        {A: "-1"},
        {A: "x"},
        {A: "1\0"},
        {"cell-1.1.1.a": "1"},
        {"cell-9.9.9.z": "1"},
        {"attempt": "x"},
        {"attempt": "9" * 9},
        {"shown": "{"},
    ],
)
def test_what_no_page_offers_is_refused_and_nothing_is_stored(
    mine: SelfAssessment, visitor: Visitor, typed: dict[str, str]
) -> None:
    client = visitor("participant")

    answer = mine.send(client, "submit", **{B: "1"} | typed)

    assert answer.status_code == 303
    assert _words(mine.page(client), ".notice-warn") != ""
    with mine.sessions() as session:
        assert list(session.scalars(select(SelfAssessmentRow))) == []


def test_a_script_is_answered_with_a_status(mine: SelfAssessment, visitor: Visitor) -> None:
    assert mine.script(visitor("participant"), A, "", "7").status_code == 400


COUNTED = (EvidenceRow, AttainmentRow, CompetencyStandingRow, DeliveryRow)


def _counted(sessions: SessionFactory) -> dict[str, list[tuple[object, ...]]]:
    """Everything from which or in which a level or a grade follows."""
    found = {}
    with sessions() as session:
        for table in COUNTED:
            columns = Base.metadata.tables[table.__tablename__].columns
            rows = session.execute(select(*(each for each in columns if each.name not in {"computed_at", "id"})))
            found[table.__tablename__] = sorted(tuple(map(str, row)) for row in rows)
    return found


@pytest.mark.parametrize("step", ["0", "3"])
def test_it_never_counts(
    mine: SelfAssessment, visitor: Visitor, sessions: SessionFactory, institute: Institute, step: str
) -> None:
    room = Classroom(sessions, institute)
    room.map()
    with unit_of_work(sessions) as session:
        # The whole matrix was the quiz's: the self-assessment is mapped again, to the same indicator, as required.
        cells = [Mapping(mine.activity, institute.framework.indicator(code).id) for code in ("2.1.1.a", "4.1.1.a")]
        gradebook.accept_mapping(session, mine.course, cells, by=None, now=clock.now(), merge=True)
    room.mark("13")
    before = _counted(sessions)
    assert before["competency_standing"]
    assert before["delivery"]

    mine.send(visitor("participant"), "submit", **{A: step, B: step})
    with unit_of_work(sessions) as session:
        gradebook.recompute_course(session, mine.course, clock.now())

    assert mine.handed_in() == [{"2.1.1.a": int(step), "4.1.1.a": int(step)}]
    assert _counted(sessions) == before


def test_it_stands_beside_what_was_shown(
    mine: SelfAssessment, visitor: Visitor, sessions: SessionFactory, institute: Institute
) -> None:
    room = Classroom(sessions, institute)
    room.map()
    room.mark("20")
    client, course = visitor("participant"), institute.course.public_id
    nothing = client.get(f"/c/{course}/me", base_url=BASE).text
    assert 'id="self-assessment"' not in nothing
    with unit_of_work(sessions) as session:
        cells = [Mapping(mine.activity, institute.framework.indicator(code).id) for code in ("2.1.1.a", "4.1.1.a")]
        gradebook.accept_mapping(session, mine.course, cells, by=None, now=clock.now(), merge=True)
    mine.send(client, "submit", **{A: "1", B: "2"})
    mine.send(client, "submit", "?again=1", **{A: "2"})

    person = institute.persons["participant"].public_id
    for who, path in (("participant", "me"), ("trainer", f"people/{person}")):
        page = BeautifulSoup(visitor(who).get(f"/c/{course}/{path}", base_url=BASE).text, "html.parser")
        rows = [
            _words(BeautifulSoup(str(row), "html.parser"), "td") for row in page.select("#self-assessment tbody tr")
        ]
        assert rows == [
            "At the entry on my own: 0 of 1 At the exit on my own: 1 of 1 Shown by evidence 1 of 1 attained",
            "At the entry on my own: 1 of 1 At the exit not yet said again Shown by evidence 0 of 1 attained",
        ]
        one = visitor(who).get(f"/c/{course}/{path}/2.1", base_url=BASE).text
        assert "Self-assessment: with help → on my own." in one
    neighbour = institute.persons["neighbour"].public_id
    other = visitor("trainer").get(f"/c/{course}/people/{neighbour}", base_url=BASE).text
    assert 'id="self-assessment"' not in other


@pytest.mark.parametrize(
    ("who", "reads", "writes", "group"),
    [
        ("nobody", 401, 401, 401),
        ("participant", 200, 303, 404),
        ("trainer", 200, 404, 200),
        ("admin", 200, 404, 200),
        ("participant of another course", 404, 404, 404),
        ("trainer of another course", 404, 404, 404),
        ("admin of another platform", 404, 404, 404),
    ],
)
def test_who_may_fill_in_and_who_may_read(
    mine: SelfAssessment, visitor: Visitor, who: str, reads: int, writes: int, group: int
) -> None:
    client = visitor(who)
    client.application.config["WTF_CSRF_ENABLED"] = False

    assert client.get(mine.address, base_url=BASE).status_code == reads
    assert client.get(mine.address + "/group", base_url=BASE).status_code == group
    data = {"attempt": "0", "shown": "{}", "do": "submit", A: "1"}
    assert client.post(mine.address, data=data, base_url=BASE).status_code == writes
    assert len(mine.handed_in()) == (writes == 303)


def test_a_trainer_sees_the_questions_and_no_button(mine: SelfAssessment, visitor: Visitor) -> None:
    page = mine.page(visitor("trainer"))

    assert len(page.select("fieldset.question")) == 2
    assert page.select("form[data-self] button") == []


def test_the_group_page_says_who_has_handed_it_in(mine: SelfAssessment, visitor: Visitor) -> None:
    mine.send(visitor("participant"), "submit", **{A: "1"})

    page = mine.page(visitor("trainer"), "/group")

    assert "1 of 2 participants has handed it in." in _words(page)
    rows = {
        _words(BeautifulSoup(str(row), "html.parser"), "th"): row.get_text(" ", strip=True)
        for row in page.select("tbody tr")
    }
    assert str(clock.now().year) in rows["Айгүл"]
    assert str(clock.now().year) not in rows["Бакыт"]


def test_the_list_of_the_course_leads_to_it(mine: SelfAssessment, visitor: Visitor) -> None:
    page = visitor("trainer").get(f"/c/{mine.institute.course.public_id}/checklists", base_url=BASE).text

    found = BeautifulSoup(page, "html.parser").select("[aria-labelledby=self-title] a")
    assert [(each["href"], each.get_text()) for each in found] == [(mine.address + "/group", TITLE)]
    assert "0 of 2 participants have handed it in." in page


def test_launches_land_on_the_form_and_on_the_group(lms: Bench) -> None:
    custom = {"activity": "self_assessment"}
    learner = lms.browser()

    assert re.search(r"/self/[a-z0-9]{16}$", learner.launch(custom=custom).headers["Location"])
    trainer = lms.browser().launch("resource-link-editing-teacher", custom=custom)
    assert re.search(r"/self/[a-z0-9]{16}/group$", trainer.headers["Location"])


def test_two_tabs_that_hand_in_at_the_same_moment_make_one_entry(any_sessions: SessionFactory) -> None:
    room = open_schoolroom(any_sessions, clock.now())
    room.activity("External tool: Өзүмдү баалайм", kind="self_assessment", source="lti")
    indicator, start = room.indicators("1.1", 1)[0], Barrier(3)

    def hand_in(step: SelfStep) -> bool:
        start.wait(10)
        try:
            with unit_of_work(any_sessions) as session:
                (activity,) = self_assessments_of(session, room.course_id)
                self_assessing.save(
                    session, activity, room.people[0], {indicator: step}, attempt=0, submit=True, now=clock.now()
                )
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(hand_in, [SelfStep.NOT_YET, SelfStep.WITH_HELP, SelfStep.ALONE]))

    assert sorted(done) == [False, False, True]
    with any_sessions() as session:
        assert len(list(session.scalars(select(SelfAssessmentRow)))) == 1
