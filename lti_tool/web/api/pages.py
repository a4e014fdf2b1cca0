"""A page of a list: where it begins by its cursor, and the address of the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar
from urllib.parse import urlencode

from flask import request

from lti_tool.db.keyset import Position
from lti_tool.errors import RuleBroken
from lti_tool.people.paging_queries import PersonEntry
from lti_tool.web.api import cursors
from lti_tool.web.api.answers import Listed
from lti_tool.web.api.parameters import refusal
from lti_tool.web.api.problems import Refused
from lti_tool.web.i18n import gettext as _
from lti_tool.web.tool import tool

Item = TypeVar("Item")


class Positioned(Protocol):
    """Something with a place in a list."""

    @property
    def position(self) -> Position:
        """Its place."""
        ...


Found = TypeVar("Found", bound=Positioned)


def position(kind: str, cursor: str | None) -> Position | None:
    """Behind which row a page begins. Raises Refused("parameters") for a cursor of another list."""
    return None if cursor is None else opened(lambda: cursors.as_position(*cursors.opened(kind, cursor, 2)))


def person(kind: str, cursor: str | None) -> str | None:
    """Behind which person a page begins. Raises Refused("parameters") for a cursor of another list."""
    return None if cursor is None else opened(lambda: cursors.as_public_id(*cursors.opened(kind, cursor, 1)))


def by_position(kind: str, limit: int, found: Sequence[Found], told: Callable[[Found], Item]) -> Listed[Item]:
    """The page of these rows, of which there may be one too many: then the list goes on."""
    return cut(limit, found, told, lambda last: cursors.sealed(kind, *cursors.of_position(last.position)))


def by_person(kind: str, limit: int, found: Sequence[PersonEntry], told: Callable[[PersonEntry], Item]) -> Listed[Item]:
    """The same for a list in the order of public ids."""
    return cut(limit, found, told, lambda last: cursors.sealed(kind, last.public_id))


Row = TypeVar("Row")


def cut(limit: int, found: Sequence[Row], told: Callable[[Row], Item], cursor: Callable[[Row], str]) -> Listed[Item]:
    """The same for a list in whatever order: `cursor` of the last row of the page."""
    shown = found[:limit]
    following = address(cursor(shown[-1])) if len(found) > limit else None
    return Listed(items=[told(each) for each in shown], next=following)


def address(cursor: str) -> str:
    """This request's address with another cursor."""
    asked = {**request.args.to_dict(), "cursor": cursor}
    return f"{tool().settings.base_url}{request.path}?{urlencode(asked)}"


Read = TypeVar("Read")


def opened(read: Callable[[], Read]) -> Read:
    """What `read` makes of a cursor. Raises Refused("parameters") where it cannot."""
    try:
        return read()
    except RuleBroken as faulty:
        raise _not_ours() from faulty


def _not_ours() -> Refused:
    return refusal({"cursor": _("It belongs to another list, or is none. Take the one that stands in “next”.")})
