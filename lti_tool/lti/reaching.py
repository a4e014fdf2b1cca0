"""Whether the endpoints of registrations answer: asked through the one way out, without saying who asks.

Nothing secret leaves: the key set is public, and the token endpoint gets an empty form, which it can only refuse. That
it refuses is what shows that it is there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from lti_tool import clock
from lti_tool.errors import PlatformError, Retryable
from lti_tool.ids import PublicId
from lti_tool.lti.model import RegistrationSummary
from lti_tool.outbound import Outbound

SECONDS = 5.0
AT_A_TIME = 16
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
NOT_THERE = frozenset({404, 405, 410})


@dataclass(frozen=True, slots=True)
class Reached:
    """What came of asking one endpoint."""

    url: str
    seconds: float
    fault: PlatformError | None
    """None: it is there."""
    ahead: timedelta | None = None
    """How far this machine's clock is ahead of its; None where it does not tell, or could not be asked."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Both endpoints of a registration that the tool calls by itself."""

    key_set: Reached
    token: Reached


def reach(outbound: Outbound, registrations: Sequence[RegistrationSummary]) -> Mapping[PublicId, Endpoints]:
    """Asks all endpoints at once, each for at most five seconds."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        asked = {
            each.id: (
                pool.submit(_asked, _key_set, outbound, each.jwks_url),
                pool.submit(_asked, _token_endpoint, outbound, each.token_url),
            )
            for each in registrations
        }
        return {id_: Endpoints(keys.result(), token.result()) for id_, (keys, token) in asked.items()}


def reach_key_set(outbound: Outbound, url: str) -> Reached:
    """Asks one key set, for at most five seconds."""
    return _asked(_key_set, outbound, url)


def _asked(ask: Callable[[Outbound, str], timedelta | None], outbound: Outbound, url: str) -> Reached:
    began, fault, ahead = time.monotonic(), None, None
    try:
        ahead = ask(outbound, url)
    except PlatformError as error:
        fault = error
    return Reached(url, time.monotonic() - began, fault, ahead)


def _key_set(outbound: Outbound, url: str) -> None:
    document = outbound.get_json(url, timeout=SECONDS)
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list) or not document["keys"]:
        raise Retryable("not_a_key_set")


def _token_endpoint(outbound: Outbound, url: str) -> timedelta | None:
    before = clock.now()
    answer = outbound.request("POST", url, headers=FORM, data=b"", timeout=SECONDS)
    status = answer.status
    if status in NOT_THERE or 300 <= status < 400 or status >= 500:
        raise Retryable("answer_not_ok", status=status)
    return _ahead(answer.headers.get("Date"), before, clock.now())


def _ahead(told: str | None, before: datetime, after: datetime) -> timedelta | None:
    """By the header `Date` of an answer, which no cache has kept: it is the answer to a form."""
    try:
        there = parsedate_to_datetime(told or "").astimezone(UTC)
    except ValueError:
        return None
    # Whole seconds are told, so that a clock that goes right may seem to be a second off.
    return min((before - there, after - there), key=abs)
