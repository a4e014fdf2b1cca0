"""The pages of privacy: what is held about oneself, the record, a person's data for an admin, and erasing them."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import text

from lti_tool import clock
from lti_tool.audit import recording
from lti_tool.audit.model import OPERATOR, Action, Actor, ActorKind, Event, Subject, SubjectKind
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import PlatformId
from lti_tool.people.tables import MembershipRow
from lti_tool.reports.rollup import Rollups
from lti_tool.web.audit_page import SIZE
from tests.factories.tables import sheet
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import Classroom
from tests.integration.web.test_rights import BASE


def _read(html: str) -> str:
    return re.sub(r"\s+", " ", BeautifulSoup(html, "html.parser").get_text(" "))


def _page(visitor: Visitor, name: str, path: str) -> str:
    answer = visitor(name).get(path, base_url=BASE)
    assert answer.status_code == 200, path
    return _read(answer.get_data(as_text=True))


# --- my data


def test_a_participant_reads_what_is_held_and_who_has_read_it(visitor: Visitor, institute: Institute) -> None:
    course, person = institute.course.public_id, institute.persons["participant"].public_id
    before = _page(visitor, "participant", "/me/data")
    visitor("trainer").get(f"/c/{course}/mapping", base_url=BASE)  # begins the course's rules, as a launch would have
    visitor("trainer").get(f"/c/{course}/people/{person}", base_url=BASE)
    visitor("participant of another course").get("/me/data", base_url=BASE)

    told = _page(visitor, "participant", "/me/data")

    assert "Nobody else has read it yet." in before
    assert "KG-1" in told
    assert "Courses, with role and groups: 1" in told
    assert "Гүлнара Read a person's record" in told
    assert "Бакыт" not in told


def test_it_is_taken_along_as_json_and_zip(visitor: Visitor, institute: Institute) -> None:
    client = visitor("participant")

    plain = client.get("/me/data.json", base_url=BASE)
    packed = client.get("/me/data.zip", base_url=BASE)

    assert "attachment" in plain.headers["Content-Disposition"]
    assert json.loads(plain.get_data())["person"]["id_number"] == "KG-1"
    with zipfile.ZipFile(io.BytesIO(packed.get_data())) as opened:
        assert json.loads(opened.read("data.json"))["person"]["name"] == "Айгүл"


def test_every_page_leads_to_the_own_data(visitor: Visitor, institute: Institute) -> None:
    page = visitor("participant").get(f"/c/{institute.course.public_id}/me", base_url=BASE)

    assert 'href="/me/data"' in page.get_data(as_text=True)


# --- the record


@pytest.fixture
def recorded(sessions: SessionFactory, institute: Institute) -> None:
    """Two pages of lines on the first platform, one on the other."""
    platform, now = PlatformId(institute.course.platform_id), clock.now()
    trainer = Actor(ActorKind.PERSON, institute.persons["trainer"].public_id)
    about = Subject(SubjectKind.PERSON, institute.persons["participant"].public_id)
    with unit_of_work(sessions) as session:
        for number in range(SIZE):
            event = Event(Action.JUDGED, trainer, platform, about, institute.course.public_id, {"code": "1.1"})
            recording.record(session, event, now - timedelta(days=2, minutes=number))
        recording.record(session, Event(Action.KEYS_CHANGED, OPERATOR, platform), now - timedelta(days=400))
        gone = Subject(SubjectKind.PERSON, "nobodyanymore")
        recording.record(session, Event(Action.PERSON_ERASED, OPERATOR, platform, gone), now)
        elsewhere = PlatformId(institute.foreign_course.platform_id)
        recording.record(session, Event(Action.RULES_CHANGED, OPERATOR, elsewhere, None, "elsewhere"), now)


@pytest.mark.usefixtures("recorded")
def test_an_admin_searches_the_record_of_their_own_platform(visitor: Visitor, institute: Institute) -> None:
    every = _page(visitor, "admin", "/institute/audit")
    assert "Operator Person erased Somebody who is no longer known" in every
    assert "Гүлнара Indicator judged" in every
    assert "elsewhere" not in every

    trainer = institute.persons["trainer"].public_id
    assert "Person erased Somebody" not in _page(visitor, "admin", f"/institute/audit?actor={trainer}")
    assert "Айгүл" in _page(visitor, "admin", "/institute/audit?subject=KG-1")
    assert "Nothing of this kind" in _page(visitor, "admin", "/institute/audit?subject=KG-2")
    assert "Nothing of this kind" in _page(visitor, "admin", "/institute/audit?actor=no-such%20one@x")
    assert "Operator Keys changed" in _page(visitor, "admin", "/institute/audit?action=keys.changed")
    old = _page(visitor, "admin", f"/institute/audit?until={(clock.now() - timedelta(days=300)):%Y-%m-%d}")
    assert "Operator Keys changed" in old
    assert "Гүлнара" not in old


@pytest.mark.usefixtures("recorded")
def test_the_record_is_turned_page_by_page(visitor: Visitor) -> None:
    client = visitor("admin")
    first = BeautifulSoup(client.get("/institute/audit", base_url=BASE).get_data(as_text=True), "html.parser")
    older = first.find("a", rel="next")
    assert older is not None

    second = client.get(str(older["href"]), base_url=BASE).get_data(as_text=True)

    assert len(first.select("tbody tr")) == SIZE
    assert "Keys changed" in second
    assert 'rel="next"' not in second
    assert 'rel="first"' in second


@pytest.mark.usefixtures("recorded")
def test_the_record_is_taken_out_as_a_file_which_is_recorded_too(
    visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    client = visitor("admin")
    as_csv = client.get("/institute/audit.csv?action=judgement.made", base_url=BASE).get_data(as_text=True)
    as_lines = client.get("/institute/audit.ndjson", base_url=BASE).get_data(as_text=True)

    rows = list(csv.DictReader(io.StringIO(as_csv)))
    assert len(rows) == SIZE
    assert rows[0]["subject"] == institute.persons["participant"].public_id
    assert json.loads(rows[0]["detail"]) == {"code": "1.1"}
    assert len(as_lines.splitlines()) == SIZE + 3
    assert not [name for name in ("Айгүл", "Гүлнара") if name in as_csv + as_lines]
    with unit_of_work(sessions, writes=False) as session:
        query = text("SELECT count(*) FROM audit_event WHERE action = 'read.audit'")
        assert session.execute(query).scalar_one() == 1


@pytest.mark.parametrize(
    "typed",
    ["behind=x_y", "behind=2026-01-01_99999999999999999999", "actor=%00", "action=no-such-action"],
)
def test_what_makes_no_sense_is_passed_over(visitor: Visitor, typed: str) -> None:
    assert visitor("admin").get(f"/institute/audit?{typed}", base_url=BASE).status_code == 200


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(
    ("name", "typed"),
    [("since", "yesterday"), ("until", "2026-13-40"), ("until", "9999-12-31"), ("since", "0001-01-01")],
)
def test_what_is_typed_and_is_no_day_is_said_at_its_field(visitor: Visitor, name: str, typed: str) -> None:
    client, asked = visitor("admin"), f"actor=KG-1&{name}={typed}&course=c"
    answer = client.get(f"/institute/audit?{asked}&lang=en", base_url=BASE)

    assert answer.status_code == 200
    page = BeautifulSoup(answer.text, "html.parser")
    (wrong,) = page.select("input[aria-invalid]")
    (told,) = page.select(f"#{wrong['aria-describedby']}")
    # A browser would empty a field of type "date" that holds this.
    assert (wrong["name"], wrong["value"], wrong["type"]) == (name, typed, "text")
    assert told.text.strip() == "A day is written like 2026-11-22."
    assert [page.select(f"#f-{each}")[0]["value"] for each in ("actor", "course")] == ["KG-1", "c"]
    assert "Nothing was looked for" in page.get_text()
    assert not page.select("table, a[href*='audit.csv']")
    assert client.get(f"/institute/audit.csv?{asked}", base_url=BASE).status_code == 400


def test_days_of_a_record_are_fields_of_days(visitor: Visitor) -> None:
    answer = visitor("admin").get("/institute/audit?since=2026-11-01", base_url=BASE)

    page = BeautifulSoup(answer.text, "html.parser")
    assert [(each["type"], each["value"]) for each in page.select("#f-since, #f-until")] == [
        ("date", "2026-11-01"),
        ("date", ""),
    ]
    assert not page.select("[aria-invalid]")


# --- a person's data, for an admin; erasing


def test_a_persons_page_leads_to_their_data_and_these_pages_lead_back(visitor: Visitor, institute: Institute) -> None:
    client, person = visitor("admin"), f"/institute/people/{institute.persons['participant'].public_id}"

    ways = BeautifulSoup(client.get(person, base_url=BASE).get_data(as_text=True), "html.parser")

    assert ways.select(f"main a[href='{person}/data']")
    for page, above in (("data", [person]), ("erase", [person, f"{person}/data"])):
        shown = BeautifulSoup(client.get(f"{person}/{page}", base_url=BASE).get_data(as_text=True), "html.parser")
        assert [str(link["href"]) for link in shown.select(".crumbs a")] == ["/institute/people", *above]
        assert [link.text.strip() for link in shown.select(".tabs-beside [aria-current]")] == ["People"]


def test_an_admin_reads_a_persons_data_and_the_record_says_so(
    visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    person = institute.persons["participant"].public_id
    for way in ("data", "data.json", "data.zip"):
        assert visitor("admin").get(f"/institute/people/{person}/{way}", base_url=BASE).status_code == 200
        assert visitor("trainer").get(f"/institute/people/{person}/{way}", base_url=BASE).status_code == 404
        foreign = visitor("admin of another platform").get(f"/institute/people/{person}/{way}", base_url=BASE)
        assert foreign.status_code == 404

    with unit_of_work(sessions, writes=False) as session:
        rows = session.execute(text("SELECT action, actor_id, subject_id FROM audit_event")).all()
    assert [tuple(row) for row in rows] == [("read.data", institute.persons["admin"].public_id, person)]
    assert "Админ Read all data of a person" in _page(visitor, "participant", "/me/data")


def test_erasing_is_looked_at_first_and_asks_for_the_name(
    app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    person, client = institute.persons["participant"].public_id, visitor("admin")
    theirs, path = visitor("participant"), f"/institute/people/{person}/erase"
    told = _page(visitor, "admin", path)
    assert "Type Айгүл to erase" in told
    assert "Courses, with role and groups: 1" in told
    assert "begins somebody new here" in told

    assert client.post(path, data={"confirmed": "Somebody"}, base_url=BASE).status_code == 409
    assert theirs.get("/me/data", base_url=BASE).status_code == 200, "nothing has happened"

    done = client.post(path, data={"confirmed": " Айгүл "}, base_url=BASE)

    assert done.status_code == 303
    assert theirs.get("/me/data", base_url=BASE).status_code == 401, "their session has ended"
    assert client.get(path, base_url=BASE).status_code == 404
    listed = client.get(f"/c/{institute.course.public_id}/roster", base_url=BASE).get_data(as_text=True)
    assert "Айгүл" not in listed
    assert "Бакыт" in listed
    with unit_of_work(sessions, writes=False) as session:
        rows = session.execute(
            text("SELECT actor_id, subject_id FROM audit_event WHERE action = 'person.erased'")
        ).all()
    assert [tuple(row) for row in rows] == [(institute.persons["admin"].public_id, person)]


def test_the_group_and_the_statistics_both_tell_of_an_erased_person(
    app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    room, course = Classroom(sessions, institute), f"/c/{institute.course.public_id}"
    room.map()
    Rollups()(sessions, clock.now())
    with unit_of_work(sessions) as session:
        here = session.get_one(MembershipRow, (institute.course.id, institute.persons["participant"].id))
        here.groups = "7,8"
    for path in ("group", "statistics"):
        assert "erased" not in _page(visitor, "trainer", f"{course}/{path}")
    person = institute.persons["participant"].public_id
    done = visitor("admin").post(f"/institute/people/{person}/erase", data={"confirmed": "Айгүл"}, base_url=BASE)
    assert done.status_code == 303
    Rollups()(sessions, clock.now() + timedelta(hours=1))

    group, told = (_page(visitor, "trainer", f"{course}/{path}") for path in ("group", "statistics"))

    assert "1 participant 1 person was erased: not in the list, and still counted" in group
    assert "2 participants." in told
    assert "Of them 1 was erased" in told
    assert "Of them 1 was erased" in _page(visitor, "trainer", f"{course}/statistics?group=8")
    notes = visitor("trainer").get(f"{course}/group.xlsx", base_url=BASE).data
    assert any("1 person was erased" in str(row[1].value) for row in sheet(notes, 1) if len(row) > 1)
    other = f"/c/{institute.other_course.public_id}/group"
    assert "erased" not in _page(visitor, "trainer of another course", other)


@pytest.mark.parametrize("name", ["trainer", "admin of another platform", "participant"])
def test_nobody_else_erases_anybody(app: Flask, visitor: Visitor, institute: Institute, name: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    person = institute.persons["participant"].public_id

    answer = visitor(name).post(f"/institute/people/{person}/erase", data={"confirmed": "Айгүл"}, base_url=BASE)

    assert answer.status_code == 404
    assert visitor("participant").get("/me/data", base_url=BASE).status_code == 200


# --- periods


def test_an_admin_sets_a_period_after_looking_what_would_go(
    app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = visitor("admin")
    assert "How many are older now?" in _page(visitor, "admin", "/institute/retention")
    assert "Nothing is older now." in _page(visitor, "admin", "/institute/retention?look=people")

    stored = client.post("/institute/retention", data={"kind": "files", "days": "400", "active": "yes"}, base_url=BASE)

    assert stored.status_code == 303
    shown = client.get("/institute/retention", base_url=BASE).get_data(as_text=True)
    assert 'value="400"' in shown
    assert shown.count("checked") == 1
    other = visitor("admin of another platform").get("/institute/retention", base_url=BASE).get_data(as_text=True)
    assert 'value="400"' not in other
    with unit_of_work(sessions, writes=False) as session:
        assert session.execute(text("SELECT action FROM audit_event")).scalars().all() == ["retention.changed"]


@pytest.mark.parametrize(
    ("kind", "days"),
    [("files", "1"), ("files", ""), ("files", "many"), ("nothing", "400"), ("audit", "999999"), ("", "")],
)
def test_a_period_that_makes_no_sense_is_said_and_not_stored(
    app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory, kind: str, days: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False

    answer = visitor("admin").post("/institute/retention", data={"kind": kind, "days": days}, base_url=BASE)

    assert answer.status_code == 409
    assert 'role="alert"' in answer.get_data(as_text=True)
    with unit_of_work(sessions, writes=False) as session:
        assert session.execute(text("SELECT count(*) FROM retention")).scalar_one() == 0


@pytest.mark.parametrize("name", ["admin", "account"])
def test_an_admin_finds_the_way_from_a_persons_courses_to_their_data_and_back(
    visitor: Visitor, institute: Institute, name: str
) -> None:
    person = f"/institute/people/{institute.persons['participant'].public_id}"
    client = visitor(name)

    ways = {
        page: {
            str(link["href"])
            for link in BeautifulSoup(client.get(page, base_url=BASE).text, "html.parser").select("main a")
        }
        for page in (person, f"{person}/data", f"{person}/erase")
    }

    assert f"{person}/data" in ways[person]
    assert {person, "/institute/people", f"{person}/erase"} <= ways[f"{person}/data"]
    assert {person, "/institute/people", f"{person}/data"} <= ways[f"{person}/erase"]


def test_the_own_data_lead_to_nobody_elses(visitor: Visitor) -> None:
    assert "/institute/" not in visitor("participant").get("/me/data", base_url=BASE).text
