"""Values that no sane platform, file or browser sends, and messages in which some of them stand.

A message is taken as it was recorded and a few of its places are exchanged, so that what comes out is nearly right:
random bytes are refused at the first door and never see the second.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

Place = tuple[str | int, ...]
GONE = "\0 left out"
TWICE = "\0 twice"
RAW = {
    "\0 deep": '{"a":[' * 2000 + "1" + "]}" * 2000,
    "\0 vast": "1e999999999",
    "\0 tiny": "1e-999999999",
    "\0 long": "9" * 5000,
}
"""Markers in a message, and the JSON that no writer of JSON would write and that stands for them."""

TEXTS = st.sampled_from(
    [
        "",
        " ",
        "\0",
        "a\0b",
        "\ud800",
        "a\udfffb",
        "\ud83d\ude00",
        "\u202efdp.exe",
        "\u2066\u2069",
        "\ufeff",
        "\uffff",
        "a\nb\r\nc\u2028d\x85e",
        "\x1b[2J",
        "x" * 256,
        "ы" * 401,
        "x" * 5000,
        "e\u0301" * 300,
        "🧑🏽‍🏫" * 90,
        "<script>alert(1)</script>",
        "{{7*7}}",
        "${7*7}%s%(a)s{0}",
        "$User.id",
        "=1+1",
        "'; DROP TABLE person; --",
        "%",
        "_",
        "\\",
        "../../etc/passwd",
        "//evil.example.invalid/",
        "javascript:alert(1)",
        "https://[",
        "https://[::1]:99999/",
        "https://moodle.example.invalid:x/",
        "https://moodle.example.invalid\\@evil.example.invalid/",
        "null",
        "NaN",
        "-1",
        "0",
        "1e999999999",
        "1e-999999999",
        "99999999999999999999",
        "٣",
        "²",
        "0x10",
        "1_000",
        "true",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "2026-02-30",
        "2026-W01-1",
        "2026-11-23T24:00:00Z",
        "99999999-01-01",
        "1.1.1.a",
        "1.1.1.a:9:q,1.1.1.b:-1,9.9.9.z",
        "[]",
        "{}",
    ]
) | st.text(max_size=12)
NUMBERS = st.sampled_from(
    [
        0,
        -0.0,
        -1,
        1,
        0.1,
        2**31,
        -(2**31) - 1,
        2**63,
        -(2**63) - 1,
        10**30,
        10**400,
        1e308,
        -1e308,
        5e-324,
        float("nan"),
        float("inf"),
        float("-inf"),
    ]
) | st.integers(-5, 10**12)
PLAIN = st.none() | st.booleans() | NUMBERS | TEXTS
ODD = (
    PLAIN
    | st.sampled_from([[], {}, [[]], [None], {"": ""}, {"a": {"b": []}}, [1, "a", None], *RAW])
    | st.lists(PLAIN, max_size=3)
    | st.dictionaries(TEXTS, PLAIN, max_size=3)
)


@dataclass(frozen=True)
class Edit:
    """One place of a message, and what stands there instead."""

    place: Place
    value: object
    twice: bool = False
    """The key stands there a second time, with this value."""

    def apply(self, message: Any) -> None:  # noqa: ANN401  JSON
        """Changes the message; a place that is not there any more stays as it is."""
        *way, last = self.place
        try:
            holder = message
            for step in way:
                holder = holder[step]
            if self.value == GONE:
                del holder[last]
            else:
                # A copy: the next change may go into what was put there, and all other cases have the same value.
                holder[f"{last}{TWICE}" if self.twice else last] = copy.deepcopy(self.value)
        except (KeyError, IndexError, TypeError):
            return


def edits(message: object, most: int = 3) -> st.SearchStrategy[list[Edit]]:
    """One change of a message or a few: a value exchanged or spoilt, a key left out, given twice, or invented."""
    told = sorted(_places(message, ()), key=repr)
    # Made once: to make the strategies of a place for each case takes longer than most cases.
    return st.lists(st.sampled_from([_edit(*each) for each in told]).flatmap(_same), min_size=1, max_size=most)


def _same(strategy: st.SearchStrategy[Edit]) -> st.SearchStrategy[Edit]:
    return strategy


def _edit(place: Place, stood: object) -> st.SearchStrategy[Edit]:
    values = ODD | st.just(GONE)
    if isinstance(stood, str):
        values |= TEXTS.map(lambda odd: stood + odd) | TEXTS.map(lambda odd: odd + stood)
    changed = st.builds(Edit, st.just(place), values)
    if isinstance(place[-1], str):
        changed |= st.builds(Edit, st.just(place), ODD, st.just(True))
    if isinstance(stood, dict):
        changed |= st.builds(Edit, TEXTS.map(lambda name: (*place, name)), ODD)
    return changed


def edited(message: Any, changes: list[Edit]) -> Any:  # noqa: ANN401  JSON
    """A copy with these changes."""
    changed = copy.deepcopy(message)
    for each in changes:
        each.apply(changed)
    return changed


def written(message: object) -> bytes:
    """The message as JSON, with what no writer of JSON would write: keys twice, NaN, nesting without end."""
    text = json.dumps(message).replace(json.dumps(TWICE)[1:], '"')
    for marker, raw in RAW.items():
        text = text.replace(json.dumps(marker), raw)
    return text.encode()


def _places(message: object, at: Place) -> Iterator[tuple[Place, object]]:
    if at:
        yield at, message
    if isinstance(message, dict):
        for name, value in message.items():
            yield from _places(value, (*at, name))
    elif isinstance(message, list):
        for number, value in enumerate(message[:4]):
            yield from _places(value, (*at, number))
