"""Readiness of training sites for the requirements' equipment list, as values. Unknown is not missing.

Pure.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from lti_tool.competency.framework import Framework, Localized
from lti_tool.errors import RuleBroken
from lti_tool.ids import PersonId

NAME = 200
NOTE = 500
MOST_SITES = 500


class ItemState(StrEnum):
    """What a site has of an item."""

    PRESENT = "present"
    PARTLY = "partly"
    MISSING = "missing"
    NOT_CHECKED = "not_checked"
    """Nobody has looked: said of nothing that is stored."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the equipment list."""

    number: int
    key: str
    texts: Localized


@dataclass(frozen=True, slots=True)
class Check:
    """What somebody found."""

    state: ItemState
    note: str = ""
    checked_on: date | None = None
    checked_by: str = ""
    """Whose name is known; empty where nobody's is."""


NOT_CHECKED = Check(ItemState.NOT_CHECKED)


@dataclass(frozen=True, slots=True)
class Site:
    """A training site with everything that was found there, by item key."""

    public_id: str
    name: str
    checks: Mapping[str, Check] = field(default_factory=dict)

    def check(self, item: Item) -> Check:
        """What was found of an item."""
        return self.checks.get(item.key, NOT_CHECKED)

    def tally(self, items: Iterable[Item]) -> Mapping[ItemState, int]:
        """How many items are in which state."""
        return Counter(self.check(item).state for item in items)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be stored of one item; `NOT_CHECKED` takes back what stands there."""

    item: str
    state: ItemState
    note: str


@dataclass(frozen=True, slots=True)
class Looked:
    """Who looked, on which day, and when it was entered; an account of the tool's own is no person."""

    by: PersonId | None
    on: date
    at: datetime


def items_of(framework: Framework) -> tuple[Item, ...]:
    """The equipment list of a version, numbered as it stands there."""
    return tuple(Item(number, item_key(texts), texts) for number, texts in enumerate(framework.equipment, start=1))


def item_key(texts: Localized) -> str:
    """What an item is known by: its official wording, so that a new version with the same words keeps its checks."""
    return hashlib.sha256(" ".join(texts.ky.split()).casefold().encode()).hexdigest()[:32]


def changed(before: Site, found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Of what a form says, what is new: nobody's name is put under what somebody else has found."""
    stands = {key: (check.state, check.note) for key, check in before.checks.items()}
    nothing = (ItemState.NOT_CHECKED, "")
    return tuple(each for each in found if stands.get(each.item, nothing) != (each.state, each.note))


def site_name(typed: str) -> str:
    """The name of a site. Raises RuleBroken("site_name_missing") and RuleBroken("site_name_long")."""
    name = " ".join(typed.split())
    if not name:
        raise RuleBroken("site_name_missing")
    if len(name) > NAME:
        raise RuleBroken("site_name_long", most=NAME)
    return name


def check_findings(found: Iterable[Finding], on: date, today: date) -> None:
    """Raises RuleBroken: site_note_long (most), site_note_without_state, site_date_ahead."""
    if on > today:
        raise RuleBroken("site_date_ahead")
    for each in found:
        if len(each.note) > NOTE:
            raise RuleBroken("site_note_long", most=NOTE)
        if each.note and each.state is ItemState.NOT_CHECKED:
            raise RuleBroken("site_note_without_state")
