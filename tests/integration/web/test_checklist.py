"""An observation checklist: what is seen becomes marks at once, two trainers lose nothing, each sees what is theirs."""

from __future__ import annotations

import gzip
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.model import Mapping, ObservationStep
from lti_tool.competency.observing import ObservationChange, checklists_of
from lti_tool.competency.tables import CompetencyStandingRow, EvidenceRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import RuleBroken
from lti_tool.grading import gradebook
from lti_tool.grading.tables import DeliveryRow
from lti_tool.ids import ActivityId, CourseId, IndicatorId, PersonId
from lti_tool.lti.tables import PlatformRow
from lti_tool.people.tables import CourseRow, PersonRow
from tests.factories.launch_bench import TOOL as BASE
from tests.factories.make import Make
from tests.factories.schoolroom import open_schoolroom
from tests.integration.web.conftest import Institute, Visitor

TITLE = "Сабакты байкоо"
CODES = ("4.1.1.a", "4.1.1.b", "2.1.1.a")


class Checklist:
    """A checklist of the institute's course, as trainers and participants use it."""

    def __init__(self, sessions: SessionFactory, institute: Institute, kind: str = "observation") -> None:
        self.sessions, self.institute = sessions, institute
        self.course = CourseId(institute.course.id)
        with unit_of_work(sessions) as session:
            course = session.get_one(CourseRow, self.course)
            row = Make(session, clock.now()).activity(
                course, f"External tool: {TITLE}", kind=kind, source="lti", external_id="77"
            )
            self.activity, self.public_id = ActivityId(row.id), row.public_id
        self.map(CODES)

    def map(self, codes: tuple[str, ...]) -> None:
        cells = [Mapping(self.activity, self.institute.framework.indicator(code).id) for code in codes]
        with unit_of_work(self.sessions) as session:
            gradebook.accept_mapping(session, self.course, cells, by=None, now=clock.now())

    @property
    def address(self) -> str:
        return f"/c/{self.institute.course.public_id}/checklists/{self.public_id}"

    @property
    def mine(self) -> str:
        return f"/c/{self.institute.course.public_id}/observed/{self.public_id}"

    def cell(self, code: str, person: str = "participant") -> str:
        return f"cell-{self.institute.persons[person].public_id}-{code}"

    def page(self, client: FlaskClient, address: str = "") -> BeautifulSoup:
        answer = client.get(address or self.address, base_url=BASE)
        assert answer.status_code == 200, answer.text[:300]
        return BeautifulSoup(answer.text, "html.parser")

    def form(self, client: FlaskClient) -> dict[str, str]:
        """What a browser without a script would send if nothing were chosen."""
        page = self.page(client)
        fields = {str(each["name"]): str(each.get("value", "")) for each in page.select("form[data-checklist] input")}
        for each in page.select("form[data-checklist] select"):
            chosen = each.select("option[selected]")
            fields[str(each["name"])] = str(chosen[-1]["value"]) if chosen else ""
        return fields

    def send(self, client: FlaskClient, **changes: str) -> TestResponse:
        return self.client_post(client, self.form(client) | changes)

    def save(self, client: FlaskClient, name: str, seen: str, value: str) -> TestResponse:
        """One cell, as the page's script stores it."""
        token = self.form(client)["csrf_token"]
        data = {"csrf_token": token, "shown": json.dumps({name: seen}), name: value}
        return self.client_post(client, data, {"Accept": "application/json"})

    def client_post(
        self, client: FlaskClient, data: dict[str, str], headers: dict[str, str] | None = None
    ) -> TestResponse:
        return client.post(self.address, data=data, base_url=BASE, headers=headers or {})

    def ledger(self) -> list[tuple[str, str | None, Decimal | None, str, str | None]]:
        """(person, indicator, mark, source, recorded by) of every entry, in order."""
        framework = self.institute.framework
        with self.sessions() as session:
            names = {row.id: row.name for row in session.scalars(select(PersonRow))}
            return [
                (
                    names[row.person_id],
                    framework.indicator_by_id(IndicatorId(row.indicator_id)).code if row.indicator_id else None,
                    row.mark,
                    row.source,
                    names.get(row.recorded_by or 0),
                )
                for row in session.scalars(select(EvidenceRow).order_by(EvidenceRow.id))
            ]


