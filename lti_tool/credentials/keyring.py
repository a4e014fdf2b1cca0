"""The keys that sign badges: apart from the tool's own, because a badge must stay verifiable for as long as it lives.

A key of the tool signs messages of minutes, is replaced without a thought, and its public half goes an hour later.
Here the public halves stay published for ever (ADR 20). The first key is made with the first badge; private halves
are files in KEYS_DIR/credentials.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr
from sqlalchemy.orm import Session

from lti_tool import key_files
from lti_tool.credentials import key_store
from lti_tool.credentials.model import CredentialKey
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import SettingsFaulty
from lti_tool.key_files import KeyFolder

FOLDER = "credentials"
ROTATION = "lti-tool keys rotate --credential"
ADDRESS = "/credentials/keys/"
"""Under which each public key is found for itself: what the header of a badge names (Open Badges 3.0, 8.2.3)."""


class CredentialKeys:
    """Signs badges and lists of revoked ones; one object serves all threads of a process."""

    def __init__(self, folder: KeyFolder, base_url: str) -> None:
        self._folder = folder
        self._base_url = base_url
        self._parsed: dict[str, rsa.RSAPrivateKey] = {}
        self._lock = Lock()

    @classmethod
    def open(
        cls, keys_dir: Path, passphrase: SecretStr | None, base_url: str, sessions: SessionFactory
    ) -> CredentialKeys:
        """The keys of a folder, which may have none yet; badges name them by addresses under `base_url`.

        Raises SettingsFaulty with every fault: a file that others can read, a missing file or passphrase, a wrong one.
        """
        found = cls(folder_of(keys_dir, passphrase), base_url)
        faults = key_files.readable_by_others(found._folder)
        if faults:
            raise SettingsFaulty("settings_faulty", faults=faults)
        with unit_of_work(sessions, writes=False) as session:
            kid = key_store.signing_kid(session)
        if kid is not None:
            found._private_key(kid)
        return found

    def signing_key(self, session: Session, now: datetime) -> str:
        """The id of the key that signs now. Where there is none yet: one that already lies in the folder, else a new
        one."""
        kid = key_store.signing_kid(session)
        if kid is not None:
            return kid
        lying = next(iter(sorted(self._folder.path.glob("*.pem"))), None)
        first = key_files.public_half(self._private_key(lying.stem)) if lying else key_files.new_key(self._folder)
        key_store.add_key(session, first, now)
        return str(first["kid"])

    def sign(self, kid: str, claims: Mapping[str, object]) -> str:
        """The compact JWT of these claims, signed by this key (RS256, which the standard asks for at least)."""
        header = {"kid": address_of(self._base_url, kid), "typ": "JWT"}
        private = self._private_key(kid)
        return jwt.encode(dict(claims), private, algorithm="RS256", headers=header, json_encoder=_AsWritten)

    def _private_key(self, kid: str) -> rsa.RSAPrivateKey:
        with self._lock:
            if kid not in self._parsed:
                self._parsed[kid] = key_files.load(self._folder, kid)
            return self._parsed[kid]


class _AsWritten(json.JSONEncoder):
    """Cyrillic letters as they are: escaped, a badge would be three times as long."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  as json passes them
        super().__init__(**(options | {"ensure_ascii": False}))


def folder_of(keys_dir: Path, passphrase: SecretStr | None) -> KeyFolder:
    """Where the private halves lie."""
    return KeyFolder(keys_dir / FOLDER, passphrase, ROTATION)


def address_of(base_url: str, kid: str) -> str:
    """Where the public half of a key is found."""
    return f"{base_url}{ADDRESS}{kid}"


def key_set(session: Session, base_url: str) -> dict[str, list[dict[str, object]]]:
    """All public keys that ever signed a badge (RFC 7517), each under the id by which badges name it."""
    return {"keys": [each.public_jwk | {"kid": address_of(base_url, each.kid)} for each in key_store.keys(session)]}


def listed(session: Session) -> list[CredentialKey]:
    """All keys that have ever signed badges, newest first."""
    return key_store.keys(session)


def rotate(session: Session, keys_dir: Path, passphrase: SecretStr | None, now: datetime) -> CredentialKey:
    """Makes a new key that signs at once. The public halves of all others stay published; their private files go, but
    for the one before: a badge may be being signed with it."""
    folder = folder_of(keys_dir, passphrase)
    before = key_store.keys(session)
    made = key_files.new_key(folder)
    key_store.add_key(session, made, now)
    key_store.retire_others(session, str(made["kid"]), now)
    for key in before:
        if key.retired_at is not None:
            folder.file(key.kid).unlink(missing_ok=True)
    return next(key for key in key_store.keys(session) if key.kid == made["kid"])


def inspected(session: Session, keys_dir: Path, passphrase: SecretStr | None) -> tuple[str | None, list[str]]:
    """The key that signs (None: none was made yet) and everything that is wrong with the folder. Changes nothing."""
    kid = key_store.signing_kid(session)
    return kid, key_files.faults_of(folder_of(keys_dir, passphrase), kid)
