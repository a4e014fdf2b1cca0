"""Workbooks: read as values, refused where they are anything else."""

from __future__ import annotations

import contextlib
import io
import zipfile

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from lti_tool.competency.delimited import Record
from lti_tool.competency.spreadsheet import read_table, write_workbook
from lti_tool.competency.workbook_parts import MAX_UNPACKED
from lti_tool.errors import RuleBroken


def read(content: bytes) -> list[tuple[str, ...]]:
    return [record.fields for record in read_table(content, len)]


def workbook(*sheets: list[list[object]]) -> bytes:
    made = Workbook()
    made.remove(made.active)
    for number, rows in enumerate(sheets, 1):
        page = made.create_sheet(f"sheet {number}")
        for row in rows:
            page.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_the_first_sheet_is_read_as_texts() -> None:
    content = workbook([["activity", "weight", "pass_mark"], ["Тест: А", 2, 0.6], ["B", 3.0]], [["another sheet"]])

    assert read(content) == [("activity", "weight", "pass_mark"), ("Тест: А", "2", "0.6"), ("B", "3", "")]


def test_empty_rows_are_left_out_and_lines_still_count() -> None:
    content = workbook([["a", "b"], [], ["1", "2"]])

    assert read_table(content, len) == (Record(1, ("a", "b")), Record(3, ("1", "2")))


def test_what_is_written_are_texts_and_never_formulas() -> None:
    content = write_workbook([("activity",), ("=1+1",), ("https://example.invalid",)], "mapping")

    cells = [row[0] for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows()]

    assert [cell.value for cell in cells] == ["activity", "=1+1", "https://example.invalid"]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)


@pytest.mark.parametrize(("gave", "text"), [(2, "2"), (2.0, "2"), (2.5, "2.5")])
def test_a_formula_is_read_as_what_it_last_gave(gave: float, text: str) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        page = made.add_worksheet()
        page.write_string(0, 0, "weight")
        page.write_formula(1, 0, "=1+1", value=gave)

    assert read(out.getvalue()) == [("weight",), (text,)]


def test_a_text_file_is_read_whatever_it_is_called() -> None:
    assert read(b"a;b\n1;2\n") == [("a", "b"), ("1", "2")]


def _zip(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b" \r\n\t\n", "file_empty"),
        (b'""\n""\n', "file_empty"),
        ("\r\n".encode("utf-16"), "file_empty"),
        (b"a,b\n" * 50_001, "too_many_rows"),
        (b"x" * 20_000_001, "file_too_large"),
        (b"x" * 200_000, "table_malformed"),
        (b'a,b\n1,"2\n3,4\n', "line=2"),
        (b"\xd0\xcf\x11\xe0" + bytes(500), "a workbook, whatever its name says"),
        (b"a,b\n\x00,1\n", "U\\+0000"),
        (b"\x98\x98,\x98", "neither UTF-8 nor Windows-1251"),
    ],
)
def test_what_is_no_table_of_text_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(RuleBroken, match=code):
        read(content)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04 no zip at all", "workbook_unreadable"),
        (_zip(**{"hello.txt": b"hello"}), "workbook_unreadable"),
        (_zip(**{"[Content_Types].xml": b"<a"}), "workbook_unreadable"),
        (_zip(**{"xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "workbook_unreadable"),
        (_zip(**{"xl/sheet.dat": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "a document type declaration"),
        (_zip(**{"xl/workbook.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("utf-16")}), "workbook_unreadable"),
        (_zip(**{"xl/worksheets/sheet1.xml": b"\0" * 15_000_001}), "file_too_large"),
        (workbook([["a"], ["1"]])[:-200], "workbook_unreadable"),
        (workbook([[]]), "file_empty"),
        (workbook([["x"] * 201]), "too_many_rows"),
        (b"PK\x03\x04" + bytes(20_000_000), "file_too_large"),
    ],
)
def test_what_is_no_workbook_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(RuleBroken, match=code):
        read(content)


GOOD = workbook([["activity", "indicator"], ["A", "4.1.1.a"]])


def test_ten_times_five_thousand_lines_fit_into_a_workbook() -> None:
    rows = [["activity", "indicator", "weight", "role", "pass_mark", "max"]]
    rows += [[f"Assignment: Сандык портфолио {n // 61}", "4.1.1.a", "2", "required", "0.6", "50"] for n in range(5_000)]

    with zipfile.ZipFile(io.BytesIO(write_workbook(rows, "mapping"))) as archive:
        assert 10 * sum(part.file_size for part in archive.infolist()) <= MAX_UNPACKED


@settings(max_examples=60)
@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_workbook_gives_rows_or_a_refusal(position: int, damage: bytes) -> None:
    content = GOOD[:position] + damage + GOOD[position + len(damage) :]

    with contextlib.suppress(RuleBroken):
        read(content)