@pytest.fixture
def observed(sessions: SessionFactory, institute: Institute) -> Checklist:
    return Checklist(sessions, institute)


def _words(page: BeautifulSoup, selector: str = "main") -> str:
    return re.sub(r"\s+", " ", " ".join(each.get_text(" ", strip=True) for each in page.select(selector)))


def test_the_page_shows_the_group_and_what_is_looked_for(observed: Checklist, visitor: Visitor) -> None:
    page = observed.page(visitor("trainer"))

    assert _words(page, "h1") == TITLE
    assert [each.get_text(strip=True) for each in page.select("thead th[id]")] == ["2.1.1.a", "4.1.1.a", "4.1.1.b"]
    assert [each.get_text(strip=True) for each in page.select("tbody th a")] == ["Айгүл", "Бакыт"]
    assert len(page.select("tbody select")) == 6
    assert "0 of 6 observed" in _words(page)


def test_every_cell_has_the_name_of_its_person_and_indicator(observed: Checklist, visitor: Visitor) -> None:
    page = observed.page(visitor("trainer"))

    for select_ in page.select("tbody select"):
        person, code = str(select_["aria-labelledby"]).split()
        names = [page.select_one(f"#{each}").get_text(strip=True) for each in (person, code)]  # type: ignore[union-attr]
        key = {"Айгүл": "participant", "Бакыт": "neighbour"}[names[0]]
        assert select_["name"] == observed.cell(names[1], key)


@pytest.mark.parametrize(
    ("step", "mark"), [("not_shown", "0"), ("emerging", "0.4"), ("shown", "0.7"), ("convincing", "1")]
)
def test_what_is_seen_becomes_a_mark_of_that_indicator(
    observed: Checklist, visitor: Visitor, step: str, mark: str
) -> None:
    answer = observed.send(visitor("trainer"), **{observed.cell("4.1.1.a"): step})

    assert answer.status_code == 303
    assert observed.ledger() == [("Айгүл", "4.1.1.a", Decimal(mark), "trainer", "Гүлнара")]
    assert observed.form(visitor("trainer"))[observed.cell("4.1.1.a")] == step


def test_a_form_that_changes_nothing_stores_nothing(observed: Checklist, visitor: Visitor) -> None:
    observed.send(visitor("trainer"), **{observed.cell("4.1.1.a"): "shown"})

    observed.send(visitor("trainer"))

    assert len(observed.ledger()) == 1


def test_levels_and_grades_follow_at_once(observed: Checklist, visitor: Visitor, sessions: SessionFactory) -> None:
    observed.save(visitor("trainer"), observed.cell("2.1.1.a"), "", "convincing")

    with sessions() as session:
        person = observed.institute.persons["participant"].id
        query = select(CompetencyStandingRow).where(CompetencyStandingRow.person_id == person)
        standing = {row.competency_id: row.established for row in session.scalars(query)}
        wished = list(session.scalars(select(DeliveryRow.wanted_given).where(DeliveryRow.person_id == person)))
    assert standing[observed.institute.framework.competency("2.1").id] == 1
    assert Decimal(1) in wished


def test_undoing_takes_the_mark_back_and_is_no_zero(
    observed: Checklist, visitor: Visitor, sessions: SessionFactory
) -> None:
    client, cell = visitor("trainer"), observed.cell("2.1.1.a")
    observed.save(client, cell, "", "not_shown")

    answer = observed.save(client, cell, "not_shown", "")

    assert answer.get_json() == {"clashes": [], "status": "0 of 6 observed"}
    assert [mark for _p, _i, mark, _s, _b in observed.ledger()] == [Decimal(0), None]
    assert observed.form(client)[cell] == ""
    with sessions() as session:
        assert {row.established for row in session.scalars(select(CompetencyStandingRow))} == {None}


