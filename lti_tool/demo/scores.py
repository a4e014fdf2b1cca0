"""Assignment and Grade Services 2.0, scores and results, as recorded from Moodle 5.1.3.

The rules of the gradebook itself are in `gradebook.py`; here is how they are said over HTTP: the reason of a refusal
stands in the status line only, and a refused body with line breaks is answered 200.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from lti_tool.demo.current import current_lms
from lti_tool.demo.gradebook import Column, EarlierTimestamp, Grade, GradeLocked
from lti_tool.demo.line_items import line_item_url, own_column, plain_number
from lti_tool.demo.services import (
    ALL_METHODS,
    RESULT_READ,
    SCORE,
    BrokenStatusLine,
    Resource,
    admit,
    answer,
    bp,
    known_course,
    status_line,
)

SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORES = Resource(("application/vnd.ims.lis.v1.scorecontainer+json", SCORE_TYPE), {"POST": frozenset({SCORE})})
RESULTS = Resource((RESULTS_TYPE,), {"GET": frozenset({RESULT_READ})})
NEEDED = ("userId", "timestamp", "activityProgress", "gradingProgress")


class BadScore(Exception):
    """The score is malformed, or its person has no row in the gradebook: Moodle does not tell them apart."""


@bp.route("/<course_id>/lineitems/<column_id>/lineitem/scores", methods=ALL_METHODS)
def scores(course_id: str, column_id: str) -> ResponseReturnValue:
    """Take one score: 200 with an empty body."""
    tool = admit(SCORES)
    known_course(course_id)
    column = own_column(column_id, tool)
    body = request.get_data(as_text=True)
    try:
        _take(column, body)
    except BadScore:
        return _no(400, f"Incorrect score received{body}")
    except EarlierTimestamp as error:
        return _no(409, f"Refusing score with an earlier timestamp for item {error.args[0]} and user {error.args[1]}")
    except GradeLocked:
        return _no(500, "Internal Server Error")
    return Response(content_type=f"{SCORE_TYPE}; charset=utf-8")


@bp.route("/<course_id>/lineitems/<column_id>/lineitem/results", methods=ALL_METHODS)
def results(course_id: str, column_id: str) -> ResponseReturnValue:
    """What stands in the column, a teacher's override included."""
    tool = admit(RESULTS)
    known_course(course_id)
    column = own_column(column_id, tool)
    if "limit" in request.args and "type_id" in request.args:
        page = "<html><body>Exception - Call to a member function out() on null</body></html>"
        return Response(page, 404, content_type="text/html; charset=utf-8")
    only = request.args.get("user_id")
    rows = [
        _result(column, person_id, grade)
        for person_id, grade in column.grades.copy().items()
        if grade.time is not None and only in (None, person_id)
    ]
    return answer(rows, RESULTS_TYPE)


def _no(status: int, reason: str) -> Response:
    response = answer([], SCORE_TYPE)
    # A line break would end the status line, so PHP sends none of it and the status stays 200.
    if "\n" not in reason and "\r" not in reason:
        response.status = status_line(status, reason)
    return response


def _take(column: Column, body: str) -> None:
    score = _parsed(body)
    person_id = str(score["userId"])
    if not person_id.isdigit():
        raise BrokenStatusLine
    given, maximum = _amount(score, "scoreGiven"), _amount(score, "scoreMaximum")
    at = _whole_seconds(score["timestamp"])
    if (given is not None and maximum is None) or not current_lms().is_gradable(column.course_id, person_id):
        raise BadScore
    if score["gradingProgress"] != "FullyGraded":
        given = None
    comment = str(score.get("comment", ""))
    current_lms().gradebook.take_score(column.id, person_id, given, maximum or Decimal(0), comment, at)


def _parsed(body: str) -> dict[str, Any]:
    try:
        score = json.loads(body)
    except ValueError as error:
        raise BadScore from error
    if not isinstance(score, dict) or any(score.get(name) is None for name in NEEDED):
        raise BadScore
    return score


def _amount(score: dict[str, Any], name: str) -> Decimal | None:
    """A number or a numeric string; None when absent."""
    if score.get(name) is None:
        return None
    try:
        value = Decimal(str(score[name]))
    except InvalidOperation as error:
        raise BadScore from error
    if not value.is_finite():
        raise BadScore
    return value


def _whole_seconds(timestamp: object) -> int:
    text = str(timestamp)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadScore from error
    if "T" not in text:
        raise BadScore
    # Without a zone Moodle reads its own; this LMS keeps UTC.
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _result(column: Column, person_id: str, grade: Grade) -> dict[str, object]:
    item = line_item_url(column, request.args.get("type_id"))
    address, _, query = item.partition("?")
    query = f"{query}&" if query else ""
    result: dict[str, object] = {"id": f"{address}/results?{query}user_id={person_id}", "userId": person_id}
    if grade.final is None:
        return result
    result |= {"resultScore": plain_number(grade.final), "resultMaximum": plain_number(grade.maximum)}
    if grade.feedback:
        result["comment"] = grade.feedback
    moment = datetime.fromtimestamp(grade.time or 0, UTC)
    return result | {"scoreOf": item, "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")}
