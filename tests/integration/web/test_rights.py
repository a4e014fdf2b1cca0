"""Who may open what: every route × every kind of visitor (lti-security, section 2, rows 37 to 40)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from lti_tool import clock
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import CourseId
from lti_tool.people import sessions as login_sessions
from lti_tool.people.model import CourseRole
from lti_tool.people.sessions import Beginning
from lti_tool.people.store import as_person
from lti_tool.web.auth import Permission
from tests.integration.web.conftest import Institute, Visitor, make_lms

BASE = "https://tool.example.invalid"
PUBLIC = {
    "case.documents", "case.nothing", "case.one", "catalogue.document", "catalogue.glossary", "catalogue.level",
    "catalogue.overview", "catalogue.part", "catalogue.search", "catalogue_files.catalogue_json",
    "catalogue_files.moodle",
    "static", "home.home", "health.healthz", "health.readyz", "metrics.metrics", "lti.login", "lti.launch", "lti.jwks",
    "lti.continue_launch", "lti.show_parked", "registration.register", "api.about", "api.openapi",
    "account.login", "account.enter", "verify.show",
    "credentials.achievement", "credentials.file", "credentials.issuer", "credentials.jwks", "credentials.key",
    "credentials.show", "credentials.status",
}  # fmt: skip
"""Every route that anybody may call. A new one has to be written here on purpose."""
BOUND = {
    "deep_linking.picker", "deep_linking.pick", "trainer.send_again", "trainer.delivery", "task.show", "task.save",
    "task.again", "task.download", "assessing.task_settings", "assessing.set_task",
    "assessing.assess", "assessing.store_assessment",
    "observation.checklist", "observation.observe", "observation.observed",
    "self_assessment.show", "self_assessment.save", "self_assessment.group",
    "offers.settle",
    "judging.void", "judging.withdraw", "api_tokens.revoke",
    "requirements.crosswalk", "requirements.change_crosswalk", "requirements.download",
    "requirements.courses", "requirements.look_or_move", "requirements.course", "requirements.move",
    "exports.show", "exports.progress", "exports.file",
    "paper.file", "paper.name", "paper.ask_withdraw", "paper.withdraw",
    "readiness.site", "readiness.store", "readiness.remove",
    "administration.ask_remove",
    "institute_person.show", "institute_person.as_json", "institute_person.as_zip", "institute_person.erase",
    "institute_person.erase_now",
    "carried_away.ask", "carried_away.revoke",
    "my_badges.ask", "my_badges.make", "my_badges.one", "my_badges.name", "my_badges.ask_withdraw",
    "my_badges.withdraw",
}  # fmt: skip
"""Also bound to a thing that must exist; they have tests of their own."""
OF_ONE_PLATFORM = {"institute.person", "institute.person_file", "carried_away.show"}
"""Routes of an institute that name something of one platform: another platform's admin finds nothing there."""
VISITORS = (
    "nobody",
    "participant",
    "trainer",
    "participant of another course",
    "trainer of another course",
    "admin",
    "trainer of another platform",
    "admin of another platform",
    "account",
    "account of another platform",
    "operator",
    "operator at the platform",
)
ACCOUNTS = {"account", "account of another platform", "operator", "operator at the platform"}
ADMINS = {"admin", "admin of another platform", "account", "account of another platform", "operator at the platform"}
HERE = {"admin", "account", "operator at the platform"}
"""Who may read the courses of the first platform."""
ALLOWED = {
    Permission.OWN_RECORD: {"participant", "trainer", "admin"},
    Permission.COURSE_READ: {"trainer"} | HERE,
    Permission.COURSE_EDIT: {"trainer"},
    Permission.SIGNED_IN: set(VISITORS) - {"nobody"},
    Permission.INSTITUTE: ADMINS,
    Permission.API: set(),
    Permission.ADMINISTRATION: ADMINS | {"operator"},
    Permission.ACCOUNT: ACCOUNTS,
    Permission.OPERATOR: {"operator", "operator at the platform"},
}
"""Nobody's session opens the API: tests/integration/web/api tries its routes × tokens."""


