"""How often something may happen in a minute, counted in the memory of each web process.

For what anybody may ask: nothing of it touches the database, so a flood costs no more than its answers. Each process
counts for itself: what is allowed is never refused, and of what is too much at most as many times as much passes as
there are processes. Calls of the API are counted exactly, over all of them (`accounts/allowance.py`), and so are tries
to enter an account (`accounts/throttling.py`).
"""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.exceptions import TooManyRequests

from lti_tool import clock
from lti_tool.accounts import throttling
from lti_tool.web.tool import tool

FAILURES = 100
"""Refused logins and launches from one address; what is right passes however many failed before it."""
PUBLIC_PAGES = 600
"""Checks of papers and badges from one address."""


def refuse_beyond(most: int, *key: object) -> None:
    """Counts one under the key. Raises TooManyRequests (429 with Retry-After) where it is more than `most`."""
    seconds = tool().rates.wait(key, most, clock.now().timestamp())
    if seconds:
        raise TooManyRequests(retry_after=seconds)


def address() -> str:
    """Where the request came from, as the proxies say that are trusted; a network where it is IPv6."""
    return throttling.of_address(request.remote_addr or "").key


def limit_by_address(blueprint: Blueprint) -> None:
    """Lets each address ask for the pages of this blueprint so often, and not more."""

    @blueprint.before_request
    def _limited() -> None:
        refuse_beyond(PUBLIC_PAGES, "public", address())
