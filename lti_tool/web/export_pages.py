"""A file that a worker makes for somebody: how far it is, and the file itself, for an hour and for them alone."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime

from lti_tool import clock
from lti_tool.errors import NotFound
from lti_tool.reports import exports as asked_files
from lti_tool.reports.export import Export
from lti_tool.web import progress
from lti_tool.web.auth import Permission, requires
from lti_tool.web.database import db
from lti_tool.web.export_files import Kind
from lti_tool.web.exports import named, who
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link, ProgressView
from lti_tool.web.rendering import page
from lti_tool.web.tool import tool

bp = Blueprint("exports", __name__, url_prefix="/exports/<export>")


@bp.get("")
@requires(Permission.SIGNED_IN)
def show(export: str) -> ResponseReturnValue:
    """How far the file is; the way to it once it is there."""
    found = _found(export)
    back = found.wanted.asked.get("back", {}).get("path", "")
    return page("exports/export.html", progress=_progress(found, clock.now()), back=back)


@bp.get("/progress", endpoint="progress")
@requires(Permission.SIGNED_IN)
def follow(export: str) -> ResponseReturnValue:
    """The same lines anew, for a page that follows."""
    return render_template("parts/progress_alone.html", progress=_progress(_found(export), clock.now()))


@bp.get("/file")
@requires(Permission.SIGNED_IN)
def file(export: str) -> ResponseReturnValue:
    """The file."""
    found = _found(export)
    if found.shelf_name is None or found.file_name is None:
        raise NotFound("file_gone")
    content = tool().drawer.open(found.shelf_name)
    answer: Response = send_file(content, Kind.of(found.wanted.kind).content_type, etag=False)
    answer.headers["Cache-Control"] = "no-store"
    return named(answer, found.file_name)


def _found(export: str) -> Export:
    return asked_files.find(db(), export, who(), clock.now())


def _progress(export: Export, now: datetime) -> ProgressView:
    if export.failure is not None:
        return ProgressView(
            progress.own_fault(export.failure), kind="warn", after=_("Ask for the file again, or for another kind.")
        )
    if export.kept_until is not None:
        until = str(format_datetime(export.kept_until, "HH:mm"))
        told = _("The file is ready. It is kept for you until %(time)s.", time=until)
        way = url_for("exports.file", export=export.public_id)
        return ProgressView(told, kind="good", file=Link(f"{_('Download')}: {export.file_name}", way))
    url = url_for("exports.progress", export=export.public_id)
    if export.is_under_way:
        rows = _("%(done)d of %(total)d rows", done=export.done, total=export.total) if export.total else ""
        return ProgressView(_("The file is being made."), rows, export.done, export.total or 0, url=url)
    return progress.waiting(export.asked_at, now, url)
