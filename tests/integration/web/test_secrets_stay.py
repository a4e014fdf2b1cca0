"""Secrets of a whole journey are in no line of the log, and none lies readable in the database."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

import pyotp
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from structlog.testing import capture_logs

from lti_tool import clock
from lti_tool.accounts import accounts, tokens
from lti_tool.accounts.model import NewAccount
from lti_tool.accounts.tokens import Wish
from lti_tool.db.base import Base
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.ids import PlatformId
from lti_tool.lti import invitations
from lti_tool.lti.tables import PlatformRow
from tests.factories.launch_bench import TOOL, Bench, Browser
from tests.factories.passwords import cheapen
from tests.integration.web import test_account

PASSWORD, WRONG = "көк мышык терезеде", "жашыл мышык эшикте"
MOODLES = "0123456789abcdef0123456789abcdef"


@dataclass
class Journey:
    """What was secret on the way, and what was logged."""

    lms: Bench
    secrets: dict[str, str] = field(default_factory=dict)
    log: str = ""

    def launches(self) -> None:
        """One that arrives, one that is refused, one that goes on in a tab, one that nobody expected."""
        right, refused, framed = (self.lms.browser() for _ in range(3))
        right.launch("resource-link-site-admin")
        refused.launch(version="1.2.0")
        refused.post()
        framed.log_in()
        parked = self.lms.browser().post(self.lms.lms.sign(framed.payload()), framed.state)
        code = re.findall(r"/lti/continue/([^\"]+)", parked.text)[0]
        for path in (f"/lti/continue/{code}", f"/lti/continue/{code}x"):
            framed.client.get(path, base_url=TOOL)
        for name, browser in (("right", right), ("refused", refused)):
            self.secrets |= {f"{name} state": browser.state, f"{name} nonce": browser.nonce}
            self.secrets[f"{name} signature"] = browser.token.rpartition(".")[2]
            self.secrets |= {f"{name} {cookie}": value for cookie, value in _cookies(browser).items()}
        self.secrets["code"] = code
        self._moodles_token(right)

    def _moodles_token(self, admin: Browser) -> None:
        page = admin.client.get("/institute/moodle", base_url=TOOL).text
        form = {"csrf_token": re.findall(r'name="csrf_token" value="([^"]+)"', page)[0], "token": MOODLES}
        for url in ("https://moodle.example.invalid", "no address"):
            admin.client.post("/institute/moodle", data=form | {"url": url}, base_url=TOOL)
        admin.client.post("/institute/moodle/test", data=form, base_url=TOOL)
        self.secrets |= {"Moodle's token": MOODLES, "token of a form": form["csrf_token"]}

    def accounts(self) -> None:
        """Somebody enters with a password, sets codes up, and mistypes."""
        with unit_of_work(self.lms.sessions) as session:
            accounts.create(session, NewAccount("nurbek", "Нурбек", None, "en"), PASSWORD, clock.now())
        browser = test_account.Browser(self.lms.app.test_client())
        browser.enter(password=WRONG)
        browser.enter(password=PASSWORD)
        browser.post("/account/codes", "/account/", password=PASSWORD)
        shown = BeautifulSoup(browser.get("/account/codes").text, "html.parser")
        secret = shown.select("main code")[0].get_text().replace(" ", "")
        told = browser.post("/account/codes/confirm", "/account/codes", code=pyotp.TOTP(secret).now())
        paper = BeautifulSoup(told.text, "html.parser").select("main li code")[0].get_text()
        browser.post("/account/codes/drop", "/account/", password=WRONG)
        self.secrets |= {"password": PASSWORD, "mistyped": WRONG, "codes": secret, "paper": paper}

    def programs(self) -> None:
        """A program calls with its token, and another one with one that is none; an invitation is made and missed."""
        with unit_of_work(self.lms.sessions) as session:
            platform = PlatformId(session.scalars(select(PlatformRow.id)).first() or 0)
            made = tokens.make(session, platform, Wish("Ministry", 30, 60), by=None, now=clock.now())
            invitation = invitations.invite(session, TOOL, clock.now()).partition("invite=")[2]
        client = self.lms.app.test_client()
        for token in (made.secret, made.secret[:-1]):
            client.get("/api/v1/courses", headers={"Authorization": f"Bearer {token}"}, base_url=TOOL)
            client.get(f"/api/v1/courses?token={token}", base_url=TOOL)
        address = (
            f"/lti/register?invite={invitation}&openid_configuration=https://10.0.0.1/x&registration_token=a-token"
        )
        client.get(address, base_url=TOOL)
        self.secrets |= {"API token": made.secret, "invitation": invitation, "registration token": "a-token"}


def _cookies(browser: Browser) -> dict[str, str]:
    return {name: cookie.value for (_, _, name), cookie in browser.client._cookies.items() if len(cookie.value) > 20}


@pytest.fixture
def journey(lms: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Journey:
    """Everything that somebody does with secrets, done; and what the tool and its libraries have said of it."""
    cheapen(monkeypatch)
    found = Journey(lms)
    with capture_logs() as said:
        found.launches()
        found.accounts()
        found.programs()
    found.log = json.dumps(said, default=str, ensure_ascii=False) + caplog.text
    return found


def test_no_secret_of_a_journey_is_in_the_log(journey: Journey) -> None:
    assert [name for name, secret in journey.secrets.items() if secret in journey.log] == []
    assert len(journey.secrets) > 15
    assert journey.log.count('"event"') > 8, "the journey left its traces"


def test_no_secret_of_a_journey_lies_readable_in_the_database(journey: Journey) -> None:
    with journey.lms.sessions() as session:
        kept = "\n".join(
            str(tuple(row)) for table in Base.metadata.sorted_tables for row in session.execute(select(table))
        )

    assert [name for name, secret in journey.secrets.items() if secret in kept] == []
    assert "nurbek" in kept
