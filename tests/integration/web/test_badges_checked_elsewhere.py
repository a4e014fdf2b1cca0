"""A badge verifies with programs that are not ours, and fails after one changed byte, a revocation, with another key.

`openbadgeslib` reads it as Open Badges 3.0 and its list as a Bitstring Status List. It leaves signatures to PyJWT, by
which they were made, so `jwcrypto` checks these once more.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK, JWKSet
from jwcrypto.jws import JWS
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier
from sqlalchemy import update

from lti_tool import clock
from lti_tool.competency.tables import CertifiedLevelRow
from lti_tool.credentials import badges, keyring
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from tests.factories.badges import EMAIL, Holder, holder
from tests.factories.launch_bench import TOOL
from tests.factories.signing_lms import rsa_key

Download = Callable[[str], bytes]


@pytest.fixture
def has(app: Flask, sessions: SessionFactory, tmp_path: Path) -> Holder:
    """Somebody with certified levels, since just now: other programs look at their own clock."""
    return holder(sessions, tmp_path / "keys", clock.now())


@pytest.fixture
def download(app: Flask) -> Download:
    """What stands at an address of the tool."""
    client = app.test_client()

    def read(address: str) -> bytes:
        assert address.startswith(TOOL)
        answer = client.get(address.removeprefix(TOOL), base_url=TOOL)
        assert answer.status_code == 200
        return answer.data

    return read


def _badge(download: Download, public_id: str) -> str:
    return download(f"{TOOL}/credentials/{public_id}").decode()


def _key_of(download: Download, signed: str) -> JWK:
    """The public key, from the address that the head of the badge names (Open Badges 3.0, 8.2.6)."""
    head = signed.partition(".")[0]
    named = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]
    return JWK.from_json(download(named).decode())


def _verifier(key: JWK) -> OB3Verifier:
    return OB3Verifier(key.export_to_pem())


def _checked(download: Download, signed: str) -> Any:  # noqa: ANN401  a class of the library
    return _verifier(_key_of(download, signed)).verify(signed, check_status=True, download=download)


def test_openbadgeslib_verifies_a_badge_with_the_published_key_and_the_published_list(
    has: Holder, download: Download
) -> None:
    made = has.make(1)

    found = _checked(download, _badge(download, made))

    assert found.id == f"{TOOL}/credentials/{made}"
    assert found.issuer.id == f"{TOOL}/credentials/issuer"
    (result,), (described,) = found.results, found.achievement.result_descriptions
    assert result.achieved_level == described.required_level
    assert [each.target_code for each in found.achievement.alignments] == ["4.1", None]


def test_jwcrypto_verifies_the_signature_by_the_key_set(has: Holder, download: Download) -> None:
    signed = _badge(download, has.make())
    keys = JWKSet.from_json(download(f"{TOOL}/credentials/jwks").decode())

    token = JWS()
    token.deserialize(signed, keys)

    assert json.loads(token.payload)["type"] == ["VerifiableCredential", "OpenBadgeCredential"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(min_value=0), other=st.sampled_from("ABab01_-"))
def test_one_changed_byte_is_found_by_both(has: Holder, download: Download, place: int, other: str) -> None:
    signed = _badge(download, has.make())
    key = _key_of(download, signed)
    at = place % len(signed)
    if not _says_something_else(signed, at, other):
        return
    changed = signed[:at] + other + signed[at + 1 :]

    with pytest.raises(OB3VerificationError):
        _verifier(key).verify(changed)
    with pytest.raises(JWException):
        JWS().deserialize(changed, key)


def _says_something_else(signed: str, at: int, other: str) -> bool:
    """Whether the bytes differ: the last letter of a part in base64 has bits that mean nothing."""
    last = at + 1 == len(signed) or signed[at + 1] == "."
    return signed[at] != other and not last


def test_a_badge_of_another_key_is_refused_by_both(has: Holder, download: Download) -> None:
    signed = _badge(download, has.make())
    other = JWK.from_pyca(rsa_key(1).public_key())

    with pytest.raises(OB3VerificationError, match="Invalid signature"):
        _verifier(other).verify(signed)
    with pytest.raises(JWException):
        JWS().deserialize(signed, other)


def test_a_withdrawn_badge_is_refused_by_its_list(has: Holder, download: Download, sessions: SessionFactory) -> None:
    made, other = has.make(0), has.make(1)
    with unit_of_work(sessions) as session:
        badges.withdraw(session, has.person.id, made, clock.now())

    with pytest.raises(OB3VerificationError, match="'revocation' is set"):
        _checked(download, _badge(download, made))
    assert _checked(download, _badge(download, other))


def test_a_badge_whose_level_is_certified_no_longer_is_refused_by_its_list(
    has: Holder, download: Download, sessions: SessionFactory
) -> None:
    made = has.make(1)
    with unit_of_work(sessions) as session:
        row = CertifiedLevelRow
        session.execute(update(row).where(row.public_id == has.levels[1]).values(ended_at=clock.now()))

    with pytest.raises(OB3VerificationError, match="'revocation' is set"):
        _checked(download, _badge(download, made))


def test_a_list_with_one_changed_byte_is_refused(has: Holder, download: Download) -> None:
    signed = _badge(download, has.make())

    def tampered(address: str) -> bytes:
        read = download(address)
        return read.replace(b"eyJ", b"eyK", 1) if "/status/" in address else read

    with pytest.raises(OB3VerificationError):
        _verifier(_key_of(download, signed)).verify(signed, check_status=True, download=tampered)


def test_a_badge_of_a_retired_key_still_verifies_by_what_stays_published(
    has: Holder, download: Download, sessions: SessionFactory, tmp_path: Path
) -> None:
    signed = _badge(download, has.make())
    with unit_of_work(sessions) as session:
        keyring.rotate(session, tmp_path / "keys", None, clock.now())

    assert _verifier(_key_of(download, signed)).verify(signed)
    token = JWS()
    token.deserialize(signed, JWKSet.from_json(download(f"{TOOL}/credentials/jwks").decode()))
    # The list is signed by the key of now, which its own head names.
    status = download(f"{TOOL}/credentials/status/0").decode()
    JWS().deserialize(status, _key_of(download, status))


def test_a_badge_belongs_to_the_address_that_was_put_in(has: Holder, download: Download) -> None:
    found = _checked(download, _badge(download, has.make(by_email=True)))

    (identity,) = found.identifiers
    assert identity.hashed
    assert identity.identity_hash == "sha256$" + hashlib.sha256((EMAIL + identity.salt).encode()).hexdigest()
    assert EMAIL not in str(found.raw)


def test_an_expired_badge_is_refused(has: Holder, download: Download, sessions: SessionFactory, now: datetime) -> None:
    with unit_of_work(sessions) as session:
        row = CertifiedLevelRow
        session.execute(update(row).where(row.public_id == has.levels[0]).values(expires_at=now.replace(year=2020)))
    has.now = now.replace(year=2019)

    signed = _badge(download, has.make(0))

    with pytest.raises(OB3VerificationError, match="expired"):
        _verifier(_key_of(download, signed)).verify(signed)


def test_the_public_key_is_an_rsa_key_of_2048_bits(has: Holder, download: Download) -> None:
    key = _key_of(download, _badge(download, has.make()))

    public = key.get_op_key("verify")
    assert public.key_size == 2048
    assert public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).startswith(b"-----BEGIN PUBLIC KEY")
