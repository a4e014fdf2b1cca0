"""Speaks Moodle's REST web service: one call, one answer, or a refusal by name.

Moodle says almost everything with status 200: errors are JSON with `exception`, a site under maintenance or a login
wall is HTML. The token travels in the body only, and is in no error and no log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlencode, urlsplit, urlunsplit

from lti_tool.errors import Permanent, PlatformUnavailable, Retryable, RuleBroken
from lti_tool.outbound import Answer, Outbound

PATH = "/webservice/rest/server.php"
MOST_BYTES = 16_000_000
"""A course of 700 people with 20 columns; larger ones are read person by person."""
MOST_DIGITS = 400
"""Of a number with a point; no mark has so many."""
SECONDS = 25.0
URL_LENGTH, TOKEN_LENGTH = 400, 200
_TOKEN = re.compile(r"[!-~]+")
_WORD = re.compile(r"[a-z0-9_/]{1,60}")
_BAD_TOKEN = {
    "invalidtoken",
    "accessnotallowed",
    "tokennotfound",
    "invalidlogin",
    "usernotallowed",
    "invalidtimedtoken",
}
_SERVICE_OFF = {"enablewsdescription", "servicenotavailable", "wsaccessuserdeleted", "wsaccessusersuspended"}
_NOT_HERE = {
    "invalidrecord",
    "invalidrecordunknown",
    "invalidcourseid",
    "errorcoursecontextnotvalid",
    "requireloginerror",
    "nopermissions",
    "notingroup",
    "usernotenrolled",
    # Of one person only: in another group than the token's account, or no account that could have anything.
    "accessdenied",
    "suspended",
    "userdeleted",
    "usernotconfirmed",
    "guestsarenotallowed",
}


class MoodleForbids(Permanent):
    """The web service will not answer until somebody changes something in Moodle, or the token here."""


class MoodleNotThere(Retryable):
    """The answer is not the web service's: a page, an error of the server, something cut short."""


def checked_address(text: str) -> str:
    """The address of a Moodle as it is kept: without the web service's path, a query or a slash at its end.

    Raises RuleBroken("moodle_address_faulty").
    """
    try:
        parts = urlsplit(text.strip())
        odd = parts.username or parts.password or parts.port == 0
    except ValueError as error:
        raise RuleBroken("moodle_address_faulty") from error
    if len(text) > URL_LENGTH or parts.scheme not in {"http", "https"} or not parts.hostname or odd:
        raise RuleBroken("moodle_address_faulty")
    return urlunsplit((parts.scheme, parts.netloc, parts.path.removesuffix(PATH).rstrip("/"), "", ""))


def checked_token(text: str) -> str:
    """A token as Moodle shows it, without what was copied around it. Raises RuleBroken("moodle_token_faulty")."""
    token = text.strip()
    if not _TOKEN.fullmatch(token) or len(token) > TOKEN_LENGTH:
        raise RuleBroken("moodle_token_faulty", most=TOKEN_LENGTH)
    return token


class WebService:
    """One Moodle's web service, as one token may use it."""

    def __init__(self, outbound: Outbound, url: str, token: str) -> None:
        self._outbound = outbound
        self._address = url + PATH
        self._token = token

    def call(self, function: str, parameters: Mapping[str, str] | None = None, *, timeout: float = SECONDS) -> object:
        """The parsed answer of a function; numbers with a point are Decimal.

        Raises MoodleForbids (`moodle_token_refused`, `moodle_function_missing`, `moodle_service_off`,
        `moodle_not_here`, `moodle_moved`, `moodle_no_service`), MoodleNotThere (`moodle_not_json`, `moodle_refused`),
        and what `Outbound.request` raises.
        """
        form = {"wstoken": self._token, "wsfunction": function, "moodlewsrestformat": "json", **(parameters or {})}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        answer = self._outbound.request(
            "POST",
            self._address,
            headers=headers,
            data=urlencode(form).encode(),
            timeout=timeout,
            max_bytes=MOST_BYTES,
        )
        _check_status(answer, function)
        said = _parsed(answer, function)
        if isinstance(said, dict) and ("exception" in said or "errorcode" in said):
            raise _refusal(str(said.get("errorcode") or ""), function)
        return said


def _check_status(answer: Answer, function: str) -> None:
    if answer.status in {429, 500, 502, 503, 504}:
        raise PlatformUnavailable("moodle_unavailable", status=answer.status, function=function)
    if 300 <= answer.status < 400:
        raise MoodleForbids("moodle_moved", status=answer.status)
    if answer.status != 200:
        raise MoodleForbids("moodle_no_service", status=answer.status)


def _parsed(answer: Answer, function: str) -> object:
    try:
        said: object = json.loads(answer.body, parse_float=_exact, parse_constant=_no_number)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise MoodleNotThere("moodle_not_json", function=function, html=b"<" in answer.body[:200]) from error
    return said


def _exact(text: str) -> Decimal:
    number = Decimal(text)
    if number.adjusted() > MOST_DIGITS:
        # Made a whole number, 1e999999999 takes all memory there is.
        raise ValueError(text[:20])
    return number if number.adjusted() > -MOST_DIGITS else Decimal(0)


def _no_number(word: str) -> object:
    raise ValueError(word)


def _refusal(code: str, function: str) -> MoodleForbids | MoodleNotThere:
    known = code if _WORD.fullmatch(code) else "unknown"
    if code in _BAD_TOKEN:
        return MoodleForbids("moodle_token_refused", errorcode=known)
    if code == "accessexception":
        return MoodleForbids("moodle_function_missing", function=function)
    if code in _SERVICE_OFF:
        return MoodleForbids("moodle_service_off", errorcode=known)
    if code in _NOT_HERE:
        return MoodleForbids("moodle_not_here", errorcode=known, function=function)
    return MoodleNotThere("moodle_refused", errorcode=known, function=function)
