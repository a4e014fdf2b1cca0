"""The order of names: by the Kyrgyz alphabet, in which Russian ones stand right too.

Ё, Ң, Ө and Ү have code points behind all other Cyrillic letters; a list sorted by those puts Өмүрбек after Ярослав.
"""

from __future__ import annotations

_BEHIND = "\uffff"
"""Sorts after whatever letter may follow: "ң" stands after every "н…" and before "о"."""
_ORDER = str.maketrans(
    {letter: before + _BEHIND for letter, before in {"ё": "е", "ң": "н", "ө": "о", "ү": "у"}.items()}
)


def sorting_key(name: str) -> str:
    """What to sort a name by; upper and lower case alike."""
    return name.casefold().translate(_ORDER)


def place_of(family_name: str | None, name: str, row_id: int) -> tuple[str, str, int]:
    """Where a person stands in a list of people: by family name where the platform tells it."""
    return sorting_key(family_name or name), sorting_key(name), row_id
