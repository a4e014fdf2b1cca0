"""The routes of the API. Each call is admitted by its token, read, and answered as JSON with a tag of its content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import structlog
from flask import Blueprint, Flask, Response, g, request
from flask.typing import ResponseReturnValue

from lti_tool.accounts.allowance import Allowances
from lti_tool.web import rendering
from lti_tool.web.api import calls, openapi, page, parameters, problems
from lti_tool.web.api.address import PREFIX
from lti_tool.web.api.calls import JSON
from lti_tool.web.api.endpoints import ENDPOINTS, Endpoint
from lti_tool.web.api.problems import Refused
from lti_tool.web.auth import Permission, requires
from lti_tool.web.i18n import current_locale
from lti_tool.web.tool import tool

log = structlog.get_logger()


def install(app: Flask) -> None:
    """Adds the routes."""
    bp = Blueprint("api", __name__, url_prefix=PREFIX)
    allowances = Allowances(app.extensions["tool"].sessions)
    app.extensions["api_door"] = lambda: calls.admit(allowances)
    for endpoint in ENDPOINTS:
        bp.add_url_rule(endpoint.path, endpoint.name, _view(endpoint))
    bp.add_url_rule("/", "about", requires(Permission.PUBLIC)(about))
    bp.add_url_rule("/openapi.json", "openapi", requires(Permission.PUBLIC)(document))
    bp.register_error_handler(Refused, refused)
    bp.after_request(_headers)
    app.register_blueprint(bp)


def document() -> ResponseReturnValue:
    """The OpenAPI document."""
    response = _tagged(openapi.document(tool().settings.base_url), "no-cache")
    response.headers["Content-Language"] = openapi.LANGUAGE
    return response


def about() -> ResponseReturnValue:
    """The page about the API, for people."""
    return rendering.page("api.html", api=page.build(tool().settings.base_url))


def refused(problem: Refused) -> Response:
    """The answer to a call that is refused."""
    log.info("refused", code=f"api_{problem.code}", path=request.path)
    response = problems.answer(problem.code, problem.errors)
    for name, value in problem.headers.items():
        response.headers[name] = value
    return response


def _view(endpoint: Endpoint) -> Callable[..., ResponseReturnValue]:
    def view(**named: str) -> ResponseReturnValue:
        query = parameters.read(endpoint.query, request.args)
        call = calls.located(endpoint.name, named)
        answer = endpoint.build(call, query)
        calls.note_read(call)
        response = _tagged(answer.model_dump_json(), "private, no-cache")
        following = getattr(answer, "next", None)
        if following:
            response.headers["Link"] = f'<{following}>; rel="next"'
        return response

    return requires(Permission.API)(view)


def _tagged(body: str, keep: str) -> Response:
    """The body with a weak tag (it may leave compressed), or 304 where the client has it already."""
    response = Response(body, content_type=JSON)
    tag = hashlib.sha256(f"{current_locale()} {body}".encode()).hexdigest()[:32]
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = keep
    response.headers["Content-Language"] = current_locale()
    response.vary.add("Accept-Language")
    response.make_conditional(request)
    return response


def _headers(response: Response) -> Response:
    allowed = g.get("api_allowed")
    if allowed is not None:
        response.headers.update(calls.limit_headers(allowed))
    return response
