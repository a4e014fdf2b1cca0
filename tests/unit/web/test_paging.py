"""Long lists page by page: nothing is left out, nothing comes twice, and no odd address leads nowhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.web.paging import Pages, cut, number_asked, opened

pytestmark = pytest.mark.usefixtures("in_english")
NO_PAGES = ["", "0", "-1", "1.5", "²", "٣", " 2", "2 ", "1e3", "9999999", "None"]
"""What stands in an address instead of a page; `²` and `٣` are digits to Unicode."""


def address(page: int) -> str:
    return f"?page={page}"


def asked(page: str) -> dict[str, str]:
    return {"page": page}


def test_a_list_of_one_page_says_nothing_of_pages() -> None:
    assert cut({}, "abc", address, size=3) == ("abc", Pages("", None, None))
    assert cut({}, "", address, size=3) == ("", Pages("", None, None))


def test_in_the_middle_both_ways_are_open() -> None:
    shown, pages = cut(asked("2"), "abcdefg", address, size=3)

    assert (shown, pages) == ("def", Pages("4–6 of 7", "?page=1", "?page=3"))


def test_large_numbers_are_written_as_the_language_does() -> None:
    _shown, pages = cut(asked("110"), range(11_000), address)

    assert pages.said == "10,901–11,000 of 11,000"


@pytest.mark.parametrize("page", NO_PAGES)
def test_what_is_no_page_is_the_first_one(page: str) -> None:
    assert cut(asked(page), "abcdefg", address, size=3)[0] == "abc"
    assert number_asked(asked(page)) == 1


def test_behind_the_end_is_the_last_page() -> None:
    assert cut(asked("99"), "abcdefg", address, size=3) == ("g", Pages("7–7 of 7", "?page=2", None))


@pytest.mark.parametrize(("listed", "left"), [("abcdefg", "g"), ("abc", "abc"), ("", "")])
def test_of_a_list_that_has_become_shorter_the_last_page_is_read_instead(listed: str, left: str) -> None:
    read: list[int] = []

    def of_database(skip: int) -> tuple[str, int]:
        read.append(skip)
        return listed[skip : skip + 3], len(listed)

    assert opened(asked("9"), of_database, address, size=3) == cut(asked("9"), listed, address, size=3)
    assert opened({}, of_database, address, size=3)[0] == listed[:3]
    assert read[0] == 24
    assert read[-1] == 0
    assert listed[read[1] : read[1] + 3] == left


@given(total=st.integers(0, 40), size=st.integers(1, 12))
def test_page_by_page_everything_comes_once(total: int, size: int) -> None:
    listed, page, seen = list(range(total)), "1", []
    while page:
        shown, pages = cut(asked(page), listed, address, size)
        assert (pages.previous is None) == (page == "1")
        seen += shown
        page = (pages.following or "").removeprefix("?page=")

    assert seen == listed
