"""The token endpoint: client_credentials with a JWT that the tool signed (RFC 7523), answered as Moodle does.

Errors are 400 with Content-Type text/html and a body that looks like JSON and sometimes is none.
"""

from __future__ import annotations

import json

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from lti_tool.demo.current import current_lms
from lti_tool.demo.faults import suffer
from lti_tool.demo.lms import TOKEN_LIFE
from lti_tool.demo.model import Tool
from lti_tool.demo.services import status_line
from lti_tool.demo.signing import BadSignature, unverified

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

bp = Blueprint("tokens", __name__)


class TokenRefused(Exception):
    """The word that goes into `error`."""


@bp.post("/mod/lti/token.php")
def token() -> ResponseReturnValue:
    """An access token for those of the asked scopes that the tool has; the others are dropped in silence."""
    fault = current_lms().faults.for_call(request)
    if fault is not None:
        return suffer(fault, request.environ)
    try:
        tool, asked = _checked_request()
    except TokenRefused as refusal:
        # Not escaped on purpose: Moodle's own body is invalid JSON when the text holds a quotation mark.
        return Response(f'{{\n  "error" : "{refusal}"\n}}', status_line(400), content_type="text/html; charset=utf-8")
    granted = [scope for scope in asked if scope in tool.scopes]
    access = current_lms().issue_token(tool.id, frozenset(granted))
    body = {"access_token": access, "token_type": "Bearer", "expires_in": TOKEN_LIFE, "scope": " ".join(granted)}
    return Response(json.dumps(body), content_type="text/html; charset=utf-8")


def _checked_request() -> tuple[Tool, list[str]]:
    form = request.form
    assertion, scope = form.get("client_assertion"), form.get("scope")
    if not assertion or not scope or form.get("client_assertion_type") != ASSERTION_TYPE or "grant_type" not in form:
        raise TokenRefused("invalid_request")
    if form["grant_type"] != "client_credentials":
        raise TokenRefused("unsupported_grant_type")
    tool = _client(assertion)
    asked = scope.split()
    if not tool.scopes.intersection(asked):
        raise TokenRefused("invalid_scope")
    return tool, asked


def _client(assertion: str) -> Tool:
    lms = current_lms()
    try:
        tool = lms.tool_of_client(str(unverified(assertion).get("sub")))
        if tool is None:
            raise TokenRefused("invalid_client")
        lms.tool_keys.verify(assertion, tool.jwks_url)
    except BadSignature as error:
        raise TokenRefused(error.message) from error
    return tool
