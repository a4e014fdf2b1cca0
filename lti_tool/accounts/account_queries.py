"""What pages and lists show of local accounts; an institute's admin is shown nothing of another's."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.accounts.account_store import as_account
from lti_tool.accounts.model import Account
from lti_tool.accounts.tables import AccountRow
from lti_tool.errors import NotFound
from lti_tool.ids import PlatformId

MOST = 500
"""Accounts are few; more than these are not listed on one page."""


def accounts(session: Session, platform_id: PlatformId | None = None) -> tuple[Account, ...]:
    """The accounts of one platform, or all (None): operators first, then by name to enter with."""
    query = select(AccountRow).order_by(AccountRow.platform_id.is_not(None), AccountRow.login).limit(MOST)
    if platform_id is not None:
        query = query.where(AccountRow.platform_id == platform_id)
    return tuple(as_account(row) for row in session.scalars(query))


def names_of(session: Session, public_ids: Collection[str]) -> dict[str, str]:
    """What accounts are called, by public id: for a record that keeps ids only."""
    row = AccountRow
    query = select(row.public_id, row.name, row.login).where(row.public_id.in_(public_ids))
    return {public_id: name or login for public_id, name, login in session.execute(query)}


def administered(session: Session, public_id: str, by: Account) -> Account:
    """The account with this id, if `by` may administer it: an operator all, an admin those of their own platform.

    Raises NotFound, also for one of another platform.
    """
    row = session.scalar(select(AccountRow).where(AccountRow.public_id == public_id))
    if row is None or not (by.is_operator or row.platform_id == by.platform_id):
        raise NotFound("account_unknown", id=public_id)
    return as_account(row)
