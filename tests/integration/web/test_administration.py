"""The pages of the administration: what is shown to whom, what each step does, and what is asked before it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.accounts.tables import AccountRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.lti.connection import WANTED
from lti_tool.lti.tables import DeploymentRow, InvitationRow, RegistrationRow, ToolKeyRow
from lti_tool.people.tables import PersonRow
from tests.factories.launch_bench import TOOL as BASE
from tests.factories.network import Network, answer
from tests.factories.passwords import cheapen
from tests.integration.web.conftest import Institute, Visitor

PASSWORD = "көк мышык терезеде"
LMS = "https://lms9.example.invalid"
BY_HAND = {
    "name": "Башка институт",
    "issuer": LMS,
    "client_id": "client-9",
    "authorization_url": f"{LMS}/auth",
    "token_url": f"{LMS}/token",
    "jwks_url": f"{LMS}/jwks",
    "deployment_id": "7",
}


@dataclass
class Office:
    """A browser in the administration."""

    client: FlaskClient

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/administration{path}", base_url=BASE)

    def post(self, path: str, seen: str, **fields: str) -> TestResponse:
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get(seen).text)
        assert found is not None
        return self.client.post(f"/administration{path}", data={"csrf_token": found.group(1), **fields}, base_url=BASE)


def _main(answer: TestResponse) -> str:
    page = BeautifulSoup(answer.text, "html.parser").main
    return page.get_text(" ", strip=True) if page else ""


@pytest.fixture
def network(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Network:
    """The tool's way out, with a script."""
    found = Network()
    app.extensions["tool"] = replace(app.extensions["tool"], outbound=found)
    cheapen(monkeypatch)
    return found


@pytest.fixture
def office(network: Network, visitor: Visitor) -> Callable[[str], Office]:
    """Somebody's way into the administration, by the names of `visitor`."""
    return lambda name: Office(visitor(name))


Open = Callable[[str], Office]


def test_everybody_sees_the_registrations_of_their_scope(office: Open) -> None:
    seen = {
        name: sorted(set(re.findall(r"https://lms\d", _main(office(name).get("/registrations")))))
        for name in ("operator", "operator at the platform", "account", "admin", "admin of another platform")
    }

    one, other = "https://lms1", "https://lms2"
    assert seen == {
        "operator": [one, other],
        "operator at the platform": [one, other],
        "account": [one],
        "admin": [one],
        "admin of another platform": [other],
    }


@pytest.mark.parametrize("holds", ["", "1"])
def test_an_invitation_is_shown_once_and_can_be_withdrawn(office: Open, sessions: SessionFactory, holds: str) -> None:
    desk = office("operator")

    made = desk.post("/invitations", "/registrations", holds=holds)

    url = str(BeautifulSoup(made.text, "html.parser").select("#f-url")[0]["value"])
    assert url.startswith(f"{BASE}/lti/register?invite=")
    listed = desk.get("/registrations")
    assert url.partition("=")[2] not in listed.text
    assert ("waits for approval" in _main(listed)) is bool(holds)
    with unit_of_work(sessions, writes=False) as session:
        [row] = session.scalars(select(InvitationRow))
    assert row.holds is bool(holds)

    for told in ("The invitation is withdrawn.", "This invitation was used or withdrawn already."):
        assert desk.post(f"/invitations/{row.id}/withdraw", "/registrations").status_code == 303
        assert told in _main(desk.get("/registrations"))
    assert "Open invitations" not in _main(desk.get("/registrations"))


