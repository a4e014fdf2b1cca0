"""A platform that signs whatever a test wants signed, and answers for its key set as a test wants it to."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lti_tool.errors import PlatformError, PlatformUnavailable
from lti_tool.outbound import Answer

ISSUER = "https://moodle.example.invalid"
JWKS_URL = f"{ISSUER}/mod/lti/certs.php"
RECORDED = Path(__file__).parent.parent / "data" / "moodle-5.1"


@cache
def rsa_key(number: int, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Test keys by number; made once per process, since making one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def jwk_of(key: rsa.RSAPrivateKey, kid: str, **fields: object) -> dict[str, Any]:
    """The public JWK of a key, as Moodle publishes it."""
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": public["n"], "e": public["e"], **fields}


def pem_of(key: rsa.RSAPrivateKey) -> str:
    """The public half as PEM text."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def part(value: object) -> str:
    """JSON in the base64 of tokens."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def recorded_payload(name: str) -> dict[str, Any]:
    """The id_token payload of a recorded Moodle launch."""
    payload: dict[str, Any] = json.loads((RECORDED / f"launch-{name}.json").read_text())["id_token_payload"]
    return payload


class FakeOutbound:
    """The way out with its real signature; answers from a table and counts what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, object] = {}
        self.asked: list[str] = []
        self.timeouts: list[float | None] = []

    def get_json(self, url: str, *, timeout: float | None = None, headers: Mapping[str, str] | None = None) -> object:
        self.asked.append(url)
        self.timeouts.append(timeout)
        answer = self.answers.get(url, PlatformUnavailable("platform_unreachable"))
        if callable(answer):
            answer = answer()
        if isinstance(answer, PlatformError):
            raise answer
        return answer

    def check(self, url: str) -> None:
        """Every address may be called."""

    def request(self, method: str, url: str, **_more: object) -> Answer:
        """Nobody answers but with JSON."""
        self.asked.append(url)
        raise PlatformUnavailable("platform_unreachable")


class SigningLms:
    """Signs messages with a key that its key set shows."""

    def __init__(self, outbound: FakeOutbound, kid: str = "key-1", number: int = 1) -> None:
        self.outbound = outbound
        self.kid = kid
        self.key = rsa_key(number)
        self.publish(jwk_of(self.key, kid))

    def publish(self, *jwks: object) -> None:
        """Shows these keys from now on."""
        self.outbound.answers[JWKS_URL] = {"keys": list(jwks)}

    def sign(self, payload: Mapping[str, Any], **header: object) -> str:
        """A compact JWS; a header of None leaves the field out."""
        fields: dict[str, Any] = {"typ": "JWT", "alg": "RS256", "kid": self.kid, **header}
        head = {name: value for name, value in fields.items() if value is not None}
        signed = f"{part(head)}.{part(dict(payload))}"
        return f"{signed}.{self.signature(signed)}"

    def signature(self, signed: str) -> str:
        """The RS256 signature over the text, whatever its header claims."""
        raw = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(signed.encode(), self.key)
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
