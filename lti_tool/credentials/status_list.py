"""Lists of revoked badges as the W3C's Bitstring Status List 1.0 writes them. Pure.

Each badge has one bit in one list, at a place drawn by lot: who fetches a list learns neither whose badge was looked at
nor how many there are. A list is signed anew with the hour, so that an old copy cannot hide a revocation for long.
"""

from __future__ import annotations

import gzip
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from lti_tool.credentials.badge import issuer_id, list_address

SIZE = 131_072
"""Places of a list: the least that the standard allows."""
FULL = SIZE // 2
"""With so many badges a list takes no more: drawing a free place stays quick."""
LIVES = timedelta(hours=25)
KEEP = timedelta(minutes=5)
"""How long whoever has a list may go without asking again."""


def encoded(revoked: Iterable[int]) -> str:
    """The bits of a list, the first one leftmost: compressed, in base64url with the multibase prefix."""
    bits = bytearray(SIZE // 8)
    for index in revoked:
        bits[index // 8] |= 0x80 >> (index % 8)
    return "u" + urlsafe_b64encode(gzip.compress(bytes(bits), 9, mtime=0)).decode().rstrip("=")


def claims(base_url: str, number: int, revoked: Iterable[int], now: datetime) -> dict[str, Any]:
    """What is signed: the list as a credential of its own. The same within an hour as long as nothing is revoked."""
    address = list_address(base_url, number)
    begins = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    ends = begins + LIVES
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer_id(base_url),
        "validFrom": begins.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "validUntil": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded(revoked),
            "ttl": int(KEEP.total_seconds() * 1000),
        },
        "iss": issuer_id(base_url),
        "jti": address,
        "nbf": int(begins.timestamp()),
        "exp": int(ends.timestamp()),
    }
