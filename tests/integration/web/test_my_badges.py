"""Badges as a participant makes, shows and withdraws them, and as an institute admin revokes them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.audit.tables import AuditEventRow
from lti_tool.credentials import queries
from lti_tool.credentials.model import Kind
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import PersonId
from lti_tool.people.tables import CourseRow, PersonRow
from tests.factories.badges import write_badge_key
from tests.factories.big_course import counted
from tests.factories.launch_bench import TOOL
from tests.factories.make import Make
from tests.integration.web.conftest import Institute, Visitor

EMAIL = "aigul@school.example.invalid"


@pytest.fixture
def page(app: Flask, institute: Institute, sessions: SessionFactory, tmp_path: Path) -> str:
    """The address of the participant's badges, with two certified levels."""
    app.config["WTF_CSRF_ENABLED"] = False
    write_badge_key(tmp_path / "keys")
    certify(sessions, institute, ["4.1"])
    with unit_of_work(sessions) as session:
        session.get_one(PersonRow, institute.persons["participant"].id).email = EMAIL
    return f"/c/{institute.course.public_id}/me/credentials"


def certify(sessions: SessionFactory, institute: Institute, codes: list[str]) -> None:
    """Levels 1 and 2 of these competencies, as closing the course leaves them."""
    with unit_of_work(sessions) as session:
        make = Make(session, clock.now())
        course = session.get_one(CourseRow, institute.course.id)
        person = session.get_one(PersonRow, institute.persons["participant"].id)
        for code in codes:
            for level in (1, 2):
                make.certified_level(course, person, institute.framework.competency(code).id, level)


def text(client: FlaskClient, path: str) -> str:
    return client.get(path, base_url=TOOL, headers={"Accept-Language": "en"}).text


def made(client: FlaskClient, page: str, number: int = 0, **form: str) -> str:
    """Makes a badge of a certified level, by the page's own ways; the address of its page."""
    ways = re.findall(rf'href="({page}/new/\w+)"', text(client, page))
    answer = client.post(ways[number], base_url=TOOL, data=form)
    assert answer.status_code == 303
    return answer.location


def _badges(sessions: SessionFactory, institute: Institute) -> list[tuple[str, bool, str]]:
    with unit_of_work(sessions, writes=False) as session:
        person = PersonId(institute.persons["participant"].id)
        return [(each.public_id, each.shows_name, each.locale) for each in queries.of_person(session, person)]


def _actions(sessions: SessionFactory) -> list[str]:
    with unit_of_work(sessions, writes=False) as session:
        return list(session.scalars(select(AuditEventRow.action).order_by(AuditEventRow.id)))


def test_without_a_certified_level_the_page_says_when_there_will_be_one(visitor: Visitor, institute: Institute) -> None:
    told = text(visitor("participant"), f"/c/{institute.course.public_id}/me/credentials")

    assert "No level is certified yet" in told
    assert "when the trainer closes a course" in told


def test_my_competencies_lead_to_the_badges(visitor: Visitor, institute: Institute, page: str) -> None:
    assert f'href="{page}"' in text(visitor("participant"), f"/c/{institute.course.public_id}/me")


def test_a_badge_is_made_of_a_certified_level_and_taken_along(
    visitor: Visitor, institute: Institute, sessions: SessionFactory, page: str
) -> None:
    client = visitor("participant")

    one = made(client, page, 1, language="ru", name="shown", email="hashed")

    ((public_id, shows_name, locale),) = _badges(sessions, institute)
    assert (one, shows_name, locale) == (f"{page}/{public_id}", True, "ru")
    told = text(client, one)
    assert f'href="/credentials/{public_id}.jwt"' in told
    assert f"{TOOL}/verify/{public_id}" in told
    assert "The check page shows your name." in told
    assert client.get(f"/credentials/{public_id}.jwt", base_url=TOOL).status_code == 200
    assert _actions(sessions) == ["credential.made"]


def test_nothing_is_chosen_for_the_person(visitor: Visitor, institute: Institute, page: str) -> None:
    client = visitor("participant")
    (first, _second) = re.findall(rf'href="({page}/new/\w+)"', text(client, page))

    asked = BeautifulSoup(text(client, first), "html.parser")

    boxes = asked.select("main input[type=checkbox]")
    assert [(box["name"], box.has_attr("checked")) for box in boxes] == [("name", False), ("email", False)]


def test_the_list_leads_to_the_badge_that_stands_and_offers_no_second_one(
    visitor: Visitor, institute: Institute, page: str
) -> None:
    client = visitor("participant")
    one = made(client, page, 0)

    told = text(client, page)

    assert f'href="{one}"' in told
    assert len(re.findall(rf'href="{page}/new/\w+"', told)) == 1


def test_the_person_lets_their_name_show_and_takes_that_back(
    visitor: Visitor, institute: Institute, sessions: SessionFactory, page: str
) -> None:
    client = visitor("participant")
    one = made(client, page)

    client.post(f"{one}/name", base_url=TOOL, data={"name": "shown"})
    shown = _badges(sessions, institute)[0][1]
    client.post(f"{one}/name", base_url=TOOL, data={"name": "hidden"})

    assert (shown, _badges(sessions, institute)[0][1]) == (True, False)
    assert _actions(sessions) == ["credential.made", "credential.changed", "credential.changed"]


