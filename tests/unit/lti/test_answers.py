"""What a platform's answer says is read, or found to say nothing; no odd one stops who reads it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.ags_messages import compact, result_of
from lti_tool.lti.answers import BEYOND_MARKS, json_of, mark_of, next_link, retry_after

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "header",
    [
        "Mon, 01 Jan 99999999999 00:00:00 GMT",
        "Mon, 99999999999999999999 Jan 2026 00:00:00 GMT",
        "Mon, 01 Jan 2026 99999999999:00:00 GMT",
        "Mon, 01 Jan 2026 00:00:00 +99999999999999",
        "Mon, 32 Jan 2026 00:00:00 GMT",
    ],
)
def test_a_date_beyond_all_calendars_asks_for_no_pause(header: str) -> None:
    assert retry_after(header, NOW) is None


@pytest.mark.parametrize("header", ["<" * 65_000, "<a>;rel" + " " * 65_000, "<a>; rel=" * 7_000, "<" + "a" * 65_000])
def test_the_longest_link_header_is_read_at_once(header: str) -> None:
    began = time.process_time()

    assert next_link(header) is None
    assert time.process_time() - began < 1


def test_a_number_that_nothing_holds_hides_no_other() -> None:
    body = b'[{"userId":"6","resultScore":1e-99999999999999999999},{"userId":"7","resultScore":5}]'

    assert json_of(body) == [{"userId": "6", "resultScore": None}, {"userId": "7", "resultScore": 5}]


@pytest.mark.parametrize(
    ("value", "mark"),
    [
        ("1e-999999999", 0),
        (Decimal("1e-17"), 0),
        ("0." + "3" * 100, Decimal("0.3333333333")),
        (Decimal("999999999.99999"), Decimal("999999999.99999")),
        (10**9, None),
        ("-1e9", None),
        ("1e999999999", None),
        ("Infinity", None),
        (True, None),
    ],
)
def test_a_mark_is_one_that_every_database_takes(value: object, mark: object) -> None:
    assert mark_of(value) == mark


@given(st.one_of(st.integers(), st.decimals(), st.text(max_size=30), st.from_regex(r"-?[0-9]{1,5}e-?[0-9]{1,20}")))
def test_any_value_is_a_short_mark_or_none(value: object) -> None:
    mark = mark_of(value)

    assert mark is None or (abs(mark) < BEYOND_MARKS and len(f"{mark:f}") < 40)


@pytest.mark.parametrize("said", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59Z"])
def test_a_result_of_the_calendars_ends_has_no_time(said: str) -> None:
    result = result_of({"userId": "6", "resultScore": 5, "timestamp": said})

    assert result is not None
    assert (result.given, result.timestamp) == (5, None)


@given(
    st.binary(max_size=200) | st.recursive(st.none() | st.floats(), st.lists).map(lambda odd: json.dumps(odd).encode())
)
def test_any_body_is_json_or_nothing(body: bytes) -> None:
    json_of(body)


@pytest.mark.parametrize(
    ("said", "given", "readable"),
    [
        ({"resultScore": 5}, 5, True),
        ({"resultScore": "5.5"}, Decimal("5.5"), True),
        ({}, None, True),
        ({"resultScore": None}, None, True),
        ({"resultScore": "five"}, None, False),
        ({"resultScore": True}, None, False),
    ],
)
def test_a_mark_that_is_no_number_is_not_taken_for_none(
    said: dict[str, object], given: Decimal | None, readable: bool
) -> None:
    result = result_of({"userId": "6", **said})

    assert result is not None
    assert (result.given, result.readable) == (given, readable)


def test_a_number_of_more_digits_than_anybody_counts_takes_no_memory() -> None:
    found = json_of(b'{"id":"a","x":1e999999999,"y":[1e401,-1e401],"z":1e-999999999,"kept":1.5e9}')

    assert found == {"id": "a", "x": None, "y": [None, None], "z": 0, "kept": 1_500_000_000}
    assert compact(found) == b'{"id":"a","x":null,"y":[null,null],"z":0,"kept":1500000000}'
