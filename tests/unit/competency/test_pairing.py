"""Which competency has become which: most of its indicators decide, then its code; a gradebook column hangs on it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.competency.catalogue import parse
from lti_tool.competency.crosswalk import Kind, Line
from lti_tool.competency.pairing import pairs_of
from tests.factories.catalogues import small_catalogue

OLD = parse(small_catalogue(((3,), (3,))))
"""1.1.1.a to c, 1.2.1.a to c."""
NEW = parse(small_catalogue(((3,), (3,)), "2"))


def told(*lines: Line) -> list[tuple[str, str, str, bool]]:
    """Each pair: before, after, how it is called from now on, and whether its column is another."""
    pairs = pairs_of(lines, OLD, NEW)
    return [
        (each.old.code if each.old else "", each.new.code if each.new else "", each.code, each.is_renumbered)
        for each in pairs
    ]


def same(before: str, after: str) -> Line:
    return Line(Kind.REWORDED, (before,), (after,))


def test_what_keeps_its_indicators_and_its_code_is_itself() -> None:
    assert told(same("1.1.1.a", "1.1.1.a"), same("1.2.1.a", "1.2.1.a")) == [
        ("1.1", "1.1", "1.1", False),
        ("1.2", "1.2", "1.2", False),
    ]


def test_two_that_have_changed_their_numbers_have_other_columns() -> None:
    assert told(same("1.1.1.a", "1.2.1.a"), same("1.2.1.a", "1.1.1.a")) == [
        ("1.2", "1.1", "1.1", True),
        ("1.1", "1.2", "1.2", True),
    ]


def test_where_most_of_it_went_it_went() -> None:
    lines = [same("1.1.1.a", "1.2.1.a"), same("1.1.1.b", "1.2.1.b"), same("1.1.1.c", "1.1.1.c")]

    assert told(*lines, same("1.2.1.a", "1.1.1.a")) == [("1.2", "1.1", "1.1", True), ("1.1", "1.2", "1.2", True)]


def test_of_two_halves_the_one_of_its_own_code_is_it() -> None:
    halved = [same("1.1.1.a", "1.2.1.a"), same("1.1.1.b", "1.1.1.b")]

    assert (
        told(*halved)
        == told(*reversed(halved))
        == [("1.1", "1.1", "1.1", False), ("", "1.2", "1.2", False), ("1.2", "", "1.2", False)]
    )


def test_what_nothing_leads_to_is_new_and_what_leads_nowhere_is_removed() -> None:
    lines = [Line(Kind.REMOVED, (each.code,)) for each in OLD.indicators]
    lines += [Line(Kind.NEW, (), (each.code,)) for each in NEW.indicators]

    assert told(*lines) == [
        ("", "1.1", "1.1", False),
        ("", "1.2", "1.2", False),
        ("1.1", "", "1.1", False),
        ("1.2", "", "1.2", False),
    ]


codes = st.lists(st.sampled_from([each.code for each in OLD.indicators]), max_size=3, unique=True).map(tuple)


@given(st.lists(st.builds(Line, st.sampled_from(Kind), codes, codes), max_size=6))
def test_every_competency_of_either_version_is_there_once(lines: list[Line]) -> None:
    found = told(*lines)

    assert sorted(before for before, *_ in found if before) == ["1.1", "1.2"]
    assert sorted(after for _, after, *_ in found if after) == ["1.1", "1.2"]
    assert all(before or after for before, after, *_ in found)
