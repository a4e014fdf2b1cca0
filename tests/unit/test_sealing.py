"""A token is stored so that only this tool with this SECRET_KEY reads it."""

from __future__ import annotations

from lti_tool.moodle.connections import Opened
from lti_tool.sealing import Seal

TOKEN = "0123456789abcdef"
KEY = "a secret of the tests, and of nobody else"


def test_a_token_comes_back_with_the_same_key() -> None:
    assert Seal(KEY).open(Seal(KEY).lock(TOKEN)) == TOKEN


def test_what_is_stored_does_not_show_the_token() -> None:
    assert TOKEN not in Seal(KEY).lock(TOKEN)


def test_with_another_key_the_token_is_lost() -> None:
    assert Seal("another secret of the tests, as long as it").open(Seal(KEY).lock(TOKEN)) is None


def test_an_opened_connection_prints_without_its_token() -> None:
    assert TOKEN not in repr(Opened("https://moodle.example.invalid", TOKEN))
