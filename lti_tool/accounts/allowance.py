"""How many calls a token still has in this minute, across all processes that answer them.

A process takes calls from the database in portions (`tokens.take_portion`) and spends them in its memory.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime

from lti_tool.accounts import tokens
from lti_tool.accounts.token_model import ApiToken
from lti_tool.accounts.tokens import Portion
from lti_tool.db.unit_of_work import SessionFactory, try_briefly

SECONDS = 60
MOST_KEPT = 1000
"""How many tokens' portions a process holds; beyond that it forgets those of past minutes."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whether a call may be answered, and what is left."""

    granted: bool
    limit: int
    left: int
    """At most so many are left in this minute."""
    seconds: int
    """Until the next minute begins."""


class Allowances:
    """What this process holds of each token's calls."""

    def __init__(self, sessions: SessionFactory) -> None:
        self._sessions = sessions
        self._held: dict[int, Portion] = {}
        self._uncounted: dict[int, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def spend(self, token: ApiToken, now: datetime) -> Allowed:
        """Spends one call of the token, if there is one."""
        minute = int(now.timestamp()) // SECONDS
        with self._lock:
            portion = self._held.get(token.id)
            if portion is None or portion.minute < minute or (portion.granted == 0 and portion.left > 0):
                portion = self._taken(token, minute, now)
            granted = portion.granted > 0
            if granted:
                portion = replace(portion, granted=portion.granted - 1)
            self._keep(token.id, portion, minute)
        seconds = (portion.minute + 1) * SECONDS - int(now.timestamp())
        return Allowed(granted, token.rate, portion.granted + portion.left, max(1, seconds))

    def _taken(self, token: ApiToken, minute: int, now: datetime) -> Portion:
        found: list[Portion] = []
        if try_briefly(
            self._sessions, lambda session: found.append(tokens.take_portion(session, token.id, minute, now))
        ):
            return found[0]
        # Who only reads waits for no writer. What could not be counted is bounded by what this process has taken so.
        counted, taken = self._uncounted.get(token.id, (minute, 0))
        portion = tokens.portion_of(token.rate, taken if counted == minute else 0, minute)
        self._uncounted[token.id] = (minute, token.rate - portion.left)
        return portion

    def _keep(self, token_id: int, portion: Portion, minute: int) -> None:
        self._held[token_id] = portion
        if len(self._held) > MOST_KEPT:
            self._held = {id_: held for id_, held in self._held.items() if held.minute >= minute}
            self._uncounted = {id_: held for id_, held in self._uncounted.items() if held[0] >= minute}