def test_a_registration_by_hand_is_stored_with_its_deployment(office: Open, sessions: SessionFactory) -> None:
    desk = office("operator")

    answered = desk.post("/registrations/new", "/registrations/new", **BY_HAND)

    assert answered.status_code == 303
    shown = _main(desk.get(answered.location.removeprefix("/administration")))
    assert "Башка институт" in shown
    assert "Test the connection now" in shown
    with unit_of_work(sessions, writes=False) as session:
        assert "7" in session.scalars(select(DeploymentRow.deployment_id)).all()


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("issuer", "http://lms9.example.invalid", "issuer: the tool calls https addresses only."),
        ("token_url", "ftp://x", "token_url: this is no address"),
        ("jwks_url", "https://127.0.0.1/keys", "jwks_url: the tool does not call inner addresses"),
        ("client_id", " ", "client_id: this is missing"),
        ("client_id", "x" * 256, "client_id: this is missing, too long"),
        ("deployment_id", "a\x07b", "deployment_id: this is missing, too long, or has signs"),
    ],
)
def test_a_faulty_registration_is_refused_with_what_was_typed(
    office: Open, sessions: SessionFactory, field: str, value: str, told: str
) -> None:
    answered = office("operator").post("/registrations/new", "/registrations/new", **{**BY_HAND, field: value})

    assert answered.status_code == 422
    assert told in _main(answered)
    assert 'value="Башка институт"' in answered.text
    with unit_of_work(sessions, writes=False) as session:
        assert len(session.scalars(select(RegistrationRow)).all()) == 2


def _granting(network: Network, institute: Institute, sessions: SessionFactory) -> None:
    with unit_of_work(sessions, writes=False) as session:
        row = session.scalars(select(RegistrationRow).where(RegistrationRow.public_id == institute.registration)).one()
    token = {"access_token": "abc", "token_type": "Bearer", "expires_in": 3600, "scope": " ".join(WANTED)}
    network.on("GET", row.jwks_url, answer(200, {"keys": [{"kid": "1"}]}))
    network.on("POST", row.token_url, answer(200, token))


@pytest.mark.parametrize("name", ["operator", "account", "admin"])
def test_a_connection_is_tried_at_once(
    office: Open, network: Network, institute: Institute, sessions: SessionFactory, name: str
) -> None:
    _granting(network, institute, sessions)
    here = f"/registrations/{institute.registration}"

    shown = _main(office(name).post(f"{here}/test", here))

    assert "The connection works" in shown
    assert shown.count("allowed") >= 4
    assert [asked.method for asked in network.asked] in (["GET", "POST"], ["POST", "GET"])


def test_a_connection_that_fails_says_why_and_what_to_do(
    office: Open, network: Network, institute: Institute, sessions: SessionFactory
) -> None:
    _granting(network, institute, sessions)
    network.on("POST", "https://lms1.example.invalid/token", answer(401, {"error": "invalid_client"}))
    here = f"/registrations/{institute.registration}"

    answered = office("operator").post(f"{here}/test", here)

    assert answered.status_code == 200
    assert "The connection does not work as it should" in _main(answered)
    assert "the LMS refuses the tool (invalid_client)" in _main(answered)


def test_switching_says_what_it_means_and_does_it_once_it_is_confirmed(
    office: Open, institute: Institute, sessions: SessionFactory
) -> None:
    desk, here = office("operator"), f"/registrations/{institute.registration}"

    def active() -> bool:
        with unit_of_work(sessions, writes=False) as session:
            found = select(RegistrationRow.active).where(RegistrationRow.public_id == institute.registration)
            return bool(session.scalar(found))

    assert "Nothing is deleted" in _main(desk.get(f"{here}/switch"))
    assert active(), "asking changes nothing"
    desk.post(f"{here}/switch", f"{here}/switch", active="0")
    assert not active()
    assert "This registration is off" in _main(desk.get(here))
    assert "Before you approve" in _main(desk.get(f"{here}/switch"))
    desk.post(f"{here}/switch", f"{here}/switch", active="1")
    assert active()


