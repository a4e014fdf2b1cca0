"""The wall around PyLTI1p3: the only module that touches it, so that a swap of the library touches one file.

The library is unmaintained since 2022. Its flow and its registration are used; what it leaves open (single use,
times, audience, choice of keys, typed claims: lti-security, section 1) is replaced by overriding exactly those steps,
which call our own modules. It never gets a network session, a session store or somebody's target address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import structlog
from flask import Response
from pylti1p3.contrib.flask.cookie import FlaskCookieService
from pylti1p3.contrib.flask.message_launch import FlaskMessageLaunch
from pylti1p3.contrib.flask.oidc_login import FlaskOIDCLogin
from pylti1p3.contrib.flask.request import FlaskRequest
from pylti1p3.deployment import Deployment
from pylti1p3.registration import Registration as LibraryRegistration
from pylti1p3.tool_config.abstract import ToolConfAbstract

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import LaunchRefused
from lti_tool.lti import claim_schema, claims, id_token, oidc, platform_keys
from lti_tool.lti.model import Launch, LaunchGround, LoginUnderWay, Registration
from lti_tool.outbound import Outbound

NO_NETWORK = object()
"""Given to the library where it wants a network session: were it ever to use it, it would fail at once."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a message is checked against beside itself."""

    sessions: SessionFactory
    outbound: Outbound
    base_url: str
    allow_private: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """A launch whose every check has passed, and whether the browser of its login brought it."""

    launch: Launch
    same_browser: bool
    browser_hash: str
    """Hash of the token that the browser of the login was given."""
    keeps_nothing: bool
    """Whether that browser brought it and yet keeps no cookie that it is given."""


def begin_login(asked: Mapping[str, str], browser: oidc.Browser, around: Surroundings, redirect_uri: str) -> Response:
    """Answers a login initiation: remembers it, and sends the browser to the platform.

    Raises LaunchRefused: 400 where `iss` or `login_hint` is missing or the client is ambiguous, 403 where the
    registration is unknown or switched off.
    """
    for name in ("iss", "login_hint"):
        if not asked.get(name):
            raise LaunchRefused("login_incomplete", 400, missing=[name])
    request = FlaskRequest(cookies={}, session={}, request_data=asked, request_is_secure=True)
    answer: Response = _Login(request, browser, around).redirect(redirect_uri)
    return answer


def accept(id_token_text: str, state: str, browser: oidc.Browser, around: Surroundings) -> Accepted:
    """Checks the message that answers a login, in the one order that lti-security, section 1, names.

    Raises LaunchRefused. From the moment the state is known to be ours it is used up, whatever is refused after that.
    """
    message = _Message({"id_token": id_token_text, "state": state}, browser, around)
    message.validate()
    return message.accepted()


class _ToolConf(ToolConfAbstract[FlaskRequest]):
    """The one registration that a message is about. The library's own relation table is shared by all objects."""

    def __init__(self, ground: LaunchGround) -> None:
        self._registration = ground.registration
        self._knows_deployment = ground.knows_deployment

    def check_iss_has_one_client(self, iss: str) -> bool:
        """Never: an issuer may have many clients."""
        return False

    def check_iss_has_many_clients(self, iss: str) -> bool:
        """Always."""
        return True

    def find_registration_by_issuer(self, iss: str, *args: object, **kwargs: object) -> LibraryRegistration:
        """Refuses: an issuer alone names no registration."""
        raise LaunchRefused("client_id_needed", 400)

    def find_registration_by_params(
        self, iss: str, client_id: str, *args: object, **kwargs: object
    ) -> LibraryRegistration:
        """The registration of the login, where the message is of its issuer (else 401)."""
        ours = self._registration
        if iss != ours.issuer or client_id != ours.client_id:
            raise LaunchRefused("issuer_wrong", 401, registration_id=ours.id)
        found = LibraryRegistration().set_issuer(ours.issuer).set_client_id(ours.client_id)
        return found.set_auth_login_url(ours.authorization_url).set_key_set_url(ours.jwks_url)

    def find_deployment(self, iss: str, deployment_id: str) -> Deployment | None:
        """The deployment, whatever client the library asks for."""
        return self.find_deployment_by_params(iss, deployment_id, self._registration.client_id)

    def find_deployment_by_params(
        self, iss: str, deployment_id: str, client_id: str, *args: object, **kwargs: object
    ) -> Deployment:
        """The deployment that the message names, where the registration has it (else 403)."""
        if not self._knows_deployment:
            raise LaunchRefused("deployment_unknown", 403, registration_id=self._registration.id)
        return Deployment().set_deployment_id(deployment_id)


class LoginCookies(FlaskCookieService):
    """Cookies that only this host sets, that frames of another site get back (Partitioned), that no script reads."""

    def _get_key(self, key: str) -> str:
        return key

    def update_response(self, response: Response) -> None:
        """Sets what was asked for, with every attribute that frames and safety need."""
        for name, cookie in self._cookie_data_to_set.items():
            response.set_cookie(
                name,
                str(cookie["value"]),
                max_age=cookie["exp"],
                path="/",
                secure=True,
                httponly=True,
                samesite="None",
                partitioned=True,
            )


