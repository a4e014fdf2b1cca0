"""What a trainer does about grades that differ in the LMS: compare now, decide about one, decide about all."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.grading import comparing, drift_decisions
from lti_tool.grading.drift import Decision
from lti_tool.grading.drift_decisions import Decided
from lti_tool.web import deliveries_page, drift_page
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext
from lti_tool.web.rendering import page

bp = Blueprint("drift", __name__, url_prefix="/c/<course>/deliveries")


@bp.post("/compare")
@requires(Permission.COURSE_EDIT)
def compare(course: str) -> ResponseReturnValue:
    """Has the gradebook compared by a worker; the request itself does not wait for the LMS."""
    if not comparing.ask(db(), course_here().id, clock.now()):
        flash(_("It was compared a moment ago, or no column stands yet. Try again in a minute."), "info")
    return redirect(url_for("trainer.deliveries", course=course), 303)


@bp.get("/decide")
@requires(Permission.COURSE_EDIT)
def ask(course: str) -> ResponseReturnValue:
    """Asks what shall become of all grades of a choice that differ."""
    return page("trainer/decide.html", deciding=deliveries_page.deciding(db(), course_here(), request.args))


@bp.post("/decide")
@requires(Permission.COURSE_EDIT)
def decide_all(course: str) -> ResponseReturnValue:
    """Decides about all grades of a choice that the decision fits."""
    decided, done = _decided(), 0
    if decided is not None:
        found, _filters = deliveries_page.choose(db(), course_here(), request.args)
        meant = drift_page.meant(found, decided.decision)
        done = drift_decisions.decide(db(), course_here().id, meant, decided, clock.now())
    _tell(done)
    return redirect(url_for("trainer.deliveries", course=course), 303)


@bp.post("/<delivery>/decide")
@requires(Permission.COURSE_EDIT)
def decide(course: str, delivery: str) -> ResponseReturnValue:
    """Decides about one grade."""
    decided = _decided()
    done = decided is not None and drift_decisions.decide_one(db(), course_here().id, delivery, decided, clock.now())
    _tell(int(done))
    onward = url_for("trainer.delivery", course=course, delivery=delivery)
    if request.args.get("list"):
        onward = deliveries_page.back(db(), course_here(), request.args)
    return redirect(onward, 303)


def _decided() -> Decided | None:
    told = request.form.get("decision", "")
    if told not in {*Decision}:
        return None
    return Decided(Decision(told), visit().person.id, drift_page.seen(request.form.get("seen", "")))


def _tell(done: int) -> None:
    if done:
        flash(ngettext("Decided about %(num)d grade.", "Decided about %(num)d grades.", done), "good")
    else:
        flash(_("Nothing was decided: something has changed meanwhile. Look at it again."), "warn")
