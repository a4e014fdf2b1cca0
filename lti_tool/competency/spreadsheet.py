"""Workbooks in (XLSX, ODS) and out (XLSX), because that is where trainers work: mappings, gradebook exports.

Only the first sheet is read, and only values: formulas come as what they last gave. A workbook comes from outside,
so `workbook_parts` looks through it before anything reads it whole.
"""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from xml.etree.ElementTree import ParseError

from lti_tool.competency import ods_sheet
from lti_tool.competency.delimited import MAX_BYTES, MAX_ROWS, Record, is_workbook, read_text_table, rearm
from lti_tool.competency.workbook_parts import check_parts
from lti_tool.errors import RuleBroken

MAX_COLUMNS = 200
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    struct.error,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What openpyxl and zipfile raise for workbooks that are damaged, encrypted or something else in a zip archive."""


def read_table(content: bytes, recognised: Callable[[Sequence[str]], int]) -> tuple[Record, ...]:
    """The records of a text file or of a workbook's first sheet, told apart by content, the header first.

    In text, what `disarm` put before a field that looks like a formula is taken off again.

    Raises RuleBroken: what `read_text_table` raises, `workbook_unreadable` (reason), `file_too_large`.
    """
    if not is_workbook(content):
        records = read_text_table(content, recognised)
        return tuple(Record(record.line, tuple(map(rearm, record.fields))) for record in records)
    return read_workbook(content)


def read_workbook(content: bytes) -> tuple[Record, ...]:
    """The records of a workbook's first sheet, the header first.

    Raises RuleBroken: `workbook_unreadable` (reason), `file_too_large`, `too_many_rows`, `file_empty`.
    """
    if len(content) > MAX_BYTES:
        raise RuleBroken("file_too_large", bytes=len(content), maximum=MAX_BYTES)
    try:
        records = _first_sheet_of_ods(content) if _is_ods(content) else _first_sheet(content)
    except _FAULTS as error:
        raise RuleBroken("workbook_unreadable", reason=type(error).__name__) from error
    if not records:
        raise RuleBroken("file_empty")
    return records


def write_workbook(rows: Iterable[Sequence[str]], sheet: str) -> bytes:
    """The rows as an XLSX file whose cells are all texts: nothing in it is a formula or a link."""
    # Imported when it is needed: a web process that never writes a workbook need not carry the library.
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        page = workbook.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for column, field in enumerate(row):
                page.write_string(number, column, field)
        page.freeze_panes(1, 0)
        page.autofit()
    return out.getvalue()


def _is_ods(content: bytes) -> bool:
    """Refuses what is made to burst or declares entities; whether this is an OpenDocument."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return ods_sheet.PART in check_parts(archive)


def _first_sheet(content: bytes) -> tuple[Record, ...]:
    from openpyxl import load_workbook

    # It warns of what it leaves out (extensions, dates out of the calendar) and says what stood there: not for a log.
    warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
    workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()
        # One row and one column more than allowed, to notice that there are too many.
        rows = sheet.iter_rows(values_only=True, max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS + 1)
        found = [Record(line, fields) for line, row in enumerate(rows, 1) if any(fields := _texts(row))]
    finally:
        workbook.close()
    return _as_table(found)


def _first_sheet_of_ods(content: bytes) -> tuple[Record, ...]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(ods_sheet.PART) as part:
        rows = ods_sheet.rows(part, MAX_ROWS + 1, MAX_COLUMNS + 1)
        return _as_table([Record(line, cells) for line, cells in rows])


def _as_table(found: Sequence[Record]) -> tuple[Record, ...]:
    if any(len(record.fields) > MAX_COLUMNS for record in found) or (found and found[-1].line > MAX_ROWS):
        raise RuleBroken("too_many_rows", maximum=MAX_ROWS, columns=MAX_COLUMNS)
    width = max((len(record.fields) for record in found[:1]), default=0)
    return tuple(_as_wide(record, width) for record in found)


def _texts(row: Iterable[object]) -> tuple[str, ...]:
    cells = [_text(cell) for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _as_wide(record: Record, width: int) -> Record:
    """Empty cells at the end of a row are not written to the file, so they are given back here."""
    missing = max(0, width - len(record.fields))
    return Record(record.line, record.fields + ("",) * missing)
