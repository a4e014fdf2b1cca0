"""Keeps secrets unreadable in the database: who has a copy of it cannot speak for the institute, or enter for others.

Each purpose has a key of its own, derived from the setting SECRET_KEY and used for nothing else; with another
SECRET_KEY what was locked has to be given anew.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MOODLE_TOKENS = "tokens of Moodle web services, 1"
SECOND_STEPS = "second steps of accounts, 1"


class Seal:
    """Locks and opens secrets of one purpose."""

    def __init__(self, secret_key: str, purpose: str = MOODLE_TOKENS) -> None:
        info = f"lti-tool: {purpose}".encode()
        key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def lock(self, token: str) -> str:
        """The secret as it may be stored."""
        return self._fernet.encrypt(token.encode()).decode()

    def open(self, locked: str) -> str | None:
        """The secret; None where it was locked with another key."""
        try:
            return self._fernet.decrypt(locked.encode()).decode()
        except InvalidToken:
            return None
