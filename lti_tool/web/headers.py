"""Headers of every answer: what a page may load, who may frame it, what may be kept.

The policy allows no inline script or style anywhere. Who may frame a page: the platform of the session whose page it
is; a view may name others in `g.frame_ancestors` (the registration page, error pages without personal data). What is
not public is loaded into no page of another site; pages of accounts share no window with one. Pages that an LMS opens
do: some wait for the window in which they let people select content.
"""

from __future__ import annotations

from flask import Flask, Response, g, request

from lti_tool.accounts.account_sessions import AccountSession
from lti_tool.lti import frames
from lti_tool.web.api.address import is_call
from lti_tool.web.auth import Permission, Visit, login_in_force
from lti_tool.web.database import db

SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""For what people have sent: nothing in it may run or load, whatever it turns out to be."""
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
}
UNUSED = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation", "gyroscope",
    "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
"""What no page asks of a browser, and so no script that got into one may."""
PERMISSIONS = ", ".join(f"{name}=()" for name in UNUSED)
HTTPS_ONLY = "max-age=31536000"


def install(app: Flask) -> None:
    """Sets the headers on every answer, error pages included."""
    is_https = app.extensions["tool"].settings.base_url.startswith("https:")

    @app.after_request
    def _set(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = SANDBOX if g.get("sandboxed") else _policy()
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Permissions-Policy"] = PERMISSIONS
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin" if _is_public(app) else "same-origin"
        if _is_accounts():
            response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if is_https:
            response.headers["Strict-Transport-Security"] = HTTPS_ONLY
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _is_public(app: Flask) -> bool:
    view = app.view_functions.get(request.endpoint or "")
    return getattr(view, "permission", None) is Permission.PUBLIC


def _is_accounts() -> bool:
    here: Visit | None = g.get("visit")
    return request.blueprint == "account" or (here is not None and here.account is not None)


def _policy() -> str:
    rules = dict(POLICY)
    rules["form-action"] = " ".join(["'self'", *g.get("form_targets", ())])
    rules["frame-ancestors"] = " ".join(_ancestors()) or "'none'"
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _ancestors() -> list[str]:
    named: list[str] | None = g.get("frame_ancestors")
    if named is not None:
        return named
    if request.endpoint == "static" or is_call() or g.get("db_unavailable"):
        return []
    login = login_in_force()
    if login is None or isinstance(login, AccountSession):
        # Nobody frames the pages of an account: it entered here, not through an LMS.
        return []
    origins = frames.origins_of(db(), login.platform_id)
    back = frames.origin(login.return_url) if login.return_url else None
    return ["'self'", *sorted(origins | ({back} if back else set()))]
