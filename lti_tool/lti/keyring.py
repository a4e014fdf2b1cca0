"""The tool's own keys: the private halves are files that nobody else may read, the public ones rows for all to see.

A key is made at the first start. The newest signs; the one before stays published while tokens signed by it may
live. Files that others can read, or that the passphrase does not open, stop the start (lti-security, section 2,
row 54). A private key is parsed once per process: parsing costs a hundred times a signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr
from sqlalchemy.orm import Session

from lti_tool import clock, key_files
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import SettingsFaulty
from lti_tool.key_files import KeyFolder
from lti_tool.lti import launch_store as store
from lti_tool.lti.model import KeyState, ToolKey

OVERLAP = timedelta(hours=1)
"""How long a key that no longer signs stays published at least: assertions live minutes, messages five."""


class Keyring:
    """Signs in the tool's name and shows its public keys; one object serves all threads of a process."""

    def __init__(self, folder: KeyFolder, sessions: SessionFactory) -> None:
        self._folder = folder
        self._sessions = sessions
        self._parsed: dict[str, rsa.RSAPrivateKey] = {}
        self._lock = Lock()

    @classmethod
    def open(cls, keys_dir: Path, passphrase: SecretStr | None, sessions: SessionFactory) -> Keyring:
        """The keyring of a folder; makes the first key where there is none.

        Raises SettingsFaulty with every fault: a file that others can read, a missing file or passphrase, a wrong one.
        """
        folder = KeyFolder(keys_dir, passphrase)
        faults = key_files.readable_by_others(folder)
        if faults:
            raise SettingsFaulty("settings_faulty", faults=faults)
        keyring = cls(folder, sessions)
        with unit_of_work(sessions) as session:
            kid = store.signing_kid(session) or keyring._first_key(session, clock.now())
        keyring._private_key(kid)
        return keyring

    def sign(self, claims: Mapping[str, object]) -> str:
        """The compact JWT of these claims, signed by the key that signs now (RS256, with its `kid`)."""
        with unit_of_work(self._sessions, writes=False) as session:
            kid = store.signing_kid(session)
        if kid is None:
            raise SettingsFaulty("settings_faulty", faults=["keys: none signs; run lti-tool keys rotate"])
        return jwt.encode(dict(claims), self._private_key(kid), algorithm="RS256", headers={"kid": kid})

    def _first_key(self, session: Session, now: datetime) -> str:
        """A key for an empty database: one that already lies in the folder, else a new one."""
        for file in sorted(self._folder.path.glob("*.pem")):
            store.add_tool_key(session, file.stem, key_files.public_half(self._private_key(file.stem)), now)
            return file.stem
        return _new_key(session, self._folder, now)

    def _private_key(self, kid: str) -> rsa.RSAPrivateKey:
        with self._lock:
            if kid not in self._parsed:
                self._parsed[kid] = key_files.load(self._folder, kid)
            return self._parsed[kid]


def key_set(session: Session) -> dict[str, list[dict[str, Any]]]:
    """The public key set (RFC 7517): keys that sign and keys that no longer do but may still be asked for."""
    shown = (KeyState.SIGNING, KeyState.PUBLISHED)
    return {"keys": [key.public_jwk for key in store.tool_keys(session) if key.state in shown]}


def listed(session: Session) -> list[ToolKey]:
    """All keys that the tool has had, newest first."""
    return store.tool_keys(session)


def rotate(session: Session, keys_dir: Path, passphrase: SecretStr | None, now: datetime) -> ToolKey:
    """Makes a new key that signs at once; the one before stays published, older ones are retired and their files go.

    The ones before stay, too, where the newest of them has signed for less than an hour. Other processes sign with the
    new key from their next signature on.
    """
    folder = KeyFolder(keys_dir, passphrase)
    before = store.tool_keys(session)
    signing = next((key for key in before if key.state is KeyState.SIGNING), None)
    if signing is None or now - signing.created_at >= OVERLAP:
        _retire(session, folder, [key for key in before if key.state is KeyState.PUBLISHED], now)
    kid = _new_key(session, folder, now)
    store.change_tool_keys(session, KeyState.SIGNING, KeyState.PUBLISHED, now, keep=kid)
    return next(key for key in store.tool_keys(session) if key.kid == kid)


def inspected(session: Session, keys_dir: Path, passphrase: SecretStr | None) -> tuple[str | None, list[str]]:
    """The key that signs (None: none was made yet) and everything that is wrong with the folder. Changes nothing."""
    kid = store.signing_kid(session)
    return kid, key_files.faults_of(KeyFolder(keys_dir, passphrase), kid)


def _retire(session: Session, folder: KeyFolder, keys: list[ToolKey], now: datetime) -> None:
    store.change_tool_keys(session, KeyState.PUBLISHED, KeyState.RETIRED, now)
    for key in keys:
        folder.file(key.kid).unlink(missing_ok=True)


def _new_key(session: Session, folder: KeyFolder, now: datetime) -> str:
    jwk = key_files.new_key(folder)
    store.add_tool_key(session, str(jwk["kid"]), jwk, now)
    return str(jwk["kid"])
