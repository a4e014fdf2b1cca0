"""The address that an LMS admin pastes: one GET registers the tool and says what is left to do.

The LMS opens it in a frame of its own, perhaps without any cookie of ours; the page needs none. Who may frame it is the
origin of the openid_configuration that has passed the guard.
"""

from __future__ import annotations

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MethodNotAllowed

from lti_tool import clock
from lti_tool.lti import registration
from lti_tool.lti.model import Scope
from lti_tool.web.auth import Permission, requires
from lti_tool.web.tool import tool

bp = Blueprint("registration", __name__)


@bp.get("/lti/register")
@requires(Permission.PUBLIC)
def register() -> ResponseReturnValue:
    """Registers by the invitation in the address; the page tells what was granted and what to switch on."""
    if request.method == "HEAD":
        # A mail client or link checker that looks whether the address is alive must not register anything.
        raise MethodNotAllowed(valid_methods=["GET"])
    asked = registration.Request(
        invitation=request.args.get("invite", ""),
        openid_configuration=request.args.get("openid_configuration", ""),
        registration_token=request.args.get("registration_token", ""),
    )
    shared = tool()
    done = registration.register(shared.sessions, shared.outbound, shared.settings.base_url, asked, clock.now())
    g.frame_ancestors = [registration.config_origin(asked.openid_configuration)]
    return render_template("lti/registered.html", done=done, granted=_granted(done))


def _granted(done: registration.Registered) -> dict[str, bool]:
    """Service by service, whether the platform said that it is granted."""
    return {
        "grades": Scope.SCORE in done.granted and Scope.RESULT_READ in done.granted,
        "columns": Scope.LINE_ITEM in done.granted,
        "roster": Scope.MEMBERSHIP in done.granted,
    }
