"""How a list of CASE records is asked for: page, order, filter and fields, as the standard's REST binding has them.

Pure. `filter=title~'ИКТ' AND language='ru'`, `sort=title&orderBy=desc`, `fields=identifier,title`,
`limit=10&offset=20`. Comparisons do not see capitals; AND binds stronger than OR.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lti_tool.errors import RuleBroken

LIMIT = 100
_NUMBER = re.compile(r"\d{1,9}")
_TERM = re.compile(r"\s*([A-Za-z]+(?:\.[A-Za-z]+)?)\s*(!=|>=|<=|=|>|<|~)\s*'([^']*)'\s*")
_AND, _OR = (re.compile(rf" {word} (?=(?:[^']*'[^']*')*[^']*$)") for word in ("AND", "OR"))
"""The word outside quotation marks."""
LONGEST_FILTER = 1000
_COMPARE: Mapping[str, Callable[[str, str], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "~": operator.contains,
}

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The page that was asked for, and where it stands in the whole."""

    records: tuple[Record, ...]
    total: int
    offset: int
    limit: int

    def others(self) -> dict[str, int]:
        """The offsets of the first, previous, next and last page, those that there are."""
        last = max(0, (self.total - 1) // self.limit * self.limit)
        found = {"first": 0, "last": last}
        if self.offset > 0:
            found["prev"] = max(0, self.offset - self.limit)
        if self.offset + self.limit < self.total:
            found["next"] = self.offset + self.limit
        return found


def choose(
    records: Sequence[Record], asked: Mapping[str, str], fields: Sequence[str], required: Sequence[str]
) -> Chosen:
    """The records that a question asks for. `fields` are all that a record may have, `required` those it must.

    Required fields are always given, so that every answer is valid.
    Raises RuleBroken("invalid_sort_field") and RuleBroken("invalid_selection_field"), both with facts["field"].
    """
    limit, offset = _number(asked, "limit", LIMIT, 1), _number(asked, "offset", 0, 0)
    found = _sorted(_filtered(records, asked.get("filter", ""), fields), asked, fields)
    kept = _fields(asked.get("fields", ""), fields, required)
    page = (
        {name: value for name, value in record.items() if name in kept} for record in found[offset : offset + limit]
    )
    return Chosen(tuple(page), len(found), offset, limit)


def _number(asked: Mapping[str, str], name: str, default: int, least: int) -> int:
    given = asked.get(name)
    if given is None:
        return default
    if not (given.isascii() and _NUMBER.fullmatch(given)) or int(given) < least:
        raise RuleBroken("invalid_selection_field", field=name)
    return int(given)


def _fields(asked: str, fields: Sequence[str], required: Sequence[str]) -> set[str]:
    names = [name.strip() for name in asked.split(",") if name.strip()]
    for name in names:
        _known(name, fields, "fields", "invalid_selection_field")
    return {*names, *required} if names else set(fields)


def _known(name: str, fields: Sequence[str], where: str, code: str) -> None:
    if name not in fields:
        raise RuleBroken(code, field=where, found=name[:100])


def _sorted(records: Sequence[Record], asked: Mapping[str, str], fields: Sequence[str]) -> list[Record]:
    if asked.get("orderBy", "asc") not in {"asc", "desc"}:
        raise RuleBroken("invalid_sort_field", field="orderBy")
    by = asked.get("sort")
    if by is None:
        return list(records)
    _known(by, fields, "sort", "invalid_sort_field")
    ordered = sorted(records, key=lambda record: _said(record, by))
    return ordered[::-1] if asked.get("orderBy") == "desc" else ordered


def _filtered(records: Sequence[Record], asked: str, fields: Sequence[str]) -> list[Record]:
    if not asked.strip():
        return list(records)
    ways = [[_term(term, fields) for term in _AND.split(way)] for way in _OR.split(asked[:LONGEST_FILTER])]
    return [record for record in records if any(all(fits(record) for fits in way) for way in ways)]


def _term(asked: str, fields: Sequence[str]) -> Callable[[Record], bool]:
    term = _TERM.fullmatch(asked)
    if term is None:
        raise RuleBroken("invalid_selection_field", field="filter", found=asked[:100])
    name, predicate, value = term.groups()
    _known(name.partition(".")[0], fields, "filter", "invalid_selection_field")
    compare = _COMPARE[predicate]
    return lambda record: compare(_said(record, name), value.casefold())


def _said(record: Record, name: str) -> str:
    """The value of a field, or of a field of a link (`CFPackageURI.title`), as it is compared."""
    outer, _, inner = name.partition(".")
    value = record.get(outer, "")
    if isinstance(value, dict):
        value = value.get(inner or "title", "")
    return str(value).casefold()
