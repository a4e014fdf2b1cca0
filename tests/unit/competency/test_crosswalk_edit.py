"""A crosswalk changed by hand line by line: it is whole after each change, whatever is changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.competency.catalogue import parse
from lti_tool.competency.crosswalk import Crosswalk, Kind, Line, faults_of
from lti_tool.competency.crosswalk_edit import Edit, edited
from lti_tool.competency.proposing import propose
from lti_tool.errors import RuleBroken
from tests.factories.catalogues import next_catalogue, packaged_catalogue, small_catalogue
from tests.factories.crosswalks import NEW, NEW_SHAPE, OLD, OLD_SHAPE, crosswalks

BEFORE, AFTER = parse(small_catalogue(OLD_SHAPE)), parse(small_catalogue(NEW_SHAPE, "2"))
PACKAGED, NEXT = parse(packaged_catalogue()), parse(next_catalogue())
sides = st.tuples(
    st.lists(st.sampled_from(OLD), max_size=3).map(tuple), st.lists(st.sampled_from(NEW), max_size=3).map(tuple)
)


@given(lines=crosswalks(), number=st.integers(1, 9), wanted=sides, all_carry=st.booleans())
def test_it_is_whole_after_each_change(
    lines: Crosswalk, number: int, wanted: tuple[tuple[str, ...], tuple[str, ...]], all_carry: bool
) -> None:
    old, new = wanted
    asked = Edit(old, new, old + new if all_carry else ())
    if number > len(lines) or min(len(set(old)), len(set(new))) > 1:
        with pytest.raises(RuleBroken):
            edited(lines, number, asked, BEFORE, AFTER)
        return

    after = edited(lines, number, asked, BEFORE, AFTER)

    assert faults_of(after, BEFORE, AFTER) == ()
    if old and new:
        (line,) = [each for each in after if set(each.old) == set(old) and set(each.new) == set(new)]
        assert set(line.carries) == (set(line.several) if all_carry else set())


def _changed(number_of: str, wanted: Edit) -> set[Line]:
    lines = propose(PACKAGED, NEXT)
    number = next(at for at, line in enumerate(lines, start=1) if number_of in line.new)
    return set(edited(lines, number, wanted, PACKAGED, NEXT)) - set(lines)


def test_a_split_that_is_none_leaves_a_new_one() -> None:
    assert _changed("4.1.1.j", Edit(("4.1.1.b",), ("4.1.1.b",))) == {
        Line(Kind.REWORDED, ("4.1.1.b",), ("4.1.1.b",)),
        Line(Kind.NEW, (), ("4.1.1.j",)),
    }


def test_what_a_line_takes_leaves_its_own() -> None:
    """The removed 3.1.3.c is said to be in the new 4.2.1.c."""
    assert _changed("4.2.1.c", Edit(("3.1.3.c",), ("4.2.1.c",))) == {Line(Kind.REWORDED, ("3.1.3.c",), ("4.2.1.c",))}


def test_a_kind_follows_from_the_numbers_and_the_wording() -> None:
    assert _changed("2.2.1.a", Edit(("2.2.1.b",), ("2.2.1.a",))) == {
        Line(Kind.REWORDED, ("2.2.1.b",), ("2.2.1.a",)),
        Line(Kind.REMOVED, ("2.2.1.a",)),
    }
    assert _changed("1.1.1.a", Edit((), ("1.1.1.a",))) == {
        Line(Kind.NEW, (), ("1.1.1.a",)),
        Line(Kind.REMOVED, ("1.1.1.a",)),
    }


@pytest.mark.parametrize(
    ("number", "wanted", "code"),
    [
        (0, Edit(("1.1.1.a",), ("1.1.1.a",)), "crosswalk_line_unknown"),
        (99, Edit(("1.1.1.a",), ("1.1.1.a",)), "crosswalk_line_unknown"),
        (1, Edit(("4.1.1.j",), ("1.1.1.a",)), "crosswalk_codes_unknown"),
        (1, Edit(("1.1.1.a",), ("3.1.3.c",)), "crosswalk_codes_unknown"),
        (1, Edit(("1.1.1.a",), ("1.1.1.a",), ("1.1.1.b",)), "crosswalk_codes_unknown"),
        (1, Edit(("1.1.1.a", "1.1.1.b"), ("1.1.1.a", "1.1.1.b")), "crosswalk_several_both"),
    ],
)
def test_what_cannot_be_a_line_is_refused(number: int, wanted: Edit, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        edited(propose(PACKAGED, NEXT), number, wanted, PACKAGED, NEXT)

    assert refused.value.code == code
