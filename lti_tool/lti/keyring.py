"""The tool's own keys: the private halves are files that nobody else may read, the public ones rows for all to see.

A key is made at the first start. The newest signs; the one before stays published while tokens signed by it may
live. Files that others can read, or that the passphrase does not open, stop the start (lti-security, section 2,
row 54). A private key is parsed once per process: parsing costs a hundred times a signature.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwcrypto.jwk import JWK
from pydantic import SecretStr
from sqlalchemy.orm import Session

from lti_tool import clock
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import SettingsFaulty
from lti_tool.lti import launch_store as store
from lti_tool.lti.model import KeyState, ToolKey

BITS = 2048
OTHERS = 0o077
OTHERS_CHANGE = 0o022
OVERLAP = timedelta(hours=1)
"""How long a key that no longer signs stays published at least: assertions live minutes, messages five."""


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """Where the private keys lie, and what opens them."""

    path: Path
    passphrase: SecretStr | None

    def file(self, kid: str) -> Path:
        """The file of one key."""
        return self.path / f"{kid}.pem"


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
        faults = readable_by_others(folder)
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
            store.add_tool_key(session, file.stem, _public_half(self._private_key(file.stem)), now)
            return file.stem
        return _new_key(session, self._folder, now)

    def _private_key(self, kid: str) -> rsa.RSAPrivateKey:
        with self._lock:
            if kid not in self._parsed:
                self._parsed[kid] = _load(self._folder, kid)
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


def readable_by_others(folder: KeyFolder) -> list[str]:
    """The key files that somebody but their owner may read or write, each as a fault to print."""
    return [
        f"keys: {file} can be read by others (mode {file.stat().st_mode & 0o777:04o}); run chmod 600 {file}"
        for file in sorted(folder.path.glob("*.pem"))
        if file.stat().st_mode & OTHERS
    ]


def inspected(session: Session, keys_dir: Path, passphrase: SecretStr | None) -> tuple[str | None, list[str]]:
    """The key that signs (None: none was made yet) and everything that is wrong with the folder. Changes nothing."""
    folder = KeyFolder(keys_dir, passphrase)
    faults = [*_changeable_by_others(folder), *readable_by_others(folder)]
    kid = store.signing_kid(session)
    if kid is not None:
        try:
            _load(folder, kid)
        except SettingsFaulty as faulty:
            faults += faulty.faults
    return kid, faults


def _changeable_by_others(folder: KeyFolder) -> list[str]:
    if not folder.path.is_dir() or not folder.path.stat().st_mode & OTHERS_CHANGE:
        return []
    return [f"keys: others may put keys into {folder.path}; run chmod 700 {folder.path}"]


def _retire(session: Session, folder: KeyFolder, keys: list[ToolKey], now: datetime) -> None:
    store.change_tool_keys(session, KeyState.PUBLISHED, KeyState.RETIRED, now)
    for key in keys:
        folder.file(key.kid).unlink(missing_ok=True)


def _new_key(session: Session, folder: KeyFolder, now: datetime) -> str:
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    jwk = _public_half(private)
    kid = str(jwk["kid"])
    _write(folder, kid, private)
    store.add_tool_key(session, kid, jwk, now)
    return kid


def public_jwk(key: rsa.RSAPublicKey) -> dict[str, Any]:
    """A public key as JWK with `alg` and `use`; its `kid` is the thumbprint of RFC 7638."""
    jwk = JWK.from_pyca(key)
    return {**jwk.export_public(as_dict=True), "kid": jwk.thumbprint(), "alg": "RS256", "use": "sig"}


def _public_half(private: rsa.RSAPrivateKey) -> dict[str, Any]:
    return public_jwk(private.public_key())


def _write(folder: KeyFolder, kid: str, private: rsa.RSAPrivateKey) -> None:
    secret = folder.passphrase.get_secret_value().encode() if folder.passphrase else b""
    locked: KeySerializationEncryption = BestAvailableEncryption(secret) if secret else NoEncryption()
    text = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)
    try:
        folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made with its final mode: a file that is closed to others only afterwards was open for a moment.
        with os.fdopen(os.open(folder.file(kid), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
    except OSError as error:
        fault = f"keys: cannot write to {folder.path}: {error.strerror}"
        raise SettingsFaulty("settings_faulty", faults=[fault]) from error


def _load(folder: KeyFolder, kid: str) -> rsa.RSAPrivateKey:
    file = folder.file(kid)
    secret = folder.passphrase.get_secret_value().encode() if folder.passphrase else None
    try:
        private = load_pem_private_key(file.read_bytes(), secret)
    except OSError as error:
        raise _faulty(file, f"cannot be read: {error.strerror}; restore it, or run lti-tool keys rotate") from error
    except TypeError as error:
        reason = "has no passphrase, but one is set" if secret else "needs a passphrase: set LTI_TOOL_KEYS_PASSPHRASE"
        raise _faulty(file, reason) from error
    except ValueError as error:
        raise _faulty(file, "is not opened by LTI_TOOL_KEYS_PASSPHRASE, or is damaged") from error
    if not isinstance(private, rsa.RSAPrivateKey) or private.key_size < BITS:
        raise _faulty(file, f"is not an RSA key of {BITS} bits or more")
    if _public_half(private)["kid"] != kid:
        raise _faulty(file, "holds another key than its name says")
    return private


def _faulty(file: Path, reason: str) -> SettingsFaulty:
    return SettingsFaulty("settings_faulty", faults=[f"keys: {file} {reason}"])
