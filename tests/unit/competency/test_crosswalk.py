"""A crosswalk between two versions: proposed from codes and wordings, and told everything that is wrong with it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.competency import crosswalk_file
from lti_tool.competency.catalogue import parse
from lti_tool.competency.crosswalk import (
    Crosswalk,
    Fault,
    Kind,
    Line,
    Side,
    Wrong,
    faults_of,
    from_json,
    in_order,
    to_json,
)
from lti_tool.competency.framework import Framework
from lti_tool.competency.proposing import propose
from lti_tool.competency.similarity import Change, contained, differences, likeness
from lti_tool.errors import RuleBroken
from tests.factories.catalogues import next_catalogue, packaged_catalogue, small_catalogue


@pytest.fixture(scope="module")
def old() -> Framework:
    return parse(packaged_catalogue())


@pytest.fixture(scope="module")
def new() -> Framework:
    return parse(next_catalogue())


@pytest.fixture(scope="module")
def proposed(old: Framework, new: Framework) -> Crosswalk:
    return propose(old, new)


# ── proposing ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_became_of_each_indicator_is_found(proposed: Crosswalk) -> None:
    changed = [each for each in proposed if each.kind is not Kind.SAME]

    assert changed == [
        Line(Kind.REWORDED, ("1.1.1.b",), ("1.1.1.b",)),
        Line(Kind.MERGED, ("2.2.1.a", "2.2.1.b"), ("2.2.1.a",)),
        Line(Kind.REMOVED, ("3.1.3.c",)),
        Line(Kind.REWORDED, ("4.1.1.a",), ("4.1.1.a",)),
        Line(Kind.SPLIT, ("4.1.1.b",), ("4.1.1.b", "4.1.1.j")),
        Line(Kind.NEW, (), ("4.2.1.c",)),
    ]


def test_nothing_is_proposed_to_carry_what_was_not_shown(proposed: Crosswalk) -> None:
    assert not any(each.carries for each in proposed)


def test_a_version_is_the_same_as_itself(old: Framework) -> None:
    assert {each.kind for each in propose(old, old)} == {Kind.SAME}


def test_a_renumbered_indicator_is_the_same() -> None:
    first = _texts({"1.1.1.a": "Ачат", "1.1.1.b": "Жабат"})
    second = _texts({"1.1.1.a": "Жабат", "1.1.1.b": "Көчүрөт"})

    assert Line(Kind.SAME, ("1.1.1.b",), ("1.1.1.a",)) in propose(first, second)


def test_a_wording_that_two_have_is_not_guessed() -> None:
    first, second = _texts({"1.1.1.c": "Ачат"}), _texts({"1.1.1.a": "Ачат", "1.1.1.b": "Ачат"})

    assert Kind.SAME not in {each.kind for each in propose(first, second)}


def _texts(texts: dict[str, str]) -> Framework:
    document: dict[str, Any] = small_catalogue(((1,),))
    document["aspects"][0]["competencies"][0]["indicators"] = [
        {"code": code, "level": 1, "text_ky": text} for code, text in texts.items()
    ]
    return parse(document)


wordings = st.lists(st.sampled_from(["ачат", "жабат", "түзөт", "көрөт", "издейт", "табат"]), min_size=1, max_size=5)
catalogues = st.dictionaries(
    st.sampled_from([f"1.1.1.{letter}" for letter in "abcdefg"]), wordings.map(" ".join), min_size=1, max_size=7
)


@given(before=catalogues, after=catalogues)
def test_whatever_is_proposed_is_whole(before: dict[str, str], after: dict[str, str]) -> None:
    first, second = _texts(before), _texts(after)

    lines = propose(first, second)

    assert faults_of(lines, first, second) == ()
    assert Counter(code for line in lines for code in line.old) == Counter(before.keys())
    assert Counter(code for line in lines for code in line.new) == Counter(after.keys())


# ── what is wrong ────────────────────────────────────────────────────────────────────────────────────────────────


def _told(lines: Crosswalk, old: Framework, new: Framework) -> list[tuple[Wrong, int | None, str, Side | None]]:
    return [(each.wrong, each.line, each.code, each.side) for each in faults_of(lines, old, new)]


def test_every_fault_is_told_at_once() -> None:
    first, second = _texts({"1.1.1.a": "Ачат", "1.1.1.b": "Жабат"}), _texts({"1.1.1.a": "Көрөт", "1.1.1.b": "Түзөт"})

    told = _told(
        (
            Line(Kind.SAME, ("1.1.1.a",), ("1.1.1.a",)),
            Line(Kind.REWORDED, ("1.1.1.a",), ("9.9.9.z",)),
            Line(Kind.REMOVED, (), ("1.1.1.a",)),
        ),
        first,
        second,
    )

    assert told == [
        (Wrong.NOT_THE_SAME, 1, "1.1.1.a", Side.NEW),
        (Wrong.TWICE, 2, "1.1.1.a", Side.OLD),
        (Wrong.UNKNOWN, 2, "9.9.9.z", Side.NEW),
        (Wrong.SHAPE, 3, "", None),
        (Wrong.TWICE, 3, "1.1.1.a", Side.NEW),
        (Wrong.MISSING, None, "1.1.1.b", Side.OLD),
        (Wrong.MISSING, None, "1.1.1.b", Side.NEW),
    ]


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (Line(Kind.SAME, ("a",), ()), True),
        (Line(Kind.REWORDED, ("a", "b"), ("a",)), True),
        (Line(Kind.SPLIT, ("a",), ("a",)), True),
        (Line(Kind.SPLIT, ("a",), ("a", "b")), False),
        (Line(Kind.MERGED, ("a",), ("a",)), True),
        (Line(Kind.MERGED, ("a", "b"), ("a",)), False),
        (Line(Kind.NEW, ("a",), ("a",)), True),
        (Line(Kind.NEW, (), ("a",)), False),
        (Line(Kind.REMOVED, ("a",), ("a",)), True),
        (Line(Kind.REMOVED, ("a",), ()), False),
    ],
)
def test_each_kind_asks_for_its_numbers(line: Line, wrong: bool, old: Framework, new: Framework) -> None:
    assert (Wrong.SHAPE in {each.wrong for each in faults_of((line,), old, new)}) is wrong


@pytest.mark.parametrize(
    ("line", "stranger"),
    [
        (Line(Kind.SPLIT, ("4.1.1.b",), ("4.1.1.b", "4.1.1.j"), ("4.1.1.j",)), None),
        (Line(Kind.SPLIT, ("4.1.1.b",), ("4.1.1.b", "4.1.1.j"), ("4.1.1.c",)), "4.1.1.c"),
        (Line(Kind.MERGED, ("2.2.1.a", "2.2.1.b"), ("2.2.1.a",), ("2.2.1.b",)), None),
        (Line(Kind.REWORDED, ("1.1.1.b",), ("1.1.1.b",), ("1.1.1.b",)), "1.1.1.b"),
    ],
)
def test_only_one_of_several_can_be_named_to_count(
    line: Line, stranger: str | None, old: Framework, new: Framework
) -> None:
    found = [each.code for each in faults_of((line,), old, new) if each.wrong is Wrong.CARRIES]

    assert found == ([] if stranger is None else [stranger])


def test_a_line_taken_out_leaves_its_indicators_unaccounted_for(
    proposed: Crosswalk, old: Framework, new: Framework
) -> None:
    for left_out in proposed:
        lines = tuple(each for each in proposed if each is not left_out)

        assert set(faults_of(lines, old, new)) == {
            *(Fault(Wrong.MISSING, None, code, Side.OLD) for code in left_out.old),
            *(Fault(Wrong.MISSING, None, code, Side.NEW) for code in left_out.new),
        }


# ── stored, ordered, as a file ───────────────────────────────────────────────────────────────────────────────────


def test_lines_are_stored_and_read_back(proposed: Crosswalk) -> None:
    assert from_json(to_json(proposed)) == proposed


def test_a_removed_indicator_stands_where_it_stood(proposed: Crosswalk, old: Framework, new: Framework) -> None:
    shuffled = sorted(proposed, key=lambda line: (line.kind, line.new[::-1]))

    ordered = in_order(shuffled, old, new)

    assert ordered == proposed
    at = next(place for place, line in enumerate(ordered) if line.kind is Kind.REMOVED)
    assert ordered[at - 1].new == ("3.1.3.b",)


def test_a_file_is_read_back_as_it_was_written(proposed: Crosswalk, old: Framework, new: Framework) -> None:
    text = crosswalk_file.write(proposed, old, new, "ru")

    assert crosswalk_file.read(text.encode("utf-8-sig")) == proposed
    assert old.indicator("3.1.3.c").text("ru").split(",")[0] in text


def test_a_file_of_codes_alone_is_enough() -> None:
    found = crosswalk_file.read(b"Kind;OLD;New\nsplit;4.1.1.b;4.1.1.b, 4.1.1.j\nnew;;4.2.1.c\n")

    assert found == (Line(Kind.SPLIT, ("4.1.1.b",), ("4.1.1.b", "4.1.1.j")), Line(Kind.NEW, (), ("4.2.1.c",)))


def test_all_lines_that_cannot_be_read_are_told() -> None:
    with pytest.raises(RuleBroken) as refused:
        crosswalk_file.read(b"kind,old,new\nsame,1,1\nequal,1,1\n,2,2\n")

    assert refused.value.code == "crosswalk_unreadable"
    assert [line for line, _said in refused.value.facts["faults"]] == [3, 4]  # type: ignore[attr-defined]


@pytest.mark.parametrize("header", ["kind,old", "kind,old,new,new", "a,b,c"])
def test_another_table_is_refused(header: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        crosswalk_file.read(f"{header}\n".encode())

    assert refused.value.code == "crosswalk_header"


# ── likeness ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_likeness_is_told_by_words_whatever_their_order_and_case() -> None:
    assert likeness("Ачат жана жабат", "жабат ЖАНА ачат.") == 1
    assert likeness("Ачат", "Түзөт") < 1
    assert likeness("", "") == 1
    assert contained("ачат", "ачат жана жабат") == 1
    assert contained("", "ачат") == 0


@given(one=wordings.map(" ".join), other=wordings.map(" ".join))
def test_likeness_is_between_nothing_and_all_and_the_same_from_both_sides(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) == likeness(other, one) <= 1
    assert likeness(one, one) == 1


@given(before=wordings.map(" ".join), after=wordings.map(" ".join))
def test_the_differences_hold_both_wordings_whole(before: str, after: str) -> None:
    told = differences(before, after)

    assert " ".join(each.text for each in told if each.change is not Change.ADDED) == before
    assert " ".join(each.text for each in told if each.change is not Change.GONE) == after
