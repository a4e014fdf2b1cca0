"""Pages that are the same for everybody, held as they were made, for as long as what they were made of is held."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from weakref import WeakKeyDictionary


class PageMemory:
    """Made pages by what they were made of and by what was asked for."""

    def __init__(self, most: int = 300) -> None:
        self._most = most
        self._held: WeakKeyDictionary[object, dict[Hashable, bytes]] = WeakKeyDictionary()

    def page(self, source: object, asked: Hashable, make: Callable[[], str]) -> bytes:
        """The page, made where it is not held. What `make` refuses is not held either."""
        held = self._held.setdefault(source, {})
        found = held.get(asked)
        if found is None:
            found = make().encode()
            if len(held) >= self._most:
                held.clear()
            held[asked] = found
        return found
