"""`lti-tool admin`: local accounts, for the first operator and for who has lost a password.

A password is asked for, or read from the first line of stdin; it never stands in an argument, which others can see.
"""

from __future__ import annotations

import dataclasses
import json
import sys

import click
from sqlalchemy.orm import Session

from lti_tool import clock
from lti_tool.accounts import accounts
from lti_tool.accounts.account_queries import accounts as all_accounts
from lti_tool.accounts.model import Account, NewAccount
from lti_tool.audit.model import Action, Subject, SubjectKind
from lti_tool.cli.context import opened
from lti_tool.cli.noting import note
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.errors import NotFound
from lti_tool.ids import PlatformId
from lti_tool.lti.queries import issuers, platform_named

LOGIN = click.argument("login", metavar="NAME")


@click.group()
def admin() -> None:
    """Local accounts: operators, and admins of one institute."""


@admin.command()
@LOGIN
@click.option("--operator", is_flag=True, help="May administer everything, for all platforms.")
@click.option("--platform", metavar="ISSUER|ID", help="Admin of this platform's institute; issuer or registration id.")
@click.option("--display-name", default="", help="What pages call them; default: NAME.")
def create(login: str, operator: bool, platform: str | None, display_name: str) -> None:
    """Makes an account that enters as NAME at /account/login. Asks for its password, or reads it from stdin."""
    if operator == (platform is not None):
        raise click.UsageError("Say either --operator or --platform.")
    with opened() as work:
        with unit_of_work(work.sessions, writes=False) as session:
            # Before the password is asked for: nobody types one in vain.
            where = None if platform is None else _platform(session, platform)
        password = _password()
        with unit_of_work(work.sessions) as session:
            made = accounts.create(session, NewAccount(login, display_name, where), password, clock.now())
            note(session, Action.ACCOUNTS_CHANGED, subject=_subject(made), what="created")
    click.echo(made.public_id)


@admin.command()
@LOGIN
def passwd(login: str) -> None:
    """Gives NAME a new password, asked for or read from stdin. All sessions of the account end."""
    with opened() as work:
        with unit_of_work(work.sessions, writes=False) as session:
            found = accounts.by_login(session, login)
        password = _password()
        with unit_of_work(work.sessions) as session:
            accounts.set_password(session, found, password)
            note(session, Action.ACCOUNTS_CHANGED, subject=_subject(found), what="password")


@admin.command("list")
@click.option("--json", "as_json", is_flag=True, help="As a JSON list.")
def list_command(as_json: bool) -> None:
    """Lists all accounts."""
    with opened() as work, unit_of_work(work.sessions, writes=False) as session:
        found, names = all_accounts(session), issuers(session)
    plain = [_plain(each, None if each.platform_id is None else names[each.platform_id]) for each in found]
    if as_json:
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
        return
    for row in plain:
        state = "disabled" if row["disabled_at"] else "active"
        codes = "codes" if row["codes"] else "no codes"
        click.echo("\t".join([str(row["login"]), str(row["platform"] or "operator"), state, codes]))


@admin.command()
@LOGIN
def disable(login: str) -> None:
    """Nobody enters as NAME any more, and its sessions end. Nothing is deleted."""
    with opened() as work, unit_of_work(work.sessions) as session:
        found = accounts.by_login(session, login)
        accounts.disable(session, found, clock.now())
        note(session, Action.ACCOUNTS_CHANGED, subject=_subject(found), what="disabled")


@admin.command()
@LOGIN
def enable(login: str) -> None:
    """Lets NAME enter again."""
    with opened() as work, unit_of_work(work.sessions) as session:
        found = accounts.by_login(session, login)
        accounts.enable(session, found)
        note(session, Action.ACCOUNTS_CHANGED, subject=_subject(found), what="enabled")


@admin.command("drop-codes")
@LOGIN
def drop_codes(login: str) -> None:
    """NAME has lost app and paper: entering asks for the password only, until codes are set up again."""
    with opened() as work, unit_of_work(work.sessions) as session:
        found = accounts.by_login(session, login)
        accounts.drop_codes(session, found)
        note(session, Action.ACCOUNTS_CHANGED, subject=_subject(found), what="codes-dropped")


def _subject(account: Account) -> Subject:
    return Subject(SubjectKind.ACCOUNT, account.public_id)


def _platform(session: Session, named: str) -> PlatformId:
    found = platform_named(session, named)
    if found is None:
        raise NotFound("platform_unknown", platform=named)
    return found


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().removesuffix("\n").removesuffix("\r")


def _plain(account: Account, issuer: str | None) -> dict[str, object]:
    return {
        "id": account.public_id,
        "login": account.login,
        "name": account.name,
        "operator": account.is_operator,
        "platform": issuer,
        "codes": account.has_codes,
        **{
            name: moment.isoformat() if moment else None
            for name, moment in dataclasses.asdict(account).items()
            if name in {"created_at", "entered_at", "disabled_at"}
        },
    }
