"""Entering without an LMS, and what somebody does with their own account: password, codes."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.accounts import accounts, entering, refusals
from lti_tool.accounts.entering import Attempt
from lti_tool.accounts.model import EntranceRefused, TooManyTries
from lti_tool.audit import recording
from lti_tool.audit.model import Action, Actor, ActorKind, Event
from lti_tool.errors import RuleBroken
from lti_tool.web import account_page, auth, known_browser
from lti_tool.web.auth import Permission, account_here, requires, visit
from lti_tool.web.database import db, release, undo
from lti_tool.web.i18n import gettext as _
from lti_tool.web.rendering import page
from lti_tool.web.tool import tool

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("/login")
@requires(Permission.PUBLIC)
def login() -> ResponseReturnValue:
    """Where accounts enter."""
    return render_template("account/login.html", typed="", refused="")


@bp.post("/login")
@requires(Permission.PUBLIC)
def enter() -> ResponseReturnValue:
    """Begins a session, or says that something is wrong and never what."""
    attempt = _attempt()
    try:
        entered = entering.enter(tool().sessions, tool().codes_seal, attempt, clock.now())
    except (EntranceRefused, TooManyTries) as refused:
        return _refused(attempt, refused)
    auth.enter_account(entered)
    actor = Actor(ActorKind.ACCOUNT, entered.account.public_id)
    recording.record(db(), Event(Action.SESSION_BEGUN, actor, entered.account.platform_id), clock.now())
    answer = make_response(redirect(url_for("home.home"), 303))
    known_browser.remember(answer, attempt.login)
    return answer


@bp.get("/")
@requires(Permission.ACCOUNT)
def own() -> ResponseReturnValue:
    """The own account: what it may do, its password, its codes."""
    return page("account/own.html", own=account_page.own(db(), account_here()))


@bp.post("/password")
@requires(Permission.ACCOUNT)
def change_password() -> ResponseReturnValue:
    """Takes a new password; other sessions of the account end."""
    form, login = request.form, visit().login
    try:
        if form.get("new") != form.get("again"):
            raise RuleBroken("passwords_differ")
        _confirm()
        accounts.change_password(db(), account_here(), login.id, form.get("new", ""))
    except (RuleBroken, TooManyTries) as refused:
        return _own_again(refused)
    flash(_("The password is changed. Your other sessions have ended."), "good")
    return redirect(url_for("account.own"), 303)


@bp.post("/codes")
@requires(Permission.ACCOUNT)
def offer_codes() -> ResponseReturnValue:
    """Begins to set codes up: a new secret, shown on the next page."""
    try:
        _confirm()
    except (RuleBroken, TooManyTries) as refused:
        return _own_again(refused)
    accounts.offer_codes(db(), account_here(), account_page.seal())
    return redirect(url_for("account.codes"), 303)


@bp.get("/codes")
@requires(Permission.ACCOUNT)
def codes() -> ResponseReturnValue:
    """The secret that is offered, as a picture and as text."""
    return page("account/codes.html", offered=account_page.offered(db(), account_here()), refused="")


@bp.post("/codes/confirm")
@requires(Permission.ACCOUNT)
def confirm_codes() -> ResponseReturnValue:
    """The first code: the codes for paper are shown, this once."""
    typed = request.form.get("code", "")
    try:
        paper = accounts.confirm_codes(db(), account_here(), account_page.seal(), typed, clock.now())
    except RuleBroken as refused:
        undo()
        shown = account_page.offered(db(), account_here())
        return page("account/codes.html", offered=shown, refused=account_page.told(refused)), 422
    return page("account/paper.html", codes=paper)


@bp.post("/codes/paper")
@requires(Permission.ACCOUNT)
def new_paper() -> ResponseReturnValue:
    """New codes for paper, shown this once."""
    try:
        _confirm()
    except (RuleBroken, TooManyTries) as refused:
        return _own_again(refused)
    return page("account/paper.html", codes=accounts.new_paper_codes(db(), account_here()))


@bp.post("/codes/drop")
@requires(Permission.ACCOUNT)
def drop_codes() -> ResponseReturnValue:
    """Entering asks for the password only."""
    try:
        _confirm()
    except (RuleBroken, TooManyTries) as refused:
        return _own_again(refused)
    accounts.drop_codes(db(), account_here())
    flash(_("Codes are off: from now on your password alone opens your account."), "good")
    return redirect(url_for("account.own"), 303)


def _attempt() -> Attempt:
    form = request.form
    login = form.get("login", "")[:200]
    return Attempt(
        login=login,
        password=form.get("password", ""),
        code=form.get("code", "")[:100],
        address=request.remote_addr or "",
        browser=known_browser.known(login),
    )


def _refused(attempt: Attempt, refused: EntranceRefused | TooManyTries) -> Response:
    status = 429 if isinstance(refused, TooManyTries) else 401
    told = account_page.told(refused)
    answer = make_response(render_template("account/login.html", typed=attempt.login, refused=told), status)
    if isinstance(refused, TooManyTries):
        answer.headers["Retry-After"] = str(refused.seconds)
    sessions = tool().sessions
    answer.call_on_close(lambda: refusals.note(sessions, refused, clock.now()))
    return answer


def _confirm() -> None:
    """Asks whoever sits here for the password again: a session that was left open must not be enough."""
    account, typed = account_here(), request.form.get("password", "")
    release()
    entering.confirm(tool().sessions, account, typed, clock.now())


def _own_again(refused: RuleBroken | TooManyTries) -> ResponseReturnValue:
    undo()
    shown = account_page.own(db(), account_here(), account_page.told(refused))
    return page("account/own.html", own=shown), 422
