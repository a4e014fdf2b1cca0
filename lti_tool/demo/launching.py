"""From a click to the tool: OIDC login initiation, authorization endpoint, signed message (LTI security 1.1.1)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from lti_tool.demo import seed
from lti_tool.demo.claims import NoAccess, Scene, id_token_claims, scene_of, target_of
from lti_tool.demo.current import current_lms
from lti_tool.demo.model import Launch, MessageType, Tool

bp = Blueprint("launching", __name__)


class InvalidRequest(Exception):
    """Moodle's HTML error page: the tool never hears of it."""


@dataclass(frozen=True, slots=True)
class LoginError(Exception):
    """An error that goes back to the tool's redirect_uri as form fields."""

    error: str
    description: str = ""


@bp.get("/mod/lti/launch.php")
def launch() -> ResponseReturnValue:
    """Begin a launch of link `id` as person `as`; `action=gradeReport&user=ID` asks for a submission review."""
    lms = current_lms()
    link, person = lms.links.get(request.args.get("id", "")), lms.people.get(request.args.get("as", ""))
    if link is None or person is None:
        raise InvalidRequest
    reviewed = request.args.get("user") if request.args.get("action") == "gradeReport" else None
    begun = Launch(
        MessageType.SUBMISSION_REVIEW if reviewed else MessageType.RESOURCE_LINK,
        link.tool_id,
        person.id,
        link.course_id,
        link.id,
        reviewed,
        in_frame="window" not in request.args,
        as_learner="learner" in request.args,
    )
    return initiation(begun)


@bp.get("/mod/lti/contentitem.php")
def content_item() -> ResponseReturnValue:
    """Begin *Select content* in `course` with the first tool, as person `as`."""
    lms = current_lms()
    course_id = request.args.get("course", seed.MAIN_COURSE_ID)
    person_id = request.args.get("as", seed.TRAINER_ID)
    tool_id = request.args.get("id") or next(iter(lms.tools), "")
    if tool_id not in lms.tools or course_id not in lms.courses or person_id not in lms.people:
        raise InvalidRequest
    return initiation(Launch(MessageType.DEEP_LINKING, tool_id, person_id, course_id))


def initiation(begun: Launch) -> ResponseReturnValue:
    """The login initiation, an auto-submitted form; it goes out before any access is checked, as Moodle does it."""
    lms = current_lms()
    tool = lms.tools[begun.tool_id]
    hint: dict[str, object] = {"launchid": lms.begin_launch(begun)}
    if begun.link_id is not None:
        hint = {"cmid": int(begun.link_id) + 5, **hint}
    fields = {
        "iss": lms.url,
        "target_link_uri": _announced_target(begun, tool),
        "login_hint": begun.person_id,
        "lti_message_hint": json.dumps(hint, separators=(",", ":")),
        "client_id": tool.client_id,
        "lti_deployment_id": tool.id,
    }
    return form_post(tool.login_url, fields)


@bp.route("/mod/lti/auth.php", methods=["GET", "POST"])
def auth() -> ResponseReturnValue:
    """The authorization endpoint: the tool's request back in, the id_token out."""
    asked = request.values.to_dict()
    try:
        scene, name = _authorised(asked)
    except LoginError as error:
        fields = {"error": error.error, "error_description": error.description, "state": asked.get("state", "")}
        return form_post(asked["redirect_uri"], {name: value for name, value in fields.items() if value})
    lms = current_lms()
    lms.finish_launch(name)
    fields = {"id_token": lms.key.sign(id_token_claims(scene, asked["nonce"])), "state": asked.get("state", "")}
    return form_post(asked["redirect_uri"], fields)


@bp.get("/mod/lti/return.php")
def come_back() -> ResponseReturnValue:
    """Where the tool sends people back to."""
    message = request.args.get("lti_errormsg") or request.args.get("lti_msg")
    if message:
        return render_template("demo/message.html", title="Back in the course", message=message)
    return redirect("/")


@bp.app_errorhandler(InvalidRequest)
def invalid_request(_: InvalidRequest) -> ResponseReturnValue:
    """Moodle's page for everything that it does not explain."""
    page = render_template("demo/message.html", title="Invalid request", message="More information about this error")
    return Response(page, 404)


@bp.app_errorhandler(NoAccess)
def no_access(_: NoAccess) -> ResponseReturnValue:
    """The person may not open this activity."""
    message = "Sorry, but you do not currently have permissions to do that."
    return Response(render_template("demo/message.html", title="No access", message=message), 404)


def form_post(action: str, fields: dict[str, str]) -> Response:
    """A page that posts itself; with a button for those without script."""
    inputs = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in fields.items())
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Opening the tool</title></head>'
        f'<body><form action="{escape(action)}" method="post">{inputs}'
        "<noscript><button>Continue</button></noscript></form>"
        "<script>document.forms[0].submit();</script></body></html>"
    )
    return Response(page, content_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store"})


def _announced_target(begun: Launch, tool: Tool) -> str:
    try:
        return target_of(scene_of(current_lms(), begun))
    except NoAccess:
        return tool.target_url


def _authorised(asked: dict[str, str]) -> tuple[Scene, str]:
    """The launch that the request belongs to; InvalidRequest, LoginError or NoAccess as recorded in auth-error-*."""
    tool = current_lms().tool_of_client(asked.get("client_id", ""))
    _check_form(asked, tool)
    name = _launch_name(asked.get("lti_message_hint", ""))
    begun = current_lms().pending_launch(name)
    if begun is None:
        raise InvalidRequest
    if tool is None or tool.id != begun.tool_id:
        raise LoginError("unauthorized_client")
    if asked.get("login_hint") != begun.person_id:
        raise LoginError("access_denied")
    if asked.get("response_mode") != "form_post":
        raise LoginError("invalid_request", "Invalid response_mode")
    if asked.get("prompt", "none") != "none":
        raise LoginError("invalid_request", "Invalid prompt")
    return scene_of(current_lms(), begun), name


def _check_form(asked: dict[str, str], tool: Tool | None) -> None:
    """What Moodle answers with its own page; the redirect_uri of an unknown client is believed (as recorded)."""
    registered = tool.redirect_urls if tool is not None else (asked.get("redirect_uri", ""),)
    fits = (
        asked.get("scope") == "openid"
        and asked.get("response_type") == "id_token"
        and bool(asked.get("nonce"))
        and bool(asked.get("redirect_uri"))
        and asked.get("redirect_uri") in registered
    )
    if not fits:
        raise InvalidRequest


def _launch_name(hint: str) -> str:
    try:
        content = json.loads(hint)
    except ValueError as error:
        raise InvalidRequest from error
    return str(content.get("launchid", "")) if isinstance(content, dict) else ""
