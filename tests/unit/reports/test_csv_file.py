"""A table as CSV: what goes in comes out, and a spreadsheet finds no formula in it."""

from __future__ import annotations

import csv
import io
import itertools
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.reports import csv_file
from lti_tool.reports.csv_file import PLAIN, Dialect, for_excel
from lti_tool.reports.table import Column, Row
from tests.factories.tables import AWKWARD, INJECTIONS, csv_rows, csv_text, of_texts, table

FORMULA_BEGINS = tuple("=+-@\t\r\n＝＋－＠")


def test_texts_stand_in_quotation_marks_and_numbers_do_not() -> None:
    assert csv_text(table()) == (
        '"Name","Count","Mean","Share","Since","Level"\r\n'
        '"Айгүл",3,1.99,66.6%,2026-11-26 10:15,2\r\n'
        '"Бакыт",-3,-1.50,0.0%,,"In progress"\r\n'
        ",,,,,0\r\n"
    )


@pytest.mark.parametrize(
    ("language", "begins"), [("ky", '\ufeff"Name";'), ("ru", '\ufeff"Name";'), ("en", '\ufeff"Name",')]
)
def test_excel_gets_what_it_opens_where_the_language_is_spoken(language: str, begins: str) -> None:
    content = csv_text(table(), for_excel(language))

    assert content.startswith(begins)
    assert ("1,99" in content, "1.99" in content) == (language != "en", language == "en")
    assert "2026-11-26 10:15" in content


def test_a_byte_order_mark_stands_only_where_it_is_asked_for() -> None:
    assert csv_text(table(), Dialect(bom=True)) == "\ufeff" + csv_text(table(), PLAIN)


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_cell_begins_like_a_formula_and_none_is_changed(text: str) -> None:
    content = csv_text(of_texts([text]))
    _head, (cell,) = csv.reader(io.StringIO(content, newline=""))

    assert not cell.startswith(FORMULA_BEGINS)
    assert csv_rows(content) == [["=Text"], [text]]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_any_texts_come_back_as_they_were(texts: list[str]) -> None:
    assert [cell for (cell,) in csv_rows(csv_text(of_texts(texts)))[1:]] == texts


def test_awkward_texts_come_back_as_they_were() -> None:
    assert [cell for (cell,) in csv_rows(csv_text(of_texts(AWKWARD)))[1:]] == list(AWKWARD)


def test_the_head_leaves_before_the_first_row_is_read() -> None:
    def rows() -> Iterator[Row]:
        raise AssertionError("read too early")
        yield

    made = csv_file.pieces(table(()))
    early = csv_file.pieces(_endless(rows()))

    assert (next(early), b"".join(made)) == (b'"N","M"\r\n', next(csv_file.pieces(table())))


def test_a_long_table_needs_no_more_memory_than_a_short_one() -> None:
    rows: Iterator[Row] = ((f"Person {number}", number) for number in range(60_000))
    tracemalloc.start()

    size = sum(len(piece) for piece in csv_file.pieces(_endless(rows)))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (size > 1_000_000, peak < 600_000) == (True, True)


def test_an_endless_table_begins_at_once() -> None:
    rows: Iterator[Row] = (("x", number) for number in itertools.count())

    pieces = list(itertools.islice(csv_file.pieces(_endless(rows)), 3))

    assert [len(piece) >= csv_file.PIECE for piece in pieces] == [False, True, True]


def test_a_row_of_another_width_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="longer"):
        csv_text(table([("a",)]))


def _endless(rows: Iterator[Row]) -> csv_file.Table:
    return csv_file.Table(name="t", title="T", columns=(Column("N"), Column("M")), rows=rows, count=0)
