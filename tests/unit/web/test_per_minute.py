"""A minute has so many, whoever else counts beside; the next one begins anew; memory has an end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from lti_tool.web.per_minute import MOST_KEPT, PerMinute

NOON = 43_200.0


def test_so_many_are_free_and_the_next_one_waits_for_the_next_minute() -> None:
    counted = PerMinute()

    waits = [counted.wait(("a",), 3, NOON + second) for second in (0, 10, 20.5, 45, 59.9, 60, 61)]

    assert waits == [0, 0, 0, 15, 1, 0, 0]


def test_one_key_uses_up_nothing_of_another() -> None:
    counted = PerMinute()

    waits = [counted.wait(key, 1, NOON) for key in (("a",), ("b",), ("a",), ("a", "b"), ("b",))]

    assert [wait > 0 for wait in waits] == [False, False, True, False, True]


def test_threads_count_together() -> None:
    counted = PerMinute()

    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: counted.wait(("a",), 100, NOON), range(1000)))

    assert waits.count(0) == 100


def test_many_keys_of_one_minute_take_no_more_memory_and_the_known_ones_go_on_counting() -> None:
    counted = PerMinute()
    assert counted.wait(("first",), 1, NOON) == 0

    for number in range(MOST_KEPT + 10):
        counted.wait((number,), 1, NOON)

    assert len(counted._counts) == MOST_KEPT
    assert counted.wait(("first",), 1, NOON) > 0
    assert counted.wait(("newcomer",), 1, NOON) == counted.wait(("newcomer",), 1, NOON) == 0
