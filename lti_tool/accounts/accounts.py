"""What can be done with local accounts: made, given a password or a role, switched off and on.

Each use case is one function; for whom somebody may do it, `account_queries.administered` says. The last operator who
may enter is never taken away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.accounts import account_store as store
from lti_tool.accounts import codes, password_rules, passwords, throttling
from lti_tool.accounts.model import Account, AccountId, NewAccount, as_login, as_name
from lti_tool.accounts.tables import AccountRow
from lti_tool.errors import NotFound, RuleBroken
from lti_tool.ids import PlatformId
from lti_tool.sealing import Seal


def create(session: Session, new: NewAccount, password: str, now: datetime) -> Account:
    """Makes an account. Raises RuleBroken for a faulty or taken name, or a password that is not taken."""
    login = as_login(new.login)
    name = as_name(new.name, login)
    kept = passwords.hashed(password_rules.check(password, login=login))
    if store.by_login(session, login) is not None:
        raise RuleBroken("login_taken", login=login)
    row = AccountRow(
        login=login,
        name=name,
        platform_id=new.platform_id,
        password_hash=kept,
        locale=new.locale,
        created_at=now,
    )
    store.add(session, row)
    return store.as_account(row)


def by_login(session: Session, login: str) -> Account:
    """The account that enters under this name. Raises NotFound."""
    row = store.by_login(session, login.strip().lower())
    if row is None:
        raise NotFound("account_unknown", login=login)
    return store.as_account(row)


def set_password(session: Session, account: Account, password: str) -> None:
    """Gives an account a new password: all its sessions end, and tries in vain are forgotten. Raises RuleBroken."""
    _keep_password(session, account, password)
    store.end_sessions(session, account.id)
    store.forget_tries(session, throttling.of_name(account.login))


def change_password(session: Session, account: Account, session_id: int, new: str) -> None:
    """Somebody who has told their password (`entering.confirm`) takes another; their other sessions end.

    Raises RuleBroken.
    """
    _keep_password(session, account, new)
    store.end_sessions(session, account.id, but=session_id)


def _keep_password(session: Session, account: Account, password: str) -> None:
    kept = passwords.hashed(password_rules.check(password, login=account.login))
    store.taken(session, account.id).password_hash = kept
    session.flush()


def disable(session: Session, account: Account, now: datetime) -> None:
    """Nobody enters under it any more, and its sessions end. Raises RuleBroken for the last operator."""
    _leave_an_operator(session, account)
    row = store.taken(session, account.id)
    row.disabled_at = row.disabled_at or now
    store.end_sessions(session, account.id)


def enable(session: Session, account: Account) -> None:
    """It may be entered under again."""
    store.taken(session, account.id).disabled_at = None
    session.flush()


def change_role(session: Session, account: Account, platform_id: PlatformId | None) -> None:
    """Makes it an operator (None) or the admin of one platform; its sessions end. Raises RuleBroken."""
    if platform_id is not None:
        _leave_an_operator(session, account)
    store.taken(session, account.id).platform_id = platform_id
    store.end_sessions(session, account.id)


def _leave_an_operator(session: Session, account: Account) -> None:
    enters = account.is_operator and account.disabled_at is None
    if enters and store.operators_left_without(session, account.id) == 0:
        raise RuleBroken("last_operator")


# --- the second step of entering ---


@dataclass(frozen=True, slots=True)
class Offered:
    """A secret to be taken over into an app; not in force before its first code."""

    secret: str
    address: str


def offer_codes(session: Session, account: Account, seal: Seal) -> Offered:
    """Offers a new secret; one that was offered before and never used is dropped."""
    secret = codes.new_secret()
    store.taken(session, account.id).codes_offered = seal.lock(secret)
    session.flush()
    return Offered(secret, codes.address(secret, account.login))


def offered_codes(session: Session, account: Account, seal: Seal) -> Offered | None:
    """What is offered and waits for its first code; None where nothing is."""
    locked = store.taken(session, account.id).codes_offered
    secret = seal.open(locked) if locked else None
    return Offered(secret, codes.address(secret, account.login)) if secret else None


def confirm_codes(session: Session, account: Account, seal: Seal, typed: str, now: datetime) -> tuple[str, ...]:
    """The first code: from now on entering asks for one. The codes for paper, told this once. Raises RuleBroken."""
    row = store.taken(session, account.id)
    secret = seal.open(row.codes_offered) if row.codes_offered else None
    step = codes.step_of(secret, typed, now) if secret else None
    if step is None:
        raise RuleBroken("code_wrong")
    row.codes_secret, row.codes_offered, row.codes_step = row.codes_offered, None, step
    return new_paper_codes(session, account)


def new_paper_codes(session: Session, account: Account) -> tuple[str, ...]:
    """New codes for paper, told this once; those before are good no more."""
    made = codes.new_paper_codes()
    store.replace_paper_codes(session, account.id, [codes.paper_hash(code) for code in made])
    return made


def paper_codes_left(session: Session, account_id: AccountId) -> int:
    """How many codes on paper are still good."""
    return store.paper_codes_left(session, account_id)


def drop_codes(session: Session, account: Account) -> None:
    """Entering asks for a password only; for who has lost their app, and may set one up again."""
    row = store.taken(session, account.id)
    row.codes_secret = row.codes_offered = row.codes_step = None
    store.replace_paper_codes(session, account.id, ())
