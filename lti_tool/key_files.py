"""Key files, which nobody but the tool's own user may read: private keys, locked by a passphrase where one is set, and
the keys that lock secrets in the database.

Used by everything that signs: what the tool sends to platforms (`lti/keyring.py`) and the badges that people carry away
(`credentials/keyring.py`) have keys of their own, in folders of their own.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

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

from lti_tool.errors import SettingsFaulty

BITS = 2048
SEALING = "secrets.key"
"""One key a line: the first locks, the others open what they have locked."""
SEALING_LENGTH = 32
OTHERS = 0o077
OTHERS_CHANGE = 0o022


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """Where private keys lie, what opens them, and which command replaces the one that signs."""

    path: Path
    passphrase: SecretStr | None
    rotation: str = "lti-tool keys rotate"

    def file(self, kid: str) -> Path:
        """The file of one key."""
        return self.path / f"{kid}.pem"


def new_key(folder: KeyFolder) -> dict[str, Any]:
    """Makes a key and writes its file; the public half, whose `kid` names the file.

    Raises SettingsFaulty where the folder cannot be written.
    """
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    jwk = public_half(private)
    _write(folder, folder.file(str(jwk["kid"])), private)
    return jwk


def public_jwk(key: rsa.RSAPublicKey) -> dict[str, Any]:
    """A public key as JWK with `alg` and `use`; its `kid` is the thumbprint of RFC 7638."""
    jwk = JWK.from_pyca(key)
    return {**jwk.export_public(as_dict=True), "kid": jwk.thumbprint(), "alg": "RS256", "use": "sig"}


def public_half(private: rsa.RSAPrivateKey) -> dict[str, Any]:
    """The public half of a private key, as JWK."""
    return public_jwk(private.public_key())


def faults_of(folder: KeyFolder, kid: str | None) -> list[str]:
    """Everything that is wrong with a folder and with the key that signs (None: there is none yet). Changes nothing."""
    faults = [*_changeable_by_others(folder), *readable_by_others(folder)]
    return faults if kid is None else [*faults, *faults_of_file(folder, kid)]


def faults_of_file(folder: KeyFolder, kid: str) -> list[str]:
    """What is wrong with the file of one key: missing, damaged, or locked otherwise."""
    try:
        load(folder, kid)
    except SettingsFaulty as faulty:
        return list(faulty.faults)
    return []


def readable_by_others(folder: KeyFolder) -> list[str]:
    """The key files that somebody but their owner may read or write, each as a fault to print."""
    return [
        f"keys: {file} can be read by others (mode {file.stat().st_mode & 0o777:04o}); run chmod 600 {file}"
        for file in sorted([*folder.path.glob("*.pem"), *folder.path.glob(SEALING)])
        if file.stat().st_mode & OTHERS
    ]


def _changeable_by_others(folder: KeyFolder) -> list[str]:
    if not folder.path.is_dir() or not folder.path.stat().st_mode & OTHERS_CHANGE:
        return []
    return [f"keys: others may put keys into {folder.path}; run chmod 700 {folder.path}"]


def rewrap(folders: Iterable[KeyFolder], before: SecretStr | None) -> int:
    """Locks all private keys anew, by the passphrase of their folder; how many files were locked by `before` (None:
    by none). The keys stay what they are, and files that the new one opens already are left alone.

    Raises SettingsFaulty with every file that neither opens, or where one cannot be written; none is changed then.
    """
    found, faults = [], []
    for folder in folders:
        for file in sorted(folder.path.glob("*.pem")):
            if faults_of_file(folder, file.stem):
                former = replace(folder, passphrase=before)
                if faults_of_file(former, file.stem):
                    faults.append(f"keys: {file} is opened by neither passphrase, or is damaged")
                else:
                    found.append((folder, file.stem, load(former, file.stem)))
    if faults:
        raise SettingsFaulty("settings_faulty", faults=faults)
    _write_over(found)
    return len(found)


def _write_over(keys: list[tuple[KeyFolder, str, rsa.RSAPrivateKey]]) -> None:
    """Writes all of them beside the former files before the first takes its place: a full disk changes nothing."""
    written: list[tuple[Path, Path]] = []
    try:
        for folder, kid, private in keys:
            beside = folder.path / f".{kid}.{secrets.token_hex(4)}"
            written.append((beside, folder.file(kid)))
            _write(folder, beside, private)
        for beside, file in written:
            beside.replace(file)
    finally:
        for beside, _file in written:
            beside.unlink(missing_ok=True)


def _write(folder: KeyFolder, path: Path, private: rsa.RSAPrivateKey) -> None:
    secret = folder.passphrase.get_secret_value().encode() if folder.passphrase else b""
    locked: KeySerializationEncryption = BestAvailableEncryption(secret) if secret else NoEncryption()
    text = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)
    try:
        folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made with its final mode: a file that is closed to others only afterwards was open for a moment.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        fault = f"keys: cannot write to {folder.path}: {error.strerror}"
        raise SettingsFaulty("settings_faulty", faults=[fault]) from error


def load(folder: KeyFolder, kid: str) -> rsa.RSAPrivateKey:
    """The private key of a file. Raises SettingsFaulty where it is missing, damaged, or locked otherwise."""
    file = folder.file(kid)
    secret = folder.passphrase.get_secret_value().encode() if folder.passphrase else None
    try:
        private = load_pem_private_key(file.read_bytes(), secret)
    except OSError as error:
        raise _faulty(file, f"cannot be read: {error.strerror}; restore it, or run {folder.rotation}") from error
    except TypeError as error:
        reason = "has no passphrase, but one is set" if secret else "needs a passphrase: set LTI_TOOL_KEYS_PASSPHRASE"
        raise _faulty(file, reason) from error
    except ValueError as error:
        raise _faulty(file, "is not opened by LTI_TOOL_KEYS_PASSPHRASE, or is damaged") from error
    if not isinstance(private, rsa.RSAPrivateKey) or private.key_size < BITS:
        raise _faulty(file, f"is not an RSA key of {BITS} bits or more")
    if public_half(private)["kid"] != kid:
        raise _faulty(file, "holds another key than its name says")
    return private


def _faulty(file: Path, reason: str) -> SettingsFaulty:
    return SettingsFaulty("settings_faulty", faults=[f"keys: {file} {reason}"])


def sealing_keys(folder: Path) -> tuple[str, ...]:
    """The keys of the file that locks secrets, the one in force first; makes the file where there is none.

    Raises SettingsFaulty where it cannot be made or read, or holds something else.
    """
    file = folder / SEALING
    try:
        if not file.exists():
            _make_sealing(folder)
        keys = tuple(line.strip() for line in file.read_text("ascii").splitlines() if line.strip())
    except OSError as error:
        raise _faulty(file, f"cannot be read or made: {error.strerror}") from error
    except UnicodeDecodeError:
        keys = ()
    if not keys or any(len(key) < SEALING_LENGTH for key in keys):
        raise _faulty(file, f"holds no keys: one a line, of {SEALING_LENGTH} characters or more")
    return keys


def _make_sealing(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = folder / f".{SEALING}.{secrets.token_hex(4)}"
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(SEALING_LENGTH) + "\n")
    # Whole at once, and of two processes that start together the first one's.
    with suppress(FileExistsError):
        os.link(made, folder / SEALING)
    made.unlink()
