"""*My tasks*: what a participant has to do in a course, and what came back since they last looked.

The page leaves behind that it was looked at, once it is made and in a transaction of its own, as `auth` does with the
use of a session: who only reads waits for no writer. What a browser fetches ahead is no look, and if one that does not
say so were taken for one, nothing would be lost: what is new stays new for half an hour (`tasks/look.py`).
"""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.db.unit_of_work import try_briefly
from lti_tool.tasks import my_work
from lti_tool.web import my_tasks_page
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db
from lti_tool.web.rendering import page
from lti_tool.web.tool import tool

bp = Blueprint("my_tasks", __name__, url_prefix="/c/<course>")
AHEAD = ("Sec-Purpose", "Purpose", "X-Moz")
"""In which headers browsers say that they fetch a page that nobody has asked for yet."""


@bp.get("/me/tasks")
@requires(Permission.OWN_RECORD)
def show(course: str) -> ResponseReturnValue:
    """What to do, what came back, what is new."""
    here, who, now = course_here(), visit().person.id, clock.now()
    mine = my_work.my_work(db(), here.id, who, now)
    made = page("participant/tasks.html", mine=my_tasks_page.build(mine, here, request.args, now))
    if _somebody_looks():
        try_briefly(tool().sessions, lambda session: my_work.note_look(session, here.id, who, mine.look))
    return made


def _somebody_looks() -> bool:
    told = " ".join(request.headers.get(name, "") for name in AHEAD)
    return request.method == "GET" and not any(word in told for word in ("prefetch", "prerender", "preview"))
