"""Deciding what changed links offer: into the draft of the mapping, or not."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency import offers
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db
from lti_tool.web.i18n import gettext as _

bp = Blueprint("offers", __name__, url_prefix="/c/<course>")


@bp.post("/mapping/offers/<activity>")
@requires(Permission.COURSE_EDIT)
def settle(course: str, activity: str) -> ResponseReturnValue:
    """Takes the offer of a link into the draft, or leaves the mapping as it is."""
    take = request.form.get("do") == "take"
    offers.settle(db(), course_here().id, activity, take=take, by=visit().person.id, now=clock.now())
    if take:
        flash(_("It is in the draft. Here is what it changes; it counts once it is published."), "good")
        return redirect(url_for("mapping.preview", course=course), 303)
    flash(_("The mapping stays as it is."), "good")
    return redirect(url_for("mapping.show", course=course), 303)
