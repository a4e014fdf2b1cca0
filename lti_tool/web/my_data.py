"""*My data*: everything that is held about the person who asks, to read and to take along."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from lti_tool.web import data_files, data_page
from lti_tool.web.auth import Permission, requires, visit
from lti_tool.web.database import db
from lti_tool.web.rendering import page

bp = Blueprint("my_data", __name__, url_prefix="/me")


@bp.get("/data")
@requires(Permission.SIGNED_IN)
def show() -> ResponseReturnValue:
    """What is held, grouped, and who has read it."""
    ways = (url_for("my_data.as_json"), url_for("my_data.as_zip"), "")
    return page("participant/data.html", data=data_page.build(db(), visit().person, own=True, ways=ways))


@bp.get("/data.json")
@requires(Permission.SIGNED_IN)
def as_json() -> ResponseReturnValue:
    """All of it as JSON."""
    return data_files.json_of(visit().person)


@bp.get("/data.zip")
@requires(Permission.SIGNED_IN)
def as_zip() -> ResponseReturnValue:
    """All of it with the files of their work."""
    return data_files.zip_of(visit().person)
