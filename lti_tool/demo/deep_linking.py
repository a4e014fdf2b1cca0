"""*Select content*: what the LMS makes of a deep-linking response (LTI deep linking 2.0, fixtures `deep-linking/`)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from lti_tool.demo.current import current_lms
from lti_tool.demo.gradebook import Column
from lti_tool.demo.model import Link, Tool
from lti_tool.demo.signing import BadSignature, unverified

CLAIM = "https://purl.imsglobal.org/spec/lti-dl/claim/"
GRADE_MAXIMUM = 100
"""Moodle's site setting gradepointmax: the points of an activity are a whole number from 1 to this."""

bp = Blueprint("deep_linking", __name__)


class ResponseRefused(Exception):
    """The text of Moodle's error page."""


@bp.post("/mod/lti/contentitem_return.php")
def content_item_return() -> ResponseReturnValue:
    """Take the tool's choice, place the links, and say what was placed."""
    course_id = request.args.get("course", "")
    if course_id not in current_lms().courses:
        return _refused("Course not found")
    try:
        tool, claims = _verified(request.form.get("JWT", ""))
        placed = _place(claims.get(CLAIM + "content_items") or [], tool, course_id)
    except ResponseRefused as refusal:
        return _refused(str(refusal))
    message = claims.get(CLAIM + "errormsg") or claims.get(CLAIM + "msg")
    return render_template("demo/placed.html", placed=placed, message=message, course_id=course_id)


def custom_lines(custom: Mapping[str, Any]) -> dict[str, str]:
    """Custom parameters after their stay in Moodle's text field, one `name=value` a line: a line break cuts a value."""
    text = "\n".join(f"{name}={value}" for name, value in custom.items())
    pairs = (line.partition("=") for line in text.split("\n") if "=" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def whole_points(value: object) -> int | None:
    """The maximum as Moodle's form takes it, None when it does not."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        return None
    return int(value) if 1 <= value <= GRADE_MAXIMUM else None


def _verified(token: str) -> tuple[Tool, dict[str, Any]]:
    """Issuer and signature; audience, nonce, deployment and message type are not looked at."""
    try:
        tool = current_lms().tool_of_client(str(unverified(token).get("iss")))
        if tool is None:
            raise ResponseRefused("Consumer key is incorrect.")
        return tool, current_lms().tool_keys.verify(token, tool.jwks_url)
    except BadSignature as error:
        raise ResponseRefused(f"Exception - {error.message}") from error


def _place(items: list[Any], tool: Tool, course_id: str) -> list[Link]:
    """Every item becomes a tool link, whatever its type says; nothing is placed if a single one is invalid."""
    if len(items) == 1 and _points(items[0]) == 0:
        raise ResponseRefused("Invalid grade value. This must be an integer between 1 and 100")
    return [_place_one(item, tool, course_id) for item in items]


def _points(item: Mapping[str, Any]) -> int | None:
    """The column's maximum: None without a column, 0 for a value that Moodle's form refuses."""
    if not item.get("lineItem"):
        return None
    return whole_points(item["lineItem"].get("scoreMaximum")) or 0


def _place_one(item: Mapping[str, Any], tool: Tool, course_id: str) -> Link:
    title = str(item.get("title") or tool.name)
    text = str(item.get("html") or item.get("text") or "")
    url = str(item.get("url") or "")
    link = Link("", course_id, tool.id, title, text, url, custom_lines(item.get("custom") or {}))
    points, line_item = _points(item), item.get("lineItem") or {}
    # With several items Moodle replaces a bad maximum by 100 and says nothing.
    maximum = None if points is None else points or GRADE_MAXIMUM
    column = Column(course_id, title, Decimal(maximum or 0))
    column.resource_id, column.tag = str(line_item.get("resourceId", "")), str(line_item.get("tag", ""))
    column.review = line_item.get("submissionReview")
    return current_lms().place_link(link, maximum, column)


def _refused(text: str) -> Response:
    return Response(render_template("demo/message.html", title="Error", message=text), 404)
