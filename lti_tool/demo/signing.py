"""Keys and signatures: the LMS's own RSA key, and the check of what the tool signed with its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

FetchJson = Callable[[str], Mapping[str, Any]]
"""Gets a JSON document from an address; raises requests.RequestException or ValueError."""


class BadSignature(Exception):
    """Why a token of the tool is refused; `message` is the text that Moodle shows."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SigningKey:
    """The platform's key pair; made anew at each start, as nothing of the demonstration is kept."""

    def __init__(self) -> None:
        self._private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = self._private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.kid = sha256(public).hexdigest()[:20]

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A JWT by RS256 with `kid`."""
        return jwt.encode(dict(claims), self._private, algorithm="RS256", headers={"kid": self.kid})

    def verify(self, token: str) -> dict[str, Any]:
        """The claims of a token that this LMS signed, times and audience unchecked; jwt.PyJWTError otherwise."""
        claims: dict[str, Any] = jwt.decode(
            token,
            self._private.public_key(),
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_iat": False, "verify_aud": False},
        )
        return claims

    def jwks(self) -> dict[str, Any]:
        """The public half, as `certs.php` shows it."""
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._private.public_key()))
        key = {"kty": "RSA", "alg": "RS256", "kid": self.kid, "e": public["e"], "n": public["n"], "use": "sig"}
        return {"keys": [key]}


def fetch_json(url: str) -> Mapping[str, Any]:
    """A JSON document over HTTP, within five seconds."""
    answer = requests.get(url, timeout=5)
    answer.raise_for_status()
    document: Mapping[str, Any] = answer.json()
    return document


class ToolKeys:
    """The tools' key sets, kept without end and fetched again only when a check with the kept set fails.

    That is Moodle's habit: a withdrawn key stays accepted until another one forces a new fetch.
    """

    def __init__(self, fetch: FetchJson) -> None:
        self._fetch = fetch
        self._kept: dict[str, Mapping[str, Any]] = {}

    def verify(self, token: str, jwks_url: str) -> dict[str, Any]:
        """The claims of a tool's token, with no leeway in time; BadSignature with Moodle's text otherwise."""
        if jwks_url in self._kept:
            try:
                return _checked(token, self._kept[jwks_url])
            except BadSignature:
                pass  # perhaps the tool has a new key
        try:
            self._kept[jwks_url] = self._fetch(jwks_url)
        except (requests.RequestException, ValueError) as error:
            raise BadSignature("No keyset available") from error
        return _checked(token, self._kept[jwks_url])


def unverified(token: str) -> dict[str, Any]:
    """What a token says of itself, to find out whose key to check it with; BadSignature if it is no JWT."""
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise BadSignature("Wrong number of segments") from error
    return claims


def _checked(token: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    try:
        key = _key_for(token, keys)
        # Neither aud nor jti is looked at: recorded in token-wrong-aud and token-jti-replayed.
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=["RS256"], options={"verify_aud": False, "verify_sub": False, "verify_jti": False}
        )
    except jwt.ExpiredSignatureError as error:
        raise BadSignature("Expired token") from error
    except jwt.ImmatureSignatureError as error:
        raise BadSignature(_too_early(token)) from error
    except (jwt.PyJWTError, KeyError, TypeError) as error:
        raise BadSignature("Signature verification failed") from error
    return claims


def _key_for(token: str, keys: Mapping[str, Any]) -> jwt.PyJWK:
    kid = jwt.get_unverified_header(token).get("kid")
    for key in keys["keys"]:
        if kid is not None and key.get("kid") == kid:
            return jwt.PyJWK(key, algorithm="RS256")
    raise BadSignature('"kid" invalid, unable to lookup correct key')


def _too_early(token: str) -> str:
    claims = unverified(token)
    name = "nbf" if claims.get("nbf", 0) > claims.get("iat", 0) else "iat"
    moment = datetime.fromtimestamp(claims[name], UTC)
    return f"Cannot handle token with {name} prior to {moment:%Y-%m-%dT%H:%M:%S+0000}"
