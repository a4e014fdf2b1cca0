"""With which keys platforms sign: kept in the database, so that an outage of theirs stops nobody's launch.

A key id that we know never waits for the network. One that we do not know is looked for once in 30 seconds per
platform, within 1.5 s, whoever asks; who comes meanwhile waits for that answer. What was fetched serves for 24 hours
when the platform cannot be asked (lti-security, section 2, rows 2, 56 and 57). Fetching happens outside transactions.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import LaunchRefused, PlatformError
from lti_tool.lti import launch_store as store
from lti_tool.lti.model import StoredKeySet
from lti_tool.outbound import Outbound

FETCH_PAUSE = timedelta(seconds=30)
FETCH_SECONDS = 1.5
"""Longest that a launch waits for a platform's keys."""
POLL_SECONDS = 0.05
STALE_AFTER = timedelta(hours=24)
REFRESH_AFTER = timedelta(hours=1)
BITS = range(2048, 8193)
KEYS_READ = 50
"""A key set with more keys than this is not read to its end."""
TEXT_READ = 2000
"""Characters of a modulus and exponent; 8192 bits are 1,366."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where a platform's keys are found."""

    sessions: SessionFactory
    outbound: Outbound
    url: str


def key_for(source: KeySource, known: StoredKeySet | None, kid: str, now: datetime) -> RSAPublicKey:
    """The platform's key with this id: from the set that is `known`, else from a newer one.

    Raises LaunchRefused (401) where the platform, asked again, does not have it or cannot be asked.
    """
    key = _find(known, kid, now)
    if key is None:
        key = _find(_asked_again(source, known, now), kid, now)
    if key is None:
        raise LaunchRefused("key_unknown", 401)
    return key


def refresh(sessions: SessionFactory, outbound: Outbound, now: datetime) -> int:
    """Fetches the key sets that are older than an hour, so that launches need not; how many. For the worker."""
    with unit_of_work(sessions, writes=False) as session:
        urls = store.key_sets_fetched_before(session, now - REFRESH_AFTER)
    for source in (KeySource(sessions, outbound, url) for url in urls):
        if _claimed(source, now):
            _fetch(source, now)
    return len(urls)


def usable_keys(document: dict[str, Any], kid: str) -> Iterator[RSAPublicKey]:
    """The keys of a set under this id that may sign messages: RSA for RS256, of 2048 to 8192 bits (RFC 7517)."""
    listed = document.get("keys")
    for jwk in listed[:KEYS_READ] if isinstance(listed, list) else ():
        if isinstance(jwk, dict) and jwk.get("kid") == kid and _may_sign(jwk):
            key = _parsed(jwk.get("n"), jwk.get("e"))
            if key is not None:
                yield key


def _find(known: StoredKeySet | None, kid: str, now: datetime) -> RSAPublicKey | None:
    if known is None or known.document is None or known.fetched_at is None or now - known.fetched_at > STALE_AFTER:
        return None
    return next(usable_keys(known.document, kid), None)


def _may_sign(jwk: dict[str, Any]) -> bool:
    operations = jwk.get("key_ops", ["verify"])
    return (
        jwk.get("kty") == "RSA"
        and jwk.get("use", "sig") == "sig"
        and jwk.get("alg", "RS256") == "RS256"
        and isinstance(operations, list)
        and "verify" in operations
    )


def _parsed(modulus: object, exponent: object) -> RSAPublicKey | None:
    if not isinstance(modulus, str) or not isinstance(exponent, str) or len(modulus) + len(exponent) > TEXT_READ:
        return None
    return _key(modulus, exponent)


@lru_cache(maxsize=256)
def _key(modulus: str, exponent: str) -> RSAPublicKey | None:
    # Kept parsed: turning a JWK into a key costs as much as half a verification.
    try:
        n, e = (int.from_bytes(base64.urlsafe_b64decode(part + "=="), "big") for part in (modulus, exponent))
        return RSAPublicNumbers(e, n).public_key() if n.bit_length() in BITS and 3 <= e < 2**32 else None
    except ValueError:
        return None


def _asked_again(source: KeySource, known: StoredKeySet | None, now: datetime) -> StoredKeySet | None:
    if _claimed(source, now):
        return _fetch(source, now)
    return _awaited(source, known, now)


def _claimed(source: KeySource, now: datetime) -> bool:
    with unit_of_work(source.sessions) as session:
        return store.claim_key_fetch(session, source.url, now, FETCH_PAUSE)


def _fetch(source: KeySource, now: datetime) -> StoredKeySet | None:
    try:
        document = source.outbound.get_json(source.url, timeout=FETCH_SECONDS)
    except PlatformError as error:
        log.warning("key_set_not_fetched", url=source.url, code=error.code)
        return None
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        log.warning("key_set_not_fetched", url=source.url, code="not_a_key_set")
        return None
    kept = {"keys": list(_kept(document["keys"]))}
    with unit_of_work(source.sessions) as session:
        store.save_key_set(session, source.url, kept, now)
    return StoredKeySet(kept, now, now)


def _kept(listed: list[object]) -> Iterator[dict[str, Any]]:
    # What else stands in a key set may be NaN, which is no JSON for PostgreSQL, nested without end, or a megabyte that
    # every launch would read.
    for jwk in listed[:KEYS_READ]:
        if isinstance(jwk, dict) and _may_sign(jwk):
            texts = {name: jwk.get(name) for name in ("kid", "n", "e")}
            if all(isinstance(text, str) and len(text) <= TEXT_READ for text in texts.values()):
                yield {"kty": "RSA", **texts}


def _awaited(source: KeySource, known: StoredKeySet | None, now: datetime) -> StoredKeySet | None:
    """What another launch that is asking right now brings home; None where nobody is asking or nothing comes."""
    before = known.fetched_at if known else None
    deadline = time.monotonic() + FETCH_SECONDS
    while time.monotonic() < deadline:
        with unit_of_work(source.sessions, writes=False) as session:
            found = store.key_set(session, source.url)
        if found is not None and found.fetched_at is not None and found.fetched_at != before:
            return found
        if found is None or now - found.tried_at > timedelta(seconds=FETCH_SECONDS):
            return None
        time.sleep(POLL_SECONDS)
    return None
