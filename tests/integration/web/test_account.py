"""Entering with a local account, in a browser: what is told, which session begins and ends, codes, the language."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyotp
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.accounts import accounts, refusals
from lti_tool.accounts.model import Account, EntranceRefused, NewAccount
from lti_tool.accounts.tables import AccountRow, AccountSessionRow
from lti_tool.audit.tables import AuditEventRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import PlatformId
from lti_tool.people.tables import LoginSessionRow
from tests.factories.launch_bench import TOOL as BASE
from tests.factories.make import Make
from tests.factories.passwords import cheapen
from tests.integration.web.conftest import Institute, Visitor

PASSWORD = "көк мышык терезеде"
NEW = "башка узун сөз айкашы"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheapen(monkeypatch)


@dataclass
class Browser:
    """Somebody at a browser."""

    client: FlaskClient

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, base_url=BASE)

    def post(self, path: str, seen: str, **fields: str) -> TestResponse:
        """Sends a form with the token of the page that shows it."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(seen).text)
        token = found.group(1) if found else ""
        return self.client.post(path, data={"csrf_token": token, **fields}, base_url=BASE)

    def enter(self, login: str = "nurbek", password: str = PASSWORD, code: str = "") -> TestResponse:
        return self.post("/account/login?lang=en", "/account/login", login=login, password=password, code=code)


@dataclass
class House:
    """An application with an operator in it."""

    app: Flask
    sessions: SessionFactory

    def make(self, login: str = "nurbek", platform: PlatformId | None = None) -> Account:
        with unit_of_work(self.sessions) as session:
            return accounts.create(session, NewAccount(login, "Нурбек", platform, "en"), PASSWORD, clock.now())

    def platform(self) -> PlatformId:
        with unit_of_work(self.sessions) as session:
            return PlatformId(Make(session, clock.now()).platform("https://lms-2.example.invalid").id)

    def browser(self) -> Browser:
        return Browser(self.app.test_client())


@pytest.fixture
def house(app: Flask, sessions: SessionFactory) -> House:
    found = House(app, sessions)
    found.make()
    return found


def _main(answer: TestResponse) -> str:
    page = BeautifulSoup(answer.text, "html.parser").main
    return page.get_text(" ", strip=True) if page else ""


