"""Entering with a name, a password and, where one was set up, a code.

What is wrong is never told, and takes as long whatever it is: nobody learns which names there are. Each try is counted
before it is made, in a transaction of its own, so that it counts whatever comes after; the password is compared while
nothing of the database is held.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from lti_tool.accounts import account_sessions, codes, passwords, refusals, throttling
from lti_tool.accounts import account_store as store
from lti_tool.accounts.model import Account, EntranceRefused, TooManyTries
from lti_tool.accounts.tables import AccountRow
from lti_tool.accounts.throttling import Counted
from lti_tool.audit.model import Action
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import RuleBroken
from lti_tool.sealing import Seal

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed, and where."""

    login: str
    password: str
    code: str
    address: str
    browser: str | None = None
    """What the browser is known by where this account has entered in it before."""

    @property
    def counted(self) -> tuple[Counted, Counted]:
        """Under what the try is counted: who, and from where."""
        who = throttling.of_browser(self.login, self.browser) if self.browser else throttling.of_name(self.login)
        return who, throttling.of_address(self.address)


@dataclass(frozen=True, slots=True)
class Entered:
    """Who entered, and the token of their new session."""

    account: Account
    token: str


def enter(sessions: SessionFactory, seal: Seal | None, attempt: Attempt, now: datetime) -> Entered:
    """Begins a session. Raises TooManyTries, EntranceRefused; nothing else tells why."""
    known = _counted(sessions, attempt, now)
    right = passwords.matches(known.password_hash if known else None, attempt.password)
    try:
        with unit_of_work(sessions) as session:
            if known is None or not right:
                raise EntranceRefused
            return _entered(session, seal, attempt, known, now)
    except EntranceRefused:
        log.warning("account_refused", account_id=known.id if known else None)
        raise EntranceRefused(store.as_account(known) if known else None) from None


def confirm(sessions: SessionFactory, account: Account, password: str, now: datetime) -> None:
    """Asks somebody who has entered for their password again. Raises TooManyTries, RuleBroken."""
    counted = throttling.of_open_session(account.public_id)
    with unit_of_work(sessions) as session:
        wait = store.count_try(session, counted, now)
        stored = store.taken(session, account.id).password_hash
    if wait:
        refusals.note_at_open_session(sessions, account, Action.ENTRY_THROTTLED, now)
        raise TooManyTries(_seconds(wait))
    if not passwords.matches(stored, password):
        log.warning("account_password_wrong", account_id=account.id)
        refusals.note_at_open_session(sessions, account, Action.ENTRY_REFUSED, now)
        raise RuleBroken("password_wrong")
    with unit_of_work(sessions) as session:
        store.forget_tries(session, counted)


def _counted(sessions: SessionFactory, attempt: Attempt, now: datetime) -> AccountRow | None:
    with unit_of_work(sessions) as session:
        # In one order everywhere, so that two never wait for each other.
        waits = [store.count_try(session, each, now) for each in sorted(attempt.counted, key=lambda one: one.key)]
        known = store.by_login(session, attempt.login.strip().lower()[:80].replace("\0", " "))
        if wait := max(waits):
            # Nothing is counted then: whoever must wait waits no longer for it.
            log.warning("account_throttled", seconds=_seconds(wait))
            raise TooManyTries(_seconds(wait), store.as_account(known) if known else None)
        return known


def _entered(session: Session, seal: Seal | None, attempt: Attempt, known: AccountRow, now: datetime) -> Entered:
    account = store.as_account(known)
    row = store.taken(session, account.id)
    if row.password_hash != known.password_hash or row.disabled_at is not None:
        raise EntranceRefused
    if row.codes_secret is not None and not _takes_code(session, seal, row, attempt.code, now):
        raise EntranceRefused
    if passwords.is_outdated(row.password_hash):
        row.password_hash = passwords.hashed(attempt.password)
    row.entered_at = now
    who, where = attempt.counted
    # In the order of their keys, as they are counted.
    store.take_back_try(session, where, now)
    store.forget_tries(session, who)
    account = store.as_account(row)
    token = account_sessions.begin(session, account, now)
    log.info("account_entered", account_id=account.id)
    return Entered(account, token)


def _takes_code(session: Session, seal: Seal | None, row: AccountRow, typed: str, now: datetime) -> bool:
    account = store.as_account(row)
    secret = seal.open(row.codes_secret) if seal and row.codes_secret else None
    if secret is None:
        log.error("account_codes_locked", account_id=account.id)
    step = codes.step_of(secret, typed, now) if secret else None
    if step is not None:
        return store.use_step(session, account.id, step)
    return store.use_paper_code(session, account.id, codes.paper_hash(typed))


def _seconds(wait: timedelta) -> int:
    return int(wait.total_seconds()) + 1