def test_two_trainers_on_one_cell_are_told_and_nothing_is_lost(observed: Checklist, visitor: Visitor) -> None:
    first, second = visitor("trainer"), visitor("trainer")
    cell, other = observed.cell("4.1.1.a"), observed.cell("4.1.1.b")
    seen_by_second = observed.form(second)
    observed.save(first, cell, "", "shown")

    answer = observed.client_post(second, seen_by_second | {cell: "emerging", other: "convincing"})

    assert answer.status_code == 303
    page = observed.page(second)
    assert "Айгүл, 4.1.1.a: Гүлнара has put “shown” here meanwhile; what you chose was not stored." in _words(page)
    assert [(code, mark) for _p, code, mark, _s, _b in observed.ledger()] == [
        ("4.1.1.a", Decimal("0.7")),
        ("4.1.1.b", Decimal(1)),
    ]


def test_the_script_is_told_what_stands_in_a_cell_that_clashes(observed: Checklist, visitor: Visitor) -> None:
    client, cell = visitor("trainer"), observed.cell("4.1.1.a")
    observed.save(client, cell, "", "shown")

    answer = observed.save(client, cell, "", "emerging").get_json()

    assert [(each["name"], each["value"]) for each in answer["clashes"]] == [(cell, "shown")]
    assert answer["status"] == "1 of 6 observed"


def test_the_same_seen_by_both_is_no_clash(observed: Checklist, visitor: Visitor) -> None:
    client, cell = visitor("trainer"), observed.cell("4.1.1.a")
    observed.save(client, cell, "", "shown")

    assert observed.save(client, cell, "", "shown").get_json()["clashes"] == []
    assert len(observed.ledger()) == 1


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"cell-nobody-4.1.1.a": "shown"}, 400),
        ({"{unmapped}": "shown"}, 400),
        ({"{staff}": "shown"}, 400),
        ({"{cell}": "wonderful"}, 400),
        ({"{cell}": "shown\0"}, 400),
        ({"{cell}": "7"}, 400),
        ({"{cell}": "shown", "shown": "[1]"}, 400),
        ({"{cell}": "shown", "shown": "{"}, 400),
        ({"{cell}": "shown", "shown": '{"{cell}": "1/0"}'}, 400),
        ({"{cell}": "shown", "shown": '{"{cell}": "x"}'}, 400),
    ],
)
def test_what_no_page_offers_is_refused_and_nothing_is_stored(
    observed: Checklist, visitor: Visitor, changed: dict[str, str], status: int
) -> None:
    client = visitor("trainer")
    names = {
        "{unmapped}": observed.cell("1.1.1.a"),
        "{staff}": observed.cell("4.1.1.a", "trainer"),
        "{cell}": observed.cell("4.1.1.b"),
    }
    said = {}
    for name, value in changed.items():
        said[names.get(name, name)] = value.replace("{cell}", observed.cell("4.1.1.b"))

    answer = observed.send(client, **{observed.cell("4.1.1.a"): "shown"} | said)

    assert answer.status_code == status, answer.text
    assert observed.ledger() == []


def test_a_mark_between_two_steps_is_shown_and_stays_until_something_is_chosen(
    observed: Checklist, visitor: Visitor, sessions: SessionFactory
) -> None:
    _file_mark(observed, Decimal(11), Decimal(20))
    client, cell = visitor("trainer"), observed.cell("4.1.1.a")

    assert observed.form(client)[cell] == "11/20"
    assert "55" in _words(observed.page(client), f"select[name='{cell}'] option[selected]")
    observed.send(client, **{observed.cell("4.1.1.b"): "shown"})
    assert len(observed.ledger()) == 2
    observed.send(client, **{cell: "shown"})

    assert observed.form(client)[cell] == "shown"


def test_what_is_seen_after_a_mark_dated_into_the_future_stands(observed: Checklist, visitor: Visitor) -> None:
    _file_mark(observed, Decimal(0), Decimal(20), ahead=timedelta(days=400))
    client, cell = visitor("trainer"), observed.cell("4.1.1.a")

    observed.save(client, cell, "not_shown", "convincing")

    assert observed.form(client)[cell] == "convincing"


