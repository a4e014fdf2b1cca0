"""The picker: what a trainer places in the course from within the LMS (*Select content*).

A plain one: kind, title, indicators, points; one activity at a time.
"""

from __future__ import annotations

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency import declaration
from lti_tool.competency.framework import Framework
from lti_tool.competency.rules import rules_of
from lti_tool.errors import RuleBroken
from lti_tool.ids import ActivityId, new_public_id
from lti_tool.lti import deep_linking, frames, picking
from lti_tool.lti.deep_linking import Addressee, PickedItem
from lti_tool.people.model import ActivityKind
from lti_tool.web import picker_page
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page
from lti_tool.web.tool import tool

bp = Blueprint("deep_linking", __name__, url_prefix="/c/<course>/select/<request_id>")
GRADED = {ActivityKind.EVIDENCE, ActivityKind.OBSERVATION}


@bp.get("")
@requires(Permission.COURSE_EDIT)
def picker(course: str, request_id: str) -> ResponseReturnValue:
    """The form."""
    addressee = _addressee(request_id)
    built = picker_page.build(_framework(), {}, ())
    return page("trainer/picker.html", picker=built, accepts=addressee.settings.accepts_resource_links, refused=None)


@bp.post("")
@requires(Permission.COURSE_EDIT)
def pick(course: str, request_id: str) -> ResponseReturnValue:
    """Answers the LMS with what was picked, or shows the form again with what is wrong."""
    addressee = _addressee(request_id)
    chosen = request.form.getlist("indicator")
    try:
        item = _item(chosen)
        items = [] if request.form.get("cancel") else [item]
        token = deep_linking.response(tool().keyring, addressee, items, tool().settings.base_url, clock.now())
    except RuleBroken as refused:
        built = picker_page.build(_framework(), request.form, chosen)
        return page("trainer/picker.html", picker=built, accepts=True, refused=told(refused)), 422
    target = frames.origin(addressee.settings.return_url)
    g.form_targets = [target] if target else []
    return page("trainer/picked.html", return_url=addressee.settings.return_url, token=token)


def _item(chosen: list[str]) -> PickedItem:
    form, framework = request.form, _framework()
    kind = ActivityKind(form.get("kind", "profile")) if form.get("kind") in set(ActivityKind) else ActivityKind.PROFILE
    title = " ".join(form.get("title", "").split())
    if not 1 <= len(title) <= 255:
        raise RuleBroken("title_missing")
    known = [code for code in chosen if framework.has_indicator(code)]
    cells = declaration.read(",".join(known), framework, ActivityId(0)).mappings
    return PickedItem(
        kind=kind,
        title=title,
        text=form.get("text", "").strip()[:2000],
        indicators=declaration.write(cells, framework) if kind in GRADED else "",
        points=_points(form.get("points", "")) if kind in GRADED else None,
        uid=new_public_id(),
    )


def _points(text: str) -> int:
    if not text.strip().isdecimal():
        raise RuleBroken("points_out_of_range", points=text[:10], most=deep_linking.MOST_POINTS)
    return int(text)


def _framework() -> Framework:
    return rules_of(db(), course_here().id, clock.now()).framework


def _addressee(request_id: str) -> Addressee:
    return picking.asked(db(), request_id, visit().person.id, course_here().id, clock.now())
