"""Tries a registration out at once: its key set is read and a token asked for. Nothing personal is read or sent.

Both at the same time, each for a few seconds, for somebody is looking. What the token would carry tells what the
platform really grants; what it said when it registered may be more.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lti_tool.errors import PlatformError
from lti_tool.lti.model import Registration, Scope
from lti_tool.lti.reaching import SECONDS, Reached, reach_key_set
from lti_tool.lti.tokens import Tokens
from lti_tool.outbound import Outbound

WANTED = (Scope.LINE_ITEM, Scope.RESULT_READ, Scope.SCORE, Scope.MEMBERSHIP)
"""What the tool needs to do all that it can."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it."""

    key_set: Reached
    token_fault: PlatformError | None
    granted: frozenset[Scope]
    """What the token carries; empty where none came."""


def try_out(outbound: Outbound, tokens: Tokens, registration: Registration) -> Tried:
    """Asks both endpoints of a registration. The caller holds nothing of the database meanwhile."""
    with ThreadPoolExecutor(2) as pool:
        key_set = pool.submit(reach_key_set, outbound, registration.jwks_url)
        asked = pool.submit(tokens.try_out, registration, [scope.value for scope in WANTED], SECONDS)
        try:
            granted, fault = asked.result(), None
        except PlatformError as error:
            granted, fault = frozenset(), error
        return Tried(key_set.result(), fault, frozenset(Scope(scope) for scope in granted))