def _file_mark(observed: Checklist, mark: Decimal, maximum: Decimal, ahead: timedelta = timedelta(0)) -> None:
    indicator = observed.institute.framework.indicator("4.1.1.a").id
    person = PersonId(observed.institute.persons["participant"].id)
    entry = NewEvidence(
        person, observed.activity, indicator, mark, Decimal(0), maximum, "gradebook_file", clock.now() + ahead
    )
    with unit_of_work(observed.sessions) as session:
        gradebook.accept_results(session, observed.course, [entry], by=None, now=clock.now())


def test_a_participant_sees_what_was_observed_of_them_alone(observed: Checklist, visitor: Visitor) -> None:
    observed.save(visitor("trainer"), observed.cell("4.1.1.a"), "", "emerging")
    observed.save(visitor("trainer"), observed.cell("4.1.1.b", "neighbour"), "", "convincing")

    page = observed.page(visitor("participant"), observed.mine)

    said = [_words(BeautifulSoup(str(each), "html.parser"), ".indicator-state") for each in page.select("li.indicator")]
    assert said[0] == "not yet observed"
    assert said[1].startswith("emerging")
    assert said[1].endswith("Гүлнара")
    assert said[2] == "not yet observed"
    assert "Бакыт" not in page.get_text()


@pytest.mark.parametrize(
    ("who", "reads", "writes", "own"),
    [
        ("nobody", 401, 401, 401),
        ("participant", 404, 404, 200),
        ("trainer", 200, 303, 200),
        ("admin", 200, 404, 200),
        ("participant of another course", 404, 404, 404),
        ("trainer of another course", 404, 404, 404),
        ("trainer of another platform", 404, 404, 404),
        ("admin of another platform", 404, 404, 404),
    ],
)
def test_who_may_see_and_fill_in_a_checklist(
    observed: Checklist, visitor: Visitor, who: str, reads: int, writes: int, own: int
) -> None:
    client = visitor(who)
    client.application.config["WTF_CSRF_ENABLED"] = False

    assert client.get(observed.address, base_url=BASE).status_code == reads
    data = {"shown": "{}", observed.cell("4.1.1.a"): "shown"}
    assert observed.client_post(client, data).status_code == writes
    assert client.get(observed.mine, base_url=BASE).status_code == own
    assert len(observed.ledger()) == (writes == 303)


def test_an_admin_reads_words_and_no_fields(observed: Checklist, visitor: Visitor) -> None:
    observed.save(visitor("trainer"), observed.cell("4.1.1.a"), "", "emerging")

    page = observed.page(visitor("admin"))

    assert page.select("select") == []
    assert [each.get_text(" ", strip=True) for each in page.select("tbody tr:first-child td")] == [
        "2.1.1.a not yet observed",
        "4.1.1.a emerging",
        "4.1.1.b not yet observed",
    ]


@pytest.mark.parametrize("kind", ["evidence", "native", "self_assessment", "profile"])
def test_no_other_activity_is_a_checklist(
    sessions: SessionFactory, institute: Institute, visitor: Visitor, kind: str
) -> None:
    other = Checklist(sessions, institute, kind)

    assert visitor("trainer").get(other.address, base_url=BASE).status_code == 404
    assert visitor("participant").get(other.mine, base_url=BASE).status_code == 404


def test_the_list_leads_to_each_checklist(observed: Checklist, visitor: Visitor, institute: Institute) -> None:
    page = observed.page(visitor("trainer"), f"/c/{institute.course.public_id}/checklists")

    assert [(each["href"], each.get_text()) for each in page.select("main ul a")] == [(observed.address, TITLE)]
    assert "0 of 6 observed" in _words(page)


def test_without_a_mapping_the_page_says_what_to_do(observed: Checklist, visitor: Visitor) -> None:
    observed.map(())

    assert "say in the mapping which indicators this checklist shows" in _words(observed.page(visitor("trainer")))
    assert "Nothing is looked for here yet." in _words(observed.page(visitor("participant"), observed.mine))


def test_without_participants_the_page_says_so(observed: Checklist, visitor: Visitor, sessions: SessionFactory) -> None:
    with unit_of_work(sessions) as session:
        session.connection().exec_driver_sql("UPDATE membership SET active = 0")

    assert "Nobody takes part yet" in _words(observed.page(visitor("trainer")))


