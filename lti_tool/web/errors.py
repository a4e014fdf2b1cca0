"""From what was refused to the page that says so: status, template and log level by the error's family.

Every error page carries a reference that is also in the log; none carries a stack trace, a token or a name.
"""

from __future__ import annotations

import errno
import logging
import secrets
from dataclasses import dataclass

import structlog
from flask import Flask, Response, g, make_response, render_template, request
from flask import session as cookie
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from lti_tool.db.trouble import is_trouble
from lti_tool.errors import Conflict, LaunchRefused, NotAllowed, NotFound, PlatformError, RuleBroken, ToolError
from lti_tool.web.api import problems
from lti_tool.web.api.address import is_call
from lti_tool.web.database import READING
from lti_tool.web.refusals import own_sentence

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """How a family of errors is answered."""

    status: int
    template: str
    level: int


ERROR_PAGES: dict[type[ToolError], ErrorPage] = {
    LaunchRefused: ErrorPage(400, "errors/launch.html", logging.WARNING),
    NotAllowed: ErrorPage(404, "errors/not_found.html", logging.INFO),
    NotFound: ErrorPage(404, "errors/not_found.html", logging.INFO),
    RuleBroken: ErrorPage(400, "errors/rule.html", logging.INFO),
    Conflict: ErrorPage(409, "errors/conflict.html", logging.INFO),
    PlatformError: ErrorPage(502, "errors/platform.html", logging.ERROR),
}
HTTP_PAGES = {
    400: "errors/rule.html",
    404: "errors/not_found.html",
    405: "errors/not_found.html",
    413: "errors/too_large.html",
    429: "errors/too_many.html",
}
SERVER_PAGE = "errors/server.html"
UNAVAILABLE_PAGE = "errors/unavailable.html"
RETRY_AFTER = "30"
UNSHOWN = frozenset({"csrf_token", "password", "new", "again", "code", "token"})
"""What nobody looking on should read."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def install(app: Flask) -> None:
    """Registers the handlers of all families."""
    app.register_error_handler(ToolError, _refused)
    app.register_error_handler(CSRFError, _form_expired)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
    # What fails while an answer leaves, Flask would write down once more, with the address as it came.
    app.logger.addFilter(lambda record: not record.getMessage().startswith("Exception on "))


def _refused(error: ToolError) -> Response:
    page = next(page for family, page in ERROR_PAGES.items() if isinstance(error, family))
    if error.code == "not_signed_in":
        page = ErrorPage(401, "errors/signed_out.html", logging.INFO)
    status = error.status if isinstance(error, LaunchRefused) else page.status
    return _page(page.template, status, page.level, error.code, facts=error.facts, why=own_sentence(error))


def _form_expired(error: CSRFError) -> Response:
    return _page("errors/form_expired.html", 403, logging.INFO, "csrf", typed=_typed())


def _http(error: HTTPException) -> Response:
    failed = getattr(error, "original_exception", None)
    if failed is not None:
        # Raised after the view: by the commit, say.
        return _unexpected(failed)
    status = error.code or 500
    if status < 400:
        return make_response(error)
    template = HTTP_PAGES.get(status, SERVER_PAGE if status >= 500 else "errors/rule.html")
    answer = _page(template, status, logging.INFO, f"http_{status}", launching=request.blueprint == "lti")
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    return answer


def _unexpected(error: Exception) -> Response:
    # The page must not ask the database again, neither for the session nor for its platform; and no cookie may tell of
    # what was not stored: a session that did not begin, a message that was not shown.
    g.db_unavailable = True
    cookie.modified = False
    if is_trouble(error) or (isinstance(error, OSError) and error.errno in FULL):
        return _unavailable(error)
    return _page(SERVER_PAGE, 500, logging.ERROR, "unexpected", exc_info=error)


def _unavailable(error: Exception) -> Response:
    doing = "launching" if request.blueprint == "lti" else "reading" if request.method in READING else "sending"
    typed = _typed() if doing == "sending" else []
    answer = _page(
        UNAVAILABLE_PAGE, 503, logging.ERROR, "database_unavailable", exc_info=error, doing=doing, typed=typed
    )
    answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def _typed() -> list[tuple[str, str]]:
    """What was typed into a form that cannot be taken any more, so that it can be sent again."""
    try:
        fields = list(request.form.items(multi=True))
    except (HTTPException, OSError):  # not read before, and too large, or broken off
        return []
    return [(name, value) for name, value in fields if name not in UNSHOWN and value.strip()]


def _path() -> str:
    """The path for the log, without the one-time code that it may end in."""
    return request.path.rpartition("/")[0] + "/…" if request.path.startswith("/lti/continue/") else request.path


def _page(template: str, status: int, level: int, code: str, **more: object) -> Response:
    reference = secrets.token_hex(4)
    exc_info = more.pop("exc_info", None)
    facts = more.pop("facts", None)
    log.log(level, "refused", code=code, status=status, reference=reference, path=_path(), exc_info=exc_info)
    if is_call():
        return problems.answer(problems.kind_of(status), reference=reference, status=status)
    # Error pages carry nothing personal, and must be readable in whatever frame the launch came from.
    g.frame_ancestors = ["*"]
    texts = {"code": code, "facts": facts or {}, "typed": [], "why": "", **more}
    return make_response(render_template(template, status=status, reference=reference, **texts), status)