def test_the_right_password_opens_the_own_account_with_a_session_of_its_own(house: House) -> None:
    browser = house.browser()

    answer = browser.enter()

    assert answer.status_code == 303
    shown = browser.get("/account/")
    assert shown.status_code == 200
    assert "Нурбек (nurbek): operator of the tool, for all institutes." in _main(shown)
    assert "frame-ancestors 'none'" in shown.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("login", "password"), [("nurbek", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_whatever_is_wrong_one_sentence_is_said_and_the_name_kept(house: House, login: str, password: str) -> None:
    answer = house.browser().enter(login, password)

    assert answer.status_code == 401
    assert "That did not fit together" in _main(answer)
    assert f'value="{login}"' in answer.text
    assert PASSWORD not in answer.text


def test_whoever_must_wait_is_told_how_long(house: House) -> None:
    browser = house.browser()
    for _ in range(5):
        browser.enter(password="wrong")

    answer = browser.enter()

    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 16
    assert "Try again in 1 minute." in _main(answer)


def test_strangers_keep_nobody_out_of_the_browser_in_which_they_enter(house: House) -> None:
    browser, stranger = house.browser(), house.browser()
    browser.enter()
    browser.post("/session/end", "/account/")
    for _ in range(6):
        stranger.enter(password="wrong")

    assert stranger.enter().status_code == 429
    assert browser.enter().status_code == 303


@pytest.mark.parametrize("value", ["", "made-up", "eyJhIjoxfQ.made-up"])
def test_a_made_up_mark_of_a_known_browser_is_none(house: House, value: str) -> None:
    browser, stranger = house.browser(), house.browser()
    for _ in range(5):
        stranger.enter(password="wrong")
    browser.client.set_cookie("__Host-known", value, domain="tool.example.invalid")

    assert browser.enter().status_code == 429


def test_a_form_from_elsewhere_enters_nobody(house: House) -> None:
    form = {"login": "nurbek", "password": PASSWORD}

    answer = house.app.test_client().post("/account/login", data=form, base_url=BASE)

    assert answer.status_code == 403
    assert PASSWORD not in answer.text, "what was typed is shown again, but no password"


def test_a_cookie_planted_before_is_of_no_use_afterwards(house: House) -> None:
    browser = house.browser()
    browser.get("/account/login")
    planted = browser.client.get_cookie("__Host-session", domain="tool.example.invalid")
    assert planted is not None
    browser.enter()
    other = house.browser()
    other.client.set_cookie("__Host-session", planted.value, domain="tool.example.invalid")

    assert other.get("/account/").status_code == 401
    assert browser.get("/account/").status_code == 200


def test_entering_ends_the_launched_session_of_this_browser_and_the_other_way_round(
    house: House, sessions: SessionFactory, visitor: Visitor, institute: Institute
) -> None:
    client = visitor("trainer")
    browser = Browser(client)

    assert browser.enter().status_code == 303

    with unit_of_work(sessions, writes=False) as session:
        assert session.scalar(select(func.count()).select_from(LoginSessionRow)) == 0
    assert browser.get(f"/c/{institute.course.public_id}/group").status_code == 404


def test_the_session_ends_at_the_door(house: House, sessions: SessionFactory) -> None:
    browser = house.browser()
    browser.enter()

    answer = browser.post("/session/end", "/account/")

    assert (answer.status_code, answer.location) == (303, "/account/login")
    assert browser.get("/account/").status_code == 401
    with unit_of_work(sessions, writes=False) as session:
        assert session.scalar(select(func.count()).select_from(AccountSessionRow)) == 0


def test_the_chosen_language_stays_with_the_account(house: House) -> None:
    browser = house.browser()
    browser.enter()
    browser.post("/session/language", "/account/", locale="ru", next="/account/")
    browser.post("/session/end", "/account/")

    other = house.browser()
    other.enter()

    assert 'lang="ru"' in other.get("/account/").text


@pytest.mark.parametrize("locale", ["ky", "ru", "en"])
def test_the_door_speaks_three_languages_also_when_it_refuses(house: House, locale: str) -> None:
    browser = house.browser()
    path = f"/account/login?lang={locale}"

    refused = browser.post(path, path, login="nurbek", password="wrong")

    assert f'<html lang="{locale}"' in refused.text
    assert 'aria-current="true"' in refused.text


def test_codes_are_set_up_with_a_picture_or_by_typing_and_asked_for_afterwards(house: House) -> None:
    browser = house.browser()
    browser.enter()
    offered = browser.post("/account/codes", "/account/", password=PASSWORD)
    assert (offered.status_code, offered.location) == (303, "/account/codes")
    page = BeautifulSoup(browser.get("/account/codes").text, "html.parser")
    secret = page.select("main code")[0].get_text().replace(" ", "")
    assert str(page.select("main img")[0]["src"]).startswith("data:image/svg+xml")

    wrong = browser.post("/account/codes/confirm", "/account/codes", code="000000")
    assert (wrong.status_code, secret[:4] in wrong.text) == (422, True)
    told = browser.post("/account/codes/confirm", "/account/codes", code=pyotp.TOTP(secret).now())

    paper = [code.get_text() for code in BeautifulSoup(told.text, "html.parser").select("main li code")]
    assert (told.status_code, len(paper)) == (200, 10)
    assert "10 codes on paper are left." in browser.get("/account/").text
    assert [house.browser().enter().status_code, house.browser().enter(code=paper[0]).status_code] == [401, 303]
    assert paper[1] not in browser.get("/account/").text, "they are never shown again"


@pytest.mark.parametrize("path", ["/account/codes", "/account/codes/paper", "/account/codes/drop", "/account/password"])
def test_whoever_finds_a_session_open_changes_nothing_without_the_password(
    house: House, sessions: SessionFactory, path: str
) -> None:
    browser = house.browser()
    browser.enter()
    with unit_of_work(sessions, writes=False) as session:
        before = [tuple(row) for row in session.execute(select(*AccountRow.__table__.columns))]

    answer = browser.post(path, "/account/", password="wrong", new=NEW, again=NEW)

    assert answer.status_code == 422
    assert "Your present password is another." in _main(answer)
    with unit_of_work(sessions, writes=False) as session:
        assert [tuple(row) for row in session.execute(select(*AccountRow.__table__.columns))] == before


def test_a_new_password_holds_for_the_next_time_and_ends_the_other_sessions(house: House) -> None:
    browser, elsewhere = house.browser(), house.browser()
    browser.enter()
    elsewhere.enter()

    answer = browser.post("/account/password", "/account/", password=PASSWORD, new=NEW, again=NEW)

    assert answer.status_code == 303
    assert [browser.get("/account/").status_code, elsewhere.get("/account/").status_code] == [200, 401]
    assert [house.browser().enter().status_code, house.browser().enter(password=NEW).status_code] == [401, 303]


@pytest.mark.parametrize(
    ("new", "again", "told"),
    [
        (NEW, NEW + "!", "typed in two ways"),
        ("shorty", "shorty", "at least 12"),
        ("nurbeknurbek",) * 2 + ("guessed",),
    ],
)
def test_a_password_that_is_not_taken_is_told_why(house: House, new: str, again: str, told: str) -> None:
    browser = house.browser()
    browser.enter()

    answer = browser.post("/account/password", "/account/", password=PASSWORD, new=new, again=again)

    assert answer.status_code == 422
    assert told in _main(answer)
    assert new not in answer.text
    assert house.browser().enter().status_code == 303


def test_codes_and_paper_change_and_go_with_the_password(house: House, sessions: SessionFactory) -> None:
    with unit_of_work(sessions) as session:
        account = accounts.by_login(session, "nurbek")
        tool_seal = house.app.extensions["tool"].codes_seal
        one = pyotp.TOTP(accounts.offer_codes(session, account, tool_seal).secret)
        accounts.confirm_codes(session, account, tool_seal, one.now(), clock.now())
        [code, *_rest] = accounts.new_paper_codes(session, account)
    browser = house.browser()
    assert browser.enter(code=code).status_code == 303

    renewed = browser.post("/account/codes/paper", "/account/", password=PASSWORD)
    assert len(BeautifulSoup(renewed.text, "html.parser").select("main li code")) == 10
    assert browser.post("/account/codes/drop", "/account/", password=PASSWORD).status_code == 303
    assert house.browser().enter().status_code == 303


def test_an_admin_of_one_institute_reads_its_pages_and_has_no_record_of_their_own(
    house: House, institute: Institute
) -> None:
    house.make("gulnara", PlatformId(institute.course.platform_id))
    browser = house.browser()
    browser.enter("gulnara")
    here, there = institute.course.public_id, institute.foreign_course.public_id

    found = {path: browser.get(path).status_code for path in (f"/c/{here}/group", f"/c/{there}/group", f"/c/{here}/me")}

    assert found == {f"/c/{here}/group": 200, f"/c/{there}/group": 404, f"/c/{here}/me": 404}
    assert browser.get("/").location == "/institute/courses"
    assert browser.get("/institute/courses").status_code == 200


# --- what of it is recorded


def _recorded(house: House) -> list[tuple[object, ...]]:
    with unit_of_work(house.sessions, writes=False) as session:
        row = AuditEventRow
        columns = (row.action, row.actor_kind, row.actor_id, row.subject_id, row.platform_id)
        query = select(*columns).where(row.action.startswith("entry.")).order_by(row.id)
        return [tuple(each) for each in session.execute(query)]


def _try(house: House, login: str, password: str = "wrong") -> int:
    """A try to enter whose answer has been read to its end."""
    browser = house.browser()
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/account/login").text)
    assert found is not None
    form = {"csrf_token": found.group(1), "login": login, "password": password}
    return browser.client.post("/account/login", data=form, base_url=BASE, buffered=True).status_code


def test_a_refusal_is_recorded_of_its_account_with_nothing_that_was_typed(house: House) -> None:
    platform = house.platform()
    account = house.make("aizada", platform)

    _try(house, "aizada", "secret-in-the-wrong-place")
    _try(house, "AIZADA ", "another")
    _try(house, "secret-in-the-wrong-field")

    about = ("entry.refused", "stranger", None, account.public_id, platform)
    assert _recorded(house) == [about, ("entry.refused", "stranger", None, None, None)]
    with unit_of_work(house.sessions, writes=False) as session:
        whole = str([tuple(each) for each in session.execute(text("SELECT * FROM audit_event"))])
    assert "secret" not in whole
    assert "aizada" not in whole


def test_whoever_tries_thousands_of_names_leaves_few_lines(house: House) -> None:
    for number in range(40):
        _try(house, f"name-{number}")

    refused, throttled = _recorded(house)
    assert (refused[0], throttled[0]) == ("entry.refused", "entry.throttled")
    assert {refused[3], throttled[3]} == {None}


def test_an_account_that_was_held_back_is_told_of(house: House) -> None:
    account = house.make("aizada", platform := house.platform())

    statuses = [_try(house, "aizada") for _ in range(8)]

    assert statuses == [401] * 5 + [429] * 3
    about = ("stranger", None, account.public_id, platform)
    assert _recorded(house) == [("entry.refused", *about), ("entry.throttled", *about)]


def test_nobody_who_enters_is_told_of_as_refused(house: House) -> None:
    assert _try(house, "nurbek", PASSWORD) == 303
    assert _recorded(house) == []


def test_a_wrong_password_at_an_open_session_names_the_account_that_it_is_of(house: House) -> None:
    browser = house.browser()
    browser.enter()

    for _ in range(7):
        browser.post("/account/codes", "/account/", password="wrong")

    with unit_of_work(house.sessions, writes=False) as session:
        account = session.scalars(select(AccountRow.public_id)).one()
    assert [each[:4] for each in _recorded(house)] == [
        ("entry.refused", "account", account, account),
        ("entry.throttled", "account", account, account),
    ]


def test_refusals_stand_in_the_record_of_the_institute_and_no_other(
    house: House, visitor: Visitor, institute: Institute
) -> None:
    house.make("aizada", PlatformId(institute.course.platform_id))
    _try(house, "aizada")

    asked = "/institute/audit?action=entry.refused&lang=en"
    here, elsewhere = (
        _main(visitor(name).get(asked, base_url=BASE)) for name in ("admin", "admin of another platform")
    )

    assert "Somebody who has not entered Name, password or code refused" in here
    assert "Нурбек" in here, "whose account it was"
    assert "Нурбек" not in elsewhere
    assert "Somebody who has not entered" not in elsewhere


def test_a_refusal_waits_for_no_writer(house: House) -> None:
    with unit_of_work(house.sessions) as other:
        other.execute(text("UPDATE account SET name = name"))
        refusals.note(house.sessions, EntranceRefused(), clock.now())

    assert _recorded(house) == [], "the log alone has it"
    refusals.note(house.sessions, EntranceRefused(), clock.now())
    assert len(_recorded(house)) == 1
