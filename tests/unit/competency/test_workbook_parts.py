"""Workbooks that are made to burst, or to fetch: refused before anything reads them whole."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from lti_tool.competency.spreadsheet import read_workbook, write_workbook
from lti_tool.competency.workbook_parts import MAX_AT_ONCE, MAX_PARTS, check_part
from lti_tool.errors import RuleBroken
from tests.factories.files import ods, ods_row, packed

CELLS = "<c/>" * (MAX_AT_ONCE + 1)
LAUGHS = "".join(f"<!ENTITY e{number} '{f'&e{number - 1};' * 10}'>" for number in range(1, 10))
COMMENT = f"<!-- {' ' * 5000} -->"
DOCUMENT_TYPES = {
    "at the start": "<!DOCTYPE a [<!ENTITY e 'odd'>]>",
    "behind a long comment": f"{COMMENT}<!DOCTYPE a [<!ENTITY e 'odd'>]>",
    "that laughs a billion times": f"<!DOCTYPE a [<!ENTITY e0 'odd'>{LAUGHS}<!ENTITY e '&e9;'>]>",
    "that is fetched": "<!DOCTYPE a SYSTEM 'https://evil.example.invalid/a.dtd'>",
}


def sheet(inner: str) -> bytes:
    """A workbook whose sheet holds this."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(write_workbook([["a"]], "sheet"))) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("sheet1.xml"):
                part = part.partition(b"<sheetData>")[0] + f"{inner}</worksheet>".encode()
            new.writestr(name, part)
    return out.getvalue()


@pytest.mark.parametrize("declared", DOCUMENT_TYPES.values(), ids=DOCUMENT_TYPES)
@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_a_document_type_is_found_wherever_it_stands(declared: str, coding: str) -> None:
    with zipfile.ZipFile(io.BytesIO(ods(ods_row(["odd"])))) as written:
        content = written.read("content.xml").decode()
    spoilt = (declared + content.replace(">odd<", ">&e;<")).encode(coding)

    with pytest.raises(RuleBroken, match="a document type declaration"):
        read_workbook(packed({"content.xml": spoilt}))


@pytest.mark.parametrize(
    "content",
    [
        sheet(f"<sheetData><row>{CELLS}</row></sheetData>"),
        sheet(f"<sheetData><row><row/>{CELLS[:200_000]}<row/>{CELLS[:220_000]}</row></sheetData>"),
        sheet(f"<sheetData>{CELLS[:200_000]}<row/>{CELLS[:220_000]}</sheetData>"),
        sheet("<sheetData/><mergeCells>" + "<mergeCell ref='A1:B2'/>" * (MAX_AT_ONCE + 1) + "</mergeCells>"),
        ods(f"<table:table-row>{CELLS}</table:table-row>"),
    ],
    ids=["columns", "rows in a row", "what is no row", "parts of a sheet", "columns of an OpenDocument"],
)
def test_so_many_elements_at_once_are_refused_unread(content: bytes) -> None:
    with pytest.raises(RuleBroken, match="too many elements at once"):
        read_workbook(content)


def test_what_a_library_leaves_out_of_a_sheet_is_no_fault_and_no_line_in_a_log() -> None:
    cell = "<row r='1'><c r='A1' t='inlineStr'><is><t>activity</t></is></c></row>"
    content = sheet(f"<sheetData>{cell}</sheetData><extLst><ext uri='x'/></extLst>")

    assert [record.fields for record in read_workbook(content)] == [("activity",)]


def test_rows_may_be_many() -> None:
    wide = "<row>" + "<c/>" * 50_000 + "</row>"

    check_part(io.BytesIO(f"<worksheet><sheetData>{wide * 3}</sheetData></worksheet>".encode()))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_part_that_unpacks_to_far_more_than_it_claims_is_refused_packed(method: int) -> None:
    content = packed({"content.xml": b" " * 5_000_000}, method=method)
    size = content.rfind(b"PK\x01\x02") + 24
    lying = content[:size] + struct.pack("<L", 10) + content[size + 4 :]

    with pytest.raises(RuleBroken, match="packed in another way"):
        read_workbook(lying)


def test_a_container_of_more_parts_than_any_workbook_has_is_refused() -> None:
    with pytest.raises(RuleBroken, match="too many parts"):
        read_workbook(packed({f"p{number}": b"" for number in range(MAX_PARTS + 1)}))


def test_a_picture_is_looked_at_no_further_than_it_takes_to_see_that_it_is_none_of_xml() -> None:
    content = io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"<!DOCTYPE a>" * 200_000)

    check_part(content)

    assert content.tell() < 100_000
