"""The group page: who stands where, in words; what is unknown is no zero; what to do while there is nothing yet."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool import clock
from lti_tool.competency.model import Mapping
from lti_tool.competency.tables import AttainmentRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import gradebook
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.lti.tables import PlatformRow
from lti_tool.people import roster
from lti_tool.people.tables import CourseRow, MembershipRow, PersonRow
from tests.factories.make import Make
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import BASE, Classroom


@pytest.fixture
def classroom(sessions: SessionFactory, institute: Institute) -> Classroom:
    """A course whose mapping and marks the test gives."""
    return Classroom(sessions, institute)


def _group(client: FlaskClient, institute: Institute) -> BeautifulSoup:
    answer = client.get(f"/c/{institute.course.public_id}/group", base_url=BASE)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def _words(tag: Tag | None) -> str:
    assert tag is not None
    return re.sub(r"\s+", " ", tag.get_text(" ", strip=True))


def _asked(client: FlaskClient, institute: Institute, query: str) -> BeautifulSoup:
    answer = client.get(f"/c/{institute.course.public_id}/group?{query}", base_url=BASE)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def _names(page: BeautifulSoup) -> list[str]:
    return [_words(link) for link in page.select("table.group tbody th a")]


def _row_of(page: BeautifulSoup, name: str) -> Tag:
    (row,) = [row for row in page.select("table.group tbody tr") if name in _words(row.find("th"))]
    return row


def test_each_participant_has_a_row_and_nobody_else(
    visitor: Visitor, institute: Institute, classroom: Classroom
) -> None:
    classroom.map()

    page = _group(visitor("trainer"), institute)

    names = [_words(head) for head in page.select("table.group tbody th")]
    assert names == ["Айгүл KG-1 evaluated 0 of 1", "Бакыт KG-2 evaluated 0 of 1"]
    assert "2 participants" in _words(page.find("main"))


def test_only_competencies_that_the_course_assesses_have_a_column(
    visitor: Visitor, institute: Institute, classroom: Classroom
) -> None:
    classroom.map()

    heads = [_words(head) for head in _group(visitor("trainer"), institute).select("table.group thead th")]

    assert len(heads) == 2
    assert heads[1].startswith("2.1 ")


def test_a_level_and_an_unknown_look_different(visitor: Visitor, institute: Institute, classroom: Classroom) -> None:
    classroom.map()
    classroom.mark("18")

    page = _group(visitor("trainer"), institute)

    assert "Level 1" in _words(_row_of(page, "Айгүл"))
    assert "Not yet" in _words(_row_of(page, "Бакыт"))
    assert "Level 0" not in _words(page.find("tbody"))


def test_below_basic_is_said_only_of_who_failed(visitor: Visitor, institute: Institute, classroom: Classroom) -> None:
    classroom.map()
    classroom.mark("2")

    page = _group(visitor("trainer"), institute)

    assert "Level 0" in _words(_row_of(page, "Айгүл"))
    assert "Level 0: 1 " in _words(page.find("thead"))
    assert "Not yet" in _words(_row_of(page, "Бакыт"))


def test_the_head_counts_people_by_level(visitor: Visitor, institute: Institute, classroom: Classroom) -> None:
    classroom.map()
    nobody = _words(_group(visitor("trainer"), institute).find("thead"))

    classroom.mark("18")
    one = _group(visitor("trainer"), institute)
    classroom.mark("19", of="neighbour")
    both = _words(_group(visitor("trainer"), institute).find("thead"))

    assert "evaluated 0 of 2 Level 0: 0 Level 1: 0 Level 2: 0 Level 3: 0 Not yet established: 2" in nobody
    assert "evaluated 1 of 2 Level 0: 0 Level 1: 1 Level 2: 0 Level 3: 0 Not yet established: 1" in _words(
        one.find("thead")
    )
    assert [bar["width"] for bar in one.select(".bars rect")] == ["0", "50", "0", "0", "50"]
    assert "Level 1: 2 " in both


def test_a_level_above_a_gap_is_told_as_held(
    visitor: Visitor, institute: Institute, classroom: Classroom, sessions: SessionFactory
) -> None:
    classroom.map()
    with unit_of_work(sessions) as session:
        row = session.get_one(CourseRow, institute.course.id)
        project = ActivityId(Make(session, clock.now()).activity(row, "Assignment: Долбоор").id)
        cells = [Mapping(project, each.id) for each in institute.framework.competency("2.1").of_level(2)]
        gradebook.accept_mapping(session, CourseId(row.id), cells, by=None, now=clock.now(), merge=True)
    classroom.activities["project"] = project

    classroom.mark("20", name="project")
    held = _words(_row_of(_group(visitor("trainer"), institute), "Айгүл"))
    classroom.mark("20")
    counted = _words(_row_of(_group(visitor("trainer"), institute), "Айгүл"))

    assert "level 2 held" in held
    assert "Level 2" not in held
    assert "Level 2" in counted
    assert "held" not in counted


def test_each_cell_leads_to_its_why(visitor: Visitor, institute: Institute, classroom: Classroom) -> None:
    classroom.map()
    classroom.mark("18")
    client = visitor("trainer")

    link = _row_of(_group(client, institute), "Айгүл").select_one("td a")
    assert link is not None
    answer = client.get(str(link["href"]), base_url=BASE)

    assert answer.status_code == 200
    assert "Айгүл" in answer.text
    assert "Quiz: 1-жума" in answer.text


def test_a_person_without_a_name_is_still_a_row(
    visitor: Visitor, institute: Institute, classroom: Classroom, sessions: SessionFactory
) -> None:
    classroom.map()
    with unit_of_work(sessions) as session:
        row = session.get_one(PersonRow, institute.persons["neighbour"].id)
        row.name, row.id_number = "", None

    page = _group(visitor("trainer"), institute)

    assert _words(_row_of(page, "Name not shared")).startswith("Name not shared")


@pytest.mark.parametrize(("days", "is_row"), [(30, False), (179, False), (181, True)])
def test_who_launched_as_a_trainer_lately_is_no_row(
    visitor: Visitor, institute: Institute, classroom: Classroom, sessions: SessionFactory, days: int, is_row: bool
) -> None:
    classroom.map()
    with unit_of_work(sessions) as session:
        member = session.get_one(MembershipRow, (institute.course.id, institute.persons["neighbour"].id))
        member.staff_launched_at = clock.now() - timedelta(days=days)

    assert ("Бакыт" in _words(_group(visitor("trainer"), institute).find("main"))) is is_row


def test_without_a_mapping_the_trainer_is_led_to_it_and_the_admin_told(visitor: Visitor, institute: Institute) -> None:
    trainer = _group(visitor("trainer"), institute).select_one(".empty")
    admin = _group(visitor("admin"), institute).select_one(".empty")

    assert trainer is not None
    assert admin is not None
    assert _words(trainer).startswith("This course shows no competency yet")
    assert [link["href"] for link in trainer.select("a")] == [f"/c/{institute.course.public_id}/mapping"]
    assert admin.select("a") == []


def test_without_participants_the_page_says_when_they_come(
    visitor: Visitor, institute: Institute, classroom: Classroom, sessions: SessionFactory
) -> None:
    classroom.map()
    with unit_of_work(sessions) as session:
        for name in ("participant", "neighbour"):
            place = (institute.course.id, institute.persons[name].id)
            session.delete(session.get_one(MembershipRow, place))

    said = _words(_group(visitor("trainer"), institute).select_one(".empty"))

    assert said.startswith("Nobody takes part yet")
    assert "as soon as they open" in said


@pytest.fixture
def three(sessions: SessionFactory, institute: Institute, classroom: Classroom) -> Classroom:
    """Айгүл has level 1, Бакыт level 0, and nothing is known of Чолпон; in groups 7, 7 and 12, and 12."""
    classroom.map()
    with unit_of_work(sessions) as session:
        make, course = Make(session, clock.now()), session.get_one(CourseRow, institute.course.id)
        person = make.person(session.get_one(PlatformRow, course.platform_id), "Чолпон", id_number="KG-3")
        make.membership(course, person).groups = "12"
        gradebook.welcome(session, CourseId(course.id), [PersonId(person.id)], now=clock.now())
        for name, groups in (("participant", "7"), ("neighbour", "7,12")):
            session.get_one(MembershipRow, (course.id, institute.persons[name].id)).groups = groups
    classroom.mark("18")
    classroom.mark("2", of="neighbour")
    return classroom


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Айгүл", "Бакыт", "Чолпон"]),
        ("order=descending", ["Чолпон", "Бакыт", "Айгүл"]),
        ("sort=2.1", ["Бакыт", "Айгүл", "Чолпон"]),
        ("sort=2.1&order=descending", ["Айгүл", "Бакыт", "Чолпон"]),
        ("group=7", ["Айгүл", "Бакыт"]),
        ("group=12&order=descending", ["Чолпон", "Бакыт"]),
        ("text=бак", ["Бакыт"]),
        ("text=+kg-3+", ["Чолпон"]),
        ("text=kg&group=12&sort=2.1", ["Бакыт", "Чолпон"]),
        ("sort=9.9&order=sideways&group=99&text=%00", ["Айгүл", "Бакыт", "Чолпон"]),
    ],
)
def test_rows_are_ordered_and_narrowed_by_the_address(
    visitor: Visitor, institute: Institute, three: Classroom, query: str, names: list[str]
) -> None:
    assert _names(_asked(visitor("trainer"), institute, query)) == names


def test_the_head_that_orders_says_so_and_turns_round(visitor: Visitor, institute: Institute, three: Classroom) -> None:
    client = visitor("trainer")
    page = _asked(client, institute, "sort=2.1&group=7")

    heads = page.select("table.group thead th")
    assert [head.get("aria-sort") for head in heads] == [None, "ascending"]
    link = heads[1].find("a")
    assert isinstance(link, Tag)
    turned = _asked(client, institute, str(link["href"]).removeprefix("?"))

    assert turned.select("thead th")[1]["aria-sort"] == "descending"
    assert _names(turned) == ["Айгүл", "Бакыт"]


def test_groups_are_offered_by_their_ids_and_the_choice_stays(
    visitor: Visitor, institute: Institute, three: Classroom
) -> None:
    page = _asked(visitor("trainer"), institute, "group=12&sort=2.1&order=descending")

    assert [_words(each) for each in page.select("#f-group option")] == ["all", "group 7", "group 12"]
    chosen = page.select_one("#f-group option[selected]")
    assert chosen is not None
    assert chosen["value"] == "12"
    assert [each["value"] for each in page.select("input[type=hidden]") if each["name"] in {"sort", "order"}] == [
        "2.1",
        "descending",
    ]
    assert "Shown: 2 of 3 participants" in _words(page.find("main"))


def test_who_fits_no_choice_is_told_as_nobody(visitor: Visitor, institute: Institute, three: Classroom) -> None:
    page = _asked(visitor("trainer"), institute, "text=zzz")

    assert "Nobody fits this choice." in _words(page.find("main"))
    assert page.select("table.group") == []


def test_judgements_disputes_and_newer_evidence_are_marked(
    visitor: Visitor, institute: Institute, three: Classroom, sessions: SessionFactory
) -> None:
    with unit_of_work(sessions) as session:
        rows = session.scalars(
            select(AttainmentRow)
            .where(AttainmentRow.person_id == institute.persons["participant"].id)
            .order_by(AttainmentRow.indicator_id)
        ).all()
        rows[0].by_judgement = rows[0].review_due = True
        rows[-1].disputed = True

    page = _group(visitor("trainer"), institute)

    assert [_words(tag) for tag in _row_of(page, "Айгүл").select(".tag")] == ["judged", "disputed", "newer evidence"]
    assert _row_of(page, "Бакыт").select(".tag") == []


def test_the_admin_sees_the_same_rows(visitor: Visitor, institute: Institute, three: Classroom) -> None:
    trainer, admin = (_group(visitor(name), institute).find("table") for name in ("trainer", "admin"))

    assert _words(admin if isinstance(admin, Tag) else None) == _words(trainer if isinstance(trainer, Tag) else None)


def test_one_participant_is_said_in_the_singular(
    visitor: Visitor, institute: Institute, classroom: Classroom, sessions: SessionFactory
) -> None:
    classroom.map()
    with unit_of_work(sessions) as session:
        session.get_one(MembershipRow, (institute.course.id, institute.persons["neighbour"].id)).active = False

    page = _group(visitor("trainer"), institute)

    assert _words(page.select_one("[role=status]")) == "1 participant"
    assert _names(page) == ["Айгүл"]


def test_groups_are_shown_by_their_names_where_these_are_known(
    visitor: Visitor, institute: Institute, sessions: SessionFactory, classroom: Classroom
) -> None:
    classroom.map()
    with unit_of_work(sessions) as session:
        row = session.get_one(MembershipRow, (institute.course.id, institute.persons["participant"].id))
        row.groups = "7,8"
        roster.note_groups(session, CourseId(institute.course.id), {"7": "А тобу"})

    page = _group(visitor("trainer"), institute)

    choices = {str(each["value"]): each.get_text(strip=True) for each in page.select("select option")}
    assert (choices["7"], choices["8"]) == ("А тобу", "group 8")
