"""The doors through which a platform comes: login, launch, key set, and the way on in a tab of its own.

Thin: sizes are capped before anything is parsed, the checks are `lti.pylti`'s, what a verified launch sets off is the
caller's `arrive`. None of these routes asks for a session; the answers to a login need no CSRF token, for their state
is one, but what continues in a new tab does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Response, current_app, g, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MethodNotAllowed

from lti_tool import clock
from lti_tool.errors import LaunchRefused
from lti_tool.lti import keyring, oidc, pylti
from lti_tool.lti.model import Launch
from lti_tool.web import rates
from lti_tool.web.auth import Permission, requires
from lti_tool.web.database import db
from lti_tool.web.i18n import speaking
from lti_tool.web.tool import tool

FORM_BYTES = 128 * 1024
"""Moodle's launch form has about 7,000 bytes."""
FORM_FIELDS = 40
FORM_TYPE = "application/x-www-form-urlencoded"
_ERROR_WORD = re.compile(r"[a-z_]{1,40}")

log = structlog.get_logger()


class Arrive(Protocol):
    """What a verified launch sets off."""

    def __call__(self, launch: Launch, *, new_tab: bool) -> ResponseReturnValue:
        """Notes what the launch tells, begins the session, and answers with where to go."""
        ...


def create_blueprint(arrive: Arrive) -> Blueprint:
    """The blueprint `lti`, whose launches end in `arrive`. Exempt it from CSRF protection: it asks where it must."""
    bp = Blueprint("lti", __name__, url_prefix="/lti")
    bp.add_url_rule("/login", view_func=login, methods=["GET", "POST"])
    bp.add_url_rule("/jwks", view_func=jwks)
    bp.add_url_rule("/continue/<code>", view_func=show_parked)

    @bp.post("/launch")
    @requires(Permission.PUBLIC)
    def launch() -> ResponseReturnValue:
        with _refusals_noted():
            return _launched(arrive)

    @bp.post("/continue/<code>")
    @requires(Permission.PUBLIC)
    def continue_launch(code: str) -> ResponseReturnValue:
        if not _browser().sends_ours:
            return _without_cookies(code)
        current_app.extensions["csrf"].protect()
        with _refusals_noted():
            parked = oidc.take_parked_launch(tool().sessions, code, clock.now())
        return arrive(parked, new_tab=True)

    return bp


@requires(Permission.PUBLIC)
def login() -> ResponseReturnValue:
    """Third-party-initiated login: sends the browser to the platform with a state of its own."""
    if request.method == "HEAD":
        # A login changes something; asking for its headers only must not.
        raise MethodNotAllowed(["GET", "POST"])
    with _refusals_noted():
        asked = request.args if request.method == "GET" else _form()
        # Who begins more than a registration may launch begins none of those; others' are unharmed.
        rates.refuse_beyond(_launches(), "logins", rates.address(), asked.get("iss"), asked.get("client_id"))
        return pylti.begin_login(asked, _browser(), _surroundings(), redirect_uri())


@requires(Permission.PUBLIC)
def jwks() -> ResponseReturnValue:
    """The tool's public keys."""
    return jsonify(keyring.key_set(db()))


@requires(Permission.PUBLIC)
def show_parked(code: str) -> ResponseReturnValue:
    """Says whose launch goes on in this tab, and asks; nothing has begun yet."""
    with _refusals_noted():
        launch = oidc.parked_launch(db(), code, clock.now())
    with speaking(launch.locale):
        return render_template("lti/continue.html", person=launch.person.name)


def _without_cookies(code: str) -> ResponseReturnValue:
    """The page before this one gave a cookie, and none came: the launch stays where it is, and nothing begins."""
    with _refusals_noted():
        launch = oidc.parked_launch(db(), code, clock.now())
    log.info("launch_without_cookies", registration_id=launch.registration_id)
    with speaking(launch.locale):
        page = render_template("lti/cookies_off.html", host=urlsplit(tool().settings.base_url).hostname)
    return make_response(page, 403)


def redirect_uri() -> str:
    """The one address to which platforms send launches."""
    return tool().settings.base_url + url_for("lti.launch")


def _launched(arrive: Arrive) -> ResponseReturnValue:
    form = _form()
    if "error" in form:
        raise LaunchRefused("platform_reported_error", 400, error=_known_word(form["error"]))
    missing = [name for name in ("id_token", "state") if not form.get(name)]
    if missing:
        raise LaunchRefused("launch_incomplete", 400, missing=missing)
    browser = _browser()
    accepted = pylti.accept(form["id_token"], form["state"], browser, _surroundings())
    # Counted here, where the signature is known to be right: nobody else can use a registration's launches up.
    rates.refuse_beyond(_launches(), "launches", accepted.launch.registration_id)
    if accepted.same_browser:
        arrived = make_response(arrive(accepted.launch, new_tab=False))
        return _without_spent_cookies(arrived, accepted.browser_hash)
    if browser.sends_ours and not accepted.keeps_nothing:
        raise LaunchRefused("other_browser", 401, registration_id=accepted.launch.registration_id)
    return _parked(accepted.launch)


def _parked(launch: Launch) -> ResponseReturnValue:
    """No cookie of this login came back: the page that leads into a tab of its own, where one will."""
    log.info("launch_parked", registration_id=launch.registration_id)
    code = oidc.park(tool().sessions, launch, clock.now())
    # Nothing personal stands on it, and the frame's owner is not known to the browser: anybody may frame it.
    g.frame_ancestors = ["*"]
    with speaking(launch.locale):
        page = render_template("lti/new_tab.html", address=url_for("lti.show_parked", code=code))
    return make_response(page, 401)


def _form() -> dict[str, str]:
    """The fields of a posted form. Raises LaunchRefused: 413 before parsing what is too much, 400 for no form."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise LaunchRefused("form_encoded", 413)
    if (request.content_length or 0) > FORM_BYTES:
        raise LaunchRefused("form_too_large", 413, bytes=request.content_length)
    if request.mimetype != FORM_TYPE:
        raise LaunchRefused("form_expected", 400)
    # A body without a length is cut off while it is read.
    request.max_content_length = FORM_BYTES
    if request.get_data().count(b"&") >= FORM_FIELDS:
        raise LaunchRefused("form_too_large", 413)
    return request.form.to_dict()


def _launches() -> int:
    return tool().settings.launches_per_minute


def _browser() -> oidc.Browser:
    return oidc.browser_of(request.cookies, current_app.config["SESSION_COOKIE_NAME"])


def _surroundings() -> pylti.Surroundings:
    shared = tool()
    return pylti.Surroundings(
        sessions=shared.sessions,
        outbound=shared.outbound,
        base_url=shared.settings.base_url,
        allow_private=shared.settings.allow_private_networks,
        now=clock.now(),
    )


def _without_spent_cookies(response: Response, browser_hash: str) -> Response:
    for name in oidc.login_cookies_of_one_tab(request.cookies, browser_hash):
        response.delete_cookie(name, secure=True, httponly=True, samesite="None", partitioned=True)
    return response


def _known_word(error: str) -> str:
    """OAuth's error word for the log; what else stands there may be anything."""
    return error if _ERROR_WORD.fullmatch(error) else "other"


@contextmanager
def _refusals_noted() -> Iterator[None]:
    """Logs why, with the names of claims; what the person sees is the application's page for the error.

    An address from which too much is refused is told only that (429), and the log stays short.
    """
    try:
        yield
    except LaunchRefused as error:
        rates.refuse_beyond(rates.FAILURES, "refused", rates.address())
        log.warning("launch_refused", code=error.code, status=error.status, **error.facts)
        raise
