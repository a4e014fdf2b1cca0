"""The mapping table: what its lines say, and what is refused with its line."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.competency.delimited import Record, plain, write_text_table
from lti_tool.competency.mapping_file import MappingLine, format_mapping, known_headers, parse_mapping
from lti_tool.competency.model import MappingRole
from lti_tool.competency.spreadsheet import read_table, write_workbook
from lti_tool.errors import RuleBroken

HEAD = "activity,indicator,weight,role,pass_mark\n"


def parse(text: str) -> tuple[MappingLine, ...]:
    return parse_mapping(read_table(text.encode(), known_headers))


def test_a_line_says_which_activity_shows_which_indicator() -> None:
    (line,) = parse(HEAD + "Quiz: Week 1 quiz,4.1.1.a,2,required,0.7\n")

    assert line == MappingLine("Quiz: Week 1 quiz", "4.1.1.a", 2, MappingRole.REQUIRED, Fraction(7, 10), None, 2)


def test_what_is_left_empty_has_the_default_of_the_rules() -> None:
    (line,) = parse(HEAD + "Quiz: A,4.1.1.a,,,\n")

    assert (line.weight, line.role, line.pass_mark) == (1, MappingRole.SUPPORTING, None)


def test_two_columns_are_enough_in_any_order_and_separator() -> None:
    (line,) = parse("Indicator;Activity\n4.1.1.a;Тест: А\n")

    assert (line.activity, line.indicator) == ("Тест: А", "4.1.1.a")


@pytest.mark.parametrize(
    ("role", "meant"),
    [
        ("required", MappingRole.REQUIRED),
        ("Optional", MappingRole.OPTIONAL),
        ("s", MappingRole.SUPPORTING),
        ("R", MappingRole.REQUIRED),
        ("o", MappingRole.OPTIONAL),
    ],
)
def test_roles_may_be_words_or_letters(role: str, meant: MappingRole) -> None:
    assert parse(f"{HEAD}Quiz: A,4.1.1.a,1,{role},\n")[0].role is meant


@pytest.mark.parametrize(
    ("said", "share"),
    [
        ("0", "0"),
        ("1", "1"),
        ("0.6", "3/5"),
        ('"0,6"', "3/5"),
        (".5", "1/2"),
        ("1.0", "1"),
        ("0.66667", "66667/100000"),
    ],
)
def test_a_pass_mark_is_a_share(said: str, share: str) -> None:
    assert parse(f"{HEAD}Quiz: A,4.1.1.a,1,r,{said}\n")[0].pass_mark == Fraction(share)


def test_a_maximum_is_optional() -> None:
    lines = parse("activity,indicator,max\nQuiz: A,4.1.1.a,10\nQuiz: A,4.1.1.b,\nQuiz: B,4.1.1.a,2.5\n")

    assert [line.maximum for line in lines] == [Decimal(10), None, Decimal("2.5")]


@pytest.mark.parametrize(
    ("text", "code", "facts"),
    [
        ("activity,weight\nQuiz: A,1\n", "mapping_header", {"found": "activity,weight"}),
        ("activity,indicator,wieght\nQuiz: A,4.1.1.a,1\n", "mapping_header", {}),
        ("activity,indicator,indicator\nQuiz: A,4.1.1.a,1\n", "mapping_header", {}),
        ("Quiz: A,4.1.1.a,1,r,\n", "mapping_header", {}),
        (HEAD + "Quiz: A,4.1.1.a\n", "row_length", {"line": 2, "found": 2, "expected": 5}),
        (HEAD + ",4.1.1.a,1,r,\n", "mapping_faulty", {"line": 2, "column": "activity"}),
        (HEAD + "x" * 401 + ",4.1.1.a,1,r,\n", "mapping_faulty", {"column": "activity"}),
        (HEAD + "Quiz: A,,1,r,\n", "mapping_faulty", {"line": 2, "column": "indicator"}),
        (HEAD + "Quiz: A,4.1.1.a,0,r,\n", "mapping_faulty", {"column": "weight", "found": "0"}),
        (HEAD + "Quiz: A,4.1.1.a,6,r,\n", "mapping_faulty", {"column": "weight", "found": "6"}),
        (HEAD + "Quiz: A,4.1.1.a,1.5,r,\n", "mapping_faulty", {"column": "weight", "found": "1.5"}),
        (HEAD + "Quiz: A,4.1.1.a,1,must,\n", "mapping_faulty", {"column": "role", "found": "must"}),
        (HEAD + "Quiz: A,4.1.1.a,1,r,60\n", "mapping_faulty", {"column": "pass_mark", "found": "60"}),
        (HEAD + "Quiz: A,4.1.1.a,1,r,60 %\n", "mapping_faulty", {"column": "pass_mark", "found": "60 %"}),
        (HEAD + "Quiz: A,4.1.1.a,1,r,1.1\n", "mapping_faulty", {"column": "pass_mark", "found": "1.1"}),
        (HEAD + "Quiz: A,4.1.1.a,1,r,0.123456\n", "mapping_faulty", {"column": "pass_mark"}),
        (HEAD + "Quiz: A,4.1.1.a,1,r,.\n", "mapping_faulty", {"column": "pass_mark", "found": "."}),
        (HEAD + "A,x,1,r,\nB,y,1,r,\nA,x,2,o,\n", "mapping_twice", {"line": 4, "first": 2, "activity": "A"}),
        ("activity,indicator,max\nA,x,0\n", "mapping_faulty", {"column": "max", "found": "0"}),
        ("activity,indicator,max\nA,x,-5\n", "mapping_faulty", {"column": "max", "found": "-5"}),
        ("activity,indicator,max\nA,x,10\nA,y,20\n", "maximum_differs", {"line": 3, "first": 2}),
        ("", "file_empty", {}),
    ],
)
def test_a_faulty_table_is_refused_with_its_line(text: str, code: str, facts: dict[str, object]) -> None:
    with pytest.raises(RuleBroken) as refused:
        parse(text)

    assert refused.value.code == code
    assert refused.value.facts | facts == refused.value.facts


def test_a_control_character_in_a_name_is_refused() -> None:
    records = (Record(1, ("activity", "indicator")), Record(2, ("Quiz: \0A", "4.1.1.a")))

    with pytest.raises(RuleBroken, match="mapping_faulty"):
        parse_mapping(records)


def test_the_table_has_the_agreed_header() -> None:
    table = format_mapping([MappingLine("Quiz: A", "4.1.1.a", 2, MappingRole.REQUIRED, Fraction(3, 5))])

    assert table == (
        ("activity", "indicator", "weight", "role", "pass_mark"),
        ("Quiz: A", "4.1.1.a", "2", "required", "0.6"),
    )


def test_the_maximum_is_a_column_where_one_is_known() -> None:
    table = format_mapping([MappingLine("A", "x", maximum=Decimal("12.50")), MappingLine("B", "x")])

    assert [row[-1] for row in table] == ["max", "12.50", ""]


LINES = st.lists(
    st.builds(
        MappingLine,
        activity=st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)
        .map(plain)
        .filter(lambda name: bool(name)),
        indicator=st.sampled_from(["4.1.1.a", "4.2.3.b", "9.9.9.z"]),
        weight=st.integers(1, 5),
        role=st.sampled_from(MappingRole),
        pass_mark=st.none() | st.integers(0, 100_000).map(lambda number: Fraction(number, 100_000)),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda line: (line.activity, line.indicator),
)


def without_places(lines: tuple[MappingLine, ...]) -> list[tuple[object, ...]]:
    return [(line.activity, line.indicator, line.weight, line.role, line.pass_mark, line.maximum) for line in lines]


@given(LINES)
def test_what_is_exported_as_csv_comes_back_unchanged(lines: list[MappingLine]) -> None:
    text = write_text_table(format_mapping(lines))

    assert without_places(parse(text)) == without_places(tuple(lines))


def test_what_is_exported_as_workbook_comes_back_unchanged() -> None:
    lines = (
        MappingLine("=HYPERLINK(1)", "4.1.1.a", 5, MappingRole.REQUIRED, Fraction(3, 5), Decimal("12.5")),
        MappingLine("Тест: Ө, Ү жана Ң", "4.1.1.b"),
        MappingLine("'=x", "4.1.1.b"),
    )

    content = write_workbook(format_mapping(lines), "mapping")

    assert without_places(parse_mapping(read_table(content, known_headers))) == without_places(lines)


@pytest.mark.parametrize("name", ["=1+1", "+7", "-2", "@SUM(A1)", "'=x", "''@x"])
def test_no_name_becomes_a_formula_in_a_spreadsheet(name: str) -> None:
    text = write_text_table(format_mapping([MappingLine(name, "4.1.1.a")]))

    written = text.splitlines()[1]

    assert written.startswith("'")
    assert parse(text)[0].activity == name
