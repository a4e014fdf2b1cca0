"""The cells of the first sheet of an OpenDocument spreadsheet, read as a stream and never more of it than asked for.

A dozen elements of the format are all that a table of texts and numbers needs. A library would unfold repeated rows
and cells before anybody could count them: "1,048,576 times 16,384 times x" fits into a file of a few hundred bytes.
Pure: the caller has let `workbook_parts` look through it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element, iterparse

PART = "content.xml"
"""The part of the archive that holds the cells; an XLSX has none of this name."""

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CELLS = {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}


def rows(part: IO[bytes], most_rows: int, most_columns: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(line from 1, cells) of each row that is not wholly empty, at most `most_rows` and `most_columns` of them.

    Raises ParseError for what is no XML, ValueError for a repetition that is no number.
    """
    line = 1
    # S314: entities cannot be declared, the caller refuses document type declarations.
    for _event, element in iterparse(part, ("end",)):  # noqa: S314
        if element.tag == f"{_TABLE}table":
            return
        if element.tag != f"{_TABLE}table-row":
            continue
        cells, times = _cells(element, most_columns), _repeated(element, "rows")
        if any(cells):
            for each in range(line, min(line + times, most_rows + 1)):
                yield each, cells
        line += times
        if line > most_rows:
            return
        element.clear()


def _cells(row: Element, most: int) -> tuple[str, ...]:
    found: list[str] = []
    for cell in row:
        if cell.tag in _CELLS and len(found) < most:
            found += [_value(cell)] * min(_repeated(cell, "columns"), most - len(found))
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def _repeated(element: Element, what: str) -> int:
    return max(1, int(element.get(f"{_TABLE}number-{what}-repeated", "1")))


def _value(cell: Element) -> str:
    """A number as it is kept, not as it is shown; of everything else the text that is shown."""
    if cell.get(f"{_OFFICE}value-type") == "float":
        return cell.get(f"{_OFFICE}value", "").strip()
    return "\n".join(_shown(each) for each in cell if each.tag == f"{_TEXT}p").strip()


def _shown(paragraph: Element) -> str:
    return "".join(_pieces(paragraph))


def _pieces(element: Element) -> Iterator[str]:
    yield element.text or ""
    for each in element:
        if each.tag == f"{_TEXT}s":
            yield " " * min(int(each.get(f"{_TEXT}c", "1")), 100)
        elif each.tag in {f"{_TEXT}line-break", f"{_TEXT}tab"}:
            yield " "
        else:
            yield from _pieces(each)
        yield each.tail or ""