def test_deployments_are_added_named_and_removed_after_a_question(office: Open, institute: Institute) -> None:
    desk, here = office("operator"), f"/registrations/{institute.registration}"

    assert desk.post(f"{here}/deployments", here, deployment_id="42", name="Ош филиалы").status_code == 303
    assert 'value="Ош филиалы"' in desk.get(here).text
    again = desk.post(f"{here}/deployments", here, deployment_id="42", name="x")
    assert (again.status_code, "is there already" in _main(again)) == (422, True)
    desk.post(f"{here}/deployments", here, known="1", deployment_id="42", name="Башкы сайт")
    assert 'value="Башкы сайт"' in desk.get(here).text
    assert "Launches of this deployment" in _main(desk.get(f"{here}/remove-deployment?id=42"))
    desk.post(f"{here}/remove-deployment", here, id="42")
    assert "Башкы сайт" not in desk.get(here).text
    assert desk.get(f"{here}/remove-deployment?id=42").status_code == 404


@pytest.mark.parametrize("name", ["x" * 201, "a\0b"])
def test_a_faulty_name_of_a_deployment_stores_nothing(office: Open, institute: Institute, name: str) -> None:
    desk, here = office("account"), f"/registrations/{institute.registration}"

    assert desk.post(f"{here}/deployments", here, deployment_id="42", name=name).status_code == 422
    assert 'value="42"' not in desk.get(here).text


def test_what_is_known_of_sharing_counts_people_and_no_accounts(
    office: Open, institute: Institute, sessions: SessionFactory
) -> None:
    here = f"/registrations/{institute.registration}"
    desk = office("operator at the platform")

    shown = _main(desk.get(here))
    assert "Names known of 6 of 6 people looked at" in shown
    assert "E-mail addresses not shared" in shown
    with unit_of_work(sessions) as session:
        session.scalars(select(PersonRow).where(PersonRow.id == institute.persons["trainer"].id)).one().name = ""
    assert "Names known of 5 of 6 people looked at" in _main(desk.get(here))


def test_a_new_key_is_made_after_a_question_and_the_one_before_stays(office: Open, sessions: SessionFactory) -> None:
    desk = office("operator")
    assert "that is the overlap" in _main(desk.get("/keys/rotate"))

    assert desk.post("/keys/rotate", "/keys/rotate").status_code == 303

    with unit_of_work(sessions, writes=False) as session:
        assert sorted(session.scalars(select(ToolKeyRow.state))) == ["published", "signing"]
    assert "still published, signs no more" in _main(desk.get("/keys"))


def test_an_operator_looks_at_an_institute_and_leaves_it_again(
    office: Open, institute: Institute, sessions: SessionFactory
) -> None:
    desk, group = office("operator"), f"/c/{institute.course.public_id}/group"
    page = BeautifulSoup(desk.get("/registrations").text, "html.parser")
    [first, _second, none] = [str(option["value"]) for option in page.select("#f-platform option")]
    assert desk.client.get(group, base_url=BASE).status_code == 404

    assert desk.post("/look-at", "/registrations", platform=first).status_code == 303
    assert desk.client.get(group, base_url=BASE).status_code == 200
    assert "operator, at LMS" in desk.get("/registrations").text
    desk.post("/look-at", "/registrations", platform=none)
    assert desk.client.get(group, base_url=BASE).status_code == 404
    assert desk.post("/look-at", "/registrations", platform="nosuchplatform").status_code == 404
    assert desk.post("/look-at", "/registrations").status_code == 400


def _new(desk: Office, **fields: str) -> TestResponse:
    typed = {"login": "nurlan", "name": "Нурлан", "locale": "ky", "new": PASSWORD, **fields}
    return desk.post("/accounts/new", "/accounts/new", **typed)


def _account(sessions: SessionFactory, login: str) -> AccountRow:
    with unit_of_work(sessions, writes=False) as session:
        return session.scalars(select(AccountRow).where(AccountRow.login == login)).one()


