"""A table as a workbook: typed cells, a head that stays, filters; and no text that becomes anything else."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from lti_tool.reports import xlsx_file
from lti_tool.reports.table import BISHKEK, Column, Table
from tests.factories.tables import AWKWARD, INJECTIONS, MOMENT, of_texts, sheet, table


def written(made: Table) -> bytes:
    out = io.BytesIO()
    xlsx_file.write(made, out)
    return out.getvalue()


@pytest.fixture(scope="module")
def content() -> bytes:
    """The workbook of a table with a column of each kind."""
    return written(table())


def test_each_cell_has_the_type_of_its_column(content: bytes) -> None:
    _head, first, second, third = sheet(content)

    values: list[list[Any]] = [[cell.value for cell in row] for row in (first, second, third)]
    assert values == [
        ["Айгүл", 3, 1.99, 0.666, MOMENT.astimezone(BISHKEK).replace(tzinfo=None), 2],
        ["Бакыт", -3, -1.5, 0, None, "In progress"],
        [None, None, None, None, None, 0],
    ]
    assert [cell.data_type for cell in first] == ["s", "n", "n", "n", "d", "n"]
    assert [cell.number_format for cell in first[1:]] == ["0", "0.00", "0.0%", "yyyy-mm-dd hh:mm", '"Level "0']


def test_the_head_stays_and_filters(content: bytes) -> None:
    page = load_workbook(io.BytesIO(content)).worksheets[0]

    assert (page.freeze_panes, page.auto_filter.ref, page.title) == ("B2", "A1:F4", "A table")
    assert [cell.font.b for cell in page[1]] == [True] * 6


def test_columns_are_as_wide_as_what_they_hold_within_reason() -> None:
    page = load_workbook(io.BytesIO(written(of_texts(["x" * 30, "y" * 500])))).worksheets[0]
    narrow = load_workbook(io.BytesIO(written(of_texts(["x" * 30])))).worksheets[0]

    assert [round(each.column_dimensions["A"].width) for each in (page, narrow)] == [63, 33]


def test_what_to_know_of_the_table_stands_on_a_second_sheet(content: bytes) -> None:
    notes = sheet(content, 1)

    assert [[cell.value for cell in row] for row in notes] == [
        ["A table", None],
        ["As of", "2026-11-26 10:15"],
        ["Filters", "=none"],
    ]
    assert notes[2][1].data_type == "s"


@pytest.mark.parametrize("texts", [INJECTIONS, AWKWARD], ids=["injections", "awkward"])
def test_texts_stay_the_texts_they_are(texts: tuple[str, ...]) -> None:
    content = written(of_texts(texts))
    head, *rows = sheet(content)

    # What XML cannot hold is written as _x000D_ (ECMA-376, ST_Xstring); openpyxl leaves reading that to its callers.
    assert [unescape(str(cell.value)) for (cell,) in rows] == list(texts)
    assert {cell.data_type for (cell,) in (head, *rows)} == {"s"}
    parts = zipfile.ZipFile(io.BytesIO(content))
    page = parts.read("xl/worksheets/sheet1.xml")
    assert (b"<f>" in page, b"hyperlink" in page) == (False, False)


def test_a_text_longer_than_a_cell_is_cut_and_not_left_out() -> None:
    (_head, (cell,)) = sheet(written(of_texts(["x" * 40_000])))

    assert len(str(cell.value)) == xlsx_file.LONGEST


@pytest.mark.parametrize("title", ["[a]:*?/\\'b'", "x" * 90, "History", "notes", "", "\x00"])
def test_any_title_is_some_sheets_name(title: str) -> None:
    first, second = load_workbook(io.BytesIO(written(table(title=title)))).sheetnames

    assert (0 < len(first) <= 31, second) == (True, "notes")


def test_who_waits_hears_of_each_row() -> None:
    heard: list[int] = []

    xlsx_file.write(table(), io.BytesIO(), heard.append)

    assert heard == [1, 2, 3]


def test_a_table_without_rows_is_a_workbook_too() -> None:
    assert [[cell.value for cell in row] for row in sheet(written(table((), (Column("A"),), notes=())))] == [["A"]]


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 2)

    with pytest.raises(ValueError, match="more rows"):
        written(table())
