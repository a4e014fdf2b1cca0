"""Assignment and Grade Services 2.0, line items: the tool's own columns, with Moodle's strictness and slips."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from lti_tool.demo.current import current_lms
from lti_tool.demo.gradebook import Column, NoSuchColumn
from lti_tool.demo.model import Tool
from lti_tool.demo.services import (
    ALL_METHODS,
    LINE_ITEM,
    LINE_ITEM_READ,
    SERVICES,
    BrokenStatusLine,
    Refused,
    Resource,
    accepted_type,
    admit,
    answer,
    bp,
    content_type,
    known_course,
)

CONTAINER = "application/vnd.ims.lis.v2.lineitemcontainer+json"
ITEM = "application/vnd.ims.lis.v2.lineitem+json"
READ, WRITE = frozenset({LINE_ITEM, LINE_ITEM_READ}), frozenset({LINE_ITEM})

LINE_ITEMS = Resource((CONTAINER, ITEM), {"GET": READ, "POST": WRITE})
ONE_LINE_ITEM = Resource((ITEM,), {"GET": READ, "PUT": WRITE, "DELETE": WRITE})


@bp.route("/<course_id>/lineitems", methods=ALL_METHODS)
def line_items(course_id: str) -> ResponseReturnValue:
    """GET: the tool's columns, filtered; POST: a new standalone column, a duplicate if there is one already."""
    tool = admit(LINE_ITEMS)
    known_course(course_id)
    if request.method == "GET" and accepted_type() == CONTAINER:
        return _listed([column for column in _own_columns(course_id, tool) if _fits_filters(column)])
    if request.method == "POST" and content_type() == ITEM:
        return _add(course_id, tool)
    raise Refused(400, "No context or unsupported content type")


@bp.route("/<course_id>/lineitems/<column_id>/lineitem", methods=ALL_METHODS)
def line_item(course_id: str, column_id: str) -> ResponseReturnValue:
    """One column: read, replace, delete. The course of the address is not compared with the column's."""
    tool = admit(ONE_LINE_ITEM)
    known_course(course_id)
    column = own_column(column_id, tool)
    if request.method == "DELETE":
        current_lms().gradebook.remove(column.id)
        return Response(status="204 OK", content_type="text/html; charset=utf-8")
    if request.method == "PUT":
        return _replace(column, tool)
    return answer(shown(column), ITEM)


def own_column(column_id: str, tool: Tool) -> Column:
    """A column of this tool; Refused 404 for others' and for those that are gone."""
    try:
        column = current_lms().gradebook.column(column_id)
    except NoSuchColumn:
        column = None
    if column is None or column.tool_id != tool.id:
        raise Refused(404, f"Not Found: Grade item {column_id} doesn't exist")
    return column


def line_item_url(column: Column, type_id: str | None) -> str:
    """A column's address; `type_id` only where the call had it."""
    query = f"?type_id={type_id}" if type_id else ""
    return f"{current_lms().url}{SERVICES}/{column.course_id}/lineitems/{column.id}/lineitem{query}"


def plain_number(value: Decimal) -> int | float:
    """As JSON shows it: whole without a point."""
    return int(value) if value == value.to_integral_value() else float(value)


def shown(column: Column) -> dict[str, object]:
    """What GET tells of a column; dates and gradesReleased are not kept."""
    item: dict[str, object] = {
        "id": line_item_url(column, request.args.get("type_id")),
        "label": column.label,
        "scoreMaximum": plain_number(column.maximum),
        "resourceId": column.resource_id,
        "tag": column.tag,
    }
    if column.link_id is not None:
        item |= {"resourceLinkId": column.link_id, "ltiLinkId": column.link_id}
    if column.review is not None:
        item["submissionReview"] = {key: column.review[key] for key in ("url", "custom") if key in column.review}
    return item


def _own_columns(course_id: str, tool: Tool) -> list[Column]:
    return [column for column in current_lms().gradebook.columns(course_id) if column.tool_id == tool.id]


def _fits_filters(column: Column) -> bool:
    fields = {"resource_link_id": column.link_id, "resource_id": column.resource_id, "tag": column.tag}
    return all(request.args.get(name) in (None, "", value) for name, value in fields.items())


def _listed(columns: list[Column]) -> Response:
    start, limit = request.args.get("from", 0, type=int), request.args.get("limit", 0, type=int)
    if not limit:
        return answer([{**shown(column)} for column in columns], CONTAINER)
    response = answer([shown(column) for column in columns[start : start + limit]], CONTAINER)
    if start + limit < len(columns):
        # Seen on 5.1.3: curly quotes and &amp; in the header, so that parsers of RFC 8288 miss the next page.
        url = f"{current_lms().url}{request.path}?limit={limit}&amp;from={start + limit}"
        response.headers["Link"] = f"<{url}>; rel=“next”".encode().decode("latin-1")
    return response


def _add(course_id: str, tool: Tool) -> Response:
    item = _sent_item()
    if not item.get("label") or "scoreMaximum" not in item:
        raise Refused(400, "No label or Score Maximum")
    column = Column(course_id, str(item["label"]), _maximum(item), tool_id=tool.id)
    column.link_id = _link_of(item, tool, course_id)
    column.resource_id, column.tag = str(item.get("resourceId", "")), str(item.get("tag", ""))
    current_lms().gradebook.add(column)
    return answer({**item, "id": line_item_url(column, request.args.get("type_id"))}, ITEM, 201)


def _replace(column: Column, tool: Tool) -> Response:
    item = _sent_item()
    if not item.get("label"):
        raise Refused(400)
    maximum = _maximum(item)
    if not column.belongs_to_activity:
        column.link_id = _link_of(item, tool, column.course_id)
    if maximum != column.maximum:
        current_lms().gradebook.rescale(column.id, maximum)
    column.label, column.review = str(item["label"]), item.get("submissionReview")
    column.resource_id, column.tag = str(item.get("resourceId", "")), str(item.get("tag", ""))
    return answer({**item, "id": line_item_url(column, request.args.get("type_id"))}, ITEM)


def _sent_item() -> dict[str, Any]:
    try:
        item = json.loads(request.get_data())
    except ValueError:
        return {}
    return item if isinstance(item, dict) else {}


def _maximum(item: dict[str, Any]) -> Decimal:
    try:
        return Decimal(str(item["scoreMaximum"]))
    except (KeyError, InvalidOperation) as error:
        raise Refused(400) from error


def _link_of(item: dict[str, Any], tool: Tool, course_id: str) -> str | None:
    link_id = item.get("resourceLinkId")
    if link_id is None:
        return None
    if not str(link_id).isdigit():
        raise BrokenStatusLine
    link = current_lms().links.get(str(link_id))
    if link is None or (link.tool_id, link.course_id) != (tool.id, course_id):
        raise Refused(403)
    return link.id