def test_an_operator_makes_operators_and_admins(office: Open, institute: Institute, sessions: SessionFactory) -> None:
    desk = office("operator")
    page = BeautifulSoup(desk.get("/accounts/new").text, "html.parser")
    [operator, first, _second] = [str(option["value"]) for option in page.select("#f-role option")]

    assert _new(desk, role=operator).status_code == 303
    assert _new(desk, login="gulnara", role=first).status_code == 303

    assert _account(sessions, "nurlan").platform_id is None
    assert _account(sessions, "gulnara").platform_id == institute.course.platform_id
    assert "Нурлан" in _main(desk.get("/accounts"))


@pytest.mark.parametrize("role", ["operator", "nosuchplatform", ""])
def test_an_admin_makes_admins_of_their_own_institute_whatever_they_send(
    office: Open, institute: Institute, sessions: SessionFactory, role: str
) -> None:
    assert _new(office("account"), role=role).status_code == 303

    assert _account(sessions, "nurlan").platform_id == institute.course.platform_id


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"role": ""}, "Choose what the account may do"),
        ({"login": "нурлан"}, "Latin letters"),
        ({"login": "colleague"}, "already"),
        ({"new": "short"}, "at least 12"),
        ({"locale": "tlh"}, "This language is not known here."),
        ({"name": "x" * 201}, "at most 200"),
    ],
)
def test_a_faulty_account_is_refused_with_what_was_typed(office: Open, fields: dict[str, str], told: str) -> None:
    answered = _new(office("operator"), **{"role": "operator", **fields})

    assert answered.status_code == 422
    assert told in _main(answered)
    assert PASSWORD not in answered.text


def test_an_account_gets_a_role_a_password_and_is_switched_off_and_on(
    office: Open, institute: Institute, sessions: SessionFactory
) -> None:
    desk, here = office("operator"), f"/accounts/{institute.colleague}"

    assert desk.post(f"{here}/role", here, role="operator").status_code == 303
    assert _account(sessions, "colleague").platform_id is None
    assert desk.post(f"{here}/password", here, new="short").status_code == 422
    assert desk.post(f"{here}/password", here, new=PASSWORD).status_code == 303
    assert "argon2id" in _account(sessions, "colleague").password_hash
    assert "its sessions end at once" in _main(desk.get(f"{here}/switch"))
    desk.post(f"{here}/switch", f"{here}/switch", active="0")
    assert _account(sessions, "colleague").disabled_at is not None
    desk.post(f"{here}/switch", f"{here}/switch", active="1")
    assert _account(sessions, "colleague").disabled_at is None
    assert "phone and paper" in _main(desk.get(f"{here}/codes"))
    assert desk.post(f"{here}/codes", here).status_code == 303


def test_the_last_operator_is_told_so(office: Open, sessions: SessionFactory) -> None:
    desk = office("operator")
    here = f"/accounts/{_account(sessions, 'operator').public_id}"

    for path, fields in (("switch", {"active": "0"}), ("role", {"role": _platform(desk)})):
        answered = desk.post(f"{here}/{path}", here, **fields)
        assert (answered.status_code, "This is the last operator" in _main(answered)) == (422, True)

    assert desk.get("/accounts").status_code == 200


def _platform(desk: Office) -> str:
    page = BeautifulSoup(desk.get("/accounts/new").text, "html.parser")
    return str(page.select("#f-role option")[1]["value"])


def test_an_admin_sees_no_account_of_another_institute_and_no_operator(
    office: Open, institute: Institute, sessions: SessionFactory
) -> None:
    for name in ("operator", "account of another platform"):
        office(name)
    desk = office("account")
    page = BeautifulSoup(desk.get("/accounts").text, "html.parser")

    assert [cell.get_text() for cell in page.select("tbody .cell-count")] == ["account", "colleague"]
    for login in ("operator", "account.of.another.platform"):
        hidden = f"/accounts/{_account(sessions, login).public_id}"
        assert desk.get(hidden).status_code == 404
        assert desk.post(f"{hidden}/codes", "/accounts").status_code == 404
