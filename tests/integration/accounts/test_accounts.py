"""What can be done with accounts, and what never: the last operator stays, and nothing of another institute is seen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from lti_tool.accounts import account_queries, account_sessions, accounts, entering
from lti_tool.accounts.account_sessions import AccountSession
from lti_tool.accounts.model import Account, NewAccount, TooManyTries
from lti_tool.accounts.tables import AccountRow
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.errors import NotFound, RuleBroken
from lti_tool.people.standing_in import is_stand_in
from lti_tool.people.tables import PersonRow
from tests.integration.accounts.conftest import IDLE, PASSWORD, SEAL, Door

NEW = "башка узун сөз айкашы"


def _login(door: Door, token: str, later: timedelta = timedelta(0)) -> AccountSession | None:
    with unit_of_work(door.sessions, writes=False) as session:
        return account_sessions.find(session, token, IDLE, door.now + later)


def _held(door: Door, token: str) -> AccountSession:
    found = _login(door, token)
    assert found is not None
    return found


@pytest.mark.parametrize("login", ["", "ab", "has blank", "-begins", "ends-", "нурбек", "x" * 81, "a\0b", "a/b"])
def test_a_name_to_enter_with_is_plain(door: Door, login: str) -> None:
    with pytest.raises(RuleBroken) as refused, unit_of_work(door.sessions) as session:
        accounts.create(session, NewAccount(login, "", None), PASSWORD, door.now)

    assert refused.value.code == "login_faulty"


def test_a_name_is_taken_once(door: Door) -> None:
    door.make()

    with pytest.raises(RuleBroken) as refused:
        door.make("NURBEK")

    assert refused.value.code == "login_taken"


def test_a_poor_password_makes_no_account(door: Door) -> None:
    with pytest.raises(RuleBroken), unit_of_work(door.sessions) as session:
        accounts.create(session, NewAccount("nurbek", "", None), "short", door.now)

    with unit_of_work(door.sessions, writes=False) as session:
        assert account_queries.accounts(session) == ()


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(door: Door) -> None:
    account = door.make()
    mine, elsewhere = door.enter().token, door.enter().token

    with unit_of_work(door.sessions) as session:
        accounts.change_password(session, account, _held(door, mine).id, NEW)

    assert _login(door, mine) is not None
    assert _login(door, elsewhere) is None
    assert [door.tried(), door.tried(password=NEW)] == ["entrance_refused", "entered"]


def test_a_poor_password_replaces_none(door: Door) -> None:
    account = door.make()
    token = door.enter().token

    with pytest.raises(RuleBroken) as refused, unit_of_work(door.sessions) as session:
        accounts.change_password(session, account, _held(door, token).id, "x")

    assert refused.value.code == "password_short"
    assert door.tried() == "entered"


def test_whoever_sits_at_an_open_session_does_not_guess_its_password(door: Door) -> None:
    account = door.make()
    told = []
    for password in [PASSWORD, *["wrong"] * 6, PASSWORD]:
        try:
            entering.confirm(door.sessions, account, password, door.now)
        except (RuleBroken, TooManyTries) as refused:
            told.append(refused.code)

    assert told == ["password_wrong"] * 5 + ["too_many_tries"] * 2
    assert door.tried() == "entered", "the door itself is another matter"


def test_a_password_that_an_operator_gives_ends_all_sessions_and_all_waiting(door: Door) -> None:
    account = door.make()
    token = door.enter().token
    for _ in range(5):
        door.tried(password="wrong")

    with unit_of_work(door.sessions) as session:
        accounts.set_password(session, account, NEW)

    assert _login(door, token) is None
    assert door.tried(password=NEW) == "entered"


def test_switched_off_it_is_out_at_once_and_comes_back(door: Door) -> None:
    door.make("other")
    account = door.make()
    token = door.enter().token

    with unit_of_work(door.sessions) as session:
        accounts.disable(session, account, door.now)
    assert _login(door, token) is None
    with unit_of_work(door.sessions) as session:
        accounts.enable(session, account)

    assert door.tried() == "entered"
    assert _login(door, token) is None, "the old session stays ended"


def test_a_session_left_over_opens_nothing_once_its_account_is_off(door: Door) -> None:
    account = door.make()
    token = door.enter().token
    with unit_of_work(door.sessions) as session:
        session.get_one(AccountRow, account.id).disabled_at = door.now

    assert _login(door, token) is None


def test_the_last_operator_is_never_taken_away(door: Door) -> None:
    admin, account = door.make("admin", door.platform()), door.make()
    where = admin.platform_id
    assert where is not None

    for take_away in (
        lambda session: accounts.disable(session, account, door.now),
        lambda session: accounts.change_role(session, account, where),
    ):
        with pytest.raises(RuleBroken) as refused, unit_of_work(door.sessions) as session:
            take_away(session)
        assert refused.value.code == "last_operator"
    with unit_of_work(door.sessions) as session:
        accounts.disable(session, admin, door.now)


def test_two_operators_do_not_switch_each_other_off(door: Door) -> None:
    pair = [door.make("one.operator"), door.make("two.operator")]

    def off(account: Account) -> str:
        try:
            with unit_of_work(door.sessions) as session:
                accounts.disable(session, account, door.now)
        except RuleBroken as refused:
            return refused.code
        return "off"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(off, pair))

    assert told == ["last_operator", "off"]


def test_another_role_ends_what_was_under_way_and_holds_at_once(door: Door) -> None:
    where = door.platform()
    door.make("other")
    account = door.make()
    token = door.enter().token

    with unit_of_work(door.sessions) as session:
        accounts.change_role(session, account, where)

    assert _login(door, token) is None
    login = _held(door, door.enter().token)
    assert (login.account.is_operator, login.platform_id, login.is_admin) == (False, where, True)


def test_an_admin_has_somebody_who_stands_for_them_on_their_platform(door: Door) -> None:
    where = door.platform()
    account = door.make(platform=where)
    first, second = (_held(door, door.enter().token).person for _ in range(2))

    assert first is not None
    assert first == second
    assert (first.platform_id, first.name, is_stand_in(first)) == (where, account.name, True)


def test_an_operator_looks_at_no_platform_before_one_is_chosen(door: Door) -> None:
    one, other = door.platform(), door.platform()
    door.make()
    token = door.enter().token
    assert (_held(door, token).platform_id, _held(door, token).is_admin) == (None, False)

    seen = []
    for where in (one, other, None):
        with unit_of_work(door.sessions) as session:
            account_sessions.choose_platform(session, _held(door, token), where, door.now)
        seen.append(_held(door, token).platform_id)

    assert seen == [one, other, None]


def test_a_session_outlives_who_stood_for_its_account(door: Door) -> None:
    door.make(platform=door.platform())
    token = door.enter().token
    with unit_of_work(door.sessions) as session:
        session.delete(session.scalars(select(PersonRow)).one())

    assert _held(door, token).is_admin is False


def test_an_idle_session_is_over_and_cleared_away(door: Door) -> None:
    door.make()
    token = door.enter().token
    assert _login(door, token, IDLE) is not None
    assert _login(door, token, IDLE + timedelta(seconds=1)) is None

    with unit_of_work(door.sessions) as session:
        account_sessions.end_idle(session, IDLE, door.now + IDLE + timedelta(seconds=1))

    assert _login(door, token) is None


def test_an_admin_administers_the_accounts_of_their_own_platform_only(door: Door) -> None:
    here, there = door.platform(), door.platform()
    mine, colleague = door.make("mine", here), door.make("colleague", here)
    stranger, operator = door.make("stranger", there), door.make("operator.one")

    with unit_of_work(door.sessions, writes=False) as session:
        assert [each.login for each in account_queries.accounts(session, here)] == ["colleague", "mine"]
        assert account_queries.accounts(session)[0].login == "operator.one"
        assert account_queries.administered(session, colleague.public_id, mine) == colleague
        assert account_queries.administered(session, stranger.public_id, operator) == stranger
        for hidden in (stranger.public_id, operator.public_id, "nosuchaccount"):
            with pytest.raises(NotFound):
                account_queries.administered(session, hidden, mine)


def test_codes_that_were_only_offered_are_not_asked_for(door: Door) -> None:
    account = door.make()
    with unit_of_work(door.sessions) as session:
        accounts.offer_codes(session, account, SEAL)

    assert door.tried() == "entered"


@pytest.mark.parametrize("typed", ["", "000000", "abc"])
def test_codes_are_set_up_by_who_has_a_right_one(door: Door, typed: str) -> None:
    account = door.make()
    with unit_of_work(door.sessions) as session:
        accounts.offer_codes(session, account, SEAL)

    with pytest.raises(RuleBroken) as refused, unit_of_work(door.sessions) as session:
        accounts.confirm_codes(session, account, SEAL, typed, door.now)

    assert refused.value.code == "code_wrong"
    assert door.tried() == "entered"


def test_without_an_offer_no_code_is_right(door: Door) -> None:
    account = door.make()

    with pytest.raises(RuleBroken), unit_of_work(door.sessions) as session:
        accounts.confirm_codes(session, account, SEAL, "000000", door.now)


def test_new_codes_for_paper_replace_those_before(door: Door) -> None:
    account = door.make()
    _one, old = door.set_up_codes(account)
    with unit_of_work(door.sessions) as session:
        new = accounts.new_paper_codes(session, account)

    assert [door.tried(code=old[0]), door.tried(code=new[0])] == ["entrance_refused", "entered"]
    with unit_of_work(door.sessions, writes=False) as session:
        assert accounts.paper_codes_left(session, account.id) == 9


def test_dropped_codes_are_asked_for_no_more(door: Door) -> None:
    account = door.make()
    _one, paper = door.set_up_codes(account)
    with unit_of_work(door.sessions) as session:
        accounts.drop_codes(session, account)

    assert door.tried() == "entered"
    with unit_of_work(door.sessions, writes=False) as session:
        assert accounts.paper_codes_left(session, account.id) == 0
    assert len(paper) == 10
