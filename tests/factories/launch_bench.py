"""A small application with the launch path and nothing else, a platform that signs, and a browser between them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask, session
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lti_tool.credentials.keyring import CredentialKeys
from lti_tool.db.base import Base
from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.errors import LaunchRefused
from lti_tool.key_files import public_jwk
from lti_tool.lti.keyring import Keyring
from lti_tool.lti.model import Launch
from lti_tool.lti.tables import DeploymentRow, PlatformRow, RegistrationRow
from lti_tool.outbound import Outbound
from lti_tool.people.tables import PersonRow
from lti_tool.settings import Settings
from lti_tool.web import assets, auth, database, headers
from lti_tool.web.database import db
from lti_tool.web.launch import Arrive, create_blueprint
from lti_tool.web.shared import Tool
from tests.factories.signing_lms import ISSUER, JWKS_URL, FakeOutbound, SigningLms, recorded_payload, rsa_key

TOOL = "https://tool.example.invalid"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
PASSING = {"oidc_login", "jwks", "parked_launch", "platform", "registration", "deployment"}
"""Tables of messages under way, which a refused launch may use up, and those that a test itself adds to."""


@dataclass
class Bench:
    """Everything that a launch needs, and what came of it."""

    app: Flask
    sessions: SessionFactory
    outbound: FakeOutbound
    lms: SigningLms
    arrived: list[tuple[Launch, bool]] = field(default_factory=list)

    def browser(self) -> Browser:
        """A browser of its own, without cookies."""
        return Browser(self, self.app.test_client())

    def stored(self) -> dict[str, int]:
        """How many rows each table has that a refused launch must not touch."""
        with self.sessions() as opened:
            tables = [table for table in Base.metadata.sorted_tables if table.name not in PASSING]
            return {table.name: opened.scalar(select(func.count()).select_from(table)) or 0 for table in tables}

    def add_registration(self, client_id: str, deployment_id: str, issuer: str = ISSUER, *, active: bool = True) -> int:
        """Registers the tool at a platform."""
        with self.sessions.begin() as opened:
            platform = opened.scalar(select(PlatformRow).where(PlatformRow.issuer == issuer))
            made = datetime.fromisoformat("2026-11-01T00:00:00+00:00")
            if platform is None:
                platform = PlatformRow(issuer=issuer, name="Moodle", created_at=made)
                opened.add(platform)
                opened.flush()
            return register(opened, platform, client_id, deployment_id, made, active=active).id


@dataclass
class Browser:
    """A browser that logs in and launches."""

    bench: Bench
    client: FlaskClient
    state: str = ""
    nonce: str = ""
    token: str = ""
    """What was posted last."""

    def start(self, method: str = "POST", **fields: str | None) -> TestResponse:
        """Sends a login initiation; None leaves a field out."""
        given: dict[str, str | None] = {
            "iss": ISSUER,
            "login_hint": "6",
            "target_link_uri": f"{TOOL}/launch",
            "lti_message_hint": '{"cmid":6}',
            "client_id": "qhqNvAQpnzzf4xr",
            "lti_deployment_id": "1",
            **fields,
        }
        sent = {name: value for name, value in given.items() if value is not None}
        where = {"query_string": sent} if method == "GET" else {"data": sent}
        return self.client.open("/lti/login", method=method, base_url=TOOL, **cast("Any", where))

    def log_in(self, **fields: str | None) -> Browser:
        """Logs in and remembers what the platform was given."""
        answer = self.start(**fields)
        assert answer.status_code == 302, answer.text
        asked = parse_qs(urlsplit(answer.headers["Location"]).query)
        self.state, self.nonce = asked["state"][0], asked["nonce"][0]
        return self

    def payload(self, name: str = "resource-link-student", /, **claims: object) -> dict[str, Any]:
        """A recorded payload made now for this login; short claim names are LTI's own, None leaves one out."""
        made = int(time.time())
        payload = recorded_payload(name) | {"nonce": self.nonce, "iat": made, "exp": made + 60}
        for short, value in claims.items():
            known = short in {"iss", "aud", "azp", "sub", "iat", "exp", "nbf", "nonce", "name", "given_name", "email"}
            key = short if known else CLAIM + short
            payload[key] = value
            if value is None:
                del payload[key]
        return payload

    def post(self, token: str | None = None, state: str | None = None, **options: object) -> TestResponse:
        """Posts a launch."""
        self.token = self.token if token is None else token
        data = {"id_token": self.token, "state": self.state if state is None else state}
        return self.client.post("/lti/launch", base_url=TOOL, **cast("Any", {"data": data, **options}))

    def launch(self, name: str = "resource-link-student", /, **claims: object) -> TestResponse:
        """Logs in and launches with a well-signed recorded payload, changed by these claims."""
        self.log_in()
        return self.post(self.bench.lms.sign(self.payload(name, **claims)))

    def has_session(self) -> bool:
        """Whether a login session's cookie came."""
        return self.client.get_cookie("__Host-session", domain="tool.example.invalid") is not None


