"""Accounts on either database, with a clock that tests move."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pyotp
import pytest

from lti_tool.accounts import accounts, entering
from lti_tool.accounts.entering import Attempt, Entered
from lti_tool.accounts.model import Account, EntranceRefused, NewAccount, TooManyTries
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import PlatformId
from lti_tool.sealing import SECOND_STEPS, Seal
from tests.factories.make import Make
from tests.factories.passwords import cheapen

PASSWORD = "көк мышык терезеде"
SEAL = Seal("a secret of the tests, and of nobody else", SECOND_STEPS)
IDLE = timedelta(hours=4)


@dataclass
class Door:
    """Where accounts enter."""

    sessions: SessionFactory
    now: datetime

    def make(self, login: str = "nurbek", platform: PlatformId | None = None) -> Account:
        with unit_of_work(self.sessions) as session:
            return accounts.create(session, NewAccount(login, "Нурбек", platform), PASSWORD, self.now)

    def platform(self) -> PlatformId:
        with unit_of_work(self.sessions) as session:
            return PlatformId(
                Make(session, self.now).platform(f"https://lms-{secrets.token_hex(4)}.example.invalid").id
            )

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    def enter(self, login: str = "nurbek", password: str = PASSWORD, code: str = "", **more: str) -> Entered:
        attempt = replace(Attempt(login, password, code, "192.0.2.1"), **more)
        return entering.enter(self.sessions, SEAL, attempt, self.now)

    def tried(self, login: str = "nurbek", password: str = PASSWORD, code: str = "", **more: str) -> str:
        """What came of a try in one word."""
        try:
            self.enter(login, password, code, **more)
        except (EntranceRefused, TooManyTries) as refused:
            return refused.code
        return "entered"

    def set_up_codes(self, account: Account) -> tuple[pyotp.TOTP, tuple[str, ...]]:
        with unit_of_work(self.sessions) as session:
            one = pyotp.TOTP(accounts.offer_codes(session, account, SEAL).secret)
        with unit_of_work(self.sessions) as session:
            paper = accounts.confirm_codes(session, account, SEAL, one.at(self.now), self.now)
        return one, paper


@pytest.fixture
def dear() -> None:
    """Passwords cost in this test what they cost in earnest."""


@pytest.fixture(autouse=True)
def _cheap(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "dear" not in request.fixturenames:
        cheapen(monkeypatch)


@pytest.fixture
def door(any_sessions: SessionFactory, now: datetime) -> Door:
    """An empty database, and the moment of the test."""
    return Door(any_sessions, now)
