"""How alike two wordings are, and where they differ. Pure.

Kyrgyz changes the ends of words, so likeness is counted in runs of three letters and not in words. It proposes; people
decide.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from lti_tool.competency.delimited import plain

ZERO, ONE = Fraction(0), Fraction(1)


@lru_cache(2048)
def _runs(text: str) -> Counter[str]:
    """The runs of three letters of each word, with its ends: `_аб`, `абв`, `бв_`."""
    found: Counter[str] = Counter()
    for word in "".join(each if each.isalnum() else " " for each in plain(text).casefold()).split():
        padded = f"_{word}_"
        found.update(padded[at : at + 3] for at in range(max(1, len(padded) - 2)))
    return found


def likeness(one: str, other: str) -> Fraction:
    """From 0, nothing in common, to 1: the same words, in any order."""
    first, second = _runs(one), _runs(other)
    together = first.total() + second.total()
    return Fraction(2 * (first & second).total(), together) if together else ONE


def contained(part: str, whole: str) -> Fraction:
    """How much of `part` is in `whole`: 1 where all of it is."""
    runs = _runs(part)
    return Fraction((runs & _runs(whole)).total(), runs.total()) if runs.total() else ZERO


class Change(StrEnum):
    """What has become of some words."""

    KEPT = "kept"
    GONE = "gone"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Words:
    """Words that follow each other and have become the same."""

    change: Change
    text: str


def differences(before: str, after: str) -> tuple[Words, ...]:
    """Both wordings as one text: kept words, gone words, added words, in the order of reading."""
    return tuple(_told(plain(before).split(), plain(after).split()))


def _told(before: list[str], after: list[str]) -> Iterator[Words]:
    for tag, from_, to, begin, end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Words(Change.KEPT, " ".join(before[from_:to]))
            continue
        if to > from_:
            yield Words(Change.GONE, " ".join(before[from_:to]))
        if end > begin:
            yield Words(Change.ADDED, " ".join(after[begin:end]))
