"""What is held about one person, for an institute admin; and erasing them, looked at before it is done."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.audit.model import Actor, ActorKind
from lti_tool.db.database_clock import DatabaseClock
from lti_tool.errors import Conflict
from lti_tool.people.model import Person
from lti_tool.privacy import collecting, erasing
from lti_tool.web import data_files, data_page, erasing_page, typed
from lti_tool.web.auth import Permission, requires, visit
from lti_tool.web.database import db
from lti_tool.web.i18n import gettext as _
from lti_tool.web.rendering import page
from lti_tool.web.tool import tool

bp = Blueprint("institute_person", __name__, url_prefix="/institute/people/<person>")
WAIT_SECONDS = 5.0


@bp.get("/data")
@requires(Permission.INSTITUTE)
def show(person: str) -> ResponseReturnValue:
    """What is held."""
    ways = tuple(url_for(f"institute_person.{way}", person=person) for way in ("as_json", "as_zip", "erase"))
    built = data_page.build(db(), _somebody(person), own=False, ways=(ways[0], ways[1], ways[2]))
    return page("participant/data.html", data=built)


@bp.get("/data.json")
@requires(Permission.INSTITUTE)
def as_json(person: str) -> ResponseReturnValue:
    """All of it as JSON."""
    return data_files.json_of(_somebody(person))


@bp.get("/data.zip")
@requires(Permission.INSTITUTE)
def as_zip(person: str) -> ResponseReturnValue:
    """All of it with the files of their work."""
    return data_files.zip_of(_somebody(person))


@bp.get("/erase")
@requires(Permission.INSTITUTE)
def erase(person: str) -> ResponseReturnValue:
    """What erasing them would do; nothing happens yet."""
    return page("admin/erase.html", erasing=erasing_page.build(db(), _somebody(person)), refused="")


@bp.post("/erase")
@requires(Permission.INSTITUTE)
def erase_now(person: str) -> ResponseReturnValue:
    """Erases them, where what was typed is what the page asked for."""
    found = _somebody(person)
    if request.form.get("confirmed", "").strip() != erasing_page.to_be_typed(found):
        return _not_erased(found, _("What you typed is not what stands there. Nothing was erased."))
    plan = erasing.plan(db(), found.public_id, visit().platform_id)
    # It takes transactions of its own, and on SQLite there is one writer at a time.
    db().rollback()
    by = Actor(ActorKind.PERSON, visit().person.public_id)
    try:
        clock = DatabaseClock(tool().sessions)
        erasing.erase(tool().sessions, tool().shelf, tool().drawer, plan, by=by, now=clock, wait_seconds=WAIT_SECONDS)
    except Conflict:
        again = _(
            "A grade of this person is being sent at this moment. Nothing was erased; try again in half a minute."
        )
        return _not_erased(found, again)
    flash(_("The person is erased. What is counted stays, as nobody's."), "good")
    return redirect(url_for("admin.courses"), 303)


def _not_erased(found: Person, why: str) -> ResponseReturnValue:
    built = erasing_page.build(db(), found)
    return page("admin/erase.html", erasing=built, refused=why, typed=typed.text("confirmed")), 409


def _somebody(public_id: str) -> Person:
    return collecting.somebody(db(), public_id, visit().platform_id)
