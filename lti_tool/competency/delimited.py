"""Text tables as people really hand them in: any usual separator and encoding, or a refusal that names the line.

A spreadsheet saved on a Russian Windows is cp1251 with semicolons, Moodle exports UTF-8 with commas, and a workbook
renamed to `.csv` is no text at all. What cannot be read without guessing is refused; nothing is repaired silently.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lti_tool.errors import RuleBroken

MAX_BYTES = 20_000_000
"""1,000 participants with 200 columns and long feedback stay far below this."""
MAX_ROWS = 50_000
SEPARATORS = (",", ";", "\t", ":")
"""What Moodle's export offers, in the order in which they are tried."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ALLOWED_CONTROLS = "\t\n\r"
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a table; `line` is the line of the file on which it begins, from 1."""

    line: int
    fields: tuple[str, ...]


def is_workbook(content: bytes) -> bool:
    """Whether the bytes begin like an XLSX or ODS file (a zip archive), whatever the file is called."""
    return content.startswith(_ZIP)


def read_text_table(content: bytes, recognised: Callable[[Sequence[str]], int]) -> tuple[Record, ...]:
    """The records of a text file, the header first; wholly empty lines are left out.

    `recognised` counts the known words in a header: the separator that makes the most of them known is taken, then
    the one that gives the most fields. Raises RuleBroken: `file_empty`, `file_too_large`, `not_text`,
    `table_malformed` (line, reason), `too_many_rows`.
    """
    text, certain = _decode(content)
    separator, known = _separator(text, recognised)
    if not certain and not known:
        # Any bytes are some cp1251 text: without one known word this is more likely no table of ours.
        raise RuleBroken("not_text", reason="neither UTF-8 nor a table with known headers")
    return _records(text, separator)


def check_width(records: Sequence[Record]) -> None:
    """Raises RuleBroken("row_length", line, found, expected) unless all records have as many fields as the first."""
    expected = len(records[0].fields)
    for record in records:
        if len(record.fields) != expected:
            raise RuleBroken("row_length", line=record.line, found=len(record.fields), expected=expected)


def write_text_table(rows: Iterable[Sequence[str]]) -> str:
    """The rows as CSV with commas, safe to open in a spreadsheet: nothing in it is taken for a formula."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows([disarm(field) for field in row] for row in rows)
    return out.getvalue()


def disarm(field: str) -> str:
    """A field that a spreadsheet would take for a formula gets an apostrophe before it; `rearm` takes it off."""
    return f"'{field}" if _FORMULA.match(field) else field


def rearm(field: str) -> str:
    """The field as it was before `disarm`."""
    return field[1:] if field.startswith("'") and _FORMULA.match(field) else field


def plain(text: str) -> str:
    """A text without differences that nobody sees: composed letters, single plain spaces, none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _decode(content: bytes) -> tuple[str, bool]:
    """The text, and whether its encoding is beyond doubt."""
    if not content.strip():
        raise RuleBroken("file_empty")
    if len(content) > MAX_BYTES:
        raise RuleBroken("file_too_large", bytes=len(content), maximum=MAX_BYTES)
    if content.startswith((_ZIP, _OLE)):
        raise RuleBroken("not_text", reason="a workbook, whatever its name says")
    text, certain = _in_encoding(content)
    odd = next((each for each in text if unicodedata.category(each) == "Cc" and each not in _ALLOWED_CONTROLS), None)
    if odd is not None:
        raise RuleBroken("not_text", reason=f"holds the control character U+{ord(odd):04X}")
    if not text.strip():
        raise RuleBroken("file_empty")
    return text, certain


def _in_encoding(content: bytes) -> tuple[str, bool]:
    try:
        if content.startswith(_UTF16):
            return content.decode("utf-16"), True
        return content.decode("utf-8-sig"), True
    except UnicodeDecodeError as not_unicode:
        try:
            return content.decode("cp1251"), False
        except UnicodeDecodeError:
            raise RuleBroken("not_text", reason="neither UTF-8 nor Windows-1251") from not_unicode


def _separator(text: str, recognised: Callable[[Sequence[str]], int]) -> tuple[str, int]:
    best, rank = SEPARATORS[0], (-1, -1)
    for separator in SEPARATORS:
        fields = _header(text, separator)
        if fields is not None and (recognised(fields), len(fields)) > rank:
            best, rank = separator, (recognised(fields), len(fields))
    return best, max(rank[0], 0)


def _header(text: str, separator: str) -> list[str] | None:
    try:
        # Not strict: a malformed header still shows which separator it has, and is refused for what it is later.
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        return next((row for row in reader if any(row)), None)
    except csv.Error:
        return None


def _records(text: str, separator: str) -> tuple[Record, ...]:
    # strict: a quotation mark that is never closed would otherwise swallow the rest of the file.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    found: list[Record] = []
    begins = 1
    try:
        for row in reader:
            if any(field.strip() for field in row):
                found.append(Record(begins, tuple(row)))
            begins = reader.line_num + 1
            if len(found) > MAX_ROWS:
                raise RuleBroken("too_many_rows", maximum=MAX_ROWS)
    except csv.Error as error:
        raise RuleBroken("table_malformed", line=begins, reason=str(error)) from error
    if not found:
        raise RuleBroken("file_empty")
    return tuple(found)
