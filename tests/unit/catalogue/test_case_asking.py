"""Page, order, filter and fields of a list, as the REST binding of CASE has them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.catalogue.case_asking import choose
from lti_tool.errors import RuleBroken

RECORDS = [
    {"identifier": "b", "title": "Экинчи", "language": "ky", "CFPackageURI": {"title": "Жыйнак"}},
    {"identifier": "a", "title": "first AND last", "language": "en"},
    {"identifier": "c", "title": "Третий", "language": "ru", "notes": "n"},
]
FIELDS = ("identifier", "title", "language", "notes", "CFPackageURI")


def found(**asked: str) -> list[str]:
    return [each["identifier"] for each in choose(RECORDS, asked, FIELDS, ("identifier",)).records]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["b", "a", "c"]),
        ({"sort": "identifier"}, ["a", "b", "c"]),
        ({"sort": "identifier", "orderBy": "desc"}, ["c", "b", "a"]),
        ({"sort": "identifier", "limit": "1", "offset": "1"}, ["b"]),
        ({"limit": "500", "offset": "3"}, []),
        ({"filter": "language='ru'"}, ["c"]),
        ({"filter": "language!='ru'"}, ["b", "a"]),
        ({"filter": "title~'ЭКИН'"}, ["b"]),
        ({"filter": "identifier>'a' AND language<='ky'"}, ["b"]),
        ({"filter": "identifier='a' OR language='ky' AND title~'экинчи'"}, ["b", "a"]),
        ({"filter": "title='first AND last'"}, ["a"]),
        ({"filter": "CFPackageURI.title='жыйнак'"}, ["b"]),
        ({"filter": "notes='n'"}, ["c"]),
    ],
)
def test_a_list_is_as_it_was_asked_for(asked: dict[str, str], expected: list[str]) -> None:
    assert found(**asked) == expected


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"sort": "colour"}, "invalid_sort_field", "sort"),
        ({"sort": "title", "orderBy": "up"}, "invalid_sort_field", "orderBy"),
        ({"fields": "title,colour"}, "invalid_selection_field", "fields"),
        ({"filter": "colour='red'"}, "invalid_selection_field", "filter"),
        ({"filter": "title"}, "invalid_selection_field", "filter"),
        ({"filter": "title='a' AND"}, "invalid_selection_field", "filter"),
        ({"limit": "0"}, "invalid_selection_field", "limit"),
        ({"limit": "x"}, "invalid_selection_field", "limit"),
        ({"limit": "٣"}, "invalid_selection_field", "limit"),
        ({"offset": "-1"}, "invalid_selection_field", "offset"),
        ({"offset": "99999999999"}, "invalid_selection_field", "offset"),
    ],
)
def test_a_wrong_question_is_refused_by_name(asked: dict[str, str], code: str, field: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        found(**asked)

    assert (refused.value.code, refused.value.facts["field"]) == (code, field)


def test_fields_are_those_asked_for_and_the_required_ones() -> None:
    chosen = choose(RECORDS, {"fields": "title, language", "limit": "1"}, FIELDS, ("identifier",))

    assert chosen.records == ({"identifier": "b", "title": "Экинчи", "language": "ky"},)
    assert chosen.total == 3


@pytest.mark.parametrize(
    ("offset", "others"),
    [
        ("0", {"first": 0, "last": 2, "next": 1}),
        ("1", {"first": 0, "last": 2, "prev": 0, "next": 2}),
        ("2", {"first": 0, "last": 2, "prev": 1}),
    ],
)
def test_the_other_pages_are_named(offset: str, others: dict[str, int]) -> None:
    assert choose(RECORDS, {"limit": "1", "offset": offset}, FIELDS, ()).others() == others


@given(st.dictionaries(st.sampled_from(["limit", "offset", "sort", "orderBy", "filter", "fields"]), st.text()))
def test_any_question_is_answered_or_refused(asked: dict[str, Any]) -> None:
    with suppress(RuleBroken):
        assert set(found(**asked)) <= {"a", "b", "c"}
