"""Dynamic registration (1EdTech LTI Dynamic Registration 1.0) with Moodle's demands and its one-word errors.

`register_with` plays the admin who pastes the tool's invitation and presses *Activate*.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import jwt
import requests
from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from lti_tool.demo.current import current_lms
from lti_tool.demo.lms import REGISTRATION_TOKEN_LIFE, DemoLms
from lti_tool.demo.model import Tool
from lti_tool.demo.services import AGS, LINE_ITEM, LINE_ITEM_READ, MEMBERSHIP, RESULT_READ, SCORE, status_line

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
REQUIRED = ("initiate_login_uri", "redirect_uris", "client_name", "jwks_uri", TOOL_CONFIGURATION)
NAME_CLAIMS = {"name", "given_name", "family_name"}

bp = Blueprint("registration", __name__)

Get = Callable[[str], int]
"""Opens an address as a browser would; the status of the answer."""


class RegistrationRefused(Exception):
    """One of Moodle's words, with its status."""

    def __init__(self, status: int, word: str) -> None:
        super().__init__(word)
        self.status = status
        self.word = word


class RegistrationFailed(Exception):
    """The tool answered the invitation, yet registered nothing."""


@bp.get("/.well-known/openid-configuration")
@bp.get("/mod/lti/openid-configuration.php")
def openid_configuration() -> ResponseReturnValue:
    """What the LMS says of itself."""
    return jsonify(configuration_of(current_lms()))


@bp.get("/mod/lti/certs.php")
def certs() -> ResponseReturnValue:
    """The platform's public keys."""
    return jsonify(current_lms().key.jwks())


@bp.route("/mod/lti/openid-registration.php", methods=["GET", "POST"])
def openid_registration() -> ResponseReturnValue:
    """POST: register the tool once per token. There is nothing to GET with a token for a new tool."""
    lms = current_lms()
    client_id = _client_of_token(lms)
    if request.method == "GET":
        raise RegistrationRefused(400, "missing_registration")
    tool = lms.add_tool(tool_from(request.get_json(force=True, silent=True) or {}, client_id))
    return jsonify(registered(tool))


@bp.errorhandler(RegistrationRefused)
def refuse(refusal: RegistrationRefused) -> ResponseReturnValue:
    """One plain word."""
    return Response(refusal.word, status_line(refusal.status), content_type="text/html; charset=utf-8")


def invitation_address(lms: DemoLms, invitation_url: str) -> str:
    """The tool's registration URL as Moodle opens it: its own query kept, two parameters added."""
    now = int(lms.now())
    claims = {"sub": secrets.token_hex(8), "scope": "reg", "iat": now, "exp": now + REGISTRATION_TOKEN_LIFE}
    parts = urlsplit(invitation_url)
    added = {
        "openid_configuration": f"{lms.url}/mod/lti/openid-configuration.php",
        "registration_token": lms.key.sign(claims),
    }
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), *added.items()])))


def open_address(url: str) -> int:
    """Follow an address like a browser, within thirty seconds."""
    return requests.get(url, timeout=30).status_code


def register_with(lms: DemoLms, invitation_url: str, get: Get = open_address) -> Tool:
    """Open the invitation, let the tool register itself, activate it. RegistrationFailed if it did not."""
    known = set(lms.tools)
    status = get(invitation_address(lms, invitation_url))
    new = sorted(set(lms.tools) - known)
    if not new:
        raise RegistrationFailed(f"the tool answered {status} and registered nothing")
    lms.activate(new[0])
    return lms.tools[new[0]]


def configuration_of(lms: DemoLms) -> dict[str, object]:
    """The OpenID configuration with the platform's own part."""
    base = f"{lms.url}/mod/lti"
    return {
        "issuer": lms.url,
        "token_endpoint": f"{base}/token.php",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": f"{base}/certs.php",
        "authorization_endpoint": f"{base}/auth.php",
        "registration_endpoint": f"{base}/openid-registration.php",
        "scopes_supported": [LINE_ITEM_READ, RESULT_READ, SCORE, LINE_ITEM, MEMBERSHIP, "openid"],
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
        "https://purl.imsglobal.org/spec/lti-platform-configuration": {
            "product_family_code": "moodle",
            "version": "5.1.3 (Build: 20260216)",
            "messages_supported": [
                {"type": "LtiResourceLinkRequest"},
                {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]},
            ],
            "variables": [
                "Context.id",
                "Context.id.history",
                "CourseSection.timeFrame.begin",
                "CourseSection.timeFrame.end",
                "ResourceLink.title",
                "User.username",
                "Moodle.Person.userGroupIds",
            ],
        },
    }


