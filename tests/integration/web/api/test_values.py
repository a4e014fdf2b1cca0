"""What the API tells is what stands in the database and in the other ways out."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from lti_tool import clock
from lti_tool.competency.tables import CertifiedLevelRow, CompetencyStandingRow
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.grading import export
from lti_tool.grading.tables import DeliveryRow
from lti_tool.people import paging_queries
from lti_tool.people.tables import CourseRow, MembershipRow, PersonRow
from lti_tool.web.api.statistics import told
from tests.factories.api_world import PEOPLE, ApiWorld
from tests.factories.big_course import counted


def _exported(world: ApiWorld) -> list[tuple[export.Cell, ...]]:
    with unit_of_work(world.sessions, writes=False) as session:
        return [row.cells() for row in export.gradebook_rows(session, world.course_id, clock.now())]


def test_a_gradebook_tells_what_its_export_tells(world: ApiWorld) -> None:
    items = world.read_all(f"/courses/{world.ids['course']}/gradebook?limit=3")

    lines = [
        (
            *(each["person"][key] for key in ("id", "name", "email", "id_number")),
            cell["competency"],
            cell["established"],
            " ".join(map(str, cell["held"])),
            cell["state"],
            cell["attained"],
            cell["indicators"],
            None if cell["progress"] is None else Decimal(str(cell["progress"])),
        )
        for each in items
        for cell in each["competencies"]
    ]
    assert sorted(lines, key=str) == sorted(_exported(world), key=str)
    assert len(lines) == PEOPLE * 11


def test_unknown_is_null_and_no_zero(world: ApiWorld) -> None:
    [first, *_] = world.read(f"/courses/{world.ids['course']}/gradebook")["items"]

    unmapped = {cell["competency"]: cell for cell in first["competencies"]}["6.2"]
    assert (unmapped["established"], unmapped["attained"], unmapped["progress"]) == (None, None, None)
    assert unmapped["state"] == "not_assessable"


def test_staff_and_who_has_left_are_in_no_gradebook(world: ApiWorld) -> None:
    path = f"/courses/{world.ids['course']}/gradebook"
    who = world.ids["person"]
    with unit_of_work(world.sessions) as session:
        person = session.scalars(select(PersonRow.id).where(PersonRow.public_id == who)).one()
        here = (MembershipRow.person_id == person, MembershipRow.course_id == world.course_id)
        session.execute(update(MembershipRow).where(*here).values(active=False))
    gone = {each["person"]["id"] for each in world.read_all(path)}
    course = world.read(f"/courses/{world.ids['course']}")
    with unit_of_work(world.sessions) as session:
        session.execute(update(MembershipRow).where(*here).values(active=True))

    assert who not in gone
    assert len(gone) == course["participants"] == PEOPLE - 1
    assert course["trainers"] == 1
    assert {each["person"]["id"] for each in world.read_all(path)} == gone | {who}


def test_staff_whom_the_lms_calls_participants_leave_no_gap(world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Moodle's list calls non-editing teachers learners; a page behind many of them is full all the same."""
    monkeypatch.setattr(paging_queries, "SPARE", 1)
    path = f"/courses/{world.ids['course']}/gradebook"
    everybody = [each["person"]["id"] for each in world.read_all(path)]
    teachers = everybody[:6]
    with unit_of_work(world.sessions) as session:
        people = select(PersonRow.id).where(PersonRow.public_id.in_(teachers))
        here = (MembershipRow.person_id.in_(people), MembershipRow.course_id == world.course_id)
        session.execute(update(MembershipRow).where(*here).values(staff_launched_at=clock.now()))
    left = [[each["person"]["id"] for each in world.read_all(f"{path}?limit={size}")] for size in (1, 200)]
    with unit_of_work(world.sessions) as session:
        session.execute(update(MembershipRow).where(*here).values(staff_launched_at=None))

    assert left == [everybody[6:]] * 2


def test_a_course_is_told_with_what_the_lms_says(world: ApiWorld) -> None:
    course = world.read(f"/courses/{world.ids['second_course']}")

    assert (course["title"], course["closed_at"]) == ("Жабылган курс", "2026-11-23T09:02:00Z")
    assert course["requirements"] == {"framework": "kg-ict-teachers", "version": "1.0"}
    listed = {each["id"]: each for each in world.read("/courses")["items"]}[course["id"]]
    assert listed == {key: value for key, value in course.items() if key in listed}


