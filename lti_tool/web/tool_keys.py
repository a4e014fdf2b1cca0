"""The tool's own keys, with which it signs: which there are, and a new one in place of the one that signs."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.credentials import keyring as badge_keys
from lti_tool.lti import keyring
from lti_tool.web.auth import Permission, requires
from lti_tool.web.database import db
from lti_tool.web.i18n import gettext as _
from lti_tool.web.rendering import page
from lti_tool.web.tool import tool

bp = Blueprint("keys", __name__, url_prefix="/administration/keys")


@bp.get("")
@requires(Permission.OPERATOR)
def listed() -> ResponseReturnValue:
    """All keys, newest first."""
    return page("administration/keys.html", keys=keyring.listed(db()), badge_keys=badge_keys.listed(db()))


@bp.get("/rotate")
@requires(Permission.OPERATOR)
def ask_rotate() -> ResponseReturnValue:
    """Says what a new key means, and asks."""
    return page("administration/rotate.html")


@bp.post("/rotate")
@requires(Permission.OPERATOR)
def rotate() -> ResponseReturnValue:
    """Makes a new key that signs from now on."""
    settings = tool().settings
    made = keyring.rotate(db(), settings.keys_dir, settings.keys_passphrase, clock.now())
    flash(_("Key %(kid)s signs from now on. The one before stays published.", kid=made.kid), "good")
    return redirect(url_for("keys.listed"), 303)