def tool_from(sent: Mapping[str, Any], client_id: str) -> Tool:
    """The tool that a registration describes, not yet stored; RegistrationRefused with Moodle's word."""
    _check(sent)
    config = sent[TOOL_CONFIGURATION]
    claims, scopes = set(config.get("claims", [])), set(str(sent.get("scope", "")).split())
    deep_linking = [one for one in config.get("messages", []) if one.get("type") == "LtiDeepLinkingRequest"]
    target = str(config.get("target_link_uri", ""))
    return Tool(
        id="",
        client_id=client_id,
        name=str(sent["client_name"]),
        description=str(config.get("description", "")),
        domain=config["domain"],
        login_url=sent["initiate_login_uri"],
        target_url=target,
        deep_linking_url=str(deep_linking[0].get("target_link_uri", target)) if deep_linking else "",
        redirect_urls=tuple(sent["redirect_uris"]),
        jwks_url=sent["jwks_uri"],
        logo_url=str(sent.get("logo_uri", "")),
        custom={name: str(value) for name, value in config.get("custom_parameters", {}).items()},
        scopes=_granted(scopes),
        shares_names=bool(claims & NAME_CLAIMS),
        shares_email="email" in claims,
    )


def registered(tool: Tool) -> dict[str, object]:
    """The answer to a registration, slips included."""
    scopes = [SCORE, RESULT_READ, LINE_ITEM_READ, LINE_ITEM] if SCORE in tool.scopes else []
    claims = ["sub", "iss"] + (["name", "family_name", "given_name"] if tool.shares_names else [])
    messages = [{"type": "LtiDeepLinkingRequest", "target_link_uri": tool.deep_linking_url}]
    return {
        "client_id": tool.client_id,
        "response_types": ["id_token"],
        "jwks_uri": tool.jwks_url,
        "initiate_login_uri": tool.login_url,
        "grant_types": ["client_credentials", "implicit"],
        "redirect_uris": list(tool.redirect_urls),
        "application_type": "web",
        "token_endpoint_auth_method": "private_key_jwt",
        "client_name": tool.name,
        "logo_uri": tool.logo_url,
        # Moodle lists lineitem even when only grade sync was granted.
        "scope": " ".join(scopes + [scope for scope in (MEMBERSHIP,) if scope in tool.scopes]),
        TOOL_CONFIGURATION: {
            "version": "1.3.0",
            "deployment_id": tool.id,
            "target_link_uri": tool.target_url,
            "domain": tool.domain,
            "description": tool.description,
            "messages": messages if tool.deep_linking_url else [],
            # A value with = is stored whole and shown cut.
            "custom_parameters": {name: value.split("=")[0] for name, value in tool.custom.items()},
            "claims": claims + (["email"] if tool.shares_email else []),
        },
    }


def _client_of_token(lms: DemoLms) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bearer":
        raise RegistrationRefused(401, "missing_registration_token")
    try:
        claims = lms.key.verify(token)
    except jwt.PyJWTError as error:
        raise RegistrationRefused(404, "<html><body>Exception - the token cannot be read</body></html>") from error
    if claims.get("scope") != "reg" or claims["exp"] <= lms.now():
        raise RegistrationRefused(401, "invalid_registration_token")
    if lms.tool_of_client(claims["sub"]) is not None:
        raise RegistrationRefused(401, "token_already_used")
    return str(claims["sub"])


def _check(sent: Mapping[str, Any]) -> None:
    if "id_token" not in sent.get("response_types", []):
        raise RegistrationRefused(400, "invalid_response_types")
    for name in REQUIRED:
        if not sent.get(name):
            raise RegistrationRefused(400, f"missing required attribute {name}")
    if sent.get("token_endpoint_auth_method") != "private_key_jwt":
        raise RegistrationRefused(400, "invalid_token_endpoint_auth_method")
    if sent.get("application_type", "web") != "web":
        raise RegistrationRefused(400, "invalid_application_type")
    _check_domain(sent[TOOL_CONFIGURATION])


def _check_domain(config: Mapping[str, Any]) -> None:
    """`domain` is the host of target_link_uri, port included."""
    if not config.get("domain"):
        raise RegistrationRefused(400, "missing_domain")
    host = urlsplit(str(config.get("target_link_uri", ""))).netloc
    if str(config["domain"]).removeprefix("www.") != host.removeprefix("www."):
        raise RegistrationRefused(400, "domain_targetlinkuri_mismatch")


def _granted(asked: set[str]) -> frozenset[str]:
    """Any AGS scope brings grade sync; `lineitem` brings column management too."""
    granted = {MEMBERSHIP} & asked
    if any(scope.startswith(AGS) for scope in asked):
        granted |= {LINE_ITEM_READ, RESULT_READ, SCORE}
    return frozenset(granted | ({LINE_ITEM} & asked))
