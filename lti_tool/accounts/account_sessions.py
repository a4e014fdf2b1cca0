"""Sessions of local accounts: as those of launches, the cookie carries a random token and the row can be deleted.

What an account may do is read with the session each time: switched off or given another role, it is that at once.
An operator chooses which platform to look at; a person of that platform stands for the account there.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.accounts import account_store as store
from lti_tool.accounts.model import Account, AccountId
from lti_tool.accounts.tables import AccountRow, AccountSessionRow
from lti_tool.ids import PlatformId
from lti_tool.people import standing_in
from lti_tool.people.model import Person
from lti_tool.people.queries import person_by_id
from lti_tool.people.sessions import SEEN_STEP

MARK = "account."
"""Tokens of accounts begin with it, so that nobody looks for one among those of launches."""


@dataclass(frozen=True, slots=True)
class AccountSession:
    """A session in force. Beside `people.sessions.LoginSession` it is what a visit may rest on."""

    id: int
    account: Account
    person: Person | None
    """Who stands for the account on the platform that is looked at; None where none is."""
    to_touch: bool = False

    @property
    def name(self) -> str:
        """Who is here."""
        return self.account.name

    @property
    def platform_id(self) -> PlatformId | None:
        """The platform that is looked at."""
        return self.person.platform_id if self.person else None

    @property
    def is_admin(self) -> bool:
        """Whether it may do what an institute admin may, there."""
        return self.person is not None

    @property
    def locale(self) -> str:
        """The account's language."""
        return self.account.locale

    @property
    def return_url(self) -> None:
        """No LMS is waiting."""
        return


def is_token(token: str) -> bool:
    """Whether this is the token of such a session."""
    return token.startswith(MARK)


def begin(session: Session, account: Account, now: datetime) -> str:
    """Starts a session and returns its token."""
    token = MARK + secrets.token_urlsafe(32)
    row = AccountSessionRow(token_hash=_hash(token), account_id=account.id, created_at=now, seen_at=now)
    store.add_session(session, row)
    if account.platform_id is not None:
        _look_at(session, row.id, account, account.platform_id, now)
    return token


def find(session: Session, token: str, idle: timedelta, now: datetime) -> AccountSession | None:
    """The session of this token, or None where there is none, it has idled too long or its account is switched off."""
    found = store.session_of(session, _hash(token))
    if found is None:
        return None
    row, account = found
    if account.disabled_at is not None or now - row.seen_at > idle:
        return None
    return AccountSession(
        row.id, store.as_account(account), _person(session, row, account), now - row.seen_at > SEEN_STEP
    )


def choose_platform(session: Session, login: AccountSession, platform_id: PlatformId | None, now: datetime) -> None:
    """An operator looks at this platform from now on, or at none. The caller knows that it exists and they may."""
    if platform_id is None:
        store.look_at(session, login.id, None, None)
    else:
        _look_at(session, login.id, login.account, platform_id, now)


def choose_locale(session: Session, login: AccountSession, locale: str) -> None:
    """The language was switched: kept with the account."""
    store.taken(session, login.account.id).locale = locale


def touch(session: Session, login: AccountSession, now: datetime) -> None:
    """Marks the session as used now."""
    store.mark_seen(session, login.id, now)


def end(session: Session, token: str) -> None:
    """Ends the session of this token; ending one that is gone does nothing."""
    store.end_session(session, _hash(token))


def end_all(session: Session, account_id: AccountId, but: int | None = None) -> None:
    """Ends the sessions of an account, all or but one."""
    store.end_sessions(session, account_id, but)


def end_idle(session: Session, idle: timedelta, now: datetime) -> None:
    """Deletes sessions that have idled too long to be used again, and counted tries that count no more."""
    store.end_sessions_before(session, now - idle)
    store.forget_tries_before(session, now)


def _look_at(session: Session, session_id: int, account: Account, platform_id: PlatformId, now: datetime) -> None:
    person = standing_in.note_stand_in(session, platform_id, account.public_id, account.name, now)
    store.look_at(session, session_id, platform_id, person.id)


def _person(session: Session, row: AccountSessionRow, account: AccountRow) -> Person | None:
    """Who stands for the account; nobody where the account's platform is another by now."""
    if row.person_id is None or (account.platform_id is not None and account.platform_id != row.platform_id):
        return None
    return person_by_id(session, row.person_id)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
