"""OpenDocument spreadsheets: read as values, and never more of them than a table may have."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.competency.delimited import Record
from lti_tool.competency.spreadsheet import read_table
from lti_tool.errors import RuleBroken
from tests.factories.files import ods, ods_row, packed

WORD = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'


def read(content: bytes) -> list[tuple[str, ...]]:
    return [record.fields for record in read_table(content, len)]


def test_the_first_sheet_is_read_as_texts() -> None:
    content = ods(ods_row(["activity", "weight"]) + ods_row(["Тест: А & Б", 2.5]), ods_row(["another sheet"]))

    assert read(content) == [("activity", "weight"), ("Тест: А & Б", "2.5")]


def test_repeated_empty_rows_and_cells_keep_their_places() -> None:
    empty = '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
    gap = f'<table:table-row><table:table-cell table:number-columns-repeated="2"/>{WORD}</table:table-row>'

    assert read_table(ods(ods_row(["a", "b", "c"]) + empty + gap), len) == (
        Record(1, ("a", "b", "c")),
        Record(5, ("", "", "x")),
    )


def test_spaces_breaks_and_marked_words_of_a_text_are_its_text() -> None:
    text = '<text:p>Week<text:s text:c="2"/>1<text:line-break/><text:span>quiz</text:span> (A)</text:p>'
    cell = f'<table:table-cell office:value-type="string">{text}</table:table-cell>'

    assert read(ods(f"<table:table-row>{cell}</table:table-row>")) == [("Week  1 quiz (A)",)]


def test_a_comment_on_a_cell_is_none_of_its_text() -> None:
    cell = WORD.replace("<text:p>", "<office:annotation><text:p>mind this</text:p></office:annotation><text:p>")

    assert read(ods(f"<table:table-row>{cell}</table:table-row>")) == [("x",)]


@pytest.mark.parametrize("times", ["columns", "rows"])
def test_a_cell_repeated_a_million_times_is_refused_at_once(times: str) -> None:
    row = f"<table:table-row>{WORD}</table:table-row>"
    where = "<table:table-cell" if times == "columns" else "<table:table-row"
    bomb = row.replace(where, f'{where} table:number-{times}-repeated="1048576"')

    with pytest.raises(RuleBroken, match="too_many_rows"):
        read(ods(bomb))


def test_a_row_of_too_many_cells_is_refused_however_they_are_written() -> None:
    with pytest.raises(RuleBroken, match="too_many_rows"):
        read(ods(ods_row(["x"] * 300)))


def test_a_sheet_may_be_padded_with_empty_rows_to_its_end() -> None:
    padding = '<table:table-row table:number-rows-repeated="1048574"><table:table-cell/></table:table-row>'

    assert read(ods(ods_row(["a"]) + padding)) == [("a",)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (packed({"content.xml": b"<a"}), "workbook_unreadable"),
        (packed({"content.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "a document type declaration"),
        (packed({"content.xml": b"<a/>"}), "file_empty"),
        (packed({"content.xml": b" " * 15_000_001}), "file_too_large"),
        (ods(ods_row(["a"]).replace("<table:table-row", '<table:table-row table:number-rows-repeated="?"')), "unread"),
    ],
)
def test_what_is_no_spreadsheet_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(RuleBroken, match=code):
        read(content)


GOOD = ods(ods_row(["activity", "indicator"]) + ods_row(["A", 4.0]))


@settings(max_examples=60)
@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_spreadsheet_gives_rows_or_a_refusal(position: int, damage: bytes) -> None:
    content = GOOD[:position] + damage + GOOD[position + len(damage) :]

    with contextlib.suppress(RuleBroken):
        read(content)
