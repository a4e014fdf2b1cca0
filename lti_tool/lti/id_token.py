"""Is this id_token what it says it is? Each check of a signed message stands alone, is pure, and names its refusal.

OpenID Connect core 1.0, section 3.1.3.7, and 1EdTech Security Framework 1.0, section 5.1.3, made strict where the
libraries leave gaps (lti-security, section 1): required times, a leeway for clocks that are seconds apart, `azp`,
one algorithm.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from lti_tool.errors import LaunchRefused

ALGORITHMS = ["RS256"]
LEEWAY = timedelta(seconds=10)
MAX_AGE = timedelta(minutes=5)
MAX_LIFE = timedelta(hours=1)
MAX_LENGTH = 64 * 1024
"""Characters of a token; Moodle's are about 5,000."""
FOREIGN_KEY_HEADERS = frozenset({"jku", "x5u", "jwk"})
"""A message must not bring its own key; OpenID Connect core, section 2, tells platforms not to send these."""
ENCRYPTION_HEADERS = frozenset({"zip", "enc", "crit", "b64"})

# The algorithm itself, not `jwt.decode`: its header and times are checked here already, and more strictly.
_RS256 = RSAAlgorithm(RSAAlgorithm.SHA256)


@dataclass(frozen=True, slots=True)
class Unverified:
    """A token that was taken apart; nothing of it may be believed yet."""

    token: str
    header: dict[str, Any]
    payload: dict[str, Any]


def digest(secret: str) -> str:
    """SHA-256 of a random secret as 64 hex digits: what is stored of states, nonces, codes and browser tokens."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def take_apart(token: str) -> Unverified:
    """Splits a compact JWS. Raises LaunchRefused: 413 too long, 401 encrypted, 400 anything unreadable."""
    if len(token) > MAX_LENGTH:
        raise LaunchRefused("token_too_long", 413, length=len(token))
    parts = token.split(".")
    if len(parts) == 5:
        raise LaunchRefused("token_encrypted", 401)
    if len(parts) != 3:
        raise LaunchRefused("token_malformed", 400, parts=len(parts))
    return Unverified(token, _object(parts[0]), _object(parts[1]))


def kid_of(unverified: Unverified) -> str:
    """The id of the key that is said to have signed; refuses (401) every other way of naming keys or algorithms."""
    header = unverified.header
    if header.get("alg") not in ALGORITHMS:
        raise LaunchRefused("algorithm_refused", 401)
    if not FOREIGN_KEY_HEADERS.isdisjoint(header) or not ENCRYPTION_HEADERS.isdisjoint(header):
        raise LaunchRefused("header_refused", 401, names=sorted(header.keys() & FOREIGN_KEY_HEADERS))
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise LaunchRefused("kid_missing", 401)
    return kid


def check_signature(unverified: Unverified, key: RSAPublicKey) -> None:
    """Refuses (401) what `key` did not sign. Checks neither times nor audience."""
    signed, _, signature = unverified.token.rpartition(".")
    if not _RS256.verify(signed.encode(), key, _bytes(signature)):
        raise LaunchRefused("signature_wrong", 401)


def check_audience(payload: dict[str, Any], issuer: str, client_id: str) -> None:
    """Refuses (401) a message of another issuer or for another client, with OpenID's rule for several audiences."""
    if payload.get("iss") != issuer:
        raise LaunchRefused("issuer_wrong", 401)
    audience = payload.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if client_id not in audiences:
        raise LaunchRefused("audience_wrong", 401)
    authorized = payload.get("azp")
    if authorized != client_id and (authorized is not None or len(audiences) > 1):
        raise LaunchRefused("authorized_party_wrong", 401)


def check_times(payload: dict[str, Any], now: datetime) -> None:
    """Refuses (401) a message that is too old, too new, lives too long, or does not say when it was made."""
    issued, expires = _moment(payload, "iat"), _moment(payload, "exp")
    instant, leeway = now.timestamp(), LEEWAY.total_seconds()
    if issued is None or expires is None:
        raise LaunchRefused("times_missing", 401, missing=[name for name in ("iat", "exp") if name not in payload])
    if expires + leeway <= instant:
        raise LaunchRefused("token_expired", 401, seconds_ago=_seconds(instant - expires))
    not_before = _moment(payload, "nbf") if "nbf" in payload else issued
    if not_before is None or max(issued, not_before) > instant + leeway:
        raise LaunchRefused("token_from_the_future", 401, seconds_ahead=_seconds(issued - instant))
    if instant - issued > MAX_AGE.total_seconds() + leeway:
        raise LaunchRefused("token_too_old", 401, seconds_ago=_seconds(instant - issued))
    if not 0 <= expires - issued <= MAX_LIFE.total_seconds():
        raise LaunchRefused("token_lives_too_long", 401, seconds=_seconds(expires - issued))


def check_nonce(payload: dict[str, Any], nonce_hash: str) -> None:
    """Refuses (401) a message that does not carry the nonce of the login that it answers."""
    nonce = payload.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(digest(nonce), nonce_hash):
        raise LaunchRefused("nonce_wrong", 401)


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(_bytes(part))
    except (ValueError, RecursionError) as error:
        raise LaunchRefused("token_malformed", 400) from error
    if not isinstance(found, dict):
        raise LaunchRefused("token_malformed", 400)
    return found


def _bytes(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError as error:  # also what is not ASCII, and binascii's own
        raise LaunchRefused("token_malformed", 400) from error


def _moment(payload: dict[str, Any], name: str) -> float | None:
    """Seconds since 1970; None where it is missing or no sensible number."""
    value = payload.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        moment = float(value)
    except OverflowError:
        return None
    return moment if math.isfinite(moment) else None


def _seconds(span: float) -> int:
    return round(span)
