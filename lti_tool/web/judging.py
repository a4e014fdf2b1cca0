"""Deciding over the marks of one indicator of one person: judge, withdraw, settle a dispute, void evidence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency.decisions import Said, Who
from lti_tool.competency.rules import rules_of
from lti_tool.errors import Conflict, NotFound, RuleBroken
from lti_tool.grading import decisions
from lti_tool.ids import IndicatorId
from lti_tool.people import queries as people
from lti_tool.people.model import Person
from lti_tool.web import exports, judging_page, typed
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db, undo
from lti_tool.web.i18n import gettext as _
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page
from lti_tool.web.results_page import chosen_time

bp = Blueprint("judging", __name__, url_prefix="/c/<course>")
PLACE = "/people/<person>/indicators/<indicator>"


@bp.get("/decisions")
@requires(Permission.COURSE_READ)
def matters(course: str) -> ResponseReturnValue:
    """What waits for a decision: disputes, and judgements that newer work has overtaken."""
    return page("trainer/decisions.html", matters=judging_page.matters(db(), course_here(), clock.now()))


@bp.route("/decisions.<kind>", methods=["GET", "POST"])
@requires(Permission.COURSE_READ)
def matters_file(course: str, kind: str) -> ResponseReturnValue:
    """What waits for a decision, as a file."""
    return exports.answer("decisions", kind)


@bp.get(PLACE)
@requires(Permission.COURSE_READ)
def indicator(course: str, person: str, indicator: str) -> ResponseReturnValue:
    """What the marks say of one indicator, what was judged, and the forms to decide."""
    return _page(person, indicator), 200


@bp.post(PLACE)
@requires(Permission.COURSE_EDIT)
def judge(course: str, person: str, indicator: str) -> ResponseReturnValue:
    """Stores a judgement."""

    def store() -> None:
        said, by = _said(person, indicator), visit().person.id
        decisions.accept_judgement(db(), course_here().id, said, seen=typed.version(), by=by, now=clock.now())

    return _done(course, person, indicator, store, _("The judgement is stored and the levels follow it."))


@bp.post(PLACE + "/decision")
@requires(Permission.COURSE_READ)
def decide(course: str, person: str, indicator: str) -> ResponseReturnValue:
    """Stores the decision of a dispute."""

    def store() -> None:
        by = Who(visit().person.id, visit().is_admin)
        decisions.accept_decision(
            db(), course_here().id, _said(person, indicator), seen=typed.version(), by=by, now=clock.now()
        )

    return _done(course, person, indicator, store, _("The dispute is decided and the levels follow it."))


@bp.post(PLACE + "/withdrawal")
@requires(Permission.COURSE_READ)
def withdraw(course: str, person: str, indicator: str) -> ResponseReturnValue:
    """Takes back one's own judgement."""

    def store() -> None:
        found, by = _person(person), visit().person.id
        decisions.accept_withdrawal(db(), course_here().id, found.id, typed.text("entry"), by=by, now=clock.now())

    return _done(course, person, indicator, store, _("The judgement is withdrawn; it stays in the history."))


@bp.post(PLACE + "/evidence")
@requires(Permission.COURSE_EDIT)
def void(course: str, person: str, indicator: str) -> ResponseReturnValue:
    """Voids an entry of the ledger, or takes it back into account."""
    voided = request.form.get("step") != "restore"

    def store() -> None:
        found, by, reason = _person(person), visit().person.id, typed.text("reason")
        decisions.accept_voiding(
            db(), course_here().id, found.id, typed.text("entry"), voided=voided, reason=reason, by=by, now=clock.now()
        )

    said = _("The mark counts no longer.") if voided else _("The mark counts again.")
    return _done(course, person, indicator, store, said)


def _done(course: str, person: str, indicator: str, store: Callable[[], None], said: str) -> ResponseReturnValue:
    try:
        store()
    except (RuleBroken, Conflict) as refused:
        undo()
        return _page(person, indicator, told(refused)), 409
    flash(said, "good")
    return redirect(url_for("judging.indicator", course=course, person=person, indicator=indicator), 303)


def _page(person: str, code: str, refused: str = "") -> str:
    found, here = _person(person), course_here()
    who = Who(visit().person.id, visit().is_admin)
    built = judging_page.build(db(), here, found, code, who, may_judge=visit().may_edit, now=clock.now())
    return page("trainer/judging.html", judging=built, refused=refused, typed=request.form)


def _person(public_id: str) -> Person:
    found = people.person_of_course(db(), course_here().id, public_id)
    if found is None:
        raise NotFound("person_unknown")
    return found


def _indicator(code: str) -> IndicatorId:
    return rules_of(db(), course_here().id, clock.now()).framework.indicator(code).id


def _said(person: str, indicator: str) -> Said:
    side = request.form.get("side", "")
    if side not in {"attained", "not_attained"}:
        raise RuleBroken("side_missing")
    return Said(_person(person).id, _indicator(indicator), side == "attained", typed.text("reason"), _until())


def _until() -> datetime | None:
    """The first moment after the last day that was chosen."""
    day = chosen_time(request.form.get("until", ""))
    return None if day is None else day.replace(hour=0, minute=0) + timedelta(days=1)
