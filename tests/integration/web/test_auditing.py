"""Every read of others' records and every change leaves its line; none leaves without being declared."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import text

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.web.audited import CHANGES, READS, UNRECORDED
from lti_tool.web.auth import Permission
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_rights import BASE, BOUND, path_of

Line = tuple[str, str, str | None, str | None]


def _lines(sessions: SessionFactory) -> list[Line]:
    with unit_of_work(sessions, writes=False) as session:
        query = text("SELECT action, actor_id, subject_id, course FROM audit_event ORDER BY id")
        return [(row.action, row.actor_id, row.subject_id, row.course) for row in session.execute(query)]


def _kinds(app: Flask) -> dict[tuple[str, str], Permission]:
    """(endpoint, GET or POST) of every route that asks for somebody's session."""
    return {
        (rule.endpoint, method): permission
        for rule in app.url_map.iter_rules()
        for method in {"GET", "POST"} & set(rule.methods or ())
        if (permission := getattr(app.view_functions[rule.endpoint], "permission", None)) is not Permission.PUBLIC
        and permission is not None
    }


def test_every_route_says_what_it_leaves_in_the_record(app: Flask) -> None:
    routes = _kinds(app)
    said = [*((each, "GET") for each in READS), *((each, "POST") for each in CHANGES)]
    excused = {(endpoint, method) for endpoint, method in routes if endpoint in UNRECORDED}

    assert set(routes) == set(said) | excused, "what is new stands in web/audited.py, what is gone does not"
    assert not set(said) & excused, "said twice"
    assert not set(UNRECORDED) - {endpoint for endpoint, _method in routes}


def test_what_reads_reads_and_what_changes_changes() -> None:
    assert all(noted.action.is_read for noted in READS.values())
    assert not any(noted.action.is_read for noted in CHANGES.values())


def test_each_page_of_others_records_leaves_one_line(
    app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    trainer, course = visitor("trainer"), institute.course.public_id
    wanted = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in READS and rule.endpoint not in BOUND and "course" in rule.arguments:
            assert trainer.get(path_of(rule, institute), base_url=BASE).status_code == 200
            noted = READS[rule.endpoint]
            about = institute.persons["neighbour"].public_id if noted.about == "person" else course
            wanted.append((noted.action.value, institute.persons["trainer"].public_id, about, course))

    assert Counter(_lines(sessions)) == Counter(set(wanted)), "the same person read on three pages is one line"


def test_a_page_of_nobodys_records_and_a_refusal_leave_none(
    app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    trainer, stranger = visitor("trainer"), visitor("trainer of another course")
    for rule in app.url_map.iter_rules():
        if rule.endpoint in UNRECORDED and rule.endpoint not in BOUND and "GET" in (rule.methods or ()):
            trainer.get(path_of(rule, institute), base_url=BASE)
        if rule.endpoint in READS:
            assert stranger.get(path_of(rule, institute), base_url=BASE).status_code == 404

    assert _lines(sessions) == []


def test_who_looks_at_the_own_record_is_not_recorded(
    visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    course, person = institute.course.public_id, institute.persons["trainer"].public_id

    assert visitor("trainer").get(f"/c/{course}/people/{person}", base_url=BASE).status_code == 200

    assert _lines(sessions) == []


def test_a_change_leaves_its_line_in_the_same_transaction(
    app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    course, trainer = institute.course.public_id, institute.persons["trainer"].public_id

    answer = visitor("trainer").post(f"/c/{course}/activities", data={"name": "Quiz: New"}, base_url=BASE)

    assert answer.status_code == 303
    assert _lines(sessions) == [("activity.changed", trainer, course, course)]


def test_a_change_that_is_refused_leaves_none(
    app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False

    answer = visitor("trainer").post(f"/c/{institute.course.public_id}/activities", data={"name": ""}, base_url=BASE)

    assert answer.status_code == 303, "the page says what is wrong"
    assert _lines(sessions) == []


def test_a_change_whose_line_cannot_be_stored_is_not_stored_either(
    app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client, course = visitor("trainer"), institute.course.public_id
    with unit_of_work(sessions) as session:
        session.execute(
            text("CREATE TRIGGER full BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'no room'); END")
        )

    answer = client.post(f"/c/{course}/activities", data={"name": "Quiz: New"}, base_url=BASE)

    assert answer.status_code == 500
    assert "Quiz: New" not in client.get(f"/c/{course}/mapping", base_url=BASE).get_data(as_text=True)


def test_a_reader_waits_for_no_writer_and_the_line_comes_later(
    visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    client, course = visitor("trainer"), institute.course.public_id
    client.get(f"/c/{course}/mapping", base_url=BASE)  # begins the course's rules, as a launch would have
    with unit_of_work(sessions):
        assert client.get(f"/c/{course}/group", base_url=BASE).status_code == 200
        assert _lines(sessions) == []

    client.get(f"/c/{course}/roster", base_url=BASE)

    assert [line[0] for line in _lines(sessions)] == ["read.course"]


def test_where_no_line_finds_room_any_more_records_of_others_are_not_shown(
    app: Flask, visitor: Visitor, institute: Institute, sessions: SessionFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, course = visitor("trainer"), institute.course.public_id
    reads = app.extensions["tool"].reads
    client.get(f"/c/{course}/mapping", base_url=BASE)
    monkeypatch.setattr(reads, "_most", 1)
    with unit_of_work(sessions):
        client.get(f"/c/{course}/group", base_url=BASE)
        refused = client.get(f"/c/{course}/roster", base_url=BASE)
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "30"
        assert client.get(f"/c/{course}/mapping", base_url=BASE).status_code == 200

    assert client.get(f"/c/{course}/roster", base_url=BASE).status_code == 200
    assert len(_lines(sessions)) == 1, "one list of one course, read twice within minutes"


def test_an_account_stands_in_the_record_as_itself(visitor: Visitor, sessions: SessionFactory) -> None:
    client = visitor("account")

    assert client.get("/institute/people", base_url=BASE).status_code == 200

    with unit_of_work(sessions, writes=False) as session:
        query = text("SELECT action, actor_kind, actor_id, subject_id FROM audit_event")
        ((action, kind, actor, subject),) = session.execute(query).all()
        named = session.execute(text("SELECT name FROM account WHERE public_id = :id"), {"id": actor}).scalar_one()
    assert (action, kind, subject) == ("read.people", "account", None)
    shown = f">Account {named}<"
    assert shown in client.get("/institute/audit?lang=en", base_url=BASE).text
    assert shown not in visitor("account of another platform").get("/institute/audit?lang=en", base_url=BASE).text


def test_what_an_operator_does_before_choosing_a_platform_concerns_none(
    app: Flask, visitor: Visitor, sessions: SessionFactory
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False

    assert visitor("operator").post("/administration/keys/rotate", base_url=BASE).status_code < 400

    with unit_of_work(sessions, writes=False) as session:
        rows = session.execute(text("SELECT action, actor_kind, platform_id FROM audit_event")).all()
    assert [tuple(row) for row in rows] == [("keys.changed", "account", None)]
