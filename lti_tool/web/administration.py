"""Administration of registrations: invite, register by hand, look at, try out, switch, deployments.

An operator sees those of all platforms, an institute admin those of their own and what can be learned about them.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.accounts import account_sessions
from lti_tool.accounts.account_sessions import AccountSession
from lti_tool.errors import NotFound, RuleBroken
from lti_tool.lti import administration_queries as queries
from lti_tool.lti import connection, invitations, platforms
from lti_tool.lti.administration_queries import RegistrationDetail
from lti_tool.lti.tokens import Tokens
from lti_tool.web import connection_words, registrations_page, typed
from lti_tool.web.auth import Permission, requires, visit
from lti_tool.web.database import db, release, undo
from lti_tool.web.i18n import gettext as _
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page
from lti_tool.web.tool import tool

bp = Blueprint("administration", __name__, url_prefix="/administration")
NOWHERE = "none"


@bp.get("/registrations")
@requires(Permission.ADMINISTRATION)
def registrations() -> ResponseReturnValue:
    """All registrations that may be seen, and open invitations."""
    built = registrations_page.build_list(db(), visit().scope, visit().login.platform_id, clock.now())
    return page("administration/registrations.html", listed=built, operator=visit().is_operator)


@bp.post("/look-at")
@requires(Permission.OPERATOR)
def look_at() -> ResponseReturnValue:
    """An operator chooses the platform whose courses they look at, or none."""
    wanted, login = typed.text("platform"), visit().login
    if not wanted or not isinstance(login, AccountSession):
        raise RuleBroken("nothing_chosen")
    where = None if wanted == NOWHERE else queries.platform(db(), wanted, None).id
    account_sessions.choose_platform(db(), login, where, clock.now())
    return redirect(url_for("administration.registrations" if where is None else "home.home"), 303)


@bp.post("/invitations")
@requires(Permission.OPERATOR)
def invite() -> ResponseReturnValue:
    """Makes a one-time address and shows it, this once."""
    holds = request.form.get("holds") == "1"
    url = invitations.invite(db(), tool().settings.base_url, clock.now(), holds=holds)
    return page("administration/invited.html", url=url, holds=holds)


@bp.post("/invitations/<int:invitation>/withdraw")
@requires(Permission.OPERATOR)
def withdraw(invitation: int) -> ResponseReturnValue:
    """Takes an open invitation back."""
    try:
        invitations.withdraw(db(), invitation, clock.now())
    except NotFound:
        flash(_("This invitation was used or withdrawn already."), "info")
    else:
        flash(_("The invitation is withdrawn."), "good")
    return redirect(url_for("administration.registrations"), 303)


@bp.get("/registrations/new")
@requires(Permission.OPERATOR)
def by_hand() -> ResponseReturnValue:
    """The form for an LMS without dynamic registration."""
    return _by_hand()


@bp.post("/registrations/new")
@requires(Permission.OPERATOR)
def register() -> ResponseReturnValue:
    """Registers a platform by hand; the same issuer and client id are updated."""
    try:
        made = platforms.add(db(), tool().outbound, registrations_page.registering(request.form), clock.now())
    except RuleBroken as refused:
        undo()
        return _by_hand(told(refused)), 422
    flash(_("The registration is stored. Test the connection now."), "good")
    return redirect(url_for("administration.registration", registration=made), 303)


@bp.get("/registrations/<registration>")
@requires(Permission.ADMINISTRATION)
def registration(registration: str) -> ResponseReturnValue:
    """One registration."""
    return _shown(_found(registration))


@bp.post("/registrations/<registration>/test")
@requires(Permission.ADMINISTRATION)
def test(registration: str) -> ResponseReturnValue:
    """Tries the connection out at once."""
    found, shared = _found(registration), tool()
    # Nothing of the database is held while the LMS is asked.
    release()
    tokens = Tokens(shared.sessions, shared.outbound, shared.keyring, shared.tokens_seal, clock.now)
    tried = connection.try_out(shared.outbound, tokens, found.registration)
    built = registrations_page.build_detail(db(), found, connection_words.tried_view(tried))
    return page("administration/registration.html", shown=built, operator=visit().is_operator)


@bp.get("/registrations/<registration>/switch")
@requires(Permission.OPERATOR)
def ask_switch(registration: str) -> ResponseReturnValue:
    """Says what switching a registration off or on means, and asks."""
    found = _found(registration)
    return page("administration/switch.html", found=found, active=found.registration.active)


@bp.post("/registrations/<registration>/switch")
@requires(Permission.OPERATOR)
def switch(registration: str) -> ResponseReturnValue:
    """Switches a registration off or on, as was asked."""
    active = request.form.get("active") == "1"
    platforms.switch(db(), _found(registration).public_id, active=active)
    flash(_("The registration is on.") if active else _("The registration is off. Nothing was deleted."), "good")
    return redirect(url_for("administration.registration", registration=registration), 303)


@bp.post("/registrations/<registration>/deployments")
@requires(Permission.ADMINISTRATION)
def add_deployment(registration: str) -> ResponseReturnValue:
    """Accepts another deployment, or gives one that is there a name."""
    found, deployment_id = _found(registration), typed.text("deployment_id")
    try:
        if request.form.get("known") != "1":
            platforms.add_deployment(db(), found.public_id, deployment_id, clock.now())
        platforms.name_deployment(db(), found.public_id, deployment_id, request.form.get("name", ""))
    except RuleBroken as refused:
        undo()
        return _shown(found, told(refused)), 422
    flash(_("Stored."), "good")
    return redirect(url_for("administration.registration", registration=registration), 303)


@bp.get("/registrations/<registration>/remove-deployment")
@requires(Permission.OPERATOR)
def ask_remove(registration: str) -> ResponseReturnValue:
    """Says what removing a deployment means, and asks."""
    found, wanted = _found(registration), request.args.get("id", "")
    if wanted not in {each.deployment_id for each in found.deployments}:
        raise NotFound("deployment_unknown", deployment_id=wanted)
    return page("administration/remove_deployment.html", found=found, wanted=wanted)


@bp.post("/registrations/<registration>/remove-deployment")
@requires(Permission.OPERATOR)
def remove_deployment(registration: str) -> ResponseReturnValue:
    """Accepts a deployment no longer."""
    try:
        platforms.remove_deployment(db(), _found(registration).public_id, typed.text("id"))
    except NotFound as refused:
        if refused.code != "deployment_unknown":
            raise
    flash(_("Launches of this deployment are refused from now on. Nothing was deleted."), "good")
    return redirect(url_for("administration.registration", registration=registration), 303)


def _by_hand(refused: str = "") -> str:
    base_url = tool().settings.base_url
    return page("administration/by_hand.html", typed=request.form, refused=refused, base_url=base_url)


def _found(registration: str) -> RegistrationDetail:
    return queries.registration(db(), registration, visit().scope)


def _shown(found: RegistrationDetail, refused: str = "") -> str:
    built = registrations_page.build_detail(db(), found, refused=refused)
    return page("administration/registration.html", shown=built, operator=visit().is_operator)
