"""Dynamic registration 1.0: one pasted address, and LMS and tool know each other.

Everything that the platform names is judged before it is used or stored (lti-security, section 2, rows 43 to 45): an
issuer speaks for its own host only, endpoints are public https addresses. Moodle's demands on the tool's message are
in `tool_metadata` (moodle-lti-facts, section 1). Nothing is stored unless all of it went well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from lti_tool.audit import recording
from lti_tool.audit.model import LMS, Action, Event
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import LaunchRefused
from lti_tool.lti import invitations, store
from lti_tool.lti.addresses import host_of
from lti_tool.lti.answers import json_of, text_of
from lti_tool.lti.model import Registering, Scope
from lti_tool.lti.tool_metadata import TOOL_CONFIGURATION, tool_metadata
from lti_tool.outbound import AddressRefused, Answer, AnswerUnreadable, Outbound

PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")


@dataclass(frozen=True, slots=True)
class Request:
    """What an LMS sends to the registration address; each empty where it is missing."""

    invitation: str
    openid_configuration: str
    registration_token: str


@dataclass(frozen=True, slots=True)
class Registered:
    """What came of a registration, to be told to the LMS admin."""

    issuer: str
    platform_name: str
    product: str | None
    client_id: str
    deployment_id: str | None
    granted: frozenset[str]
    """As the platform said; Moodle names more than it grants."""
    hosts: tuple[str, ...]
    """Hosts of the endpoints, to be seen by who approves: they may be others than the issuer's."""
    active: bool
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Platform:
    issuer: str
    endpoints: Mapping[str, str]
    name: str
    product: str | None
    version: str | None
    audience: str | None