def make_bench(sessions: SessionFactory, folder: Path) -> Bench:
    """The application on these sessions, with one registered platform."""
    outbound = FakeOutbound()
    app = Flask("lti_tool", root_path=str(assets.WEB_ROOT))
    app.config.update(
        TESTING=True,
        SECRET_KEY="a test's secret key of 32 letters",
        SESSION_COOKIE_NAME="__Host-session",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_SSL_STRICT=False,
    )
    settings = Settings.load(base_url=TOOL)
    write_tool_key(folder / "keys")
    keyring = Keyring.open(folder / "keys", None, sessions)
    badges = CredentialKeys.open(folder / "keys", None, TOOL, sessions)
    app.extensions["tool"] = Tool(settings, sessions, keyring, badges, cast("Outbound", outbound))
    csrf = CSRFProtect(app)
    for module in (database, headers, auth):
        module.install(app)
    Babel(app)
    app.jinja_env.globals.update(current_locale=lambda: "ky", frame=None, asset=lambda name: f"/static/{name}")
    bench = Bench(app, sessions, outbound, SigningLms(outbound))
    blueprint = create_blueprint(arrive=_arriving(bench))
    csrf.exempt(blueprint)
    app.register_blueprint(blueprint)
    app.register_error_handler(LaunchRefused, lambda error: (f"refused: {error.code}", error.status))
    app.register_error_handler(CSRFError, lambda error: ("refused: csrf", 403))
    bench.add_registration("qhqNvAQpnzzf4xr", "1")
    return bench


def register(
    opened: Session, platform: PlatformRow, client_id: str, deployment_id: str, now: datetime, *, active: bool = True
) -> RegistrationRow:
    """Registers the tool at a platform that speaks as Moodle and shows the key of `SigningLms`."""
    registration = RegistrationRow(
        platform_id=platform.id,
        client_id=client_id,
        authorization_url=f"{platform.issuer}/mod/lti/auth.php",
        token_url=f"{platform.issuer}/mod/lti/token.php",
        jwks_url=JWKS_URL,
        scopes=[],
        active=active,
        created_at=now,
    )
    opened.add(registration)
    opened.flush()
    opened.add(DeploymentRow(registration_id=registration.id, deployment_id=deployment_id, created_at=now))
    return registration


def write_tool_key(folder: Path) -> str:
    """Lays a key into the folder, so that no test waits for one to be made; its id."""
    key = rsa_key(0)
    kid = str(public_jwk(key.public_key())["kid"])
    folder.mkdir(exist_ok=True)
    file = folder / f"{kid}.pem"
    file.touch(0o600)
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return kid


def _arriving(bench: Bench) -> Arrive:
    def arrive(launch: Launch, *, new_tab: bool) -> ResponseReturnValue:
        # As much as it takes to see whether anything began: a person's row and a session's cookie.
        known = select(PersonRow).where(PersonRow.platform_id == launch.platform_id, PersonRow.sub == launch.person.sub)
        if db().scalar(known) is None:
            made = datetime.fromisoformat("2026-11-23T00:00:00+00:00")
            db().add(PersonRow(platform_id=launch.platform_id, sub=launch.person.sub, created_at=made, updated_at=made))
        session["who"] = launch.person.sub
        bench.arrived.append((launch, new_tab))
        return "arrived", 302

    return arrive
