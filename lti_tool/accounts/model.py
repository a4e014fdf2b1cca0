"""Words of local accounts as frozen values, and the shape of their names; no database, no clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from lti_tool.errors import RuleBroken, ToolError
from lti_tool.ids import PlatformId, PublicId

AccountId = NewType("AccountId", int)

LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._@+-]{1,78})[a-z0-9]")
NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who enters without an LMS: an operator (all platforms), or an institute admin (one)."""

    id: AccountId
    public_id: PublicId
    login: str
    """What is typed to enter; lower case."""
    name: str
    """What pages call them."""
    platform_id: PlatformId | None
    """The platform of an institute admin; None: an operator."""
    locale: str
    created_at: datetime
    disabled_at: datetime | None = None
    entered_at: datetime | None = None
    """When they last entered."""
    has_codes: bool = False
    """Whether entering asks for a code of their app, too."""

    @property
    def is_operator(self) -> bool:
        """Whether they may do everything, for all platforms."""
        return self.platform_id is None


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account is made of."""

    login: str
    name: str
    platform_id: PlatformId | None
    """None: an operator."""
    locale: str = "ky"


class EntranceRefused(ToolError):
    """Name, password or code are wrong, or the account is switched off: which, is not told."""

    def __init__(self, account: Account | None = None) -> None:
        super().__init__("entrance_refused")
        self.account = account
        """Whose name was typed, for the record only; None: nobody's."""


class TooManyTries(ToolError):
    """Entering waits for a while; `seconds` says how long."""

    def __init__(self, seconds: int, account: Account | None = None) -> None:
        super().__init__("too_many_tries", seconds=seconds)
        self.seconds = seconds
        self.account = account
        """Whose name was typed, for the record only; None: nobody's."""


def as_login(typed: str) -> str:
    """The name to enter with, as it is stored. Raises RuleBroken."""
    login = typed.strip().lower()
    if not LOGIN.fullmatch(login):
        raise RuleBroken("login_faulty")
    return login


def as_name(typed: str, login: str) -> str:
    """The name that pages show; the one to enter with where none was given. Raises RuleBroken."""
    name = " ".join(typed.split())
    if len(name) > NAME_LENGTH or not name.isprintable():
        raise RuleBroken("account_name_faulty", most=NAME_LENGTH)
    return name or login
