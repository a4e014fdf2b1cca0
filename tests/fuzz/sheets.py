"""Tables as people hand them in, nearly right: as text of any coding, as XLSX and ODS, whole or damaged in many ways.

A workbook is put together from its parts here, cells as its format has them, so that each layer can be spoilt by
itself: cells, values of the XML, its coding and declarations, the list of the container, single bytes.
"""

from __future__ import annotations

import csv
import io
import re
import struct
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from xml.sax.saxutils import quoteattr

from hypothesis import strategies as st

from lti_tool.competency.spreadsheet import write_workbook
from tests.factories.files import ods, ods_row
from tests.fuzz.odd import TEXTS

Table = tuple[tuple[str, ...], ...]
Rows = list[list[str]]
Parts = dict[str, bytes]
SHEET, STRINGS, ODS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "content.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

CELLS = TEXTS | st.sampled_from(
    ["-", "٣,٥", "1e5", "100.000001", "1" * 30, "-0", " 5 ", "5 %", "5:00", "17953842170", '"']
)
Change = tuple[int, int, str, str]
CHANGES = st.lists(
    st.tuples(
        st.integers(0, 9), st.integers(0, 9), st.sampled_from(["cell", "cell", "cell", "cut", "more", "again"]), CELLS
    ),
    max_size=3,
)
CODINGS = st.sampled_from(
    ["utf-8"] * 6 + ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1251", "koi8-r", "cp866", "utf-7"]
)
SEPARATORS = st.sampled_from([",", ",", ";", "\t", ":", "|"])

ODD_VALUES = """
0 2 2.5 255 16384 1048576 99999999999999999999 1e400 NaN 1899-12-30 PT1H A0 A-1 XFD1048576 ZZZZZZZ9 $A$1
n s b d e str inlineStr float date percentage boolean time string true sheet2.xml ../sheet1.xml
"""
VALUES = TEXTS | st.sampled_from(ODD_VALUES.split())
"""What stands in attributes of sheets, and what might."""


@dataclass(frozen=True)
class Spoil:
    """A change of one part of a workbook."""

    part: int
    at: int
    how: str
    text: str

    def apply(self, parts: Parts) -> None:
        """Changes it."""
        name = [*parts][self.part % len(parts)] if self.how == "any part" else _sheet_of(parts, self.part)
        parts[name] = _spoilt(parts[name], self)


HOW = ["value"] * 6 + ["any part", "bytes", "repeat", "nest", "declare", "coding"]
SPOILS = st.lists(st.builds(Spoil, st.integers(0, 9), st.integers(0, 999), st.sampled_from(HOW), VALUES), max_size=2)
TEN = "&e{0};" * 10
LAUGHS = "".join(f"<!ENTITY e{number} '{TEN.format(number - 1)}'>" for number in range(1, 10))
PROLOGUES = (
    '<!DOCTYPE a [<!ENTITY e "odd">]>',
    '<!DOCTYPE a SYSTEM "http://evil.example.invalid/a.dtd">',
    '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    f"<!-- {' ' * 5000} --><!DOCTYPE a [<!ENTITY e 'odd'>]>",
    f"<!DOCTYPE a [<!ENTITY e0 'odd'>{LAUGHS}<!ENTITY e '&e9;'>]>",
    "<?xml-stylesheet href='a.xsl'?>",
)
Damage = tuple[str, int, int, int]
FIELDS = ((8, "H"), (10, "H"), (16, "L"), (20, "L"), (24, "L"), (28, "H"), (30, "H"), (32, "H"), (42, "L"))
"""Of an entry in a container's list: flags, method, checksum, sizes, lengths, where the part lies; offset and width."""
NUMBERS = st.sampled_from([0, 1, 8, 9, 99, 2**15, 2**16 - 1, 2**31, 2**32 - 1])
DAMAGES = st.just(None) | st.tuples(
    st.sampled_from(["list", "list", "end", "cut", "byte"]), st.integers(0, 9), st.integers(0, 6000), NUMBERS
)


def table(start: Table) -> st.SearchStrategy[bytes]:
    """A table with some cells exchanged, rows cut or longer or given twice; as text, or as a workbook."""
    return st.builds(_as_text, st.just(start), CHANGES, SEPARATORS, CODINGS) | workbook(start)


def workbook(start: Table) -> st.SearchStrategy[bytes]:
    """The same as XLSX or ODS, now and then damaged."""
    return st.builds(_as_workbook, st.just(start), CHANGES, st.sampled_from([_xlsx, _ods]), SPOILS, DAMAGES)


def _changed(start: Table, changes: list[Change]) -> Rows:
    lines = [[*row] for row in start]
    for at, column, how, text in changes:
        row = lines[at % len(lines)]
        match how:
            case "cell":
                row[column % len(row)] = text
            case "cut":
                del row[1 + column % len(row) :]
            case "more":
                row.append(text)
            case "again":
                lines.append([*row])
    return lines


def _as_text(start: Table, changes: list[Change], separator: str, coding: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, escapechar="\\").writerows(_changed(start, changes))
    return out.getvalue().encode(coding, "surrogatepass" if coding.startswith("utf-8") else "replace")


def _as_workbook(
    start: Table, changes: list[Change], form: Callable[[Rows], Parts], spoils: list[Spoil], damage: Damage | None
) -> bytes:
    fit = [[_fit(cell) for cell in row] for row in _changed(start, changes)]
    parts = form(fit)
    for each in spoils:
        each.apply(parts)
    content = _packed(parts)
    return damaged(content, damage) if damage else content