@pytest.mark.parametrize("path", ["/c/%00/me", "/c/{}/people/%00", "/c/{}/people/a%00b/1.1", "/c/{}/select/%00"])
def test_an_address_with_nul_is_none_of_ours(any_sessions: SessionFactory, tmp_path: Path, path: str) -> None:
    browser = make_lms(tmp_path, any_sessions).browser()
    course = browser.launch("resource-link-editing-teacher").headers["Location"].split("/")[2]

    assert browser.client.get(path.format(course), base_url=BASE).status_code == 404


def _permission(app: Flask, rule: Rule) -> Permission | None:
    found: Permission | None = getattr(app.view_functions[rule.endpoint], "permission", None)
    return found


def path_of(rule: Rule, institute: Institute) -> str:
    """An address of the route in the institute's first course."""
    values = {
        "course": institute.course.public_id,
        "person": institute.persons["neighbour"].public_id,
        "code": "1.1",
        "level": "1",
        "indicator": "2.1.1.a",
        "kind": "csv",
        "part": "levels",
        "errand": "roster",
        "request_id": "nosuchrequest",
        "delivery": "nosuchdelivery",
        "task": "nosuchtask",
        "file": "nosuchfile",
        "submission": "nosuchsubmission",
        "site": "nosuchsite",
        "activity": "nosuchactivity",
        "token": "nosuchtoken",
        "old": "nosuchversion",
        "new": "nosuchversion",
        "registration": institute.registration,
        "account": institute.colleague,
        "invitation": "1",
    }
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values.get(found.group(1), "nosuch"), rule.rule)


def _allowed(permission: Permission, rule: Rule, name: str) -> bool:
    """Whether a visitor may call a route; what belongs to the first platform is nothing for the other one's admins."""
    if rule.endpoint.startswith("my_data.") and name == "operator":
        return False  # who looks at no platform stands for nobody
    of_the_first = bool(rule.arguments & {"registration", "account"}) or rule.endpoint in OF_ONE_PLATFORM
    return name in ALLOWED[permission] and not (of_the_first and name.endswith("another platform"))


def test_every_route_declares_a_permission(app: Flask) -> None:
    undeclared = {rule.endpoint for rule in app.url_map.iter_rules() if _permission(app, rule) is None}

    assert undeclared == set()


def test_only_the_listed_routes_are_public(app: Flask) -> None:
    public = {rule.endpoint for rule in app.url_map.iter_rules() if _permission(app, rule) is Permission.PUBLIC}

    assert public == PUBLIC


@pytest.mark.parametrize("name", VISITORS)
def test_a_visitor_reaches_what_they_may_and_nothing_else(
    app: Flask, visitor: Visitor, institute: Institute, name: str
) -> None:
    wrong = []
    for rule in app.url_map.iter_rules():
        permission = _permission(app, rule)
        if permission in {None, Permission.PUBLIC} or "GET" not in (rule.methods or ()):
            continue
        if rule.endpoint in BOUND:
            continue
        status = visitor(name).get(path_of(rule, institute), base_url=BASE).status_code
        refused = 401 if name == "nobody" or permission is Permission.API else 404
        expected = 200 if _allowed(permission, rule, name) else refused
        if status != expected:
            wrong.append((rule.endpoint, status, expected))

    assert wrong == []


