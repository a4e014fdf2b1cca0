"""Grade messages on the wire, as strict platforms want them and sloppy ones write them; no network, no database.

Exact media types; `?type_id=` kept when a path is added; compact one-line ASCII JSON, for a line break in it makes
Moodle answer a refusal with 200; unfinished grading status only to withdraw; a comment with every score, for one
without deletes the former (moodle-lti-facts, section 5).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lti_tool.errors import Retryable
from lti_tool.lti.answers import mark_of, text_of
from lti_tool.lti.model import LineItem, Result, Score

LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"


def below(url: str, name: str) -> str:
    """The address below a line item's, its query kept (Moodle: `?type_id=1`)."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}", fragment=""))


def with_query(url: str, **wanted: str) -> str:
    """The address with these parameters beside those it has."""
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *wanted.items()]
    return urlunsplit(parts._replace(query=urlencode(query)))


def compact(message: Mapping[str, object]) -> bytes:
    """The message as JSON in one ASCII line without blanks; exact numbers may stand in it."""
    return json.dumps(message, ensure_ascii=True, separators=(",", ":"), default=number).encode("ascii")


def number(value: object) -> int | float:
    """JSON's number for a Decimal: five places survive a float exactly as they are written."""
    if not isinstance(value, Decimal):
        raise TypeError(f"not a mark: {type(value).__name__}")
    return int(value) if value == value.to_integral_value() else float(value)


def score_message(score: Score) -> dict[str, object]:
    """A score, or the withdrawal of one, as AGS 2.0 section 3.4 has it."""
    withdrawn = score.given is None or score.maximum is None
    marks: dict[str, object] = {} if withdrawn else {"scoreGiven": score.given, "scoreMaximum": score.maximum}
    return {
        "userId": score.user_id,
        **marks,
        "activityProgress": "Initialized" if withdrawn else "Completed",
        "gradingProgress": "NotReady" if withdrawn else "FullyGraded",
        "comment": score.comment,
        "timestamp": score.timestamp.astimezone(UTC).isoformat(timespec="seconds"),
    }


def line_item_of(raw: Mapping[str, object], url: str) -> LineItem:
    """A column; its address stays the one that was asked for. Raises Retryable without a maximum."""
    maximum = mark_of(raw.get("scoreMaximum"))
    if maximum is None:
        raise Retryable("line_item_unreadable")
    return LineItem(
        url=url,
        label=text_of(raw.get("label")) or "",
        score_maximum=maximum,
        resource_id=text_of(raw.get("resourceId")),
        tag=text_of(raw.get("tag")),
        resource_link_id=text_of(raw.get("resourceLinkId")),
    )


def result_of(row: object) -> Result | None:
    """A result, or None for a row that names nobody. A mark that was erased is None."""
    user_id = text_of(row.get("userId")) if isinstance(row, dict) else None
    if user_id is None or not isinstance(row, dict):
        return None
    told, given = row.get("resultScore"), mark_of(row.get("resultScore"))
    return Result(
        user_id=user_id,
        given=given,
        readable=given is not None or told is None,
        maximum=mark_of(row.get("resultMaximum")),
        comment=text_of(row.get("comment")),
        timestamp=_moment(row.get("timestamp")),
    )


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        moment = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    # Our next score must be a second later, and a database's own zone may be ahead: the last year has no room.
    return moment if MINYEAR < moment.year < MAXYEAR else None
