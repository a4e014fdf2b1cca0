"""The `indicators` parameter: what it says is taken to the letter, what it does not say is told and left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.competency import declaration
from lti_tool.competency.catalogue import parse
from lti_tool.competency.model import Mapping, MappingRole
from lti_tool.ids import ActivityId
from tests.factories.catalogues import packaged_catalogue

LINK = ActivityId(7)
FRAMEWORK = parse(packaged_catalogue())
CODES = [indicator.code for indicator in FRAMEWORK.indicators]
FIRST, SECOND = CODES[0], CODES[1]

cells = st.lists(
    st.builds(
        Mapping,
        activity=st.just(LINK),
        indicator=st.sampled_from([indicator.id for indicator in FRAMEWORK.indicators]),
        weight=st.integers(1, 5),
        role=st.sampled_from(MappingRole),
    ),
    unique_by=lambda cell: cell.indicator,
).map(tuple)


def _cell(code: str, weight: int = 1, role: MappingRole = MappingRole.SUPPORTING) -> Mapping:
    return Mapping(LINK, FRAMEWORK.indicator(code).id, weight, role)


@given(cells)
def test_what_is_written_reads_back_the_same(mappings: tuple[Mapping, ...]) -> None:
    written = declaration.write(mappings, FRAMEWORK)

    assert declaration.read(written, FRAMEWORK, LINK) == declaration.Declared(mappings)


def test_every_indicator_with_weight_and_role_fits() -> None:
    everything = tuple(_cell(code, 5, MappingRole.REQUIRED) for code in CODES)

    written = declaration.write(everything, FRAMEWORK)

    assert len(written) < declaration.LENGTH
    assert declaration.read(written, FRAMEWORK, LINK).mappings == everything


@pytest.mark.parametrize(
    ("part", "weight", "role"),
    [
        (FIRST, 1, MappingRole.SUPPORTING),
        (f"{FIRST}:", 1, MappingRole.SUPPORTING),
        (f"{FIRST}:5", 5, MappingRole.SUPPORTING),
        (f" {FIRST} : 2 : R ", 2, MappingRole.REQUIRED),
        (f"{FIRST}::o", 1, MappingRole.OPTIONAL),
        (f",,{FIRST}:3,", 3, MappingRole.SUPPORTING),
    ],
)
def test_a_code_may_have_a_weight_and_a_role(part: str, weight: int, role: MappingRole) -> None:
    assert declaration.read(part, FRAMEWORK, LINK) == declaration.Declared((_cell(FIRST, weight, role),))


@pytest.mark.parametrize(
    "part",
    [
        "9.9.9.z",
        FIRST.upper() + "x",
        f"{FIRST}:0",
        f"{FIRST}:6",
        f"{FIRST}:-1",
        f"{FIRST}:1.5",
        f"{FIRST}:1_0",
        f"{FIRST}:٣",
        f"{FIRST}:{'9' * 5000}"[:200],
        f"{FIRST}:2:x",
        f"{FIRST}:2:r:r",
        "<script>",
        "\0",
    ],
)
def test_a_part_that_says_nothing_known_is_told_and_left_out(part: str) -> None:
    declared = declaration.read(f"{part},{SECOND}:4", FRAMEWORK, LINK)

    assert declared.mappings == (_cell(SECOND, 4),)
    assert declared.unreadable == (part[:40],)


def test_of_a_code_named_twice_the_last_word_counts() -> None:
    declared = declaration.read(f"{FIRST}:2,{SECOND},{FIRST}:5:r", FRAMEWORK, LINK)

    assert set(declared.mappings) == {_cell(FIRST, 5, MappingRole.REQUIRED), _cell(SECOND)}


@given(st.text(alphabet=st.sampled_from([*",:ro0129_ ", *FIRST, "\0", "\ud800", "ы"])))
def test_nothing_that_may_come_raises(garbage: str) -> None:
    declared = declaration.read(garbage, FRAMEWORK, LINK)

    assert all(1 <= cell.weight <= 5 for cell in declared.mappings)
    assert all(len(part) <= 40 for part in declared.unreadable)


@pytest.mark.parametrize("length", [10_000, 1_000_000])
def test_a_parameter_of_any_length_is_read_to_its_limit(length: int) -> None:
    declared = declaration.read(f"{FIRST}," + "x" * length, FRAMEWORK, LINK)

    assert declared.mappings == (_cell(FIRST),)
    assert len(declared.unreadable) == 1


@pytest.mark.parametrize("cut", ["", ":2", ":2:r"])
def test_a_part_that_the_limit_cuts_is_not_taken_for_a_shorter_one(cut: str) -> None:
    padding = " " * (declaration.LENGTH - len(FIRST + cut) - 1)
    whole, beyond = f"{padding},{FIRST}{cut}", f"{padding},{FIRST}{cut}z"

    assert len(declaration.read(whole, FRAMEWORK, LINK).mappings) == 1
    assert declaration.read(whole + ",", FRAMEWORK, LINK).unreadable == ()
    assert declaration.read(beyond, FRAMEWORK, LINK).mappings == ()
    assert len(declaration.read(beyond, FRAMEWORK, LINK).unreadable) == 1
