"""Whether the training sites of an institute have what the requirements list: kept by its admins."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.catalogue import readiness, readiness_queries
from lti_tool.catalogue.bookshelf import bookshelf
from lti_tool.catalogue.readiness_model import Finding, Item, ItemState, Looked, items_of
from lti_tool.competency.delimited import write_text_table
from lti_tool.errors import RuleBroken
from lti_tool.web import readiness_page, refusals, typed
from lti_tool.web.auth import Permission, requires, visit
from lti_tool.web.database import db, undo
from lti_tool.web.i18n import TIME_ZONE, ngettext
from lti_tool.web.i18n import gettext as _
from lti_tool.web.rendering import page

bp = Blueprint("readiness", __name__, url_prefix="/institute")


@bp.get("/readiness")
@requires(Permission.INSTITUTE)
def overview() -> ResponseReturnValue:
    """All sites and items, with what is not checked."""
    return _overview()


@bp.post("/readiness")
@requires(Permission.INSTITUTE)
def add() -> ResponseReturnValue:
    """Adds a training site."""
    try:
        added = readiness.add_site(db(), visit().platform_id, typed.text("name"), visit().person.id, clock.now())
    except RuleBroken as refused:
        undo()
        return _overview(refusals.told(refused)), 422
    return redirect(url_for("readiness.site", site=added), 303)


@bp.get("/readiness.csv")
@requires(Permission.INSTITUTE)
def table() -> ResponseReturnValue:
    """The checklist of all sites as a file."""
    rows = readiness_page.rows(readiness_queries.sites(db(), visit().platform_id), _items())
    answer = Response("\ufeff" + write_text_table(rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="readiness.csv"'
    return answer


@bp.get("/readiness/<site>")
@requires(Permission.INSTITUTE)
def site(site: str) -> ResponseReturnValue:
    """One site, to be filled in."""
    return _site(site)


@bp.post("/readiness/<site>")
@requires(Permission.INSTITUTE)
def store(site: str) -> ResponseReturnValue:
    """Stores what was found at a site."""
    found, now = _findings(_items()), clock.now()
    try:
        looked = Looked(visit().person.id, _day(now), now)
        number = readiness.record_findings(db(), visit().platform_id, site, found, looked, _today(now))
    except RuleBroken as refused:
        undo()
        return _site(site, refusals.told(refused), found), 422
    flash(ngettext("%(num)d change is stored.", "%(num)d changes are stored.", number), "good")
    return redirect(url_for("readiness.site", site=site), 303)


@bp.post("/readiness/<site>/remove")
@requires(Permission.INSTITUTE)
def remove(site: str) -> ResponseReturnValue:
    """Takes a site off the list."""
    readiness.remove_site(db(), visit().platform_id, site)
    flash(_("The site is removed."), "good")
    return redirect(url_for("readiness.overview"), 303)


def _overview(refused: str = "") -> str:
    built = readiness_page.readiness_page(readiness_queries.sites(db(), visit().platform_id), _items())
    return page("admin/readiness.html", readiness=built, refused=refused, name=typed.text("name"))


def _site(public_id: str, refused: str = "", found: tuple[Finding, ...] = ()) -> str:
    here = readiness_queries.site(db(), visit().platform_id, public_id)
    built = readiness_page.site_page(here, _items(), {each.item: each for each in found})
    today = _today(clock.now()).isoformat()
    return page("admin/site.html", site=built, refused=refused, on=typed.text("on") or today, today=today)


def _items() -> tuple[Item, ...]:
    volumes = bookshelf(db()).volumes
    return items_of(volumes[0].framework) if volumes else ()


def _findings(items: tuple[Item, ...]) -> tuple[Finding, ...]:
    """What the form says of each item; of one that it does not name, nothing."""
    asked = [item for item in items if f"state-{item.number}" in request.form]
    return tuple(
        Finding(
            item.key, _state(typed.text(f"state-{item.number}")), " ".join(typed.text(f"note-{item.number}").split())
        )
        for item in asked
    )


def _state(text: str) -> ItemState:
    if text not in set(ItemState):
        raise RuleBroken("site_state_unknown", found=text[:20])
    return ItemState(text)


def _day(now: datetime) -> date:
    """The day on which somebody looked; today where none is said."""
    text = typed.text("on")
    if not text:
        return _today(now)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise RuleBroken("site_date_unreadable", found=text[:20]) from error


def _today(now: datetime) -> date:
    return now.astimezone(ZoneInfo(TIME_ZONE)).date()
