"""Entering in vain, as the record of reads and changes has it: of which account, and never what was typed.

A name that there is none of might be a password in the wrong field, so it leaves a line of nobody. Whoever tries
thousands of names or addresses fills nothing: the same about the same account, or about nobody, is one line in ten
minutes.
"""

from __future__ import annotations

from datetime import datetime

from lti_tool.accounts.model import Account, EntranceRefused, TooManyTries
from lti_tool.audit import recording
from lti_tool.audit.model import STRANGER, Action, Actor, ActorKind, Event, Subject, SubjectKind
from lti_tool.db.unit_of_work import SessionFactory, try_briefly


def note(sessions: SessionFactory, refused: EntranceRefused | TooManyTries, now: datetime) -> None:
    """Records that somebody was refused. To be called when they have their answer: how long it takes must not tell
    whether there is an account of that name. Where the database is busy the log alone has it."""
    action = Action.ENTRY_THROTTLED if isinstance(refused, TooManyTries) else Action.ENTRY_REFUSED
    _record(sessions, _event(action, STRANGER, refused.account), now)


def note_at_open_session(sessions: SessionFactory, account: Account, action: Action, now: datetime) -> None:
    """Records that whoever sits at an open session did not know its account's password."""
    _record(sessions, _event(action, Actor(ActorKind.ACCOUNT, account.public_id), account), now)


def _event(action: Action, actor: Actor, account: Account | None) -> Event:
    if account is None:
        return Event(action, actor)
    return Event(action, actor, account.platform_id, Subject(SubjectKind.ACCOUNT, account.public_id))


def _record(sessions: SessionFactory, event: Event, now: datetime) -> None:
    try_briefly(sessions, lambda session: recording.record(session, event, now))
