"""What a person has carried away, for an institute admin: how each badge and record stands, and revoking one."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.credentials import badges
from lti_tool.errors import RuleBroken
from lti_tool.people.model import Person
from lti_tool.privacy import collecting
from lti_tool.web import carried_away_page, refusals, typed
from lti_tool.web.auth import Permission, requires, visit
from lti_tool.web.database import db
from lti_tool.web.i18n import gettext as _
from lti_tool.web.rendering import page

bp = Blueprint("carried_away", __name__, url_prefix="/institute/people/<person>/credentials")


@bp.get("")
@requires(Permission.INSTITUTE)
def show(person: str) -> ResponseReturnValue:
    """All badges and records that somebody made."""
    return page("admin/carried_away.html", carried=carried_away_page.build(db(), _somebody(person), clock.now()))


@bp.get("/<credential>/revoke")
@requires(Permission.INSTITUTE)
def ask(person: str, credential: str) -> ResponseReturnValue:
    """What revoking would do, and the field for the reason; nothing happens yet."""
    return _asked(person, credential, "")


@bp.post("/<credential>/revoke")
@requires(Permission.INSTITUTE)
def revoke(person: str, credential: str) -> ResponseReturnValue:
    """Revokes one: whoever checks it is told so from now on."""
    found = carried_away_page.of(db(), _somebody(person), credential)
    try:
        reason = typed.text("reason")
        badges.revoke(db(), visit().platform_id, found.public_id, reason, by=visit().person.id, now=clock.now())
    except RuleBroken as refused:
        return _asked(person, credential, refusals.told(refused)), 409
    flash(_("It is revoked. Whoever checks it is told so."), "good")
    return redirect(url_for("carried_away.show", person=person), 303)


def _asked(person: str, credential: str, refused: str) -> str:
    built = carried_away_page.asked(db(), _somebody(person), credential, clock.now())
    return page("admin/revoke.html", asked=built, refused=refused, typed=typed.text("reason"))


def _somebody(public_id: str) -> Person:
    return collecting.somebody(db(), public_id, visit().platform_id)
