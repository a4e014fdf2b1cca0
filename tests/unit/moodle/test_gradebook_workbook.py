"""Moodle's spreadsheet exports say the same as its text export."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace

import pytest
import xlsxwriter

from lti_tool.errors import RuleBroken
from lti_tool.moodle.gradebook_file import GradebookFile, printed_marks, read_gradebook
from lti_tool.moodle.gradebook_words import Display
from tests.factories.files import XLSX, ods, ods_row

Export = Callable[..., bytes]


def _table(content: bytes) -> list[list[str | float]]:
    """The cells as Moodle puts them into a spreadsheet: what is a number becomes one, the time stays a text."""
    rows = list(csv.reader(io.StringIO(content.decode())))
    return [[_cell(cell) if at < len(row) - 1 else cell for at, cell in enumerate(row)] for row in rows]


def _cell(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def as_xlsx(content: bytes) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet()
        for line, row in enumerate(_table(content)):
            for column, cell in enumerate(row):
                page.write(line, column, cell)
    return out.getvalue()


def as_ods(content: bytes) -> bytes:
    return ods("".join(ods_row(row) for row in _table(content)))


def marks(file: GradebookFile) -> dict[str, list[tuple[object, int]]]:
    real = [item for item in file.items if item.display is Display.REAL]
    return {item.item: [(each.value, each.places) for each in printed_marks(file, item) if each.value] for item in real}


@pytest.mark.parametrize("write", [as_xlsx, as_ods])
def test_a_spreadsheet_export_is_read_like_the_text_export(export: Export, write: Callable[[bytes], bytes]) -> None:
    text, sheet = read_gradebook(export()), read_gradebook(write(export()))

    assert sheet.items == text.items
    assert [replace(row, cells=()) for row in sheet.rows] == [replace(row, cells=()) for row in text.rows]
    assert marks(sheet) == marks(text)


def test_a_whole_number_in_a_spreadsheet_keeps_the_places_of_the_export(small: Export) -> None:
    exported = small({"Quiz: A (Real)": ["88.00", "7.00"], "Quiz: B (Real)": ["0.25", "-"]})

    assert {places for found in marks(read_gradebook(as_xlsx(exported))).values() for _mark, places in found} == {2}


def test_places_of_a_text_export_are_those_of_each_mark(small: Export) -> None:
    file = read_gradebook(small({"Quiz: A (Real)": ["88", "7.5"]}))

    assert [places for _mark, places in marks(file)["Quiz: A"]] == [0, 1]


def test_a_workbook_that_is_none_is_refused() -> None:
    with pytest.raises(RuleBroken, match="workbook_unreadable"):
        read_gradebook(XLSX)
