"""The public check of what people carry away: `/verify/<id>`, for whoever holds a paper or a badge.

Without a session, a cookie or a script, and never to be found by a search engine. Whether it holds is asked anew each
time, so nothing of it is kept by anybody on the way.
"""

from __future__ import annotations

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.credentials import queries
from lti_tool.web import rates, verify_page
from lti_tool.web.auth import Permission, requires
from lti_tool.web.database import db
from lti_tool.web.rendering import page

bp = Blueprint("verify", __name__)
rates.limit_by_address(bp)


@bp.get("/verify/<credential>")
@requires(Permission.PUBLIC)
def show(credential: str) -> ResponseReturnValue:
    """How it stands and what it states; with 404 where nothing was ever issued under this id."""
    g.frame_ancestors = []
    found = queries.find(db(), credential.lower())
    languages = verify_page.languages()
    if found is None:
        return page("verify/unknown.html", languages=languages), 404
    return page("verify/known.html", languages=languages, check=verify_page.build(db(), found, clock.now()))
