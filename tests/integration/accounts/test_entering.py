"""Entering: who may, what is told to who may not, how often it may be tried, and codes that are good once."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from lti_tool.accounts import account_sessions, accounts, entering
from lti_tool.accounts.entering import Attempt
from lti_tool.accounts.model import EntranceRefused, TooManyTries
from lti_tool.accounts.tables import AccountRow, AccountSessionRow, EntryThrottleRow
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.sealing import SECOND_STEPS, Seal
from tests.integration.accounts.conftest import IDLE, PASSWORD, Door


def test_who_knows_the_password_enters_however_the_name_is_typed(door: Door) -> None:
    account = door.make()

    entered = door.enter(" Nurbek ")

    with unit_of_work(door.sessions, writes=False) as session:
        found = account_sessions.find(session, entered.token, IDLE, door.now)
    assert found is not None
    assert (found.account.id, found.account.entered_at) == (account.id, door.now)


@pytest.mark.parametrize(
    ("login", "password"),
    [("nurbek", "wrong"), ("nobody", PASSWORD), ("", ""), ("nurbek", PASSWORD + " "), ("a\0", "x")],
)
def test_whatever_is_wrong_the_same_is_told(door: Door, login: str, password: str) -> None:
    door.make()

    with pytest.raises(EntranceRefused) as refused:
        door.enter(login, password)

    assert (refused.value.code, refused.value.facts) == ("entrance_refused", {})


@pytest.mark.usefixtures("dear")
def test_a_name_that_there_is_none_of_takes_as_long_as_a_wrong_password(door: Door) -> None:
    door.make()
    taken: dict[str, list[float]] = {"nurbek": [], "nobody": []}
    for turn in range(8):
        door.wait(hours=2)
        for login in sorted(taken, reverse=bool(turn % 2)):
            # Of the processor: on a busy machine by chance the one or the other waits longer.
            began = time.process_time()
            door.tried(login, "wrong password")
            taken[login].append(time.process_time() - began)

    one, other = (statistics.median(times) for times in taken.values())
    assert min(one, other) > 0.6 * max(one, other)


def test_the_sixth_try_in_vain_waits_and_is_let_through_after_its_time(door: Door) -> None:
    door.make()

    told = [door.tried(password="wrong") for _ in range(6)]
    assert told == ["entrance_refused"] * 5 + ["too_many_tries"]
    assert door.tried() == "too_many_tries", "the right password waits as well"
    door.wait(seconds=16)
    assert door.tried() == "entered"


def test_tries_while_one_must_wait_make_nobody_wait_longer(door: Door) -> None:
    door.make()
    for _ in range(5):
        door.tried(password="wrong")

    for _ in range(50):
        assert door.tried(password="wrong") == "too_many_tries"

    door.wait(seconds=16)
    assert door.tried() == "entered"


def test_names_that_there_are_none_of_wait_like_all_others(door: Door) -> None:
    assert [door.tried("nobody", "wrong") for _ in range(6)][-1] == "too_many_tries"


def test_whoever_enters_begins_to_count_anew(door: Door) -> None:
    door.make()
    for _ in range(4):
        door.tried(password="wrong")
    door.enter()

    assert [door.tried(password="wrong") for _ in range(5)] == ["entrance_refused"] * 5


def test_after_an_hour_all_is_forgotten(door: Door) -> None:
    door.make()
    for _ in range(5):
        door.tried(password="wrong")
    door.wait(hours=1, seconds=1)

    assert [door.tried(password="wrong") for _ in range(5)] == ["entrance_refused"] * 5


def test_who_has_entered_in_this_browser_before_is_not_kept_out_by_others(door: Door) -> None:
    door.make()
    for _ in range(5):
        door.tried(password="wrong", address="203.0.113.9")

    assert door.tried(address="203.0.113.9") == "too_many_tries"
    assert door.tried(browser="known") == "entered"
    assert [door.tried(password="wrong", browser="known") for _ in range(6)][-1] == "too_many_tries"


def test_from_one_address_thirty_names_are_tried_and_no_more(door: Door) -> None:
    told = [door.tried(f"name{number}", "wrong") for number in range(31)]

    assert told == ["entrance_refused"] * 30 + ["too_many_tries"]
    assert door.tried("name99", "wrong", address="198.51.100.7") == "entrance_refused", "others go on"


def test_an_own_account_does_not_wash_an_address_clean(door: Door) -> None:
    door.make()
    for number in range(29):
        door.tried(f"name{number}", "wrong")
    door.enter()
    door.tried("name30", "wrong")

    assert door.tried("name31", "wrong") == "too_many_tries"


def test_of_many_tries_at_once_no_more_are_let_through(door: Door) -> None:
    door.make()

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: door.tried(password="wrong"), range(16)))

    assert told.count("entrance_refused") == 5
    assert told.count("too_many_tries") == 11


def test_nothing_but_the_count_comes_of_a_try_in_vain(door: Door) -> None:
    door.make()
    door.tried(password="wrong")

    with unit_of_work(door.sessions, writes=False) as session:
        assert session.scalar(select(func.count()).select_from(AccountSessionRow)) == 0
        assert session.scalar(select(AccountRow.entered_at)) is None
        assert session.scalar(select(func.count()).select_from(EntryThrottleRow)) == 2


def test_where_codes_are_set_up_the_password_alone_opens_nothing(door: Door) -> None:
    one, _paper = door.set_up_codes(door.make())
    door.wait(minutes=1)

    assert [door.tried(), door.tried(code="000000")] == ["entrance_refused"] * 2
    assert door.tried(password="wrong", code=one.at(door.now)) == "entrance_refused"
    assert door.tried(code=one.at(door.now)) == "entered"


def test_a_code_is_good_once_also_the_one_that_set_it_up_and_those_before_it(door: Door) -> None:
    one, _paper = door.set_up_codes(door.make())
    assert door.tried(code=one.at(door.now)) == "entrance_refused", "it was used to set codes up"
    door.wait(minutes=1)
    before = one.at(door.now)
    door.wait(seconds=30)
    assert door.tried(code=one.at(door.now)) == "entered"

    assert door.tried(code=one.at(door.now)) == "entrance_refused"
    assert door.tried(code=before) == "entrance_refused"


def test_of_one_code_sent_many_times_at_once_one_enters(door: Door) -> None:
    one, _paper = door.set_up_codes(door.make())
    door.wait(minutes=1)
    code = one.at(door.now)

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: door.tried(code=code), range(4)))

    assert told.count("entered") == 1


def test_a_code_on_paper_is_good_once(door: Door) -> None:
    _one, paper = door.set_up_codes(door.make())

    assert door.tried(code=paper[3].upper()) == "entered"
    assert door.tried(code=paper[3]) == "entrance_refused"
    assert door.tried(code=paper[4]) == "entered"


def test_with_another_secret_key_only_paper_helps(door: Door) -> None:
    one, paper = door.set_up_codes(door.make())
    door.wait(minutes=1)
    other = Seal("another secret of the tests, as long as it", SECOND_STEPS)
    app = Attempt("nurbek", PASSWORD, one.at(door.now), "192.0.2.1")

    with pytest.raises(EntranceRefused):
        entering.enter(door.sessions, other, app, door.now)

    on_paper = Attempt("nurbek", PASSWORD, paper[0], "192.0.2.1")
    assert entering.enter(door.sessions, other, on_paper, door.now).token


def test_a_secret_and_a_password_stand_nowhere_readable(door: Door) -> None:
    one, paper = door.set_up_codes(door.make())
    with unit_of_work(door.sessions, writes=False) as session:
        stored = repr([list(row) for row in session.execute(select(*AccountRow.__table__.columns))])

    assert "argon2id" in stored
    assert not any(text in stored for text in (one.secret, PASSWORD, *paper))


def test_an_account_that_is_switched_off_is_told_nothing_else(door: Door) -> None:
    door.make("other")
    account = door.make()
    with unit_of_work(door.sessions) as session:
        accounts.disable(session, account, door.now)

    assert door.tried() == "entrance_refused"


@pytest.mark.usefixtures("dear")
def test_an_older_hash_is_made_anew_at_the_next_entering(door: Door) -> None:
    account = door.make()
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with unit_of_work(door.sessions) as session:
        session.get_one(AccountRow, account.id).password_hash = old
    door.enter()

    with unit_of_work(door.sessions, writes=False) as session:
        assert "m=19456,t=2,p=1" in session.get_one(AccountRow, account.id).password_hash
    assert door.tried() == "entered"


def test_whoever_must_wait_is_told_how_long(door: Door) -> None:
    for _ in range(5):
        door.tried("nobody", "wrong")
    door.wait(seconds=5)

    with pytest.raises(TooManyTries) as told:
        door.enter("nobody", "wrong")

    assert told.value.seconds == 11
