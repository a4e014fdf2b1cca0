"""Reads a JSON document place by place, so that every fault is told with its path and none hides another.

A reader that stops at the first fault makes the author of a catalogue run the import once per slip. Here a faulty
place yields an empty value of the right kind, the fault is noted, and reading goes on; who reads raises at the end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lti_tool.errors import RuleBroken

MAX_BYTES = 10_000_000
"""The national catalogue has 0.2 MB; more than this is not a catalogue."""

MAX_DEPTH = 40
"""Deeper nesting is no catalogue either, and would exhaust the stack of whoever walks through it."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TOLD = 60


def parse_json(data: bytes) -> dict[str, Any]:
    """The JSON object in a file of UTF-8 text (a byte order mark is forgiven).

    Raises RuleBroken("framework_unreadable", reason=…) for anything that is not one: another encoding, a syntax error,
    a repeated key, NaN, a text that no database can hold.
    """
    if len(data) > MAX_BYTES:
        raise RuleBroken("framework_unreadable", reason=f"larger than {MAX_BYTES} bytes")
    try:
        document = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_without_repeats, parse_constant=_no_number)
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise RuleBroken("framework_unreadable", reason=str(error)) from error
    if not isinstance(document, dict):
        raise RuleBroken("framework_unreadable", reason=f"an object is expected, not {_kind(document)}")
    return document


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    repeated = sorted({key for key in keys if keys.count(key) > 1})
    if repeated:
        raise ValueError(f"repeated key {', '.join(repeated)}")
    return dict(pairs)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not a number")


@dataclass(frozen=True, slots=True)
class Place:
    """A value within a document, with the path to it and the list of faults that all places share."""

    value: Any
    path: str = ""
    faults: list[str] = field(default_factory=list)

    def fault(self, what: str) -> None:
        """Notes that something is wrong here."""
        self.faults.append(f"{self.path or 'document'}: {what}")

    def at(self, key: str) -> Place:
        """The value under a key; an absent one is a place whose value is None."""
        inside = self.value.get(key) if isinstance(self.value, dict) else None
        return Place(inside, f"{self.path}.{key}" if self.path else key, self.faults)

    def has(self, key: str) -> bool:
        """Whether there is such a key with a value other than null."""
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def is_object(self) -> bool:
        """Whether this is an object; a fault is noted if not."""
        if isinstance(self.value, dict):
            return True
        self.fault(f"an object is expected, not {_kind(self.value)}")
        return False

    def each(self, *, required: bool = True) -> Iterator[Place]:
        """The objects of a list; an absent or empty list is a fault only where it is required."""
        if self.value is None and not required:
            return
        if not isinstance(self.value, list):
            self.fault(f"a list is expected, not {_kind(self.value)}")
            return
        if required and not self.value:
            self.fault("is empty")
        for position, value in enumerate(self.value):
            place = Place(value, f"{self.path}[{position}]", self.faults)
            if place.is_object():
                yield place

    def text(self, *, required: bool = True, longest: int | None = None) -> str:
        """A text of one line or more without control characters; absent is "" where it is not required."""
        if self.value is None and not required:
            return ""
        if not isinstance(self.value, str):
            self.fault(f"a text is expected, not {_kind(self.value)}")
            return ""
        if required and not self.value.strip():
            self.fault("is empty")
        if longest is not None and len(self.value) > longest:
            self.fault(f"has {len(self.value)} characters, at most {longest} are allowed")
        return self.value

    def number(self, lowest: int, highest: int) -> int:
        """A whole number within limits; `lowest` stands for a faulty one."""
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            self.fault(f"a whole number is expected, not {_kind(self.value)}")
            return lowest
        if not lowest <= self.value <= highest:
            self.fault(f"{self.value} is not between {lowest} and {highest}")
            return lowest
        return self.value

    def check_characters(self, depth: int = 0) -> None:
        """Notes every text below this place that holds a control character (PostgreSQL cannot store NUL)."""
        if depth > MAX_DEPTH:
            self.fault(f"is nested deeper than {MAX_DEPTH} levels")
        elif isinstance(self.value, str):
            self._check_text(self.value)
        elif isinstance(self.value, dict):
            for key in self.value:
                self._check_text(key)
                self.at(key).check_characters(depth + 1)
        elif isinstance(self.value, list):
            for position, value in enumerate(self.value):
                Place(value, f"{self.path}[{position}]", self.faults).check_characters(depth + 1)

    def _check_text(self, text: str) -> None:
        if found := _CONTROL.search(text):
            self.fault(f"holds the control character U+{ord(found[0]):04X}")


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return f"the text {value[:_TOLD]!r}"
        case int() | float():
            return f"the number {value}"
        case list():
            return "a list"
        case _:
            return "an object"
