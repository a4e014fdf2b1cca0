"""Passwords as they are kept: the right one matches, and a missing account costs as much as one that is there."""

from __future__ import annotations

from lti_tool.accounts import passwords


def test_a_password_matches_its_own_hash_alone() -> None:
    stored = passwords.hashed("башка узун сөз айкашы")

    assert passwords.matches(stored, "башка узун сөз айкашы")
    assert not passwords.matches(stored, "башка узун сөз")


def test_nobodys_password_opens_nothing_and_costs_what_others_cost() -> None:
    assert not passwords.matches(None, "the password of nobody")
    assert passwords.matches(passwords.NOBODYS, "the password of nobody")
    assert not passwords.is_outdated(passwords.NOBODYS)
