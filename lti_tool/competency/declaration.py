"""The custom parameter `indicators` of a resource link: `4.1.1.a:2,4.1.2.b` = code[:weight[:r|o]].

It travels with a copied or restored course, so that the course arrives mapped. A learner's launch is never stopped by
a faulty one: what cannot be read is left out and told to the trainer.
"""

from __future__ import annotations

from dataclasses import dataclass

from lti_tool.competency.framework import Framework
from lti_tool.competency.model import Mapping, MappingRole
from lti_tool.ids import ActivityId

ROLES = {"": MappingRole.SUPPORTING, "r": MappingRole.REQUIRED, "o": MappingRole.OPTIONAL}
LETTERS = {role: letter for letter, role in ROLES.items()}
LENGTH = 4000
"""More than all indicators with weight and role take; what stands beyond is not read."""
SHOWN = 40
CUT = "…"
WEIGHTS = {"": 1, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5}


@dataclass(frozen=True, slots=True)
class Declared:
    """What a parameter says: the cells of one activity, and the parts that could not be read."""

    mappings: tuple[Mapping, ...]
    unreadable: tuple[str, ...] = ()


def read(parameter: str, framework: Framework, activity: ActivityId) -> Declared:
    """Reads a parameter; a code named twice counts as it stands last. Never raises."""
    cells: dict[int, Mapping] = {}
    unreadable: list[str] = []
    for part in _parts(parameter):
        cell = _cell(part, framework, activity)
        if cell is None:
            unreadable.append(part[:SHOWN])
        else:
            cells[cell.indicator] = cell
    return Declared(tuple(cells.values()), tuple(unreadable))


def write(mappings: tuple[Mapping, ...], framework: Framework) -> str:
    """The parameter that says these cells; defaults are left out."""
    return ",".join(_part(mapping, framework) for mapping in mappings)


def _parts(parameter: str) -> list[str]:
    """What stands between the commas. Of a parameter that is too long the part that the end cuts is told as faulty."""
    pieces = parameter[:LENGTH].split(",")
    if len(parameter) > LENGTH and parameter[LENGTH] != ",":
        pieces[-1] += CUT
    return [piece.strip() for piece in pieces if piece.strip()]


def _cell(part: str, framework: Framework, activity: ActivityId) -> Mapping | None:
    code, _, rest = part.partition(":")
    weight, _, letter = rest.partition(":")
    role, worth = ROLES.get(letter.strip().lower()), WEIGHTS.get(weight.strip())
    if role is None or worth is None or not framework.has_indicator(code.strip()):
        return None
    return Mapping(activity, framework.indicator(code.strip()).id, worth, role)


def _part(mapping: Mapping, framework: Framework) -> str:
    code = framework.indicator_by_id(mapping.indicator).code
    letter = LETTERS[mapping.role]
    if letter:
        return f"{code}:{mapping.weight}:{letter}"
    return code if mapping.weight == 1 else f"{code}:{mapping.weight}"