def config_origin(url: str) -> str:
    """`https://host[:port]` of an openid_configuration that `register` has taken; looks nothing up any more."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def register(
    sessions: SessionFactory, outbound: Outbound, base_url: str, request: Request, now: datetime
) -> Registered:
    """Registers the tool with the platform that asks for it, and stores the agreement.

    Raises LaunchRefused (403 for the invitation, 400 for what the platform says) and PlatformUnavailable; nothing is
    stored then. The database is free while the platform answers.
    """
    with unit_of_work(sessions, writes=False) as session:
        holds = invitations.opened(session, request.invitation, now).holds
    platform = _discovered(outbound, request.openid_configuration)
    answer = _posted(outbound, platform, base_url, request.registration_token)
    agreed = _agreed(platform, answer, active=not holds)
    with unit_of_work(sessions) as session:
        invitations.use_up(session, request.invitation, now)
        registration_id, is_new = store.save_registration(session, agreed, now)
        invitations.note_outcome(session, request.invitation, registration_id)
        detail = {"what": "registered" if is_new else "renewed"}
        recording.record(session, Event(Action.REGISTRATION_CHANGED, LMS, detail=detail), now)
    return _told(platform, agreed, is_new=is_new)


def _told(platform: _Platform, agreed: Registering, *, is_new: bool) -> Registered:
    hosts = dict.fromkeys(str(urlsplit(url).hostname) for url in (platform.issuer, *platform.endpoints.values()))
    return Registered(
        issuer=agreed.issuer,
        platform_name=agreed.name,
        product=agreed.product,
        client_id=agreed.client_id,
        deployment_id=agreed.deployment_id,
        granted=frozenset(agreed.scopes),
        hosts=tuple(hosts),
        active=agreed.active,
        is_new=is_new,
    )


def _discovered(outbound: Outbound, url: str) -> _Platform:
    """What a platform says of itself, judged."""
    _check(outbound, "openid_configuration", url)
    try:
        found = outbound.get_json(url)
    except (AddressRefused, AnswerUnreadable) as error:
        raise LaunchRefused("configuration_unreadable", 400, reason=error.code) from error
    if not isinstance(found, dict):
        raise LaunchRefused("configuration_unreadable", 400)
    issuer = found.get("issuer")
    if not isinstance(issuer, str) or host_of(issuer) is None or host_of(issuer) != host_of(url):
        raise LaunchRefused("issuer_elsewhere", 400, issuer=(text_of(issuer) or "")[:200], host=host_of(url))
    _check(outbound, "issuer", issuer)
    endpoints = {name: _endpoint(outbound, found, name) for name in ENDPOINTS}
    described = found.get(PLATFORM_CONFIGURATION)
    described = described if isinstance(described, dict) else {}
    product = text_of(described.get("product_family_code"))
    return _Platform(
        issuer=issuer,
        endpoints=endpoints,
        name=(text_of(found.get("name")) or urlsplit(issuer).hostname or "")[:200],
        product=product[:60] if product else None,
        version=(text_of(described.get("version")) or "")[:60] or None,
        audience=text_of(found.get("authorization_server")),
    )


def _endpoint(outbound: Outbound, found: Mapping[str, object], name: str) -> str:
    url = found.get(name)
    if not isinstance(url, str):
        raise LaunchRefused("configuration_incomplete", 400, missing=name)
    _check(outbound, name, url)
    return url


def _check(outbound: Outbound, name: str, url: str) -> None:
    if not url:
        raise LaunchRefused("registration_incomplete", 400, missing=name)
    try:
        outbound.check(url)
    except AddressRefused as error:
        raise LaunchRefused("address_refused", 400, what=name, reason=error.facts.get("reason")) from error


def _posted(outbound: Outbound, platform: _Platform, base_url: str, token: str) -> Answer:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if token:
        if not re.fullmatch(r"[\x21-\x7e]{1,8192}", token):
            raise LaunchRefused("registration_token_odd", 400)
        headers["Authorization"] = f"Bearer {token}"
    body = json.dumps(tool_metadata(base_url)).encode()
    try:
        answer = outbound.request("POST", platform.endpoints["registration_endpoint"], headers=headers, data=body)
    except (AddressRefused, AnswerUnreadable) as error:
        raise LaunchRefused("registration_failed", 400, reason=error.code) from error
    if answer.status not in {200, 201}:
        raise LaunchRefused("registration_failed", 400, answered=answer.status, reason=_word(answer.body))
    return answer


def _word(body: bytes) -> str:
    """Moodle says what is wrong in one plain word; anything longer is a page and says nothing."""
    text = body[:121].decode("utf-8", "replace").strip()
    return text if re.fullmatch(r"[A-Za-z0-9_ .:/-]{1,120}", text) else ""


def _agreed(platform: _Platform, answer: Answer, *, active: bool) -> Registering:
    found = json_of(answer.body)
    if not isinstance(found, dict):
        raise LaunchRefused("registration_unreadable", 400)
    client_id = text_of(found.get("client_id"))
    if client_id is None or len(client_id) > 255:
        raise LaunchRefused("registration_unreadable", 400, missing="client_id")
    tool = found.get(TOOL_CONFIGURATION)
    deployment_id = text_of(tool.get("deployment_id")) if isinstance(tool, dict) else None
    if deployment_id is not None and len(deployment_id) > 255:
        raise LaunchRefused("registration_unreadable", 400, missing="deployment_id")
    return Registering(
        issuer=platform.issuer,
        client_id=client_id,
        authorization_url=platform.endpoints["authorization_endpoint"],
        token_url=platform.endpoints["token_endpoint"],
        token_audience=platform.audience,
        jwks_url=platform.endpoints["jwks_uri"],
        name=platform.name,
        product=platform.product,
        product_version=platform.version,
        deployment_id=deployment_id,
        scopes=_scopes(found.get("scope")),
        active=active,
    )


def _scopes(said: object) -> tuple[str, ...]:
    """The scopes that the tool knows, of a text or a list; what a platform overstates beyond them is left out."""
    words = said.split() if isinstance(said, str) else said if isinstance(said, list) else []
    return tuple(scope.value for scope in Scope if scope.value in words)
