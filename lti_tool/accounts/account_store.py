"""Loads and saves of local accounts, their sessions, codes on paper and counted tries. Flushes; the edge commits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lti_tool.accounts.model import Account, AccountId
from lti_tool.accounts.tables import AccountRow, AccountSessionRow, EntryThrottleRow, RecoveryCodeRow
from lti_tool.accounts.throttling import FORGOTTEN, Counted, wait_after
from lti_tool.ids import PersonId, PlatformId, PublicId


def as_account(row: AccountRow) -> Account:
    """The row as the value that leaves this package."""
    return Account(
        id=AccountId(row.id),
        public_id=PublicId(row.public_id),
        login=row.login,
        name=row.name,
        platform_id=None if row.platform_id is None else PlatformId(row.platform_id),
        locale=row.locale,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        entered_at=row.entered_at,
        has_codes=row.codes_secret is not None,
    )


def add(session: Session, row: AccountRow) -> None:
    """Adds an account."""
    session.add(row)
    session.flush()


def by_login(session: Session, login: str) -> AccountRow | None:
    """The account that enters under this name."""
    return session.scalar(select(AccountRow).where(AccountRow.login == login))


def taken(session: Session, account_id: AccountId) -> AccountRow:
    """An account that is known to exist, taken until the end of the transaction and as it is now."""
    query = select(AccountRow).where(AccountRow.id == account_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def operators_left_without(session: Session, account_id: AccountId) -> int:
    """How many operators may enter beside this account. All are taken, so that two cannot switch each other off."""
    query = select(AccountRow.id).where(AccountRow.platform_id.is_(None), AccountRow.disabled_at.is_(None))
    found = session.scalars(query.order_by(AccountRow.id).with_for_update())
    return len([id_ for id_ in found if id_ != account_id])


def use_step(session: Session, account_id: AccountId, step: int) -> bool:
    """Uses the code of these 30 seconds up; False where it, or a later one, was used already. Atomic."""
    unused = AccountRow.codes_step.is_(None) | (AccountRow.codes_step < step)
    return _changed(session, update(AccountRow).where(AccountRow.id == account_id, unused).values(codes_step=step))


def use_paper_code(session: Session, account_id: AccountId, code_hash: str) -> bool:
    """Uses a code on paper up; False where there is none such. Atomic."""
    mine = (RecoveryCodeRow.account_id == account_id, RecoveryCodeRow.code_hash == code_hash)
    return _changed(session, delete(RecoveryCodeRow).where(*mine))


def replace_paper_codes(session: Session, account_id: AccountId, hashes: Collection[str]) -> None:
    """These and no others are good from now on."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))
    session.add_all(RecoveryCodeRow(account_id=account_id, code_hash=each) for each in hashes)
    session.flush()


def paper_codes_left(session: Session, account_id: AccountId) -> int:
    """How many codes on paper are still good."""
    query = select(func.count()).select_from(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id)
    return session.scalars(query).one()


def _changed(session: Session, statement: object) -> bool:
    done = session.execute(statement.execution_options(synchronize_session=False))  # type: ignore[attr-defined]
    return isinstance(done, CursorResult) and done.rowcount == 1


# --- sessions ---


def add_session(session: Session, row: AccountSessionRow) -> None:
    """Begins a session."""
    session.add(row)
    session.flush()


def session_of(session: Session, token_hash: str) -> tuple[AccountSessionRow, AccountRow] | None:
    """The session whose cookie hashes to this, with its account."""
    query = (
        select(AccountSessionRow, AccountRow)
        .join(AccountRow, AccountRow.id == AccountSessionRow.account_id)
        .where(AccountSessionRow.token_hash == token_hash)
    )
    found = session.execute(query).one_or_none()
    return None if found is None else (found[0], found[1])


def look_at(session: Session, session_id: int, platform_id: PlatformId | None, person_id: PersonId | None) -> None:
    """The platform that a session looks at from now on, and who stands for the account there."""
    mine = update(AccountSessionRow).where(AccountSessionRow.id == session_id)
    session.execute(mine.values(platform_id=platform_id, person_id=person_id))


def mark_seen(session: Session, session_id: int, now: datetime) -> None:
    """Notes that a session was used."""
    session.execute(update(AccountSessionRow).where(AccountSessionRow.id == session_id).values(seen_at=now))


def end_session(session: Session, token_hash: str) -> None:
    """Deletes a session."""
    session.execute(delete(AccountSessionRow).where(AccountSessionRow.token_hash == token_hash))


def end_sessions(session: Session, account_id: AccountId, but: int | None = None) -> None:
    """Deletes an account's sessions, all or but one."""
    mine = delete(AccountSessionRow).where(AccountSessionRow.account_id == account_id)
    session.execute(mine if but is None else mine.where(AccountSessionRow.id != but))


def end_sessions_before(session: Session, seen_before: datetime) -> None:
    """Deletes the sessions that nobody has used since then."""
    session.execute(delete(AccountSessionRow).where(AccountSessionRow.seen_at < seen_before))


# --- tries ---


def count_try(session: Session, counted: Counted, now: datetime) -> timedelta:
    """Counts a try before it is made; how long it has to wait instead, then it is not counted.

    The row is taken until the end of the transaction: of many tries at once no more are let through than of one after
    another.
    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    fresh = {"key": counted.key, "tries": 0, "free_at": now, "forgotten_at": now}
    session.execute(dialect.insert(EntryThrottleRow).values(fresh).on_conflict_do_nothing())
    query = select(EntryThrottleRow).where(EntryThrottleRow.key == counted.key).with_for_update()
    row = session.scalars(query.execution_options(populate_existing=True)).one()
    if row.free_at > now:
        return row.free_at - now
    row.tries = 1 if row.forgotten_at <= now else row.tries + 1
    row.free_at, row.forgotten_at = now + wait_after(counted, row.tries), now + FORGOTTEN
    session.flush()
    return timedelta(0)


def forget_tries(session: Session, counted: Counted) -> None:
    """Whoever it was has entered: nothing is counted here any more."""
    session.execute(delete(EntryThrottleRow).where(EntryThrottleRow.key == counted.key))


def take_back_try(session: Session, counted: Counted, now: datetime) -> None:
    """One try was not in vain; those before it stay counted."""
    row = EntryThrottleRow
    free_at = case((row.tries <= counted.free, now), else_=row.free_at)
    session.execute(
        update(row).where(row.key == counted.key, row.tries > 0).values(tries=row.tries - 1, free_at=free_at)
    )


def forget_tries_before(session: Session, now: datetime) -> None:
    """Deletes what counts for nothing any more."""
    session.execute(delete(EntryThrottleRow).where(EntryThrottleRow.forgotten_at < now))
