"""The record of reads and changes, for an institute admin: searched, paged, taken out as a file."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from lti_tool.web import audit_page, data_files
from lti_tool.web.auth import Permission, requires, visit
from lti_tool.web.database import db
from lti_tool.web.rendering import page

bp = Blueprint("institute_audit", __name__, url_prefix="/institute")


@bp.get("/audit")
@requires(Permission.INSTITUTE)
def show() -> ResponseReturnValue:
    """A page of the record, the newest first."""
    return page("admin/audit.html", audit=audit_page.build(db(), visit().platform_id, request.args))


@bp.get("/audit.csv")
@requires(Permission.INSTITUTE)
def download_csv() -> ResponseReturnValue:
    """What was searched for, as CSV."""
    asked = audit_page.asked_for(db(), visit().platform_id, request.args)
    return data_files.record_as_csv(visit().platform_id, asked)


@bp.get("/audit.ndjson")
@requires(Permission.INSTITUTE)
def download_ndjson() -> ResponseReturnValue:
    """What was searched for, a JSON object a line."""
    asked = audit_page.asked_for(db(), visit().platform_id, request.args)
    return data_files.record_as_ndjson(visit().platform_id, asked)