def test_a_withdrawn_badge_is_told_of_and_another_may_be_made(
    visitor: Visitor, institute: Institute, page: str
) -> None:
    client = visitor("participant")
    one = made(client, page)

    asked = text(client, f"{one}/withdraw")
    answer = client.post(f"{one}/withdraw", base_url=TOOL)

    assert "Withdraw this badge?" in asked
    assert answer.location == page
    assert "You withdrew it on" in text(client, one)
    assert ".jwt" not in text(client, one)
    again = text(client, page)
    assert "Badges that hold no longer" in again
    assert len(re.findall(rf'href="{page}/new/\w+"', again)) == 2


@pytest.mark.parametrize("way", ["", "/withdraw"])
def test_nobody_else_sees_or_changes_a_badge_on_its_persons_pages(
    visitor: Visitor, institute: Institute, sessions: SessionFactory, page: str, way: str
) -> None:
    one = made(visitor("participant"), page)

    for name in ("neighbour", "trainer", "admin"):
        assert visitor(name).get(one + way, base_url=TOOL).status_code == 404
        assert visitor(name).post(f"{one}/withdraw", base_url=TOOL).status_code == 404
    with unit_of_work(sessions, writes=False) as session:
        found = queries.of_person(session, PersonId(institute.persons["participant"].id), Kind.BADGE)
    assert [each.revoked_at for each in found] == [None]


def test_nobody_makes_a_badge_of_somebody_elses_level(
    visitor: Visitor, institute: Institute, sessions: SessionFactory, page: str
) -> None:
    (first, _second) = re.findall(rf'href="({page}/new/\w+)"', text(visitor("participant"), page))

    assert visitor("neighbour").post(first, base_url=TOOL).status_code == 404
    assert _badges(sessions, institute) == []


def test_the_list_costs_as_many_queries_for_many_levels_as_for_few(
    visitor: Visitor, institute: Institute, sessions: SessionFactory, page: str
) -> None:
    client = visitor("participant")
    made(client, page)
    text(client, page)
    with counted(sessions) as few:
        text(client, page)
    certify(sessions, institute, ["1.1", "2.1", "4.2"])
    for _ in range(3):
        made(client, page)

    with counted(sessions) as many:
        text(client, page)

    assert len(many) == len(few)


# --- for an institute admin


def _carried(institute: Institute) -> str:
    return f"/institute/people/{institute.persons['participant'].public_id}/credentials"


def _revoke(client: FlaskClient, institute: Institute, sessions: SessionFactory, reason: str) -> TestResponse:
    way = f"{_carried(institute)}/{_badges(sessions, institute)[0][0]}/revoke"
    headers = {"Accept-Language": "en"}
    return client.post(way, base_url=TOOL, data={"reason": reason}, headers=headers)


def test_an_admin_sees_what_somebody_carried_away_and_the_look_is_recorded(
    visitor: Visitor, institute: Institute, sessions: SessionFactory, page: str
) -> None:
    made(visitor("participant"), page)

    told = text(visitor("admin"), _carried(institute))

    assert "Revoke …" in told
    assert "read.record" in _actions(sessions)
    person = text(visitor("admin"), _carried(institute).removesuffix("/credentials"))
    assert f'href="{_carried(institute)}"' in person


def test_an_admin_revokes_with_a_reason_that_the_person_reads_and_who_checks_does_not(
    visitor: Visitor, institute: Institute, sessions: SessionFactory, page: str
) -> None:
    client = visitor("participant")
    one = made(client, page)

    answer = _revoke(visitor("admin"), institute, sessions, "Айгүл was taken for somebody else.")

    assert answer.status_code == 303
    assert "taken for somebody else" in text(client, one)
    public = text(client, f"/credentials/{one.rpartition('/')[2]}")
    assert "taken for somebody else" not in public
    assert _actions(sessions)[-1] == "credential.revoked"
    assert "Revoke …" not in text(visitor("admin"), _carried(institute))


def test_without_a_reason_nothing_is_revoked_and_what_was_typed_stays(
    visitor: Visitor, institute: Institute, sessions: SessionFactory, page: str
) -> None:
    one = made(visitor("participant"), page)

    answer = _revoke(visitor("admin"), institute, sessions, "No")

    assert answer.status_code == 409
    assert ">No</textarea>" in answer.text
    assert ".jwt" in text(visitor("participant"), one)


def test_a_badge_of_one_person_is_not_found_at_another(
    visitor: Visitor, institute: Institute, sessions: SessionFactory, page: str
) -> None:
    made(visitor("participant"), page)
    other = institute.persons["neighbour"].public_id

    way = f"/institute/people/{other}/credentials/{_badges(sessions, institute)[0][0]}/revoke"

    assert visitor("admin").get(way, base_url=TOOL).status_code == 404
    assert visitor("admin").post(way, base_url=TOOL, data={"reason": "A long reason."}).status_code == 404
    assert visitor("admin of another platform").get(_carried(institute), base_url=TOOL).status_code == 404
