"""Cursors come back as they went out, and nothing else is one."""

from __future__ import annotations

import base64
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.db.keyset import Position
from lti_tool.errors import RuleBroken
from lti_tool.web.api import cursors

moments = st.datetimes(datetime(1970, 1, 1), datetime(4000, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
ids = st.text("23456789abcdefghjkmnpqrstuvwxyz", min_size=16, max_size=16)


@given(moments, ids)
def test_a_position_comes_back_to_the_microsecond(at: datetime, public_id: str) -> None:
    there = cursors.sealed("persons", *cursors.of_position(Position(at, public_id)))

    assert cursors.as_position(*cursors.opened("persons", there, 2)) == Position(at, public_id)
    assert public_id not in there


@given(st.text(max_size=100))
def test_what_was_made_up_is_refused_or_a_place(text: str) -> None:
    with suppress(RuleBroken):
        cursors.as_position(*cursors.opened("persons", text, 2))


@given(st.text(max_size=60))
def test_whatever_is_in_a_cursor_nothing_breaks(inside: str) -> None:
    made_up = base64.urlsafe_b64encode(f"persons.{inside}".encode()).decode().rstrip("=")

    with suppress(RuleBroken):
        cursors.as_position(*cursors.opened("persons", made_up, 2))


@pytest.mark.parametrize("cursor", ["", "=", "x", "Y291cnNlcw", "****", "ä", "cGVyc29ucy4xLng", "cGVyc29ucy4xLng="])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(RuleBroken):
        cursors.as_position(*cursors.opened("persons", cursor, 2))


def test_one_cursor_has_one_form() -> None:
    good = cursors.sealed("persons", "1", "2" * 16)

    for other in (f"{good}=", f"{good}\n", f" {good}", good[:-1] + chr(ord(good[-1]) + 1)):
        with pytest.raises(RuleBroken):
            cursors.opened("persons", other, 2)


def test_a_moment_beyond_time_is_no_place() -> None:
    with pytest.raises(RuleBroken):
        cursors.as_position("9" * 17 + "9", "2" * 16)
