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
    last = max(1, -(-len(items) // size))
    page = min(_number(asked.get("page", "")), last)
    begin, end = (page - 1) * size, min(page * size, len(items))
    return items[begin:end], Pages(
        said=_said(begin + 1, end, len(items)) if last > 1 else "",
        previous=address(page - 1) if page > 1 else None,
        following=address(page + 1) if page < last else None,
    )


def places(asked: Mapping[str, str], size: int = SIZE) -> tuple[int, Callable[[int, Callable[[int], str]], Pages]]:
    """How many to skip for the page that an address asks for, and what makes its `Pages` once the total is known."""
    page = _number(asked.get("page", ""))
    skip = (page - 1) * size

    def pages(total: int, address: Callable[[int], str]) -> Pages:
        end = min(skip + size, total)
        one_page = total <= size and page == 1
        return Pages(
            said="" if one_page else _said(min(skip + 1, end), end, total),
            previous=address(page - 1) if page > 1 else None,
            following=address(page + 1) if end < total else None,
        )

    return skip, pages


def _number(asked: str) -> int:
    good = asked.isascii() and asked.isdecimal() and len(asked) <= DIGITS
    return max(1, int(asked)) if good else 1


def _said(first: int, last: int, total: int) -> str:
    return _("%(first)s–%(last)s of %(total)s", first=count(first), last=count(last), total=count(total))


def count(number: int) -> str:
    """A whole number as the page's language writes it."""
    return _written(number, current_locale())


@lru_cache(4096)
def _written(number: int, locale: str) -> str:
    return format_decimal(number, locale=locale)
