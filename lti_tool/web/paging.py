"""A long list, page by page: by the address alone, so that it works without a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from babel.numbers import format_decimal

from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _

Each = TypeVar("Each")
SIZE = 100
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a list is opened, and the ways to what comes before and after."""

    said: str
    """Like "101–200 of 11,000"; empty where everything is shown."""
    previous: str | None
    following: str | None


def cut(
    asked: Mapping[str, str], items: Sequence[Each], address: Callable[[int], str], size: int = SIZE
) -> tuple[Sequence[Each], Pages]:
    """The page of these items that an address asks for, or the last one, and the ways onward.

    `address` makes the address of a page from its number; the first is 1.
    """
    return opened(asked, lambda skip: (items[skip : skip + size], len(items)), address, size)


def opened(
    asked: Mapping[str, str],
    read: Callable[[int], tuple[Sequence[Each], int]],
    address: Callable[[int], str],
    size: int = SIZE,
) -> tuple[Sequence[Each], Pages]:
    """As `cut`, of a list that nobody holds: `read` gives the items of a page, by how many go before, and the total."""
    page = number_asked(asked)
    shown, total = read((page - 1) * size)
    last = max(1, -(-total // size))
    if page > last:
        # The list has become shorter than it was for who made the address.
        page = last
        shown, total = read((page - 1) * size)
    begin = (page - 1) * size
    return shown, Pages(
        said=_said(begin + 1, min(begin + size, total), total) if last > 1 else "",
        previous=address(page - 1) if page > 1 else None,
        following=address(page + 1) if page < last else None,
    )


def number_asked(asked: Mapping[str, str]) -> int:
    """The number of the page that an address asks for; the first one where it names none."""
    page = asked.get("page", "")
    good = page.isascii() and page.isdecimal() and len(page) <= DIGITS
    return max(1, int(page)) if good else 1


def _said(first: int, last: int, total: int) -> str:
    return _("%(first)s–%(last)s of %(total)s", first=count(first), last=count(last), total=count(total))


def count(number: int) -> str:
    """A whole number as the page's language writes it."""
    return _written(number, current_locale())


@lru_cache(4096)
def _written(number: int, locale: str) -> str:
    return format_decimal(number, locale=locale)
