"""Dynamic registration with what Moodle 5.1 really says, and with platforms that lie (rows 43 to 45)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import LaunchRefused, PlatformUnavailable, ToolError
from lti_tool.lti import invitations, registration
from lti_tool.lti.model import Scope
from lti_tool.lti.registration import PLATFORM_CONFIGURATION, Registered, Request
from lti_tool.lti.tables import DeploymentRow, InvitationRow, PlatformRow, RegistrationRow
from lti_tool.lti.tool_metadata import TOOL_CONFIGURATION, tool_metadata
from lti_tool.outbound import Answer, AnswerUnreadable
from tests.factories.course_services import MOODLE
from tests.factories.network import RECORDED, Network, answer, recorded

BASE = "https://tool.example.invalid"
CONFIGURATION = f"{MOODLE}/mod/lti/openid-configuration.php"
ENDPOINT = f"{MOODLE}/mod/lti/openid-registration.php"


class Admin:
    """An LMS admin with an invitation."""

    def __init__(self, sessions: SessionFactory, network: Network, now: datetime) -> None:
        self.sessions, self.network, self.now = sessions, network, now

    def invited(self, *, holds: bool = False) -> Request:
        with unit_of_work(self.sessions) as session:
            url = invitations.invite(session, BASE, self.now, holds=holds)
        token = parse_qs(urlsplit(url).query)["invite"][0]
        return Request(token, CONFIGURATION, "registration.token")

    def registers(self, request: Request, now: datetime | None = None) -> Registered:
        return registration.register(self.sessions, self.network, BASE, request, now or self.now)

    def stored(self) -> tuple[int, ...]:
        with unit_of_work(self.sessions, writes=False) as session:
            counted = (PlatformRow, RegistrationRow, DeploymentRow)
            return tuple(session.scalar(select(func.count()).select_from(table)) or 0 for table in counted)


@pytest.fixture
def network() -> Network:
    network = Network()
    network.replay("openid-configuration")
    network.replay("registration-full")
    return network


@pytest.fixture
def admin(sessions: SessionFactory, network: Network, now: datetime) -> Admin:
    return Admin(sessions, network, now)


def test_the_invitation_is_an_address_whose_token_is_not_kept(session: Session, now: datetime) -> None:
    url = invitations.invite(session, BASE, now)

    assert url.startswith(f"{BASE}/lti/register?invite=")
    token = url.partition("=")[2]
    assert len(token) >= 40
    assert session.scalars(select(InvitationRow)).one().token_hash not in url


def test_moodles_answer_becomes_platform_registration_and_deployment(admin: Admin, session: Session) -> None:
    done = admin.registers(admin.invited())

    platform = session.scalars(select(PlatformRow)).one()
    stored = session.scalars(select(RegistrationRow)).one()
    assert (platform.issuer, platform.product, platform.product_version) == (
        MOODLE,
        "moodle",
        "5.1.3 (Build: 20260216)",
    )
    assert (stored.client_id, stored.active) == ("qhqNvAQpnzzf4xr", True)
    assert stored.authorization_url == f"{MOODLE}/mod/lti/auth.php"
    assert stored.token_url == f"{MOODLE}/mod/lti/token.php"
    assert stored.jwks_url == f"{MOODLE}/mod/lti/certs.php"
    assert session.scalars(select(DeploymentRow)).one().deployment_id == "1"
    assert done.granted == frozenset(Scope)
    assert session.scalars(select(InvitationRow)).one().registration_id == stored.id


def test_the_message_is_what_moodle_demands(admin: Admin, network: Network) -> None:
    admin.registers(admin.invited())

    [asked] = network.asked_of("POST", ENDPOINT)
    said = asked.json
    tool = said[TOOL_CONFIGURATION]
    assert asked.headers["Authorization"] == "Bearer registration.token"
    assert said["response_types"] == ["id_token"]
    assert said["token_endpoint_auth_method"] == "private_key_jwt"
    assert said["initiate_login_uri"] == f"{BASE}/lti/login"
    assert said["redirect_uris"] == [f"{BASE}/lti/launch"]
    assert said["jwks_uri"] == f"{BASE}/lti/jwks"
    assert set(said["scope"].split()) == set(Scope)
    assert {"client_name", "client_name#ky", "client_name#ru", "client_name#en", "logo_uri"} <= set(said)
    assert tool["domain"] == "tool.example.invalid"
    assert tool["target_link_uri"] == f"{BASE}/lti/launch"
    assert tool["custom_parameters"] == {
        "context_history": "$Context.id.history",
        "course_begin": "$CourseSection.timeFrame.begin",
        "course_end": "$CourseSection.timeFrame.end",
        "groups": "$Moodle.Person.userGroupIds",
    }
    assert set(tool["claims"]) >= {"iss", "sub", "name", "given_name", "family_name", "email"}
    assert {message["type"] for message in tool["messages"]} == {"LtiResourceLinkRequest", "LtiDeepLinkingRequest"}


@pytest.mark.parametrize(
    ("base_url", "domain"),
    [
        ("https://tool.example.org", "tool.example.org"),
        ("https://tool.example.org:443", "tool.example.org"),
        ("https://tool.example.org:8443", "tool.example.org:8443"),
        ("http://localhost:8080", "localhost:8080"),
        ("http://localhost:80", "localhost"),
    ],
)
def test_the_domain_carries_a_port_of_its_own(base_url: str, domain: str) -> None:
    tool: Any = tool_metadata(base_url)[TOOL_CONFIGURATION]

    assert tool["domain"] == domain


def test_a_held_invitation_leaves_the_registration_inactive(admin: Admin, session: Session) -> None:
    done = admin.registers(admin.invited(holds=True))

    assert not done.active
    assert not session.scalars(select(RegistrationRow)).one().active


@pytest.mark.parametrize("fault", ["missing", "invented", "used", "expired"])
def test_without_an_open_invitation_nothing_is_asked_or_stored(admin: Admin, network: Network, fault: str) -> None:
    request, at = admin.invited(), admin.now
    if fault == "used":
        admin.registers(request)
    before = admin.stored()
    network.asked.clear()
    invitation = {"missing": "", "invented": "x" * 43}.get(fault, request.invitation)
    at = at + timedelta(days=7) if fault == "expired" else at

    with pytest.raises(LaunchRefused) as refused:
        admin.registers(replace(request, invitation=invitation), at)

    assert (refused.value.code, refused.value.status) == ("invitation_invalid", 403)
    assert network.asked == []
    assert admin.stored() == before


def test_an_invitation_lives_seven_days(admin: Admin) -> None:
    assert admin.registers(admin.invited(), admin.now + timedelta(days=6, hours=23)).is_new


def test_two_at_once_with_one_invitation_are_one_registration(admin: Admin, network: Network) -> None:
    request = admin.invited()
    body = recorded("registration-full").body
    network.on("POST", ENDPOINT, *(answer(200, {**body, "client_id": name}) for name in ("first", "second")))

    def attempt(_: int) -> bool:
        try:
            admin.registers(request)
        except LaunchRefused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2))) == [False, True]
    assert admin.stored() == (1, 1, 1)


def configuration(**changed: object) -> Answer:
    body = {**recorded("openid-configuration").body, **changed}
    return answer(200, {name: value for name, value in body.items() if value is not ...})


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"issuer": "https://bank.example.invalid"}, "issuer_elsewhere"),
        ({"issuer": "https://moodle.example.invalid:8443"}, "issuer_elsewhere"),
        ({"issuer": "https://moodle.example.invalid.evil.example"}, "issuer_elsewhere"),
        ({"issuer": "moodle.example.invalid"}, "issuer_elsewhere"),
        ({"issuer": 7}, "issuer_elsewhere"),
        ({"issuer": ...}, "issuer_elsewhere"),
        ({"token_endpoint": "http://moodle.example.invalid/token"}, "address_refused"),
        ({"token_endpoint": "https://user:pass@moodle.example.invalid/token"}, "address_refused"),
        ({"jwks_uri": "file:///etc/passwd"}, "address_refused"),
        ({"jwks_uri": f"{MOODLE}/\ud800"}, "address_refused"),
        ({"issuer": f"{MOODLE}/\ud800"}, "address_refused"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "address_refused"),
        ({"registration_endpoint": ...}, "configuration_incomplete"),
        ({"authorization_endpoint": ...}, "configuration_incomplete"),
        ({"jwks_uri": ["https://moodle.example.invalid/certs"]}, "configuration_incomplete"),
    ],
)
def test_a_configuration_that_lies_or_lacks_is_refused(
    admin: Admin, network: Network, changed: dict[str, object], code: str
) -> None:
    network.on("GET", CONFIGURATION, configuration(**changed))

    with pytest.raises(LaunchRefused) as refused:
        admin.registers(admin.invited())

    assert (refused.value.code, refused.value.status) == (code, 400)
    assert network.asked_of("POST", "") == []
    assert admin.stored() == (0, 0, 0)


@pytest.mark.parametrize("url", ["", "nonsense", "http://moodle.example.invalid/c", "https://[::1]/c", "ftp://x/c"])
def test_a_configuration_at_a_refused_address_is_never_fetched(admin: Admin, network: Network, url: str) -> None:
    with pytest.raises(LaunchRefused):
        admin.registers(replace(admin.invited(), openid_configuration=url))

    assert network.asked == []


def test_a_name_that_leads_inside_is_refused(sessions: SessionFactory, now: datetime) -> None:
    inside = Network(leads_to="10.1.2.3")
    admin = Admin(sessions, inside, now)

    with pytest.raises(LaunchRefused) as refused:
        admin.registers(admin.invited())

    assert refused.value.facts["reason"] == "inner_address"
    assert inside.asked == []


def test_an_inner_platform_may_be_allowed(sessions: SessionFactory, now: datetime) -> None:
    inside = Network(allow_private=True, leads_to="10.1.2.3")
    inside.replay("openid-configuration")
    inside.replay("registration-full")

    assert Admin(sessions, inside, now).registers(Admin(sessions, inside, now).invited()).is_new


def test_endpoints_on_other_public_hosts_are_taken_and_told(admin: Admin, network: Network) -> None:
    network.on("GET", CONFIGURATION, configuration(jwks_uri="https://keys.example.invalid/jwks"))

    done = admin.registers(admin.invited())

    assert done.hosts == ("moodle.example.invalid", "keys.example.invalid")


def every_recorded_refusal() -> list[str]:
    return [*sorted(path.stem for path in RECORDED.glob("registration-error-*.json")), "registration-token-reused"]


@pytest.mark.parametrize("name", every_recorded_refusal())
def test_each_recorded_refusal_is_told_in_moodles_word_and_spares_the_invitation(
    admin: Admin, network: Network, name: str
) -> None:
    said = recorded(name)
    network.on("POST", ENDPOINT, said.answer)
    request = admin.invited()

    with pytest.raises(LaunchRefused) as refused:
        admin.registers(request)

    assert refused.value.facts["reason"] == said.body
    assert admin.stored() == (0, 0, 0)
    network.replay("registration-full")
    assert admin.registers(request).is_new


@pytest.mark.parametrize(
    "said",
    [
        answer(200, b"<html>"),
        answer(200, []),
        answer(200, {}),
        answer(200, {"client_id": ""}),
        answer(200, {"client_id": ["x"]}),
        answer(200, {"client_id": "x" * 256}),
        answer(200, {"client_id": "x\0"}),
        answer(200, {"client_id": "x\ud800"}),
        answer(200, {"client_id": "x", TOOL_CONFIGURATION: {"deployment_id": "d" * 256}}),
        answer(302),
        answer(404, b"<html>Not found"),
        PlatformUnavailable("platform_timeout"),
        AnswerUnreadable("answer_too_large", status=200),
        answer(500),
    ],
)
def test_an_odd_answer_stores_nothing(admin: Admin, network: Network, said: Answer | Exception) -> None:
    network.on("POST", ENDPOINT, said)
    request = admin.invited()

    with pytest.raises(ToolError) as refused:
        admin.registers(request)

    assert "html" not in str(refused.value)
    assert admin.stored() == (0, 0, 0)
    network.replay("registration-full")
    assert admin.registers(request).is_new


@pytest.mark.parametrize(
    "said",
    [answer(200, b"<html>"), answer(200, []), answer(404), answer(302), PlatformUnavailable("platform_timeout")],
)
def test_a_configuration_that_cannot_be_read_stores_nothing(
    admin: Admin, network: Network, said: Answer | Exception
) -> None:
    network.on("GET", CONFIGURATION, said)

    with pytest.raises(ToolError):
        admin.registers(admin.invited())

    assert admin.stored() == (0, 0, 0)


@pytest.mark.parametrize("token", ["a b", "a\r\nX-Evil: 1", "ä", "x" * 8193])
def test_an_odd_registration_token_is_never_sent(admin: Admin, network: Network, token: str) -> None:
    with pytest.raises(LaunchRefused):
        admin.registers(replace(admin.invited(), registration_token=token))

    assert network.asked_of("POST", "") == []


def test_an_lms_without_a_registration_token_is_asked_without_one(admin: Admin, network: Network) -> None:
    admin.registers(replace(admin.invited(), registration_token=""))

    [asked] = network.asked_of("POST", ENDPOINT)
    assert "Authorization" not in asked.headers


@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        ("", frozenset()),
        (None, frozenset()),
        (7, frozenset()),
        (f"{Scope.SCORE} openid https://x.example/other", frozenset({Scope.SCORE})),
        ([Scope.SCORE, Scope.MEMBERSHIP], frozenset({Scope.SCORE, Scope.MEMBERSHIP})),
    ],
)
def test_scopes_are_read_as_text_or_list_and_only_known_ones(
    admin: Admin, network: Network, scope: object, granted: frozenset[Scope]
) -> None:
    network.on("POST", ENDPOINT, answer(201, {"client_id": "c", "scope": scope}))

    assert admin.registers(admin.invited()).granted == granted


def test_a_name_that_no_database_takes_is_the_hosts(admin: Admin, network: Network, session: Session) -> None:
    odd = configuration(**{PLATFORM_CONFIGURATION: {"product_family_code": "\ud800", "version": "5\0"}}, name="\ud800")
    network.on("GET", CONFIGURATION, odd)

    admin.registers(admin.invited())

    platform = session.scalars(select(PlatformRow)).one()
    assert (platform.name, platform.product, platform.product_version) == ("moodle.example.invalid", None, None)


def test_a_platform_that_names_no_deployment_gets_none(admin: Admin, network: Network) -> None:
    network.on("POST", ENDPOINT, answer(200, {"client_id": "c", TOOL_CONFIGURATION: "odd"}))

    done = admin.registers(admin.invited())

    assert done.deployment_id is None
    assert admin.stored() == (1, 1, 0)


def test_a_second_registration_of_the_same_client_updates_the_first(
    admin: Admin, network: Network, session: Session
) -> None:
    admin.registers(admin.invited())
    network.on("GET", CONFIGURATION, configuration(token_endpoint=f"{MOODLE}/new-token"))

    done = admin.registers(admin.invited())

    assert not done.is_new
    assert admin.stored() == (1, 1, 1)
    assert session.scalars(select(RegistrationRow)).one().token_url == f"{MOODLE}/new-token"


def test_another_client_of_the_same_issuer_is_another_registration(admin: Admin, network: Network) -> None:
    admin.registers(admin.invited())
    network.replay("registration-second")

    assert admin.registers(admin.invited()).is_new
    assert admin.stored() == (1, 2, 2)


def test_the_platforms_own_token_audience_is_kept(admin: Admin, network: Network, session: Session) -> None:
    network.on("GET", CONFIGURATION, configuration(authorization_server="https://auth.example.invalid"))

    admin.registers(admin.invited())

    assert session.scalars(select(RegistrationRow)).one().token_audience == "https://auth.example.invalid"