class _Login(FlaskOIDCLogin):
    """The library's login with our own state, nonce, cookie and address."""

    def __init__(self, request: FlaskRequest, browser: oidc.Browser, around: Surroundings) -> None:
        self._browser = browser
        self._around = around
        super().__init__(request, tool_config=None, cookie_service=LoginCookies(request))

    def _prepare_redirect_url(self, launch_url: str) -> str:
        asked = oidc.LoginRequest(
            issuer=self._request.get_param("iss"),
            login_hint=self._request.get_param("login_hint"),
            client_id=self._request.get_param("client_id") or "",
            message_hint=self._request.get_param("lti_message_hint") or "",
            deployment_id=self._request.get_param("lti_deployment_id") or "",
        )
        with unit_of_work(self._around.sessions) as session:
            registration = oidc.registration_for(session, asked)
            begun = oidc.begin(session, registration, self._browser, self._around.now)
        for name in begun.cookie_names:
            self._cookie_service.set_cookie(name, begun.browser_token, int(oidc.LOGIN_LIFE.total_seconds()))
        return oidc.authorization_url(registration, asked, begun, launch_url)


class _Message(FlaskMessageLaunch):
    """The library's message with every check that it lacks, in our order; its launch data go into no session."""

    _login: LoginUnderWay
    _ground: LaunchGround
    _taken_apart: id_token.Unverified
    _launch: Launch

    def __init__(self, form: Mapping[str, str], browser: oidc.Browser, around: Surroundings) -> None:
        request = FlaskRequest(cookies={}, session={}, request_data=form, request_is_secure=True)
        super().__init__(request, tool_config=None, requests_session=NO_NETWORK)
        self.set_auto_validation(enable=False)
        self._browser = browser
        self._around = around

    def validate(self) -> _Message:
        """Runs every check, in the order of lti-security, section 1."""
        self.validate_jwt_format()
        self.validate_state()
        self.validate_registration()
        self.validate_jwt_signature()
        id_token.check_audience(self._taken_apart.payload, self._ours.issuer, self._ours.client_id)
        id_token.check_times(self._taken_apart.payload, self._around.now)
        self.validate_nonce()
        self.validate_deployment()
        self.validate_message()
        self._validated = True
        return self

    def accepted(self) -> Accepted:
        """What came of it; only after `validate`."""
        same_browser = oidc.answers_from_same_browser(self._login, self._browser)
        keeps_nothing = oidc.keeps_no_login(self._login, self._browser)
        return Accepted(self._launch, same_browser, self._login.browser_hash, keeps_nothing)

    def get_client_id(self) -> str:
        """The client of the login."""
        # The library takes the first audience; which client it is, the login says and `check_audience` checks.
        return self._ours.client_id

    def validate_jwt_format(self) -> _Message:
        """Takes the token apart; nothing of it is believed yet."""
        self._taken_apart = id_token.take_apart(self._get_request_param("id_token"))
        claims.refuse_unless_lti(self._taken_apart.payload)
        self._jwt = cast("Any", {"header": self._taken_apart.header, "body": self._taken_apart.payload})
        return self

    def validate_state(self) -> _Message:
        """Takes the login that the message answers, for good."""
        around = self._around
        state = self._get_request_param("state")
        deployment_id = claims.named_deployment(self._taken_apart.payload) or ""
        self._login, self._ground = oidc.consume(around.sessions, state, deployment_id, self._browser, around.now)
        self._tool_config = _ToolConf(self._ground)
        return self

    @property
    def _ours(self) -> Registration:
        return self._ground.registration

    def get_iss(self) -> str:
        """The issuer that the message names; it must be the registration's."""
        return str(self._taken_apart.payload.get("iss"))

    def validate_jwt_signature(self) -> _Message:
        """Checks algorithm, key and signature."""
        around = self._around
        kid = id_token.kid_of(self._taken_apart)
        source = platform_keys.KeySource(around.sessions, around.outbound, self._ours.jwks_url)
        key = platform_keys.key_for(source, self._ground.key_set, kid, around.now)
        id_token.check_signature(self._taken_apart, key)
        return self

    def validate_nonce(self) -> _Message:
        """Checks that the message carries the nonce of its login."""
        id_token.check_nonce(self._taken_apart.payload, self._login.nonce_hash)
        return self

    def validate_deployment(self) -> _Message:
        """Checks the deployment, where one is named."""
        if claims.named_deployment(self._taken_apart.payload):
            super().validate_deployment()
        # One that is missing or no id at all is refused with the other claims, so that all are named at once.
        return self

    def validate_message(self) -> _Message:
        """Reads the claims into a launch."""
        payload, around = self._taken_apart.payload, self._around
        if claim_schema.MIGRATION in payload:
            log.info("migration_claim_ignored", registration_id=self._ours.id)
        self._launch = claims.read_launch(payload, claims.Trust(self._ours, around.base_url, around.allow_private))
        return self
