"""Keeps secrets unreadable in the database: who has a copy of it cannot speak for the institute, or enter for others.

Each purpose has a key of its own, derived from what lies in the keys folder (`key_files.sealing_keys`) and used for
nothing else. What was locked with an older key, or by the setting SECRET_KEY as versions before did it, still opens as
long as that one is there; beyond that it has to be given anew.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MOODLE_TOKENS = "tokens of Moodle web services, 1"
SECOND_STEPS = "second steps of accounts, 1"
ACCESS_TOKENS = "access tokens of platforms, 1"


class Seal:
    """Locks and opens secrets of one purpose: with the given key, and opens with the older ones, too."""

    def __init__(self, key: str, purpose: str = MOODLE_TOKENS, *, older: Iterable[str] = ()) -> None:
        self._fernet = MultiFernet([_derived(each, purpose) for each in (key, *older)])

    def lock(self, token: str) -> str:
        """The secret as it may be stored."""
        return self._fernet.encrypt(token.encode()).decode()

    def open(self, locked: str) -> str | None:
        """The secret; None where it was locked with another key."""
        try:
            return self._fernet.decrypt(locked.encode()).decode()
        except InvalidToken:
            return None


def _derived(key: str, purpose: str) -> Fernet:
    info = f"lti-tool: {purpose}".encode()
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
