"""The languages of an institute: which are offered on its pages, and which one everybody else gets."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.errors import RuleBroken
from lti_tool.lti import languages
from lti_tool.lti.languages import Languages
from lti_tool.web.auth import Permission, requires, visit
from lti_tool.web.database import db, undo
from lti_tool.web.i18n import gettext as _
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page

bp = Blueprint("languages", __name__, url_prefix="/administration/languages")


@bp.get("")
@requires(Permission.INSTITUTE)
def show() -> ResponseReturnValue:
    """What is chosen."""
    return page("administration/languages.html", chosen=languages.languages_of(db(), visit().platform_id), refused="")


@bp.post("")
@requires(Permission.INSTITUTE)
def choose() -> ResponseReturnValue:
    """Keeps the choice."""
    default, offered = request.form.get("default", "")[:8], request.form.getlist("offered")
    try:
        languages.choose(db(), visit().platform_id, default, offered)
    except RuleBroken as refused:
        undo()
        typed = Languages(default, tuple(offered))
        return page("administration/languages.html", chosen=typed, refused=told(refused)), 422
    flash(_("Stored. It holds from the next launch of each person on."), "good")
    return redirect(url_for("languages.show"), 303)
