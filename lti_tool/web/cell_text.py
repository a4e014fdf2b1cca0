"""A cell of the mapping as people write it: a weight, then "!" for required or "?" for optional; the same to read back.

The letters r, o and s do as well, for those are what the custom parameter of a link uses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping as Fields

from lti_tool.competency.framework import Framework
from lti_tool.competency.mapping_draft import CellChange, CellValue
from lti_tool.competency.model import Mapping, MappingRole
from lti_tool.errors import RuleBroken
from lti_tool.people.model import Activity
from lti_tool.web.i18n import gettext as _

SIGNS = {MappingRole.SUPPORTING: "", MappingRole.REQUIRED: "!", MappingRole.OPTIONAL: "?"}
_ROLES = {
    "": MappingRole.SUPPORTING,
    "s": MappingRole.SUPPORTING,
    "!": MappingRole.REQUIRED,
    "r": MappingRole.REQUIRED,
    "?": MappingRole.OPTIONAL,
    "o": MappingRole.OPTIONAL,
}
_WRITTEN = re.compile(r"([1-5])\s*([!?rso]?)")
PREFIX = "cell-"


def cell_name(activity: Activity, code: str) -> str:
    """The name of a cell's field in the matrix, which is also its place in the page."""
    return f"{PREFIX}{activity.public_id}-{code}"


def written(cell: Mapping | CellValue | None) -> str:
    """What stands in the cell: "3", "3!", "3?", or nothing."""
    return "" if cell is None else f"{cell.weight}{SIGNS[cell.role]}"


def read(text: str) -> CellValue | None:
    """What was written into a cell. Raises RuleBroken where it is neither nothing nor a weight with its sign."""
    typed = text.strip().lower()
    if not typed:
        return None
    found = _WRITTEN.fullmatch(typed)
    if found is None:
        raise RuleBroken("mapping_choice_unknown", value=text[:10])
    return CellValue(int(found[1]), _ROLES[found[2]])


def in_words(cell: Mapping | CellValue | None) -> str:
    """The cell as a person reads it aloud."""
    if cell is None:
        return _("nothing")
    role = {
        MappingRole.SUPPORTING: _("supporting"),
        MappingRole.REQUIRED: _("required"),
        MappingRole.OPTIONAL: _("optional"),
    }[cell.role]
    return _("%(role)s, weight %(weight)d", role=role, weight=cell.weight)


def changes_in(form: Fields[str, str], listed: tuple[Activity, ...], framework: Framework) -> tuple[CellChange, ...]:
    """What a sent form changes of what it showed (its field `shown`, JSON by name; an empty cell is not in it).

    Raises RuleBroken for a value that is none, a cell that does not exist, or a `shown` that no page made.
    """
    shown = shown_in(form.get("shown", ""))
    places = {
        cell_name(activity, indicator.code): (activity.id, indicator.id)
        for activity in listed
        for indicator in framework.indicators
    }
    changes = []
    for name, text in form.items():
        if not name.startswith(PREFIX) or text == shown.get(name, ""):
            continue
        if name not in places:
            raise RuleBroken("cell_unknown", cell=name[:60])
        changes.append(CellChange(*places[name], read(shown.get(name, "")), read(text)))
    return tuple(changes)


def shown_in(text: str) -> dict[str, str]:
    """What the cells of a page held when it was made, by name. Raises RuleBroken for what no page made."""
    try:
        told = json.loads(text or "{}")
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or not all(isinstance(each, str) for each in told.values()):
        raise RuleBroken("form_not_ours")
    return told
