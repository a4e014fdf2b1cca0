"""What every page offers beside its own matter: end the session, change the language."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue

from lti_tool.accounts import account_sessions
from lti_tool.accounts.account_sessions import AccountSession
from lti_tool.errors import RuleBroken
from lti_tool.people import sessions
from lti_tool.web import auth
from lti_tool.web.auth import Permission, requires, visit
from lti_tool.web.database import db
from lti_tool.web.i18n import current_locale, speaking

LOCALES = ("ky", "ru", "en")

bp = Blueprint("session", __name__, url_prefix="/session")


@bp.post("/end")
@requires(Permission.SIGNED_IN)
def end() -> ResponseReturnValue:
    """Ends the session; *Back* shows nothing of it, for nothing was cached."""
    back, account, locale = visit().login.return_url, visit().account, current_locale()
    auth.end_session()
    if account is not None:
        return redirect(url_for("account.login"), 303)
    with speaking(locale):
        return render_template("session_ended.html", return_url=back)


@bp.post("/language")
@requires(Permission.SIGNED_IN)
def language() -> ResponseReturnValue:
    """Keeps the chosen language and shows the same page again."""
    chosen = request.form.get("locale", "")
    if chosen not in LOCALES:
        raise RuleBroken("locale_unknown", locale=chosen[:20])
    login = visit().login
    if isinstance(login, AccountSession):
        account_sessions.choose_locale(db(), login, chosen)
    else:
        sessions.choose_locale(db(), login, chosen)
    cookie["locale"] = chosen
    return redirect(_own_path(request.form.get("next", "")), 303)


def _own_path(wanted: str) -> str:
    """The wanted page if it is one of ours: a path and nothing that could lead elsewhere."""
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    ours = not parts.scheme and not parts.netloc and wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if ours else "/"
