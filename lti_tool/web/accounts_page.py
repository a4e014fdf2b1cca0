"""What the pages of local accounts show, and what was typed into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.accounts import account_queries
from lti_tool.accounts.model import Account, NewAccount
from lti_tool.errors import NotFound, RuleBroken
from lti_tool.ids import PlatformId
from lti_tool.lti import administration_queries as queries
from lti_tool.web.account_page import may
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link
from lti_tool.web.sentences import LOCALES

OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account in the list."""

    link: Link
    login: str
    may: str
    active: bool
    has_codes: bool
    entered_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccountForm:
    """The form for another account."""

    login: str
    name: str
    locale: str
    roles: tuple[tuple[str, str], ...]
    """Which it may be given, (value, label); empty: an admin of the own institute, nothing else."""
    role: str
    refused: str = ""


@dataclass(frozen=True, slots=True)
class AccountDetail:
    """One account."""

    account: Account
    may: str
    is_own: bool
    roles: tuple[tuple[str, str], ...]
    """Empty for who may not change it."""
    role: str
    refused: str = ""


def lines(session: Session, by: Account) -> tuple[AccountLine, ...]:
    """The accounts that somebody may administer."""
    names = _names(session)
    return tuple(
        AccountLine(
            link=Link(each.name, url_for("accounts.show", account=each.public_id)),
            login=each.login,
            may=_("operator") if each.platform_id is None else names.get(each.platform_id, ""),
            active=each.disabled_at is None,
            has_codes=each.has_codes,
            entered_at=each.entered_at,
        )
        for each in account_queries.accounts(session, by.platform_id)
    )


def new_form(session: Session, by: Account, typed: Mapping[str, str], refused: str = "") -> AccountForm:
    """The form, with what was typed before."""
    locale = typed.get("locale", "")
    return AccountForm(
        login=typed.get("login", "")[:80],
        name=typed.get("name", "")[:200],
        locale=locale if locale in LOCALES else current_locale(),
        roles=_roles(session, by),
        role=typed.get("role", "")[:40],
        refused=refused,
    )


def typed(session: Session, by: Account, form: Mapping[str, str]) -> NewAccount:
    """What was typed into it. Raises RuleBroken. An institute's admin makes admins of their own institute only."""
    where = chosen_role(session, form) if by.is_operator else by.platform_id
    locale = form.get("locale", "")
    if locale not in LOCALES:
        raise RuleBroken("locale_unknown", locale=locale[:20])
    return NewAccount(form.get("login", ""), form.get("name", ""), where, locale)


def chosen_role(session: Session, form: Mapping[str, str]) -> PlatformId | None:
    """The platform whose admin was chosen; None: an operator. Raises RuleBroken where nothing was."""
    role = form.get("role", "").replace("\0", "")
    if role == OPERATOR:
        return None
    try:
        return queries.platform(session, role, None).id
    except NotFound as error:
        raise RuleBroken("account_role_faulty") from error


def detail(session: Session, by: Account, account: Account, refused: str = "") -> AccountDetail:
    """One account."""
    platforms = {each.id: each.public_id for each in queries.platforms(session)}
    return AccountDetail(
        account=account,
        may=may(session, account),
        is_own=account.id == by.id,
        roles=_roles(session, by),
        role=OPERATOR if account.platform_id is None else platforms.get(account.platform_id, ""),
        refused=refused,
    )


def _roles(session: Session, by: Account) -> tuple[tuple[str, str], ...]:
    if not by.is_operator:
        return ()
    admins = (
        (each.public_id, _("admin of the institute: %(platform)s", platform=each.name))
        for each in queries.platforms(session)
    )
    return ((OPERATOR, _("operator of the tool, for all institutes")), *admins)


def _names(session: Session) -> dict[PlatformId, str]:
    return {each.id: each.name for each in queries.platforms(session)}