def test_one_letter_is_another_tag(world: ApiWorld) -> None:
    """A tag of the content, not of its length."""
    path = f"/courses/{world.ids['course']}"

    def rename(title: str) -> str:
        with unit_of_work(world.sessions) as session:
            session.execute(update(CourseRow).where(CourseRow.id == world.course_id).values(title=title))
        return world.ask(path).headers["ETag"]

    other, right = rename("Базалык курз"), rename("Базалык курс")

    assert other != right
    assert world.ask(path, If_None_Match=other).status_code == 200


def test_a_course_without_rules_goes_by_the_newest_requirements_and_gets_none_by_reading(world: ApiWorld) -> None:
    with unit_of_work(world.sessions) as session:
        platform = (
            session.scalars(select(CourseRow).where(CourseRow.public_id == world.ids["course"])).one().platform_id
        )
        empty = CourseRow(platform_id=platform, context_id="new", title="Жаңы", created_at=world.now)
        session.add(empty)
        session.flush()
        public_id = empty.public_id
    with counted(world.sessions) as sent:
        course = world.read(f"/courses/{public_id}")
        assert world.read(f"/courses/{public_id}/gradebook") == {"items": [], "next": None}
    with unit_of_work(world.sessions) as session:
        session.delete(session.scalars(select(CourseRow).where(CourseRow.public_id == public_id)).one())

    assert (course["participants"], course["requirements"]["version"]) == (0, "1.0")
    written = [statement for statement in sent if statement.startswith(("INSERT", "DELETE"))]
    assert [each for each in written if "audit_event" not in each] == [], "but the record of who read"


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("closed=true", ["Жабылган курс"]),
        ("closed=false", ["Базалык курс"]),
        ("created_since=2026-11-23T09:00:00Z", ["Базалык курс", "Жабылган курс"]),
        ("created_since=2026-11-23T15:00:00%2B06:00", ["Базалык курс", "Жабылган курс"]),
        ("created_since=2026-11-23T09:00:00.000001Z", []),
        ("lms_id=nowhere", []),
    ],
)
def test_courses_are_narrowed(world: ApiWorld, query: str, titles: list[str]) -> None:
    assert sorted(each["title"] for each in world.read(f"/courses?{query}")["items"]) == titles


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("email=P1@Example.invalid", 1),
        ("id_number=KG-1", 1),
        ("lms_id=1", 1),
        ("lms_id=1&id_number=KG-2", 0),
        ("updated_since=2026-11-23T09:00:00Z", PEOPLE + 1),
        ("updated_since=2026-11-23T09:00:01Z", 0),
    ],
)
def test_persons_are_narrowed(world: ApiWorld, query: str, found: int) -> None:
    assert len(world.read(f"/persons?{query}")["items"]) == found


def test_who_changes_while_a_list_is_read_comes_again_at_its_end(world: ApiWorld) -> None:
    first = world.read("/persons?limit=1")
    who = first["items"][0]["id"]
    with unit_of_work(world.sessions) as session:
        person = session.scalars(select(PersonRow).where(PersonRow.public_id == who)).one()
        before, person.updated_at = person.updated_at, person.updated_at + timedelta(days=1)

    rest = world.read_all(first["next"])

    assert rest[-1]["id"] == who
    assert len(rest) == PEOPLE + 1
    assert [each["id"] for each in world.read("/persons?updated_since=2026-11-24T00:00:00Z")["items"]] == [who]
    with unit_of_work(world.sessions) as session:
        session.execute(update(PersonRow).where(PersonRow.public_id == who).values(updated_at=before))


# --- a person over courses


def _person(world: ApiWorld) -> dict[str, Any]:
    found: dict[str, Any] = world.read(f"/persons/{world.ids['person']}")
    return found


def _best(person: dict[str, Any]) -> dict[str, int | None]:
    [best] = person["best"]
    return {each["competency"]: each["level"] for each in best["competencies"]}


def _levels(person: dict[str, Any], course: str) -> dict[str, int | None]:
    [found] = [each for each in person["courses"] if each["id"] == course]
    return {each["competency"]: each["established"] for each in found["competencies"]}


