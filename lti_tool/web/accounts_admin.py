"""Local accounts as operators and admins administer them: made, given a role or a password, switched off and on.

An institute's admin sees and makes accounts of their own platform only, and never an operator's.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.accounts import account_queries, accounts
from lti_tool.accounts.model import Account
from lti_tool.errors import RuleBroken
from lti_tool.web import accounts_page
from lti_tool.web.auth import Permission, account_here, requires
from lti_tool.web.database import db, undo
from lti_tool.web.i18n import gettext as _
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page

bp = Blueprint("accounts", __name__, url_prefix="/administration/accounts")


@bp.get("")
@requires(Permission.ACCOUNT)
def listed() -> ResponseReturnValue:
    """The accounts that one may administer."""
    return page("administration/accounts.html", lines=accounts_page.lines(db(), account_here()))


@bp.get("/new")
@requires(Permission.ACCOUNT)
def new() -> ResponseReturnValue:
    """The form for another account."""
    return page("administration/new_account.html", form=accounts_page.new_form(db(), account_here(), request.args))


@bp.post("/new")
@requires(Permission.ACCOUNT)
def create() -> ResponseReturnValue:
    """Makes an account."""
    try:
        wanted = accounts_page.typed(db(), account_here(), request.form)
        made = accounts.create(db(), wanted, request.form.get("new", ""), clock.now())
    except RuleBroken as refused:
        undo()
        shown = accounts_page.new_form(db(), account_here(), request.form, told(refused))
        return page("administration/new_account.html", form=shown), 422
    flash(_("The account is made. Tell its password by another way than its name."), "good")
    return redirect(url_for("accounts.show", account=made.public_id), 303)


@bp.get("/<account>")
@requires(Permission.ACCOUNT)
def show(account: str) -> ResponseReturnValue:
    """One account."""
    return _shown(_found(account))


@bp.post("/<account>/role")
@requires(Permission.OPERATOR)
def change_role(account: str) -> ResponseReturnValue:
    """Makes it an operator, or the admin of another institute."""
    found = _found(account)
    return _change(
        found,
        lambda: accounts.change_role(db(), found, accounts_page.chosen_role(db(), request.form)),
        _("The role is changed. Sessions of the account have ended."),
    )


@bp.post("/<account>/password")
@requires(Permission.ACCOUNT)
def give_password(account: str) -> ResponseReturnValue:
    """Gives it a new password."""
    found = _found(account)
    return _change(
        found,
        lambda: accounts.set_password(db(), found, request.form.get("new", "")),
        _("The password is changed. Sessions of the account have ended."),
    )


@bp.get("/<account>/switch")
@requires(Permission.ACCOUNT)
def ask_switch(account: str) -> ResponseReturnValue:
    """Says what switching an account off or on means, and asks."""
    return page("administration/switch_account.html", found=_found(account))


@bp.post("/<account>/switch")
@requires(Permission.ACCOUNT)
def switch(account: str) -> ResponseReturnValue:
    """Switches an account off or on, as was asked."""
    found = _found(account)
    if request.form.get("active") == "1":
        return _change(found, lambda: accounts.enable(db(), found), _("The account is on."))
    said = _("The account is off, and its sessions have ended. Nothing was deleted.")
    return _change(found, lambda: accounts.disable(db(), found, clock.now()), said)


@bp.get("/<account>/codes")
@requires(Permission.ACCOUNT)
def ask_drop_codes(account: str) -> ResponseReturnValue:
    """Says what dropping an account's codes means, and asks."""
    return page("administration/drop_codes.html", found=_found(account))


@bp.post("/<account>/codes")
@requires(Permission.ACCOUNT)
def drop_codes(account: str) -> ResponseReturnValue:
    """Entering under it asks for the password only."""
    accounts.drop_codes(db(), _found(account))
    flash(_("The codes are dropped: entering asks for the password only, until codes are set up again."), "good")
    return redirect(url_for("accounts.show", account=account), 303)


def _change(found: Account, change: Callable[[], object], said: str) -> ResponseReturnValue:
    """Changes an account and says so on its page, which also tells what is refused."""
    try:
        change()
    except RuleBroken as refused:
        undo()
        return _shown(found, told(refused)), 422
    flash(said, "good")
    return redirect(url_for("accounts.show", account=found.public_id), 303)


def _found(account: str) -> Account:
    return account_queries.administered(db(), account, account_here())


def _shown(found: Account, refused: str = "") -> str:
    return page("administration/account.html", shown=accounts_page.detail(db(), account_here(), found, refused))
