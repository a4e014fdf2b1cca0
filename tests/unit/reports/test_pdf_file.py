"""Tables and reports as PDF: they say what they were given, are tagged, carry their font, and hold nothing up."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from lti_tool.reports import pdf_file
from lti_tool.reports.pdf_file import NotTypeset
from lti_tool.reports.report import (
    LevelCell,
    PrintedColumn,
    PrintedTable,
    Report,
    Section,
    ShareCell,
    Signature,
    StackCell,
)
from lti_tool.reports.table import Column, Kind, Note, Row, Table
from tests.factories.pdf import facts_of, fonts_of, text_of
from tests.factories.tables import AWKWARD, INJECTIONS, of_texts, table

pytestmark = pytest.mark.pdf


def written(made: Table | Report) -> bytes:
    with tempfile.TemporaryFile() as file:
        pdf_file.write(made, file)
        file.seek(0)
        return file.read()


def a_report(people: int = 3) -> Report:
    """Every kind of cell, in Kyrgyz."""
    columns = (PrintedColumn("Аты", 3), PrintedColumn("2.1", 1, "center"), PrintedColumn("Үлүшү", 0))
    bars = (PrintedColumn("Бөлүштүрүлүшү", 2), PrintedColumn("0", 0, "right", 0), PrintedColumn("–", 0, "right", 4))
    everybody = tuple(
        (f"Катышуучу {n:04}", LevelCell(str(n % 4), n % 4), ShareCell("59,9 %", 0.599)) for n in range(people)
    )
    return Report(
        name="report",
        language="ky",
        kicker="МКТ",
        title="Курстун отчёту",
        facts=(Note("Окутуучулар", "Гүлнара"),),
        sections=(
            Section("Эрежелер", ("Бир сүйлөм.",)),
            Section("Деңгээлдер", table=PrintedTable(bars, ((StackCell((0.25, 0, 0.25, 0.25, 0.25)), "7", "9"),))),
            Section("Катышуучулар", table=PrintedTable(columns, everybody), below="○ калыптанууда", landscape=True),
        ),
        footer="26-ноябрь, 2026",
        signatures=(Signature("Жетектөөчү окутуучу", "Гүлнара"), Signature("Институттун жетекчиси")),
    )


@pytest.fixture(scope="module")
def large() -> bytes:
    """The report of three hundred people."""
    return written(a_report(300))


def test_a_report_says_what_it_was_given(large: bytes) -> None:
    said = text_of(large)

    for text in (
        "Курстун отчёту",
        "Окутуучулар",
        "Бир сүйлөм.",
        "Жетектөөчү окутуучу: Гүлнара",
        "Катышуучу 0299",
        "59,9 %",
    ):
        assert text in said
    assert [word for word in ("7", "9") if word not in said.split()] == []


def test_it_is_tagged_and_carries_the_same_font_everywhere(large: bytes, tmp_path: Path) -> None:
    facts = facts_of(large, tmp_path)

    assert (facts["Title"], facts["Tagged"]) == ("Курстун отчёту", "yes")
    assert fonts_of(large, tmp_path) == {"LibertinusSerif"}
    # Both stand in the XMP packet and the catalogue, which no PDF/UA file may compress or leave out.
    assert b"pdfuaid:part>1<" in large
    assert b"/Lang (ky)" in large or b"/Lang(ky)" in large


def test_heads_and_page_numbers_are_on_every_page(large: bytes) -> None:
    pages = text_of(large).split("\f")[:-1]

    assert len(pages) > 5
    assert all("Аты" in page and "Үлүшү" in page for page in pages[1:])
    assert [f"{number} / {len(pages)}" in page for number, page in enumerate(pages, 1)] == [True] * len(pages)
    assert all("26-ноябрь, 2026" in page for page in pages)


def test_one_signs_before_the_pages_that_lie_across(large: bytes, tmp_path: Path) -> None:
    first, second = text_of(large).split("\f")[:2]

    assert "Институттун жетекчиси" in first
    assert "Катышуучу 0000" in second


def _signed_after(rows: int, rules: int) -> list[str]:
    """The pages of a report whose last section has so many rows, behind so many sentences."""
    columns = (PrintedColumn("Көрсөткүч", 3), PrintedColumn("Үлүшү", 0))
    indicators = tuple((f"Көрсөткүч {n:02}", ShareCell("50 %", 0.5)) for n in range(rows))
    sections = (
        Section("Эрежелер", tuple(f"{n}-сүйлөм." for n in range(rules))),
        Section("Сейрек", table=PrintedTable(columns, indicators)),
    )
    return text_of(written(replace(a_report(), sections=sections))).split("\f")[:-1]


@pytest.mark.parametrize("rules", [20, 24, 26, 28])
def test_nobody_signs_on_a_page_of_its_own(rules: int) -> None:
    pages = _signed_after(10, rules)

    (signed,) = (page for page in pages if "Институттун жетекчиси" in page)
    assert "Сейрек" in signed
    assert "Көрсөткүч 09" in signed
    assert "0-сүйлөм." in pages[0]


def test_what_is_longer_than_a_page_flows_from_the_page_where_it_begins() -> None:
    pages = _signed_after(60, 2)

    assert "Көрсөткүч 00" in pages[0]
    assert "Институттун жетекчиси" in pages[-1]


def test_any_table_is_a_document_with_its_notes() -> None:
    said = text_of(written(table()))

    for text in ("A table", "As of", "=none", "Айгүл", "1.99", "66.6%", "2026-11-26 10:15", "In progress"):
        assert text in said


def test_texts_are_printed_as_they_are_and_never_obeyed() -> None:
    attacks = ("#panic()", "$x^2$", "= Title", "*b*", "\\u{41}", '#include "/etc/passwd"', "@ref", "<a>")
    texts = [
        text for text in (*INJECTIONS, *AWKWARD, *attacks) if text.isprintable() and not set(text) & set("＝＋－＠")
    ]

    said = " ".join(text_of(written(of_texts(texts))).split())

    assert [text for text in texts if " ".join(text.split()) not in said] == []


def test_a_letter_that_the_font_lacks_is_an_empty_box_and_costs_no_document(tmp_path: Path) -> None:
    content = written(of_texts(["漢字 Айгүл 😀", "a\x07b\x00c"]))

    assert "□□ Айгүл □" in text_of(content)
    assert "a□b□c" in text_of(content)
    assert b"pdfuaid:part>1<" in content


def test_where_there_is_little_room_words_are_signs_and_say_what_they_mean() -> None:
    columns = (Column("Name"), *(Column(f"{n}.1 Competency {n}", Kind.LEVEL, short=f"{n}.1") for n in range(7)))
    rows: list[Row] = [("Айгүл", 0, 1, 2, 3, "Not yet", "In progress", "Not yet")]

    report = pdf_file.of_table(table(rows, columns))

    (section,) = report.sections
    assert section.table is not None
    assert [cell.text for cell in section.table.rows[0] if isinstance(cell, LevelCell)] == list("0123–○–")
    assert section.below.startswith("– Not yet   ○ In progress   0.1 Competency 0")
    assert [column.title for column in section.table.columns][:3] == ["Name", "0.1", "1.1"]
    assert report.landscape


def test_a_small_table_keeps_its_words_and_stands_upright() -> None:
    report = pdf_file.of_table(table())

    (section,) = report.sections
    assert section.table is not None
    assert section.table.rows[1][5] == LevelCell("In progress", None)
    assert (report.landscape, report.cells) == (False, 18)


def test_a_typesetter_that_fails_is_told_in_short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pdf_file, "TEMPLATE", tmp_path / "none.typ")

    with (tmp_path / "out").open("wb") as file, pytest.raises(NotTypeset) as failed:
        pdf_file.write(table(), file)

    assert failed.value.facts["status"] == 1


def test_who_waits_is_heard_and_may_give_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "slow.py"
    program.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(pdf_file, "PROGRAM", program)
    monkeypatch.setattr(pdf_file, "BEAT_SECONDS", 1)

    def give_up() -> None:
        raise InterruptedError

    with (tmp_path / "out").open("wb") as file, pytest.raises(InterruptedError):
        pdf_file.write(table(), file, give_up)


def test_a_slow_typesetter_is_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "slow.py"
    program.write_text("import sys, time\ntime.sleep(2.5)\nprint(len(sys.stdin.read()), end='')\n")
    monkeypatch.setattr(pdf_file, "PROGRAM", program)
    monkeypatch.setattr(pdf_file, "BEAT_SECONDS", 1)
    beats: list[int] = []
    rows: list[Row] = [("x" * 200_000,)]

    with (tmp_path / "out").open("w+b") as file:
        pdf_file.write(table(rows, (Column("A"),)), file, lambda: beats.append(1))
        file.seek(0)
        read = int(file.read())

    assert (len(beats) >= 2, read > 200_000) == (True, True)


def test_a_typesetter_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "slow.py"
    program.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(pdf_file, "PROGRAM", program)
    monkeypatch.setattr(pdf_file, "LONGEST_SECONDS", 1)
    monkeypatch.setattr(pdf_file, "BEAT_SECONDS", 1)

    with (tmp_path / "out").open("wb") as file, pytest.raises(NotTypeset):
        pdf_file.write(table(), file)


def test_columns_that_share_a_short_head_are_explained_once() -> None:
    heads = [("People", "n"), *((f"{n}.1 Competency {n}", f"{n}.1") for n in range(3)), ("Known", "n"), ("Rest", "")]
    columns = (Column("Name"), *(Column(title, Kind.WHOLE, short=short) for title, short in heads))

    (section,) = pdf_file.of_table(table((), columns)).sections

    assert section.below == "n People   0.1 Competency 0   1.1 Competency 1   2.1 Competency 2"
