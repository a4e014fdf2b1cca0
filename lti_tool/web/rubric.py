"""What the steps of the rubric look like: the indicators that people assess here, and the words for one of them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency import rubric
from lti_tool.competency.model import ObservationStep
from lti_tool.competency.rules import rules_of
from lti_tool.errors import Conflict, RuleBroken
from lti_tool.web import rubric_page, typed
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db, undo
from lti_tool.web.i18n import gettext as _
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page

bp = Blueprint("rubric", __name__, url_prefix="/c/<course>/rubric")


@bp.get("")
@requires(Permission.COURSE_READ)
def overview(course: str) -> ResponseReturnValue:
    """Every indicator that a task or a checklist of the course shows."""
    return page("trainer/rubrics.html", lines=rubric_page.lines(db(), course_here(), clock.now()))


@bp.get("/<indicator>")
@requires(Permission.COURSE_READ)
def indicator(course: str, indicator: str) -> ResponseReturnValue:
    """The words for the four steps of one indicator."""
    built = rubric_page.build(db(), course_here(), indicator, clock.now())
    return page("trainer/rubric.html", rubric=built, may_edit=visit().may_edit, refused="", typed={})


@bp.post("/<indicator>")
@requires(Permission.COURSE_EDIT)
def describe(course: str, indicator: str) -> ResponseReturnValue:
    """Stores the words for one indicator."""
    here, now, words = course_here(), clock.now(), _typed()
    found = rules_of(db(), here.id, now).framework.indicator(indicator)
    try:
        rubric.describe(db(), here.id, found.id, words, seen=typed.version(), by=visit().person.id, now=now)
    except (RuleBroken, Conflict) as refused:
        undo()
        built = rubric_page.build(db(), here, indicator, now)
        return page("trainer/rubric.html", rubric=built, may_edit=True, refused=told(refused), typed=words), 409
    flash(_("The descriptions are stored."), "good")
    return redirect(url_for("rubric.overview", course=course), 303)


def _typed() -> dict[ObservationStep, str]:
    return {step: typed.text(f"step-{step.value}") for step in ObservationStep}
