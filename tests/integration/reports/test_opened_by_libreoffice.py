"""Files as a person opens them: LibreOffice finds the values that went in, and no formula in any text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl.cell import Cell

from lti_tool.competency.delimited import rearm
from lti_tool.reports import csv_file, xlsx_file
from lti_tool.reports.csv_file import PLAIN, Dialect, for_excel
from lti_tool.reports.table import BISHKEK, Table
from tests.factories.libreoffice import COMMAS, SEMICOLONS, opened
from tests.factories.tables import AWKWARD, INJECTIONS, MOMENT, of_texts, table

pytestmark = pytest.mark.soffice

TEXTS = INJECTIONS + AWKWARD
HERE = MOMENT.astimezone(BISHKEK).replace(tzinfo=None)


def laid(folder: Path, name: str, made: Table, dialect: Dialect | None = None) -> Path:
    """The table as a file: CSV in this dialect, else a workbook."""
    file = folder / name
    with file.open("wb") as out:
        if dialect is None:
            xlsx_file.write(made, out)
        else:
            out.writelines(csv_file.pieces(made, dialect))
    return file


def values(sheet: list[tuple[Cell, ...]]) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet[1:]]


def text(cell: Cell) -> str:
    """The text of a cell; a line end of any kind is one, as XML has it."""
    return as_one_line_end(str(cell.value).replace("_x000D_", "\r"))


def as_one_line_end(text: str) -> str:
    return re.sub("\r\n?", "\n", text)


def test_a_workbook_holds_the_same_texts_numbers_and_times(tmp_path: Path) -> None:
    typed, texts = laid(tmp_path, "typed.xlsx", table()), laid(tmp_path, "texts.xlsx", of_texts(TEXTS))

    of_types, of_texts_ = opened(tmp_path, typed, texts)

    assert values(of_types) == [
        ["Айгүл", 3, 1.99, 0.666, HERE, 2],
        ["Бакыт", -3, -1.5, 0, None, "In progress"],
        [None, None, None, None, None, 0],
    ]
    assert [cell.data_type for cell in of_types[1]] == ["s", "n", "n", "n", "d", "n"]
    assert [text(cell) for (cell,) in of_texts_[1:]] == [as_one_line_end(each) for each in TEXTS]
    assert {cell.data_type for (cell,) in of_texts_} == {"s"}


def test_csv_holds_the_same_texts_numbers_and_times(tmp_path: Path) -> None:
    typed, texts = laid(tmp_path, "typed.csv", table(), PLAIN), laid(tmp_path, "texts.csv", of_texts(TEXTS), PLAIN)

    of_types, of_texts_ = opened(tmp_path, typed, texts, csv_options=COMMAS.format(quoted="true"))

    assert values(of_types) == [
        ["Айгүл", 3, 1.99, 0.666, HERE, 2],
        ["Бакыт", -3, -1.5, 0, None, "In progress"],
        [None, None, None, None, None, 0],
    ]
    assert [rearm(text(cell)) for (cell,) in of_texts_[1:]] == [as_one_line_end(each) for each in TEXTS]
    assert {cell.data_type for (cell,) in of_texts_} == {"s"}


@pytest.mark.parametrize(("language", "options"), [("en", COMMAS), ("ky", SEMICOLONS)])
def test_no_attack_is_a_formula_or_a_number_however_csv_is_opened(tmp_path: Path, language: str, options: str) -> None:
    plain = laid(tmp_path, "plain.csv", of_texts(INJECTIONS), for_excel(language))

    (sheet,) = opened(tmp_path, plain, csv_options=options.format(quoted="false"))

    assert [rearm(text(cell)) for (cell,) in sheet[1:]] == [as_one_line_end(each) for each in INJECTIONS]
    assert {cell.data_type for (cell,) in sheet} == {"s"}
