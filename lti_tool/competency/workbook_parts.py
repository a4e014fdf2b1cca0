"""What the parts of a workbook may be, before anything reads them whole: what they declare, how they are packed, how
much of them comes at once.

A workbook comes from outside. A file of some kilobytes can hold a row of a million cells or a hundred thousand styles,
each of which costs a reader far more memory than it has bytes. Pure.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from typing import IO
from xml.parsers import expat

from lti_tool.errors import RuleBroken

MAX_UNPACKED = 15_000_000
"""A mapping of 50,000 lines stays below it. 100 MB, which a file of 100 kB can hold, cost a minute and a gigabyte."""
MAX_PARTS = 10_000
MAX_AT_ONCE = 100_000
"""Elements of a row, or of a part that does not come in rows. The widest row of a spreadsheet has 16,384 cells."""
_IN_ROWS = {"worksheet": "row", "sst": "si", "document-content": "table-row"}
"""Outermost element of a part that is read row by row, and what ends such a row."""
_CHUNK = 1 << 16


def check_parts(archive: zipfile.ZipFile) -> Sequence[str]:
    """The names of the parts of a workbook in which nothing is made to burst.

    Raises RuleBroken: `file_too_large`, `workbook_unreadable` (reason).
    """
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED:
        raise RuleBroken("file_too_large", bytes=unpacked, maximum=MAX_UNPACKED)
    if len(parts) > MAX_PARTS:
        raise _refused("too many parts")
    # No program packs a workbook otherwise, and `zipfile` unpacks such parts without a bound, whatever size they claim.
    if any(part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for part in parts):
        raise _refused("packed in another way")
    for part in parts:
        # Whatever it is called: the workbook itself says which of its parts is a sheet.
        with archive.open(part) as opened:
            check_part(opened)
    return [part.filename for part in parts]


def check_part(part: IO[bytes]) -> None:
    """Refuses a part that declares a document type, wherever, or has too many elements at once.

    What is no XML passes: whoever reads it says so. Raises RuleBroken (`workbook_unreadable`).
    """
    parser, count = expat.ParserCreate(), _Count()
    # Only here can entities be declared; comments of any length may stand before it.
    parser.StartDoctypeDeclHandler = _declared
    parser.StartElementHandler, parser.EndElementHandler = count.start, count.end
    try:
        while piece := part.read(_CHUNK):
            parser.Parse(piece)
        parser.Parse(b"", True)
    except expat.ExpatError:
        return


class _Count:
    """How many elements there are at once: those of a row go with it, all others stay."""

    def __init__(self) -> None:
        self.elements = self.depth = 0
        self.row: str | None = None
        self.begun: tuple[int, int] | None = None
        """How deep the row is that we are in, and how many elements there were before it."""

    def start(self, name: str, _attributes: object) -> None:
        """One more."""
        if not self.elements:
            self.row = _IN_ROWS.get(_local(name))
        if self.begun is None and _local(name) == self.row:
            self.begun = self.depth, self.elements
        self.depth += 1
        self.elements += 1
        if self.elements > MAX_AT_ONCE:
            raise _refused("too many elements at once")

    def end(self, _name: str) -> None:
        """One less to be in; perhaps a row has been read."""
        self.depth -= 1
        if self.begun is not None and self.depth == self.begun[0]:
            self.elements, self.begun = self.begun[1], None


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _declared(*_declaration: object) -> None:
    raise _refused("a document type declaration")


def _refused(reason: str) -> RuleBroken:
    return RuleBroken("workbook_unreadable", reason=reason)
