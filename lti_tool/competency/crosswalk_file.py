"""A crosswalk as a table, for import and export: `kind,old,new,carries`, codes with spaces between them. Pure.

The texts that stand beside them in an export are for the reader; an import passes over them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lti_tool.competency.crosswalk import Crosswalk, Kind, Line
from lti_tool.competency.delimited import plain, read_text_table, rearm, write_text_table
from lti_tool.competency.framework import Framework
from lti_tool.errors import RuleBroken

HEADER = ("kind", "old", "new", "carries")
TEXTS = ("old_text", "new_text")
MOST_CODES = 20


def write(lines: Iterable[Line], old: Framework, new: Framework, language: str = "ky") -> str:
    """The crosswalk as CSV, with the wordings in this language."""
    rows = (
        (
            line.kind.value,
            " ".join(line.old),
            " ".join(line.new),
            " ".join(line.carries),
            _texts(line.old, old, language),
            _texts(line.new, new, language),
        )
        for line in lines
    )
    return write_text_table([(*HEADER, *TEXTS), *rows])


def _texts(codes: Sequence[str], version: Framework, language: str) -> str:
    return " | ".join(version.indicator(code).text(language) for code in codes if version.has_indicator(code))


def read(content: bytes) -> Crosswalk:
    """The lines of a table. Whether they are a whole crosswalk is for `crosswalk.faults_of` to say.

    Raises RuleBroken: what `delimited.read_text_table` refuses, `crosswalk_header` (found, expected),
    `crosswalk_unreadable` with every line that cannot be read (faults: (line, what stands there)).
    """
    records = read_text_table(content, _known)
    names = [plain(field).casefold() for field in records[0].fields]
    if not {"kind", "old", "new"} <= set(names) or len(set(names)) < len(names):
        raise RuleBroken("crosswalk_header", found=",".join(names)[:200], expected=",".join(HEADER))
    places = {name: names.index(name) for name in HEADER if name in names}
    lines, faults = [], []
    for record in records[1:]:
        said = {name: _field(record.fields, place) for name, place in places.items()}
        line = _line(said)
        if line is None:
            faults.append((record.line, " ".join(said.values())[:80]))
        else:
            lines.append(line)
    if faults:
        raise RuleBroken("crosswalk_unreadable", faults=faults)
    return tuple(lines)


def _known(header: Sequence[str]) -> int:
    return len({plain(field).casefold() for field in header} & {*HEADER, *TEXTS})


def _field(fields: Sequence[str], place: int) -> str:
    return plain(rearm(fields[place])) if place < len(fields) else ""


def _line(said: dict[str, str]) -> Line | None:
    kind = said["kind"].casefold()
    sides = [codes_in(said.get(name, "")) for name in HEADER[1:]]
    if kind not in {each.value for each in Kind} or any(len(side) > MOST_CODES for side in sides):
        return None
    return Line(Kind(kind), *sides)


def codes_in(text: str) -> tuple[str, ...]:
    """The codes that somebody wrote, with spaces, commas or semicolons between them."""
    return tuple(text.replace(",", " ").replace(";", " ").split())
