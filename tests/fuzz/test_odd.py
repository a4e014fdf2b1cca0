"""What the targets take their odd messages from: one case leaves nothing behind for the next."""

from __future__ import annotations

from tests.fuzz.odd import Edit, edited, written


def test_a_value_that_is_put_into_itself_is_no_circle_and_stays_as_it_was() -> None:
    value = {"": ""}

    message = edited({"a": 1}, [Edit(("a",), value), Edit(("a", "b"), value)])

    assert written(message) == b'{"a": {"": "", "b": {"": ""}}}'
    assert value == {"": ""}
