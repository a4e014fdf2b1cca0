"""A count of the running minute, in the memory of one process: who counts says when, what, and how many are free."""

from __future__ import annotations

import threading

SECONDS = 60
MOST_KEPT = 20_000


class PerMinute:
    """Counts within the running minute; the next one begins anew."""

    def __init__(self) -> None:
        self._minute = 0
        self._counts: dict[int, int] = {}
        self._lock = threading.Lock()

    def wait(self, key: tuple[object, ...], most: int, instant: float) -> int:
        """Counts one under the key: 0 where it may happen, else the seconds until the next minute.

        Where many keys come in one minute, new ones are not counted any more: memory has an end.
        """
        minute, passed = divmod(int(instant), SECONDS)
        # The hash has a secret of the process in it: nobody chooses a key that falls together with another's.
        name = hash(key)
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            count = self._counts.get(name, 0) + 1
            if count > 1 or len(self._counts) < MOST_KEPT:
                self._counts[name] = count
        return SECONDS - passed if count > most else 0