def test_forty_people_and_twenty_indicators_are_one_light_page(
    observed: Checklist, visitor: Visitor, sessions: SessionFactory
) -> None:
    observed.map(tuple(each.code for each in observed.institute.framework.indicators[:20]))
    _enrol(observed, 38)
    client = visitor("trainer")

    answer = client.get(observed.address, base_url=BASE)

    page = BeautifulSoup(answer.text, "html.parser")
    assert (len(page.select("tbody select")), page.select(".portions")) == (800, [])
    assert len(gzip.compress(answer.data, 6)) <= 30_000


def test_a_big_group_comes_in_portions_that_miss_nobody(observed: Checklist, visitor: Visitor) -> None:
    observed.map(tuple(each.code for each in observed.institute.framework.indicators))
    _enrol(observed, 40)
    client = visitor("trainer")

    links = [str(each["href"]) for each in observed.page(client).select(".portions a")]

    names = [each.get_text() for link in links for each in observed.page(client, link).select("tbody th a")]
    assert len(links) == 3
    assert len(names) == len(set(names)) == 42
    for odd in ("-1", "x", "99999", "9" * 30, "²"):
        assert len(observed.page(client, f"{observed.address}?start={odd}").select("tbody tr")) == 19


def test_the_page_asks_the_same_for_few_and_for_many(
    observed: Checklist, visitor: Visitor, sessions: SessionFactory
) -> None:
    client, asked = visitor("trainer"), []
    observed.page(client)  # the first look of a while is recorded, the next ones are not
    event.listen(sessions.kw["bind"], "before_cursor_execute", lambda *told: asked.append(told[2]))

    counts = []
    for more in (0, 25):
        _enrol(observed, more)
        asked.clear()
        observed.page(client)
        counts.append(len(asked))

    assert counts[0] == counts[1] <= 18, asked


def _enrol(observed: Checklist, people: int) -> None:
    with unit_of_work(observed.sessions) as session:
        make, course = Make(session, clock.now()), session.get_one(CourseRow, observed.course)
        platform = session.get_one(PlatformRow, course.platform_id)
        for number in range(people):
            make.membership(course, make.person(platform, f"Person {number:02}", sub=f"more-{number}"))


def test_trainers_at_the_same_moment_on_one_cell_lose_nothing(any_sessions: SessionFactory) -> None:
    room = open_schoolroom(any_sessions, clock.now())
    activity = room.activity("External tool: Байкоо", kind="observation", source="lti")
    room.map_levels(activity, 1)
    indicator = room.indicators("1.1", 1)[0]
    start = Barrier(4)

    def observe(step: ObservationStep) -> int:
        start.wait(10)
        with unit_of_work(any_sessions) as session:
            found = next(each for each in checklists_of(session, room.course_id) if each.id == activity)
            change = ObservationChange(room.people[0], indicator, None, step)
            return len(gradebook.accept_observations(session, found, [change], by=None, now=clock.now()))

    with ThreadPoolExecutor(4) as pool:
        clashes = list(pool.map(observe, ObservationStep))

    assert sorted(clashes) == [0, 1, 1, 1]
    with any_sessions() as session:
        assert len(list(session.scalars(select(EvidenceRow)))) == 1


@pytest.mark.parametrize("who", ["staff", "somebody of another course", "unmapped"])
def test_nothing_is_observed_of_who_takes_no_part_or_of_what_is_not_looked_for(
    observed: Checklist, sessions: SessionFactory, who: str
) -> None:
    persons, framework = observed.institute.persons, observed.institute.framework
    person = {"staff": "trainer", "unmapped": "participant"}.get(who, "participant of another course")
    code = "1.1.1.a" if who == "unmapped" else "4.1.1.a"
    change = ObservationChange(PersonId(persons[person].id), framework.indicator(code).id, None, ObservationStep.SHOWN)

    with pytest.raises(RuleBroken, match="cell_unknown"), unit_of_work(sessions) as session:
        (activity,) = checklists_of(session, observed.course)
        gradebook.accept_observations(session, activity, [change], by=None, now=clock.now())

    assert observed.ledger() == []
