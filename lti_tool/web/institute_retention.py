"""Periods after which data goes by itself, for an institute admin."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.errors import RuleBroken
from lti_tool.web import retention_page
from lti_tool.web.auth import Permission, requires, visit
from lti_tool.web.database import db
from lti_tool.web.i18n import gettext as _
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page

bp = Blueprint("institute_retention", __name__, url_prefix="/institute")


@bp.get("/retention")
@requires(Permission.INSTITUTE)
def show() -> ResponseReturnValue:
    """Each kind of data, and how much of it would go now."""
    built = retention_page.build(db(), visit().platform_id, request.args.get("look", ""), clock.now())
    return page("admin/retention.html", periods=built, refused="")


@bp.post("/retention")
@requires(Permission.INSTITUTE)
def change() -> ResponseReturnValue:
    """Sets one period."""
    try:
        retention_page.change(db(), visit().platform_id, request.form, clock.now())
    except RuleBroken as refused:
        built = retention_page.build(db(), visit().platform_id, "", clock.now())
        return page("admin/retention.html", periods=built, refused=told(refused)), 409
    flash(_("The period is stored."), "good")
    return redirect(url_for("institute_retention.show"), 303)
