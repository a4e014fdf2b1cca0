"""What all LTI services of the LMS share: strict media types, bearer tokens, and Moodle's way to say no.

Moodle matches a call by path *and* media type before it looks at the token, and its errors repeat the request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.demo.current import current_lms
from lti_tool.demo.faults import suffer
from lti_tool.demo.model import Course, Tool

SERVICES = "/mod/lti/services.php"
ALL_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINE_ITEM, LINE_ITEM_READ = AGS + "lineitem", AGS + "lineitem.readonly"
RESULT_READ, SCORE = AGS + "result.readonly", AGS + "score"
MEMBERSHIP = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCOPES = (LINE_ITEM, LINE_ITEM_READ, RESULT_READ, SCORE, MEMBERSHIP)

bp = Blueprint("services", __name__, url_prefix=SERVICES)

BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"
)


class Refused(Exception):
    """A service says no; `reason` goes into the status line and the body."""

    def __init__(self, status: int, reason: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason or HTTPStatus(status).phrase


class BrokenStatusLine(Exception):
    """Moodle's answer breaks HTTP here, and a proxy before it makes 502 of that."""


@dataclass(frozen=True, slots=True)
class Resource:
    """What one kind of address takes: its media types, and for each method the scopes of which one is needed."""

    formats: tuple[str, ...]
    scopes: Mapping[str, frozenset[str]]


def admit(resource: Resource) -> Tool:
    """The tool that calls, after Moodle's checks in Moodle's order; Refused otherwise."""
    _match_media_type(resource)
    if request.method not in resource.scopes:
        raise Refused(405)
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    grants = current_lms().token_grants(token) if kind == "Bearer" else None
    if grants is None or not grants[1] & resource.scopes[request.method]:
        raise Refused(401)
    if request.args.get("type_id", grants[0].id) != grants[0].id:
        raise Refused(401)
    return grants[0]


def known_course(course_id: str) -> Course:
    """The course of the address, whether or not the tool stands in it: Moodle does not ask."""
    course = current_lms().course(course_id)
    if course is None:
        raise Refused(404, f"Not Found: Course {course_id} doesn't exist")
    return course


def answer(content: object, media_type: str, status: int = 200) -> Response:
    """A JSON answer in the service's own media type."""
    body = json.dumps(content, ensure_ascii=False)
    return Response(body, status=status_line(status), content_type=f"{media_type}; charset=utf-8")


def status_line(status: int, reason: str = "") -> str:
    """A status with its reason phrase; bytes outside ASCII travel raw, as PHP sends them."""
    return f"{status} {reason.strip() or HTTPStatus(status).phrase}".encode().decode("latin-1")


def accepted_type() -> str:
    """The Accept header; anything with `*/*` counts as empty."""
    accept = request.headers.get("Accept", "")
    return "" if "*/*" in accept else accept


def content_type() -> str:
    """The media type of the body without its parameters."""
    return request.headers.get("Content-Type", "").split(";")[0].strip()


def _match_media_type(resource: Resource) -> None:
    if request.method == "GET":
        wanted, fits = accepted_type(), accepted_type() in ("", *resource.formats)
    else:
        wanted, fits = content_type(), request.method == "DELETE" or content_type() in resource.formats
    if not fits:
        path = request.path.removeprefix(SERVICES)
        said = f"{wanted} " if request.method == "GET" else f"{accepted_type()} {wanted}"
        raise Refused(400, f"No handler found for {path} {said}")


@bp.before_request
def suffer_before_work() -> ResponseReturnValue | None:
    """A fault that was ordered, instead of the answer."""
    fault = current_lms().faults.for_call(request)
    request.environ["demo.fault"] = fault
    if fault is None or fault.after_work:
        return None
    return suffer(fault, request.environ)


@bp.after_request
def suffer_after_work(response: Response) -> Response:
    """A fault that spoils the answer to work that was done."""
    fault = request.environ.get("demo.fault")
    return suffer(fault, request.environ) if fault is not None and fault.after_work else response


@bp.errorhandler(Refused)
def refuse(refusal: Refused) -> AnyResponse:
    """Moodle's error body, which repeats the request."""
    url = request.full_path if request.query_string else request.path
    asked = {
        "method": request.method,
        "url": url,
        "accept": request.headers.get("Accept", ""),
        "contentType": request.headers.get("Content-Type", ""),
    }
    response = answer({"status": refusal.status, "reason": refusal.reason, "request": asked}, "application/json")
    response.status = status_line(refusal.status, refusal.reason)
    return response


@bp.errorhandler(BrokenStatusLine)
def break_down(_: BrokenStatusLine) -> AnyResponse:
    """What a proxy makes of a status line that is none."""
    return Response(BAD_GATEWAY, status="502 Bad Gateway", content_type="text/html")
