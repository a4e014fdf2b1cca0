"""The session's cookie as Flask signs it; what signs is made once, not for each cookie that is read or written."""

from __future__ import annotations

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer


class _KeptSigner(SecureCookieSessionInterface):
    """Of one application, whose secret key stays as it is while it runs."""

    def __init__(self, app: Flask) -> None:
        self._signer = super().get_signing_serializer(app)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs and reads the cookie; None where there is no key."""
        return self._signer


def install(app: Flask) -> None:
    """To be called once the settings of the application are known."""
    app.session_interface = _KeptSigner(app)
