"""What a platform's answer means, for every service: outage, refusal, or something to read.

Statuses decide, never words: Moodle puts its error text into the reason phrase only, and that is gone behind HTTP/2
and many proxies (moodle-lti-facts, section 5). The table is lti-security, section 3.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from html import unescape

from lti_tool.errors import (
    LineItemGone,
    PerhapsLocked,
    Permanent,
    PlatformError,
    PlatformForbids,
    PlatformUnavailable,
    Retryable,
    ScoreOutdated,
    ScoreRefused,
)
from lti_tool.lti.claim_schema import is_storable
from lti_tool.outbound import Answer

BEYOND_MARKS = Decimal(1_000_000_000)
FINEST_MARK = Decimal("1e-10")
MOST_DIGITS = 400
_CURLY = str.maketrans({"“": '"', "”": '"', "„": '"', "″": '"'})


def is_outage(status: int) -> bool:
    """Whether the platform as a whole is not there now.

    A redirect counts: service calls have none to make, so it leads to a maintenance or login page.
    """
    return status in {408, 425, 429} or status > 500 or 300 <= status < 400


def outage(answer: Answer, now: datetime) -> PlatformUnavailable:
    """The error for an outage, with the seconds that Retry-After asks for."""
    return PlatformUnavailable(
        "platform_unavailable", retry_after(answer.headers.get("Retry-After"), now), status=answer.status
    )


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds of a Retry-After header (RFC 9110, section 10.2.3): a number or a date; None where it says nothing."""
    text = (value or "").strip()
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
    return max(0.0, (moment - now).total_seconds())


def score_error(answer: Answer, now: datetime) -> PlatformError:
    """What a refused score means (lti-security, section 3)."""
    status = answer.status
    if is_outage(status):
        return outage(answer, now)
    match status:
        case 500:
            return PerhapsLocked("perhaps_locked", status=status)
        case 409:
            return ScoreOutdated("score_outdated", status=status)
        case _:
            return _refusal(status, ScoreRefused("score_refused", status=status))


def service_error(answer: Answer, now: datetime) -> PlatformError:
    """What any other refused call means; 404 says that the column, or the course's list of columns, is gone."""
    status = answer.status
    if is_outage(status):
        return outage(answer, now)
    if status == 500:
        return Retryable("platform_failed", status=status)
    return _refusal(status, Permanent("request_refused", status=status))


def _refusal(status: int, otherwise: PlatformError) -> PlatformError:
    if status in {401, 403}:
        return PlatformForbids("platform_forbids", status=status)
    if status in {404, 410}:
        return LineItemGone("line_item_gone", status=status)
    return otherwise


def json_of(body: bytes) -> object:
    """The JSON of a body with exact numbers, or None where it is none. NaN and Infinity become None.

    So do numbers of more digits than anybody counts (1e400), and those that even Decimal cannot hold: one of them must
    not hide all others, nor take all memory where a whole number is made of it. What is as small is 0.
    """
    try:
        found: object = json.loads(body, parse_float=_counted, parse_constant=lambda _word: None)
    except (ValueError, RecursionError):
        return None
    return found


def text_of(value: object) -> str | None:
    """A text or number as text; None for anything else, for what is empty, and for what no database takes.

    Nothing is taken out of it: an id without its NUL would be somebody else's.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    text = str(value)
    return text if text and is_storable(text) else None


def mark_of(value: object) -> Decimal | None:
    """A number, or a number in a string, as a mark; None for anything else (true, NaN, from a thousand million on).

    What lies beyond ten decimal places is rounded off: 1e-999999999 is a number, but none that a database takes.
    """
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        return None
    mark = _exact(value)
    if mark is None or not mark.is_finite() or mark.copy_abs() >= BEYOND_MARKS:
        return None
    rounded = mark.quantize(FINEST_MARK)
    return mark if mark == rounded else rounded


def next_link(header: str | None) -> str | None:
    """The address of rel="next" in a Link header, or None.

    Read by hand because Moodle wraps the values of rel in curly quotes and writes `&amp;` inside addresses, which
    standard parsers miss; the address keeps its case, for paths are case-sensitive.
    """
    # No `<` inside the address: with it, a header of 64 kB of them takes half a minute.
    for address, parameters in re.findall(r"<([^<>]*)>([^<]*)", _as_text(header)):
        rel = re.search(r'rel\s*=\s*"?([^";,]*)', parameters, re.IGNORECASE)
        if rel and "next" in rel[1].lower().split():
            return unescape(address).strip() or None
    return None


def _counted(text: str) -> Decimal | None:
    number = _exact(text)
    if number is None or number.adjusted() > MOST_DIGITS:
        return None
    return number if number.adjusted() > -MOST_DIGITS else Decimal(0)


def _exact(number: int | Decimal | str) -> Decimal | None:
    try:
        return Decimal(number)
    except ArithmeticError:
        return None


def _as_text(header: str | None) -> str:
    # Headers arrive as Latin-1; Moodle's curly quotes are UTF-8 inside.
    text = header or ""
    with suppress(UnicodeError):
        text = text.encode("latin-1").decode("utf-8")
    return text.translate(_CURLY)
