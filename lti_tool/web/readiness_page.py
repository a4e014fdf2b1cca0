"""The readiness checklist as pages and as a table: what each training site has of the equipment list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for

from lti_tool.catalogue.readiness_model import Check, Finding, Item, ItemState, Site
from lti_tool.web.framework_texts import framework_text
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import FrameworkText, Mark

HEADER = ("site", "item", "text", "state", "note", "checked_on", "checked_by")
LOOKS = {
    ItemState.PRESENT: "met",
    ItemState.PARTLY: "in_progress",
    ItemState.MISSING: "not_met",
    ItemState.NOT_CHECKED: "no_evidence",
}
"""States that look like those of levels: the house has one language of signs."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many items are in a state."""

    mark: Mark
    number: int


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A site in the list."""

    name: str
    url: str
    marks: tuple[Mark, ...]
    """One for each item."""


@dataclass(frozen=True, slots=True)
class ItemHead:
    """An item above its column, and how the sites stand."""

    number: int
    text: FrameworkText
    counts: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class ReadinessPage:
    """All sites."""

    lines: tuple[SiteLine, ...]
    items: tuple[ItemHead, ...]
    counts: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class ItemForm:
    """One item of one site, to be filled in."""

    number: int
    key: str
    text: FrameworkText
    mark: Mark
    state: str
    note: str
    checked_on: date | None
    checked_by: str


@dataclass(frozen=True, slots=True)
class SitePage:
    """One site."""

    name: str
    url: str
    items: tuple[ItemForm, ...]
    counts: tuple[Count, ...]
    choices: tuple[tuple[str, Mark], ...]


def mark(state: ItemState) -> Mark:
    """How a state is shown."""
    words = {
        ItemState.PRESENT: _("Present"),
        ItemState.PARTLY: _("Partly present"),
        ItemState.MISSING: _("Missing"),
        ItemState.NOT_CHECKED: _("Not checked"),
    }
    return Mark(LOOKS[state], words[state], LOOKS[state])


def readiness_page(sites: Sequence[Site], items: Sequence[Item]) -> ReadinessPage:
    """All sites × all items."""
    return ReadinessPage(
        lines=tuple(
            SiteLine(
                name=site.name,
                url=url_for("readiness.site", site=site.public_id),
                marks=tuple(mark(site.check(item).state) for item in items),
            )
            for site in sites
        ),
        items=tuple(
            ItemHead(item.number, framework_text(item.texts, current_locale()), _counts(_of_item(sites, item)))
            for item in items
        ),
        counts=_counts(_sum(site.tally(items) for site in sites)),
    )


def site_page(site: Site, items: Sequence[Item], typed: Mapping[str, Finding] | None = None) -> SitePage:
    """One site; `typed` is what a refused form said, by item."""
    return SitePage(
        name=site.name,
        url=url_for("readiness.site", site=site.public_id),
        items=tuple(_item(item, site.check(item), (typed or {}).get(item.key)) for item in items),
        counts=_counts(site.tally(items)),
        choices=tuple((state.value, mark(state)) for state in ItemState),
    )


def rows(sites: Iterable[Site], items: Sequence[Item]) -> list[list[str]]:
    """The same as a table: a row for each site and item; what is not checked has a state and nothing else."""
    found = [list(HEADER)]
    for site in sites:
        for item in items:
            check = site.check(item)
            day = check.checked_on.isoformat() if check.checked_on else ""
            text = item.texts.text(current_locale())
            found.append([site.name, str(item.number), text, check.state.value, check.note, day, check.checked_by])
    return found


def _item(item: Item, check: Check, typed: Finding | None) -> ItemForm:
    return ItemForm(
        number=item.number,
        key=item.key,
        text=framework_text(item.texts, current_locale()),
        mark=mark(check.state),
        state=(typed or check).state.value,
        note=(typed or check).note,
        checked_on=check.checked_on,
        checked_by=check.checked_by,
    )


def _of_item(sites: Iterable[Site], item: Item) -> Mapping[ItemState, int]:
    return _sum({site.check(item).state: 1} for site in sites)


def _sum(tallies: Iterable[Mapping[ItemState, int]]) -> Mapping[ItemState, int]:
    total = dict.fromkeys(ItemState, 0)
    for tally in tallies:
        for state, number in tally.items():
            total[state] += number
    return total


def _counts(tally: Mapping[ItemState, int]) -> tuple[Count, ...]:
    return tuple(Count(mark(state), tally.get(state, 0)) for state in ItemState)