def test_a_person_has_the_levels_of_each_course(world: ApiWorld) -> None:
    person = _person(world)

    assert {each["id"] for each in person["courses"]} == {world.ids["course"], world.ids["second_course"]}
    rows = world.read_all(f"/courses/{world.ids['course']}/gradebook")
    [row] = [each["competencies"] for each in rows if each["person"]["id"] == world.ids["person"]]
    [course] = [each for each in person["courses"] if each["id"] == world.ids["course"]]
    assert course["competencies"] == row


def test_the_best_level_is_the_best_of_an_open_course_and_of_certificates_that_hold(world: ApiWorld) -> None:
    def certify(**values: object) -> dict[str, int | None]:
        with unit_of_work(world.sessions) as session:
            who = select(PersonRow.id).where(PersonRow.public_id == world.ids["person"]).scalar_subquery()
            session.execute(update(CertifiedLevelRow).where(CertifiedLevelRow.person_id == who).values(**values))
        return _best(_person(world))

    holding, expired = _best(_person(world)), certify(expires_at=world.now)
    ended = certify(expires_at=None, ended_at=world.now)
    again = certify(expires_at=clock.now() + timedelta(days=1), ended_at=None)
    certify(expires_at=None)

    open_course = _levels(_person(world), world.ids["course"])
    closed_course = _levels(_person(world), world.ids["second_course"])
    raised = [code for code, level in closed_course.items() if (level or 0) > (open_course[code] or 0)]
    assert raised, "the closed course shows more of something"
    assert {code: holding[code] for code in raised} == {code: closed_course[code] for code in raised}
    assert {code: expired[code] for code in raised} == {code: open_course[code] for code in raised}
    assert (ended, again) == (expired, holding)
    assert holding["6.2"] is None


# --- deliveries


def test_deliveries_tell_what_is_wanted_and_what_has_arrived(world: ApiWorld) -> None:
    found = world.read_all("/deliveries?limit=7")

    with unit_of_work(world.sessions, writes=False) as session:
        rows = {row.public_id: row for row in session.scalars(select(DeliveryRow))}
    mine = [each for each in found if each["course"] == world.ids["course"]]
    assert mine
    for each in mine:
        row = rows[each["id"]]
        assert each["wanted"] == (None if row.wanted_given is None else float(row.wanted_given))
        assert (each["state"], each["reason"], each["sent"]) == (row.state, None, None)
    assert {each["competency"] for each in mine} >= {"1.1", "2.1"}


def test_deliveries_are_narrowed_and_told_by_state_the_oldest_first(world: ApiWorld) -> None:
    with unit_of_work(world.sessions) as session:
        rows = list(session.scalars(select(DeliveryRow).order_by(DeliveryRow.id).limit(4)))
        kept = [(row.id, row.state, row.last_answer) for row in rows]
        rows[0].state, rows[0].last_answer = "held", "outage"
        rows[1].state, rows[1].last_answer = "dead", "refused"
        rows[2].state, rows[2].last_answer = "sent", "accepted"
        rows[3].state, rows[3].last_answer = "held", "refused"
        ids = [row.public_id for row in rows]

    asked = {
        "state=held": {ids[0], ids[3]},
        "reason=refused": {ids[1], ids[3]},
        "reason=refused&state=held": {ids[3]},
        "reason=refused&state=sent": set(),
        "state=sent": {ids[2]},
        "wanted_since=2027-01-01T00:00:00Z": set(),
    }
    answers = {query: {each["id"] for each in world.read_all(f"/deliveries?limit=1&{query}")} for query in asked}
    everything = world.read_all("/deliveries?limit=2")
    of_person = world.read_all(f"/deliveries?person={world.ids['person']}&course={world.ids['course']}")
    with unit_of_work(world.sessions) as session:
        for row_id, state, answer in kept:
            session.execute(update(DeliveryRow).where(DeliveryRow.id == row_id).values(state=state, last_answer=answer))

    assert answers == asked
    states = [each["state"] for each in everything]
    assert states == sorted(states)
    assert Counter(states)["held"] == 2
    assert len({each["id"] for each in everything}) == len(everything)
    assert {each["reason"] for each in everything if each["state"] == "sent"} == {None}
    assert {each["reason"] for each in everything if each["state"] == "dead"} == {"refused"}
    assert {(each["person"], each["course"]) for each in of_person} == {(world.ids["person"], world.ids["course"])}


