"""The page behind the pasted address: without cookies, in a foreign frame, in three languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.app import create_app
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import PlatformUnavailable
from lti_tool.ids import RegistrationId
from lti_tool.lti import invitations, store
from lti_tool.lti.model import Registering
from lti_tool.lti.tables import RegistrationRow
from lti_tool.settings import Settings
from tests.factories.course_services import MOODLE
from tests.factories.network import Network, answer, recorded

BASE = "https://tool.example.invalid"
CONFIGURATION = f"{MOODLE}/mod/lti/openid-configuration.php"
ENDPOINT = f"{MOODLE}/mod/lti/openid-registration.php"


@pytest.fixture
def network() -> Network:
    network = Network()
    network.replay("openid-configuration")
    network.replay("registration-full")
    return network


@pytest.fixture
def client(sessions: SessionFactory, network: Network, tmp_path: Path) -> FlaskClient:
    settings = Settings.load(
        base_url=BASE, secret_key="x" * 32, keys_dir=tmp_path / "keys", data_dir=tmp_path, log_format="text"
    )
    return create_app(settings, sessions, network).test_client()


@pytest.fixture
def asked(sessions: SessionFactory) -> dict[str, str]:
    with unit_of_work(sessions) as session:
        url = invitations.invite(session, BASE, clock.now())
    return {
        "invite": url.partition("invite=")[2],
        "openid_configuration": CONFIGURATION,
        "registration_token": "registration.token",
    }


def opened(client: FlaskClient, query: Mapping[str, str], language: str = "en") -> TestResponse:
    return client.get(f"/lti/register?{urlencode(query)}", base_url=BASE, headers={"Accept-Language": language})


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(RegistrationRow)) or 0


def test_one_get_registers_and_says_what_is_left_to_do(
    client: FlaskClient, asked: dict[str, str], session: Session
) -> None:
    page = opened(client, asked)

    assert page.status_code == 200
    assert count(session) == 1
    assert "Activate" in page.text
    assert "activity chooser" in page.text


def test_the_page_needs_no_cookie_and_sets_none(client: FlaskClient, asked: dict[str, str]) -> None:
    page = opened(client, asked)

    assert "Set-Cookie" not in page.headers


def test_the_platform_may_frame_the_page_and_nobody_else(client: FlaskClient, asked: dict[str, str]) -> None:
    page = opened(client, asked)

    policy = page.headers["Content-Security-Policy"]
    assert f"frame-ancestors {MOODLE}" in policy
    assert "X-Frame-Options" not in page.headers
    assert "unsafe-inline" not in policy


def test_a_name_that_leads_elsewhere_once_all_is_stored_does_not_undo_the_page(
    client: FlaskClient, asked: dict[str, str], network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = store.save_registration

    def saved(session: Session, agreed: Registering, now: datetime) -> tuple[RegistrationId, bool]:
        network.leads_to = "127.0.0.1"
        return save(session, agreed, now)

    monkeypatch.setattr(store, "save_registration", saved)

    page = opened(client, asked)

    assert (page.status_code, network.leads_to) == (200, "127.0.0.1")
    assert f"frame-ancestors {MOODLE}" in page.headers["Content-Security-Policy"]


def test_the_page_closes_by_a_static_script_without_inline_code(client: FlaskClient, asked: dict[str, str]) -> None:
    page = opened(client, asked)

    source = page.text.partition('<script src="')[2].partition('"')[0]
    script = client.get(source, base_url=BASE)
    assert "org.imsglobal.lti.close" in script.text
    assert "onclick" not in page.text
    assert "org.imsglobal.lti.close" not in page.text


@pytest.mark.parametrize("language", ["ky", "ru", "en", "de"])
def test_the_page_comes_in_every_language(client: FlaskClient, asked: dict[str, str], language: str) -> None:
    page = opened(client, asked, language)

    expected = language if language != "de" else "ky"
    assert f'<html lang="{expected}"' in page.text


@pytest.mark.parametrize("fault", ["no invitation", "invented invitation", "no configuration", "no parameter at all"])
def test_an_incomplete_address_is_refused_with_a_page(
    client: FlaskClient, asked: dict[str, str], session: Session, fault: str
) -> None:
    query = {
        "no invitation": {**asked, "invite": ""},
        "invented invitation": {**asked, "invite": "nobody"},
        "no configuration": {**asked, "openid_configuration": ""},
        "no parameter at all": {},
    }[fault]

    page = opened(client, query)

    assert page.status_code == (400 if fault == "no configuration" else 403)
    assert "<html" in page.text
    assert count(session) == 0


def test_a_second_visit_with_the_same_address_is_refused(
    client: FlaskClient, asked: dict[str, str], session: Session
) -> None:
    opened(client, asked)

    page = opened(client, asked)

    assert page.status_code == 403
    assert count(session) == 1


def test_moodles_refusal_is_a_page_and_no_500(client: FlaskClient, asked: dict[str, str], network: Network) -> None:
    network.on("POST", ENDPOINT, recorded("registration-error-missing-domain").answer)

    page = opened(client, asked)

    assert page.status_code == 400
    assert "Traceback" not in page.text


@pytest.mark.parametrize("said", [answer(503), PlatformUnavailable("platform_timeout")])
def test_a_platform_that_does_not_answer_is_told_as_such(
    client: FlaskClient, asked: dict[str, str], network: Network, said: object
) -> None:
    network.on("GET", CONFIGURATION, said)  # type: ignore[arg-type]  # an Answer or an error

    page = opened(client, asked)

    assert 400 <= page.status_code < 600
    assert page.status_code != 500


def test_looking_whether_the_address_is_alive_registers_nothing(
    client: FlaskClient, asked: dict[str, str], network: Network
) -> None:
    answered = client.head(f"/lti/register?{urlencode(asked)}", base_url=BASE)

    assert answered.status_code == 405
    assert network.asked == []


def test_names_from_the_platform_are_text(client: FlaskClient, asked: dict[str, str], network: Network) -> None:
    body = {**recorded("registration-full").body, "client_id": "<img src=x onerror=alert(1)>"}
    network.on("POST", ENDPOINT, answer(200, body))

    page = opened(client, asked)

    assert "<img src=x" not in page.text
    assert "&lt;img src=x" in page.text


def test_a_registration_without_grade_services_says_so(
    client: FlaskClient, asked: dict[str, str], network: Network, now: datetime
) -> None:
    network.on("POST", ENDPOINT, answer(200, {"client_id": "c", "scope": ""}))

    page = opened(client, asked)

    assert page.text.count("<strong>no</strong>") == 3
    assert "deployment id" in page.text
