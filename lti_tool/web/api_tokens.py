"""The institute's tokens for the API: made, shown once, revoked."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.accounts import tokens
from lti_tool.errors import RuleBroken
from lti_tool.web import api_tokens_page
from lti_tool.web.auth import Permission, requires, visit
from lti_tool.web.database import db, undo
from lti_tool.web.i18n import gettext as _
from lti_tool.web.rendering import page

bp = Blueprint("api_tokens", __name__, url_prefix="/institute/api")


@bp.get("")
@requires(Permission.INSTITUTE)
def show() -> ResponseReturnValue:
    """The tokens, and a form for a new one."""
    return page("admin/api.html", api=api_tokens_page.build(db(), visit().platform_id, clock.now()))


@bp.post("")
@requires(Permission.INSTITUTE)
def make() -> ResponseReturnValue:
    """Makes a token and shows it, this once."""
    platform_id, now, made, refusal = visit().platform_id, clock.now(), None, None
    try:
        wish = api_tokens_page.wish_of(request.form)
        made = tokens.make(db(), platform_id, wish, now, by=visit().person.id)
    except RuleBroken as broken:
        undo()
        refusal = broken
    built = api_tokens_page.build(db(), platform_id, now, made=made, refusal=refusal, typed=request.form)
    return page("admin/api.html", api=built), 422 if refusal else 200


@bp.post("/<token>/revoke")
@requires(Permission.INSTITUTE)
def revoke(token: str) -> ResponseReturnValue:
    """Ends a token at once."""
    ended = tokens.revoke(db(), visit().platform_id, token, clock.now())
    flash(_("“%(name)s” is revoked: whoever uses it is refused from now on.", name=ended.name), "good")
    return redirect(url_for("api_tokens.show"), 303)