def _fit(cell: str) -> str:
    """What a program may write into XML; what it may not stands in `VALUES`."""
    letters = cell.encode("utf-8", "replace").decode()
    return "".join(each for each in letters if each >= " " and each != "\uffff")


# --- workbooks ------------------------------------------------------------------------------------------------------


@cache
def _frame() -> tuple[tuple[str, bytes], ...]:
    """All parts of a workbook, as they are written for download."""
    with zipfile.ZipFile(io.BytesIO(write_workbook([["a"]], "sheet"))) as written:
        return tuple((name, written.read(name)) for name in written.namelist())


def _xlsx(rows: Rows) -> Parts:
    """Numbers as numbers; texts by turns in the list of all texts and in the cell itself."""
    texts: list[str] = []
    lines = ""
    for line, row in enumerate(rows, 1):
        cells = (_cell(f"{chr(65 + at % 26)}{line}", cell, texts) for at, cell in enumerate(row))
        lines += f'<row r="{line}">{"".join(cells)}</row>'
    shared = "".join(f"<si><t>{_escaped(text)}</t></si>" for text in texts)
    return {
        **dict(_frame()),
        SHEET: f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData></worksheet>'.encode(),
        STRINGS: f'<sst xmlns="{MAIN}">{shared}</sst>'.encode(),
    }


def _cell(place: str, text: str, texts: list[str]) -> str:
    if re.fullmatch(r"-?\d+(\.\d+)?", text, re.ASCII):
        return f'<c r="{place}" s="0"><v>{text}</v></c>'
    if len(text) % 2:
        return f'<c r="{place}" t="inlineStr"><is><t>{_escaped(text)}</t></is></c>'
    texts.append(text)
    return f'<c r="{place}" t="s"><v>{len(texts) - 1}</v></c>'


def _ods(rows: Rows) -> Parts:
    with zipfile.ZipFile(io.BytesIO(ods("".join(ods_row(map(_number, row)) for row in rows)))) as written:
        return {name: written.read(name) for name in written.namelist()}


def _number(text: str) -> str | float:
    return float(text) if re.fullmatch(r"\d+\.\d+", text, re.ASCII) else text


def _escaped(text: str) -> str:
    return quoteattr(text, {"'": "&apos;"})[1:-1]


# --- what is spoilt -------------------------------------------------------------------------------------------------


def _sheet_of(parts: Parts, number: int) -> str:
    """Mostly the sheet, now and then the list of texts."""
    if ODS in parts:
        return ODS
    return STRINGS if number == 0 else SHEET


def _spoilt(part: bytes, spoil: Spoil) -> bytes:
    xml = part.decode("utf-8", "replace")
    odd = _escaped(spoil.text.encode("utf-8", "replace").decode())
    match spoil.how:
        case "bytes":
            at = spoil.at % (len(part) or 1)
            return part[:at] + spoil.text.encode("utf-16", "surrogatepass")[2:4] + part[at + 2 :]
        case "declare":
            head, body = _declaration(xml)
            prologue = PROLOGUES[spoil.at % len(PROLOGUES)]
            return f"{head}{prologue}{re.sub('>[^<&]+<', '>&e;<', body, count=1)}".encode()
        case "coding":
            coding = ["utf-16", "utf-16-le", "cp1251", "koi8-r", "cp037", "utf-7"][spoil.at % 6]
            named = f'<?xml version="1.0" encoding="{coding}"?>' if spoil.part % 2 else ""
            return (named + _declaration(xml)[1]).encode(coding, "xmlcharrefreplace")
        case "repeat":
            return _at(r"<[\w:]+ ?[^<>]*/>|<(?P<n>[\w:]+)[^<>]*>[^<>]*</(?P=n)>", xml, spoil.at, lambda it: it * 300)
        case "nest":
            return _at(r">[^<>]*<", xml, spoil.at, lambda it: f"{'><text:span' * 3000}{it}{'/text:span><' * 3000}")
        case _:
            return _at(r'(?<==")[^"]*(?=")|(?<=>)[^<>]+(?=<)', xml, spoil.at, lambda _it: odd)


def _declaration(xml: str) -> tuple[str, str]:
    head = re.match(r"<\?xml[^>]*\?>\s*", xml)
    return (head[0], xml[head.end() :]) if head else ("", xml)


def _at(pattern: str, xml: str, number: int, change: Callable[[str], str]) -> bytes:
    """The XML with what is found there for the so-many-th time changed."""
    found = [*re.finditer(pattern, xml)]
    if not found:
        return xml.encode()
    one = found[number % len(found)]
    return (xml[: one.start()] + change(one[0]) + xml[one.end() :]).encode()


def _packed(parts: Parts) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as container, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for name, content in parts.items():
            container.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def damaged(content: bytes, damage: Damage) -> bytes:
    """A container with another number in its list or at its end, cut short, or with a byte exchanged."""
    how, number, at, value = damage
    match how:
        case "list":
            entries = [each.start() for each in re.finditer(b"PK\x01\x02", content)]
            if not entries:
                return content
            offset, width = FIELDS[at % len(FIELDS)]
            return _put(content, entries[number % len(entries)] + offset, struct.pack(f"<{width}", _in(value, width)))
        case "end":
            return _put(content, max(0, content.rfind(b"PK\x05\x06")) + 4 + at % 18, struct.pack("<H", value % 2**16))
        case "cut":
            return content[: at % (len(content) or 1)]
        case _:
            return _put(content, at % (len(content) or 1), bytes([value % 256]))


def _in(value: int, width: str) -> int:
    return value % 2**16 if width == "H" else value


def _put(content: bytes, at: int, piece: bytes) -> bytes:
    return content[:at] + piece + content[at + len(piece) :]
