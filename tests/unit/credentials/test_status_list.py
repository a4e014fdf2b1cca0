"""Lists of revoked badges: every place is one bit, the first one leftmost, and nothing else is told."""

from __future__ import annotations

import base64
import gzip
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.credentials import status_list
from lti_tool.credentials.status_list import SIZE

NOW = datetime(2026, 9, 1, 12, 34, 56, tzinfo=UTC)
BASE = "https://tool.example.invalid"


def _bits(encoded: str) -> bytes:
    """What a reader of the standard makes of it: multibase u, base64url without padding, gzip."""
    assert encoded[0] == "u"
    packed = encoded[1:]
    return gzip.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))


def test_a_list_has_the_size_that_the_standard_asks_for() -> None:
    assert len(_bits(status_list.encoded([]))) * 8 == 131_072


def test_the_first_place_is_the_leftmost_bit() -> None:
    assert _bits(status_list.encoded([0]))[0] == 0b1000_0000
    assert _bits(status_list.encoded([7, 8]))[:2] == bytes([0b0000_0001, 0b1000_0000])
    assert _bits(status_list.encoded([SIZE - 1]))[-1] == 0b0000_0001


@given(st.sets(st.integers(0, SIZE - 1), max_size=40))
def test_exactly_the_revoked_places_are_set(revoked: set[int]) -> None:
    bits = _bits(status_list.encoded(revoked))

    found = {8 * place + bit for place, byte in enumerate(bits) if byte for bit in range(8) if byte & (0x80 >> bit)}
    assert found == revoked


def test_a_list_says_the_same_for_an_hour_and_is_good_for_a_day() -> None:
    told = status_list.claims(BASE, 3, [5], NOW)

    assert told == status_list.claims(BASE, 3, [5], NOW + timedelta(minutes=20))
    assert told != status_list.claims(BASE, 3, [5], NOW + timedelta(hours=1))
    assert told["validFrom"] == "2026-09-01T12:00:00Z"
    assert told["validUntil"] == "2026-09-02T13:00:00Z"
    assert told["id"] == f"{BASE}/credentials/status/3"
    assert told["credentialSubject"]["statusPurpose"] == "revocation"
    assert (told["iss"], told["issuer"]) == (f"{BASE}/credentials/issuer",) * 2
