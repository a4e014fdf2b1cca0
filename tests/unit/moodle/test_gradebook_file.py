"""Moodle's gradebook export as values, or a refusal that names the place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.errors import RuleBroken
from lti_tool.moodle.gradebook_file import (
    Columns,
    GradebookFile,
    ItemColumn,
    parse_time,
    printed_marks,
    read_gradebook,
    shows_words,
)
from lti_tool.moodle.gradebook_words import Display

Export = Callable[..., bytes]
HEAD = "ID number,Email address,"
TAIL = ",Last downloaded from this course"


def column(file: GradebookFile, item: str, display: Display) -> ItemColumn:
    return next(each for each in file.items if each.item == item and each.display is display)


def marks(file: GradebookFile, item: str, display: Display) -> list[str | None]:
    found = printed_marks(file, column(file, item, display))
    return [None if each.value is None else f"{each.value.normalize():f}" for each in found]


def test_the_recorded_export_is_read_as_it_is(export: Export) -> None:
    file = read_gradebook(export())

    real = [each.item for each in file.items if each.display is Display.REAL]
    assert real == [
        "Assignment: Lab report",
        "Quiz: Week 1 quiz",
        "External tool: Graded link",
        "External tool: Sync-only link",
        "External tool: Group A only link",
        "External tool: DL item one",
        "Unc scores",
        "Course total",
    ]
    assert marks(file, "Assignment: Lab report", Display.REAL) == ["30.5", "0", "45", None]
    assert marks(file, "Quiz: Week 1 quiz", Display.REAL) == [None, None, "8", "6.25"]
    assert [row.id_number for row in file.rows] == ["SIS-stud2", None, "SIS-stud1", "SIS-stud4"]
    assert [row.email for row in file.rows][1] == "stud3@example.invalid"
    assert {row.downloaded for row in file.rows} == {datetime(2026, 11, 22, 21, 50, 17, tzinfo=UTC)}
    assert [row.line for row in file.rows] == [2, 3, 4, 5]
    assert file.unknown == ()


def test_a_russian_export_with_semicolons_and_commas_is_read(export: Export) -> None:
    file = read_gradebook(export("-ru"))

    assert marks(file, "Тест: Week 1 quiz", Display.REAL) == ["8", None]
    assert marks(file, "Тест: Week 1 quiz", Display.PERCENTAGE) == ["80", None]
    assert marks(file, "Задание: Практика (часть 1)", Display.PERCENTAGE) == ["90.5", "0"]
    assert column(file, "Тест: Week 1 quiz", Display.LETTER)
    assert [row.email for row in file.rows] == ["stud1@example.invalid", "Stud4@Example.invalid"]
    assert file.rows[1].downloaded == datetime(2026, 11, 22, 21, 50, 18, tzinfo=UTC)
    assert file.unknown == ()


def test_a_kyrgyz_export_with_words_left_in_english_is_read(export: Export) -> None:
    file = read_gradebook(export("-ky"))

    assert marks(file, "Тест: Week 1 quiz", Display.PERCENTAGE) == ["80", None]
    assert marks(file, "Тышкы курал: Graded link", Display.REAL) == ["88", "2"]
    assert marks(file, "Тапшырма: Lab report", Display.REAL) == ["45", "30.5"]
    assert file.unknown == ()


@pytest.mark.parametrize("separator", [",", ";", "\t", ":"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_separator_and_unicode_encoding_is_recognised(small: Export, separator: str, encoding: str) -> None:
    content = small({"Quiz: A (Real)": ["5.00", "-"]}, separator).decode().encode(encoding)

    assert marks(read_gradebook(content), "Quiz: A", Display.REAL) == ["5", None]


def test_a_spreadsheet_saved_on_russian_windows_is_read(export: Export) -> None:
    text = export("-ru").decode().replace("Айгүл", "Айгуль")

    assert marks(read_gradebook(text.encode("cp1251")), "Тест: Week 1 quiz", Display.REAL) == ["8", None]


def test_feedback_may_hold_line_breaks_and_lines_still_count(small: Export) -> None:
    content = small({"Quiz: A (Feedback)": ["one\ntwo", "x"], "Quiz: A (Real)": ["1", "2"]})

    assert [row.line for row in read_gradebook(content).rows] == [2, 4]


def test_blank_lines_are_not_rows(small: Export) -> None:
    content = b"\n" + small({"Quiz: A (Real)": ["1"]}) + b"\n\n,,,\n"

    assert [row.line for row in read_gradebook(content).rows] == [3]


def test_an_export_of_a_course_without_people_is_empty() -> None:
    assert read_gradebook(f"{HEAD}Quiz: A (Real){TAIL}".encode()).rows == ()


@pytest.mark.parametrize(
    ("cell", "display", "value", "places"),
    [
        ("12.50", "Real", "12.5", 2),
        ("12,50", "Real", "12.5", 2),
        ("7", "Real", "7", 0),
        ("-3.00", "Real", "-3", 2),
        ("0.00", "Real", "0", 2),
        ("66.6666666", "Real", "66.66667", 5),
        ("100.00", "Real", "100", 2),
        ("88,00 %", "Percentage", "88", 2),
        ("88.00 %", "Percentage", "88", 2),
        ("88.00%", "Percentage", "88", 2),
        ("88,00\u00a0%", "Percentage", "88", 2),
        ("0.50 %", "Percentage", "0.5", 2),
        ("88", "Percentage", "88", 0),
        ("0", "Percentage", "0", 0),
    ],
)
def test_marks_are_read_in_either_way_of_writing(
    small: Export, cell: str, display: str, value: str, places: int
) -> None:
    file = read_gradebook(small({f"Quiz: A ({display})": [cell]}))

    (mark,) = printed_marks(file, file.items[0])

    assert (mark.value, mark.places) == (Decimal(value), places)


@pytest.mark.parametrize(
    ("cell", "display"),
    [
        ("abc", "Real"),
        ("12.5.0", "Real"),
        ("1 234.50", "Real"),
        ("1,234.50", "Real"),
        ("٣", "Real"),
        ("1e3", "Real"),
        ("NaN", "Real"),
        ("88 %", "Real"),
        ("12345678901", "Real"),
        ("=1+1", "Real"),
        ("0.88", "Percentage"),
        ("1", "Percentage"),
        ("88 % of", "Percentage"),
        ("%", "Percentage"),
        ("A", "Percentage"),
    ],
)
def test_what_is_no_number_is_refused_with_its_place(small: Export, cell: str, display: str) -> None:
    file = read_gradebook(small({f"Quiz: A ({display})": ["5.00 %" if display == "Percentage" else "5", cell]}))

    with pytest.raises(RuleBroken) as refused:
        printed_marks(file, file.items[0])

    assert refused.value.code == "mark_unreadable"
    assert refused.value.facts == {"line": 3, "column": f"Quiz: A ({display})", "found": cell}


def test_an_empty_cell_says_nothing_and_a_dash_says_none(small: Export) -> None:
    file = read_gradebook(small({"Quiz: A (Real)": ["", "-", " 4 "]}))

    assert marks(file, "Quiz: A", Display.REAL) == [None, "4"]


def test_an_id_number_of_ten_digits_is_no_time() -> None:
    file = read_gradebook(b"Email address,Quiz: A (Real),ID number\na@example.invalid,5,1795384217")

    assert (file.rows[0].id_number, file.rows[0].downloaded) == ("1795384217", None)


def test_an_empty_time_is_unknown_and_not_malformed() -> None:
    content = f"{HEAD}Quiz: A (Real),Last downloaded from this course\nSIS-1,,5,\nSIS-2,,5,1795384217"

    assert [row.downloaded is None for row in read_gradebook(content.encode()).rows] == [True, False]


def test_a_word_in_brackets_among_known_items_is_asked_for() -> None:
    content = f"{HEAD}Quiz: A (Real),Quiz: B (Réel),Quiz: C (Real)\nSIS-1,,5,5,5"

    with pytest.raises(RuleBroken) as refused:
        read_gradebook(content.encode())

    assert (refused.value.code, refused.value.facts["words"]) == ("unknown_headers", ("Réel",))


def test_a_column_of_words_is_told_from_one_of_numbers(small: Export) -> None:
    file = read_gradebook(
        small(
            {
                "A (Real)": ["Very good", "-"],
                "B (Real)": ["5", "Good"],
                "C (Real)": ["-", ""],
                "D (Real)": ["5", "6"],
                "E (Real)": ["6.2.5", ""],
                "F (Real)": ["Good", ""],
            }
        )
    )

    assert [shows_words(file, each) for each in file.items] == [True, False, False, False, False, True]


@pytest.mark.parametrize(
    ("content", "code", "facts"),
    [
        (b"", "file_empty", {}),
        (b" \r\n \n", "file_empty", {}),
        (b"\xef\xbb\xbf", "file_empty", {}),
        (b",,,\n,,,", "unknown_headers", {}),
        (b"PK\x03\x04rest of a workbook", "workbook_unreadable", {}),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "not_text", {}),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_text", {}),
        (HEAD.encode() + b"Quiz: A (Real)\nx,y\x00,5", "not_text", {}),
        ("ID number,Email address".encode("utf-16-le"), "not_text", {}),
        (b"\xff\xfeI", "not_text", {}),
        ("просто текст".encode("cp1251"), "not_text", {}),
        (b"just some words", "unknown_headers", {"missing": ("person", "items")}),
        (b"a,b,c\n1,2,3", "unknown_headers", {"headers": ("a", "b", "c"), "words": ()}),
        (b"SIS-1,p@example.invalid,5\nSIS-2,q@example.invalid,6", "unknown_headers", {}),
        (f"{HEAD}Quiz: A{TAIL}\nx,y,5,1795384217".encode(), "unknown_headers", {"missing": ("items",)}),
        (f"First name,Quiz: A (Real){TAIL}\nx,5,1795384217".encode(), "unknown_headers", {"missing": ("person",)}),
        (f"{HEAD}Quiz: A (Баасы){TAIL}\nx,y,5,1795384217".encode(), "unknown_headers", {"words": ("Баасы",)}),
        (f"{HEAD}A (Real),A (Ранг){TAIL}\nx,y,5,1,1795384217".encode(), "unknown_headers", {"words": ("Ранг",)}),
        (f"{HEAD}Quiz: A (Real){TAIL}\nx,y,5".encode(), "row_length", {"line": 2, "found": 3, "expected": 4}),
        (f"{HEAD}Quiz: A (Real){TAIL}\nx,y,5,1795384217,z".encode(), "row_length", {"line": 2, "found": 5}),
        (f"{HEAD}Quiz: A (Real){TAIL}\nx,y,5,yesterday".encode(), "time_unreadable", {"line": 2, "found": "yesterday"}),
        (f"{HEAD}Quiz: A (Real){TAIL}\nx,y,5,17953842170".encode(), "time_unreadable", {"line": 2}),
        (f"{HEAD}Quiz: A (Real){TAIL}\nx,y,5,9999999999".encode(), "time_unreadable", {"line": 2}),
        (f"{HEAD}ID number,Quiz: A (Real)\nx,y,z,5".encode(), "column_twice", {"column": "ID number"}),
        (f'{HEAD}"Quiz: A (Real){TAIL}\nx,y,5,1795384217'.encode(), "table_malformed", {"line": 1}),
        (f'{HEAD}Quiz: A (Real){TAIL}\nx,"y,5,1795384217'.encode(), "table_malformed", {"line": 2}),
        (f'{HEAD}Quiz: A (Real){TAIL}\nx,"y"z,5,1795384217'.encode(), "table_malformed", {"line": 2}),
    ],
)
def test_a_malformed_file_is_refused_with_its_reason(content: bytes, code: str, facts: dict[str, object]) -> None:
    with pytest.raises(RuleBroken) as refused:
        read_gradebook(content)

    assert refused.value.code == code
    assert refused.value.facts | facts == refused.value.facts


def test_a_file_larger_than_any_export_is_refused() -> None:
    with pytest.raises(RuleBroken, match="file_too_large"):
        read_gradebook(b"a" * 20_000_001)


def test_the_time_column_is_found_in_any_language_by_its_place() -> None:
    content = f"{HEAD}Quiz: A (Real),Ushbu kursdan oxirgi yuklangan\nx,y,5,1795384217".encode()

    file = read_gradebook(content)

    assert file.rows[0].downloaded == datetime(2026, 11, 22, 21, 50, 17, tzinfo=UTC)
    assert file.unknown == ()


def test_a_last_column_that_is_no_time_is_left_unknown() -> None:
    file = read_gradebook(f"{HEAD}Quiz: A (Real),Rank\nx,y,5,1".encode())

    assert file.unknown == ("Rank",)
    assert file.rows[0].downloaded is None


def test_a_sites_own_profile_field_is_no_unknown_item(small: Export) -> None:
    content = f"{HEAD}Phone (mobile),Quiz: A (Real){TAIL}\nx,y,0555,5,1795384217".encode()

    file = read_gradebook(content)

    assert file.unknown == ("Phone (mobile)",)
    assert [each.item for each in file.items] == ["Quiz: A"]


def test_what_the_uploader_says_goes_before_the_headers() -> None:
    content = b"Nr,Mail,Quiz: A (Baho),Vaqt\nSIS-1,p@example.invalid,5,1795384217\n"
    told = Columns(id_number=0, email=1, downloaded=3, words={"baho": Display.REAL})

    file = read_gradebook(content, told)

    assert (file.rows[0].id_number, file.rows[0].email) == ("SIS-1", "p@example.invalid")
    assert file.rows[0].downloaded is not None
    assert marks(file, "Quiz: A", Display.REAL) == ["5"]


def test_a_told_column_replaces_the_recognised_one() -> None:
    content = f"Staff number,{HEAD}Quiz: A (Real){TAIL}\nT-1,SIS-1,p@example.invalid,5,1795384217".encode()

    assert read_gradebook(content, Columns(id_number=0)).rows[0].id_number == "T-1"


def test_a_told_column_outside_the_table_is_refused(small: Export) -> None:
    with pytest.raises(RuleBroken, match="column_unknown"):
        read_gradebook(small({"Quiz: A (Real)": ["5"]}), Columns(email=9))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T09:00:00+06:00", datetime(2026, 11, 23, 3, tzinfo=UTC)),
        ("2026-11-23T09:00:00Z", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("2026-11-23 09:00+00:00", datetime(2026, 11, 23, 9, tzinfo=UTC)),
    ],
)
def test_a_time_with_a_zone_is_taken(text: str, moment: datetime) -> None:
    assert parse_time(text) == moment


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-11-23T09:00:00", "time_zoneless"),
        ("2026-11-23", "time_zoneless"),
        ("yesterday", "time_unreadable"),
        ("", "time_unreadable"),
        ("0001-01-01T00:00:00+14:00", "time_unreadable"),
    ],
)
def test_a_time_without_a_zone_or_sense_is_refused(text: str, code: str) -> None:
    with pytest.raises(RuleBroken, match=code):
        parse_time(text)


def _read_whole(content: bytes) -> None:
    try:
        file = read_gradebook(content)
        for each in file.items:
            shows_words(file, each)
            if each.display in {Display.REAL, Display.PERCENTAGE}:
                printed_marks(file, each)
    except RuleBroken:
        pass


@given(st.binary(max_size=400))
def test_random_bytes_give_values_or_a_refusal(content: bytes) -> None:
    _read_whole(content)


@given(
    st.lists(st.text(st.sampled_from("A(:) \"',;\t\n\r%-.5Я\u00a0%")), min_size=1, max_size=12),
    st.sampled_from(["utf-8", "utf-16", "cp1251"]),
)
def test_random_tables_give_values_or_a_refusal(parts: list[str], encoding: str) -> None:
    text = f"{HEAD}Quiz: A (Real),B (Percentage)\n" + ",".join(parts)

    _read_whole(text.encode(encoding, "replace"))
