"""Codes of an app: taken within half a minute of their time, told with their time; codes on paper by their letters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from lti_tool.accounts import codes

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""RFC 6238's own."""
NOW = datetime(2026, 11, 26, 9, 0, 10, tzinfo=UTC)


def test_a_code_is_that_of_rfc_6238() -> None:
    # Appendix B, SHA-1, the last six digits of its eight.
    assert codes.step_of(SECRET, "287082", datetime.fromtimestamp(59, UTC)) == 1
    assert codes.step_of(SECRET, "005924", datetime.fromtimestamp(1234567890, UTC)) == 41152263


@pytest.mark.parametrize(("apart", "good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_half_a_minute_off(apart: int, good: bool) -> None:
    code = pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=apart))

    step = codes.step_of(SECRET, code, NOW)

    assert step == (int(NOW.timestamp()) // 30 + apart // 30 if good else None)


def test_a_code_may_be_typed_as_apps_show_it() -> None:
    code = pyotp.TOTP(SECRET).at(NOW)

    assert codes.step_of(SECRET, f" {code[:3]} {code[3:]} ", NOW) is not None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "12345\0", "-12345"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert codes.step_of(SECRET, typed, NOW) is None


def test_codes_on_paper_are_ten_different_ones_and_known_however_they_are_typed() -> None:
    made = codes.new_paper_codes()

    assert len(set(made)) == 10
    assert codes.paper_hash(made[0].upper().replace("-", " ")) == codes.paper_hash(made[0])
    assert codes.paper_hash(made[0]) != codes.paper_hash(made[1])


def test_the_picture_tells_the_app_whose_code_it_is() -> None:
    address = codes.address(SECRET, "nurbek@example.invalid")

    assert address.startswith("otpauth://totp/lti-tool:nurbek%40example.invalid?secret=" + SECRET)
