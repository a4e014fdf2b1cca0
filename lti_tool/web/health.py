"""Whether the process lives and whether it can serve; for load balancers and operators."""

from __future__ import annotations

from flask import Blueprint, g
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.db import schema
from lti_tool.db.trouble import is_trouble
from lti_tool.errors import SettingsFaulty
from lti_tool.web.auth import Permission, requires
from lti_tool.web.errors import RETRY_AFTER
from lti_tool.web.tool import tool

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@requires(Permission.PUBLIC)
def healthz() -> ResponseReturnValue:
    """200 as long as the process answers."""
    g.frame_ancestors = []
    return {"status": "ok"}


@bp.get("/readyz")
@requires(Permission.PUBLIC)
def readyz() -> ResponseReturnValue:
    """200 when the database answers with the schema that this version needs, else 503."""
    g.frame_ancestors = []
    try:
        schema.check_current(tool().sessions)
    except SettingsFaulty:
        return {"status": "schema not current"}, 503
    except SQLAlchemyError as error:
        if not is_trouble(error):
            raise
        return {"status": "database unavailable"}, 503, {"Retry-After": RETRY_AFTER}
    return {"status": "ready"}
