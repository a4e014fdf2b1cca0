"""In which browsers an account has entered before: a signed cookie, read by the count of tries and by nothing else.

It opens nothing. It only says that whoever types the name here is counted for themselves, so that strangers who try
that name elsewhere keep nobody out.
"""

from __future__ import annotations

import hashlib
import secrets

from flask import Response, current_app, request
from itsdangerous import BadData, URLSafeSerializer

NAME = "__Host-known"
MOST = 5
"""As many accounts are kept; a browser that several people use is not rare."""
SECONDS = 365 * 86_400


def known(login: str) -> str | None:
    """What this browser is known by under that name; None where it is not."""
    return _kept().get(_short(login))


def remember(response: Response, login: str) -> None:
    """The account has entered here."""
    kept = _kept()
    mine = kept.pop(_short(login), None) or secrets.token_hex(8)
    newest = dict([*kept.items(), (_short(login), mine)][-MOST:])
    value = _serializer().dumps(newest)
    response.set_cookie(NAME, value, max_age=SECONDS, secure=True, httponly=True, samesite="Lax", path="/")


def _kept() -> dict[str, str]:
    try:
        found = _serializer().loads(request.cookies.get(NAME, ""))
    except BadData:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="known browsers")


def _short(login: str) -> str:
    return hashlib.sha256(login.strip().lower().encode("utf-8", "replace")).hexdigest()[:16]