@pytest.mark.parametrize("name", VISITORS)
def test_a_visitor_changes_only_what_they_may(app: Flask, visitor: Visitor, institute: Institute, name: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    wrong = []
    for rule in app.url_map.iter_rules():
        permission = _permission(app, rule)
        if permission in {None, Permission.PUBLIC} or "POST" not in (rule.methods or ()):
            continue
        status = visitor(name).post(path_of(rule, institute), data={"competency": "1.1"}, base_url=BASE).status_code
        refused = status == (401 if name == "nobody" else 404)
        if refused == _allowed(permission, rule, name) and rule.endpoint not in BOUND:
            wrong.append((rule.endpoint, status))

    assert wrong == []


def test_a_person_of_another_course_is_not_found(visitor: Visitor, institute: Institute) -> None:
    stranger = institute.persons["participant of another course"].public_id

    answer = visitor("trainer").get(f"/c/{institute.course.public_id}/people/{stranger}", base_url=BASE)

    assert answer.status_code == 404


@pytest.mark.parametrize("guessed", ["1", "0", "abc", "2222222222222222", "../me", "%00"])
def test_guessed_ids_lead_nowhere(visitor: Visitor, guessed: str) -> None:
    assert visitor("admin").get(f"/c/{guessed}/group", base_url=BASE).status_code == 404


def _csrf(client: FlaskClient, path: str) -> str:
    page = client.get(path, base_url=BASE).get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize("token", [None, "", "made-up", "another session's"])
def test_a_form_without_its_own_token_is_refused_and_changes_nothing(
    visitor: Visitor, institute: Institute, token: str | None
) -> None:
    path = f"/c/{institute.course.public_id}/activities"
    if token == "another session's":
        token = _csrf(visitor("trainer"), f"/c/{institute.course.public_id}/mapping")
    client = visitor("trainer")
    form = {"name": "Quiz: Forged"} | ({} if token is None else {"csrf_token": token})

    answer = client.post(path, data=form, base_url=BASE, headers={"Origin": "https://evil.example.invalid"})

    assert answer.status_code == 403
    assert "Quiz: Forged" in answer.get_data(as_text=True), "what was typed is shown, to send again"
    mapping = client.get(f"/c/{institute.course.public_id}/mapping", base_url=BASE).get_data(as_text=True)
    assert "Quiz: Forged" not in mapping


def test_a_text_plain_body_is_no_form(visitor: Visitor, institute: Institute) -> None:
    answer = visitor("trainer").post(
        f"/c/{institute.course.public_id}/activities", data="name=x", content_type="text/plain", base_url=BASE
    )

    assert answer.status_code == 403


def test_a_form_with_its_token_is_taken(visitor: Visitor, institute: Institute) -> None:
    client = visitor("trainer")
    course = institute.course.public_id
    token = _csrf(client, f"/c/{course}/mapping")

    answer = client.post(f"/c/{course}/activities", data={"name": "Quiz: Real", "csrf_token": token}, base_url=BASE)

    assert answer.status_code == 303
    assert "Quiz: Real" in client.get(f"/c/{course}/mapping", base_url=BASE).get_data(as_text=True)


def test_rights_drop_with_the_next_launch_as_a_learner(
    app: Flask, sessions: SessionFactory, institute: Institute, visitor: Visitor
) -> None:
    client = visitor("trainer")
    group = f"/c/{institute.course.public_id}/group"
    assert client.get(group, base_url=BASE).status_code == 200
    with client.session_transaction(base_url=BASE) as cookie:
        old = cookie["_user_id"]

    with unit_of_work(sessions) as session:
        person = as_person(institute.persons["trainer"])
        course_id = CourseId(institute.course.id)
        as_learner = Beginning(person, False, "en", course_id=course_id, role=CourseRole.PARTICIPANT)
        token, _login = login_sessions.begin(session, as_learner, old, clock.now())
    assert client.get(group, base_url=BASE).status_code == 401, "the old session has ended"
    with client.session_transaction(base_url=BASE) as cookie:
        cookie["_user_id"] = token

    assert client.get(group, base_url=BASE).status_code == 404
    assert client.get(f"/c/{institute.course.public_id}/me", base_url=BASE).status_code == 200


def test_an_ended_session_opens_nothing(visitor: Visitor, institute: Institute) -> None:
    client = visitor("participant")
    me = f"/c/{institute.course.public_id}/me"
    token = _csrf(client, me)
    with client.session_transaction(base_url=BASE) as cookie:
        kept = cookie["_user_id"]

    assert client.post("/session/end", data={"csrf_token": token}, base_url=BASE).status_code == 200

    with client.session_transaction(base_url=BASE) as cookie:
        cookie["_user_id"] = kept
    assert client.get(me, base_url=BASE).status_code == 401, "a kept cookie is of no use"