# --- statistics


def test_statistics_count_each_person_once_by_their_best_course(world: ApiWorld) -> None:
    answer = world.read("/statistics/competencies")

    with unit_of_work(world.sessions, writes=False) as session:
        home = session.scalars(select(CourseRow.platform_id).where(CourseRow.public_id == world.ids["course"])).one()
        best = select(
            CompetencyStandingRow.competency_id,
            CompetencyStandingRow.person_id,
            func.max(CompetencyStandingRow.established),
        ).join(CourseRow, CourseRow.id == CompetencyStandingRow.course_id)
        rows = session.execute(
            best.where(CourseRow.platform_id == home).group_by(
                CompetencyStandingRow.competency_id, CompetencyStandingRow.person_id
            )
        ).all()
    counted_by_hand = Counter(level for _competency, _person, level in rows)
    told_levels: Counter[int | None] = Counter()
    for each in answer["competencies"]:
        told_levels[None] += each["not_established"]
        for line in each["levels"]:
            told_levels[line["level"]] += line["persons"]
    assert +told_levels == counted_by_hand
    assert answer["as_of"] == world.now.isoformat().replace("+00:00", "Z")
    assert {each["persons"] for each in answer["competencies"]} == {PEOPLE, 0}


def test_small_groups_are_not_told(world: ApiWorld) -> None:
    few = world.read("/statistics/competencies", world.foreign_token)["competencies"]

    known = [each for each in few if each["suppressed"]]
    assert len(known) == 9
    for each in known:
        assert each["persons"] is each["not_established"] is None
        assert {line["persons"] for line in each["levels"]} == {None}
    assert [each["persons"] for each in few if not each["suppressed"]] == [0, 0], "of nobody can be told that"


@pytest.mark.parametrize(
    ("people", "suppressed"), [({}, False), ({1: 4}, True), ({None: 4}, True), ({1: 4, None: 1}, False)]
)
def test_five_are_enough(people: dict[int | None, int], suppressed: bool) -> None:
    assert told("1.1", people, 3).suppressed is suppressed


# --- the requirements


def test_the_requirements_are_whole(world: ApiWorld) -> None:
    answer = world.read("/framework", Accept_Language="ru")

    assert (len(answer["levels"]), len(answer["aspects"]), len(answer["competencies"])) == (3, 6, 11)
    assert sum(len(each["indicators"]) for each in answer["competencies"]) == 61
    assert world.read("/framework?version=1.0", Accept_Language="ru") == answer
    assert {each["text"]["official"] for each in answer["competencies"]} == {False}


@pytest.mark.parametrize("path", ["/framework", "/statistics/competencies"])
def test_a_version_that_nobody_knows_is_not_there(world: ApiWorld, path: str) -> None:
    assert world.ask(f"{path}?version=9.9").status_code == 404


# --- cost


def test_a_page_costs_the_same_for_one_and_for_many(world: ApiWorld) -> None:
    paths = ["/courses", "/persons", f"/courses/{world.ids['course']}/gradebook", "/deliveries?state=due"]
    for path in paths:
        sep = "&" if "?" in path else "?"
        world.read(path)
        with counted(world.sessions) as few:
            world.read(f"{path}{sep}limit=1")
        with counted(world.sessions) as many:
            world.read(f"{path}{sep}limit=200")
        assert len(many) <= len(few) + 1, path
        assert len(many) <= 10, path


def test_what_a_token_reads_of_people_is_recorded_and_nothing_else(world: ApiWorld) -> None:
    world.read("/framework")
    world.read("/statistics/competencies")
    world.read(f"/persons/{world.ids['person']}")
    world.read(f"/courses/{world.ids['course']}/gradebook")

    with unit_of_work(world.sessions, writes=False) as session:
        query = text("SELECT actor_kind, subject_kind, subject_id, detail FROM audit_event WHERE action = 'read.api'")
        lines = [(kind, what, subject, str(detail)) for kind, what, subject, detail in session.execute(query)]
    assert {kind for kind, *_rest in lines} == {"token"}
    assert ("person", world.ids["person"]) in {(what, subject) for _kind, what, subject, _detail in lines}
    assert ("course", world.ids["course"]) in {(what, subject) for _kind, what, subject, _detail in lines}
    assert not [each for each in lines if "framework" in each[3] or "statistics" in each[3]]
