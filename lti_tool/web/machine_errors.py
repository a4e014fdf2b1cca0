"""Refusals for programs: JSON of the form that an interface has, with the reference that is also in the log."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from flask import Blueprint, Response, g, request
from flask import session as cookie
from werkzeug.exceptions import HTTPException

from lti_tool.db.trouble import is_trouble
from lti_tool.errors import ToolError
from lti_tool.web.errors import ERROR_PAGES, RETRY_AFTER

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an interface says about what was refused; `facts` are the refused error's own."""

    status: int
    code: str
    reference: str
    facts: Mapping[str, object]


def install(blueprint: Blueprint, say: Callable[[Refusal], object]) -> None:
    """What goes wrong in a view of this blueprint is answered by what `say` makes of it, as JSON."""

    def refused(error: Exception) -> Response:
        g.frame_ancestors = []  # nobody frames it, so nobody has to be asked who may
        status, code, level = _judged(error)
        reference = secrets.token_hex(4)
        unexpected = error if level == logging.ERROR else None
        log.log(level, "refused", code=code, status=status, reference=reference, path=request.path, exc_info=unexpected)
        facts = error.facts if isinstance(error, ToolError) else {}
        body = json.dumps(say(Refusal(status, code, reference, facts)), ensure_ascii=False)
        answer = Response(body, status, content_type="application/json")
        _tell_more(answer, error)
        return answer

    blueprint.register_error_handler(Exception, refused)


def _judged(error: Exception) -> tuple[int, str, int]:
    """Status, code and level of the log."""
    if isinstance(error, ToolError):
        page = next(page for family, page in ERROR_PAGES.items() if isinstance(error, family))
        return page.status, error.code, page.level
    if isinstance(error, HTTPException) and error.code is not None:
        return error.code, f"http_{error.code}", logging.INFO
    # Nothing more may be asked of the database for this answer, and no cookie tell of what was not stored.
    g.db_unavailable = True
    cookie.modified = False
    return (503, "database_unavailable", logging.ERROR) if is_trouble(error) else (500, "unexpected", logging.ERROR)


def _tell_more(answer: Response, error: Exception) -> None:
    if answer.status_code == 503:
        answer.headers["Retry-After"] = RETRY_AFTER
    if isinstance(error, HTTPException):
        for name, value in error.get_headers():
            if name in {"Allow", "Retry-After"}:
                answer.headers[name] = value
