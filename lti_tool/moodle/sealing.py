"""Keeps a web service token unreadable in the database: who has a copy of it cannot speak for the institute.

The key is derived from the setting SECRET_KEY and used for nothing else; with another SECRET_KEY the token has to be
given anew.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE = b"lti-tool: tokens of Moodle web services, 1"


class Seal:
    """Locks and opens tokens."""

    def __init__(self, secret_key: str) -> None:
        key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def lock(self, token: str) -> str:
        """The token as it may be stored."""
        return self._fernet.encrypt(token.encode()).decode()

    def open(self, locked: str) -> str | None:
        """The token; None where it was locked with another key."""
        try:
            return self._fernet.decrypt(locked.encode()).decode()
        except InvalidToken:
            return None
