"""How long somebody waits: a few tries free, then longer and longer, never long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lti_tool.accounts import throttling
from lti_tool.accounts.throttling import wait_after

NAME = throttling.of_name("nurbek")


def test_the_first_tries_wait_for_nothing_and_the_rest_twice_as_long_each_time() -> None:
    waits = [int(wait_after(NAME, tries).total_seconds()) for tries in range(1, 13)]

    assert waits == [0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900]


def test_however_often_it_was_tried_the_owner_gets_in_within_a_quarter_of_an_hour() -> None:
    assert wait_after(NAME, 10**9) == timedelta(minutes=15)


def test_more_is_free_from_one_address_than_under_one_name() -> None:
    assert wait_after(throttling.of_address("192.0.2.1"), 29) == timedelta(0)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::5", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::5", "2001:db8:1:3::5", False),
        ("", "no address", True),
    ],
)
def test_an_address_is_a_machine_or_the_network_that_one_machine_has(one: str, other: str, alike: bool) -> None:
    assert (throttling.of_address(one) == throttling.of_address(other)) is alike


def test_a_name_is_counted_however_it_is_typed_and_stands_nowhere_in_the_key() -> None:
    assert throttling.of_name(" Nurbek ") == NAME
    assert "nurbek" not in NAME.key
    assert len(throttling.of_address("2001:db8:1111:2222:3333:4444:5555:6666").key) <= 80


def test_a_known_browser_is_counted_for_itself() -> None:
    mine = throttling.of_browser("nurbek", "browser 1")

    assert mine not in {NAME, throttling.of_browser("nurbek", "browser 2"), throttling.of_browser("other", "browser 1")}
