"""The picker: what a trainer places in the course from within the LMS (*Select content*).

Several activities at once where the LMS takes them. Moodle does not say which activity it wants changed when it asks
again, so the trainer says from which they start; placed alone, it takes that activity's place in Moodle's form.
"""

from __future__ import annotations

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency.framework import Framework
from lti_tool.competency.rules import rules_of
from lti_tool.errors import RuleBroken
from lti_tool.lti import deep_linking, frames, picking
from lti_tool.lti.deep_linking import Addressee, PickedItem
from lti_tool.web import picker_page, picking_form
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db
from lti_tool.web.picking_form import Picking
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page
from lti_tool.web.tool import tool

bp = Blueprint("deep_linking", __name__, url_prefix="/c/<course>/select/<request_id>")


@bp.get("")
@requires(Permission.COURSE_EDIT)
def picker(course: str, request_id: str) -> ResponseReturnValue:
    """The form."""
    return _form(_addressee(request_id), Picking())


@bp.post("")
@requires(Permission.COURSE_EDIT)
def pick(course: str, request_id: str) -> ResponseReturnValue:
    """Does what the button says: answers the LMS, or shows the form again, where need be with what is wrong."""
    addressee, left = _addressee(request_id), picking_form.read(request.form)
    do, _, which = request.form.get("do", "place").partition(":")
    try:
        if do == "cancel":
            return _answer(addressee, [])
        if do == "place":
            return _answer(addressee, picking_form.items_of(left, _framework()))
        return _form(addressee, _acted(left, do, which))
    except RuleBroken as refused:
        return _form(addressee, left, told(refused)), 422


def _acted(left: Picking, do: str, which: str) -> Picking:
    """The form once a button has changed it; a button that is not known changes nothing."""
    match do:
        case "keep":
            return picking_form.kept(left, _framework())
        case "drop":
            return picking_form.dropped(left, which)
        case "change":
            return picking_form.taken_up(left, which)
        case "like":
            found = picker_page.like(db(), course_here().id, _framework(), request.form.get("like", ""))
            return Picking(found or left.current, left.waiting)
        case _:
            return left


def _form(addressee: Addressee, left: Picking, refused: str | None = None) -> str:
    built = picker_page.build(db(), course_here().id, _framework(), left, request.form)
    return page("trainer/picker.html", picker=built, settings=addressee.settings, refused=refused)


def _answer(addressee: Addressee, items: list[PickedItem]) -> str:
    now = clock.now()
    token = deep_linking.response(tool().keyring, addressee, items, tool().settings.base_url, now)
    picking.note_picked(db(), course_here().id, visit().person.id, items, now)
    target = frames.origin(addressee.settings.return_url)
    g.form_targets = [target] if target else []
    return page("trainer/picked.html", return_url=addressee.settings.return_url, token=token)


def _framework() -> Framework:
    return rules_of(db(), course_here().id, clock.now()).framework


def _addressee(request_id: str) -> Addressee:
    return picking.asked(db(), request_id, visit().person.id, course_here().id, clock.now())
