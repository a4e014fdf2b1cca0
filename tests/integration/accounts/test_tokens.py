"""Tokens for the API: shown once, kept as a hash, found while they hold, ended at once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.accounts import token_queries, tokens
from lti_tool.accounts.token_model import MOST_IN_FORCE, TokenState
from lti_tool.accounts.tokens import Wish
from lti_tool.errors import NotFound, RuleBroken
from lti_tool.ids import PersonId, PlatformId
from tests.factories.make import Make

DAY = timedelta(days=1)


@pytest.fixture
def platform(make: Make) -> PlatformId:
    return PlatformId(make.platform().id)


def test_a_token_is_found_by_what_was_shown_and_nothing_of_it_is_kept(
    session: Session, platform: PlatformId, now: datetime
) -> None:
    made = tokens.make(session, platform, Wish("Министрлик"), now)

    found = tokens.find(session, made.secret, now)
    assert found is not None
    assert (found.public_id, found.platform_id, found.name) == (made.token.public_id, platform, "Министрлик")
    stored = session.execute(text("SELECT * FROM api_token")).one()
    assert made.secret not in [str(value) for value in stored]
    assert made.secret[tokens.SHOWN :] not in repr(stored)
    assert made.secret.startswith(found.start)
    assert made.secret not in repr(made)


def test_two_tokens_differ(session: Session, platform: PlatformId, now: datetime) -> None:
    first, second = (tokens.make(session, platform, Wish("x"), now) for _ in range(2))

    assert first.secret != second.secret
    assert first.token.start != second.token.start


@pytest.mark.parametrize("brought", ["", "ict_", "ict_" + "a" * 43, "x" * 5000, "ict_\0", "ict_\ud800"])
def test_what_is_no_token_opens_nothing(session: Session, platform: PlatformId, now: datetime, brought: str) -> None:
    made = tokens.make(session, platform, Wish("x"), now)

    assert tokens.find(session, brought, now) is None
    assert tokens.find(session, made.secret + "a", now) is None
    assert tokens.find(session, made.secret[:-1], now) is None


def test_a_token_holds_until_its_moment_and_not_a_second_longer(
    session: Session, platform: PlatformId, now: datetime
) -> None:
    made = tokens.make(session, platform, Wish("x", days=30), now)

    assert tokens.find(session, made.secret, now + 30 * DAY - timedelta(seconds=1)) is not None
    assert tokens.find(session, made.secret, now + 30 * DAY) is None
    assert made.token.state(now + 30 * DAY) is TokenState.EXPIRED


def test_a_token_without_an_end_holds_for_years(session: Session, platform: PlatformId, now: datetime) -> None:
    made = tokens.make(session, platform, Wish("x"), now)

    assert tokens.find(session, made.secret, now + 4000 * DAY) is not None


def test_a_revoked_token_opens_nothing_and_keeps_the_moment_of_its_end(
    session: Session, platform: PlatformId, now: datetime
) -> None:
    made = tokens.make(session, platform, Wish("x"), now)

    assert tokens.revoke(session, platform, made.token.public_id, now + DAY).state(now) is TokenState.REVOKED
    tokens.revoke_any(session, made.token.public_id, now + 2 * DAY)

    assert tokens.find(session, made.secret, now + DAY) is None
    [listed] = token_queries.tokens_of(session, platform)
    assert listed.revoked_at == now + DAY


def test_a_token_of_another_platform_cannot_be_revoked(
    session: Session, make: Make, platform: PlatformId, now: datetime
) -> None:
    made = tokens.make(session, platform, Wish("x"), now)
    other = PlatformId(make.platform().id)

    with pytest.raises(NotFound):
        tokens.revoke(session, other, made.token.public_id, now)
    with pytest.raises(NotFound):
        tokens.revoke_any(session, "nosuchtoken", now)
    assert tokens.find(session, made.secret, now) is not None


def test_a_list_shows_the_platforms_own_tokens_the_newest_first_with_who_made_them(
    session: Session, make: Make, now: datetime
) -> None:
    home, away = make.platform(), make.platform()
    admin = make.person(home, "Админ")
    tokens.make(session, PlatformId(home.id), Wish("first"), now, by=PersonId(admin.id))
    tokens.make(session, PlatformId(home.id), Wish("second"), now)
    tokens.make(session, PlatformId(away.id), Wish("elsewhere"), now)

    listed = token_queries.tokens_of(session, PlatformId(home.id))

    assert [(each.name, each.made_by) for each in listed] == [("second", ""), ("first", "Админ")]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (Wish(""), "token_name_faulty"),
        (Wish("  \n "), "token_name_faulty"),
        (Wish("a" * 101), "token_name_faulty"),
        (Wish("a\0b"), "token_name_faulty"),
        (Wish("x", days=0), "token_days_faulty"),
        (Wish("x", days=3651), "token_days_faulty"),
        (Wish("x", rate=0), "token_rate_faulty"),
        (Wish("x", rate=6001), "token_rate_faulty"),
    ],
)
def test_what_cannot_be_is_refused(
    session: Session, platform: PlatformId, now: datetime, wish: Wish, code: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        tokens.make(session, platform, wish, now)

    assert refused.value.code == code
    assert token_queries.tokens_of(session, platform) == ()


def test_a_name_is_kept_in_one_line(session: Session, platform: PlatformId, now: datetime) -> None:
    assert tokens.make(session, platform, Wish("  Billim \n портал "), now).token.name == "Billim портал"


def test_a_platform_has_so_many_tokens_in_force_and_no_more(
    session: Session, platform: PlatformId, now: datetime
) -> None:
    made = [tokens.make(session, platform, Wish("x", days=1), now) for _ in range(MOST_IN_FORCE)]
    with pytest.raises(RuleBroken) as refused:
        tokens.make(session, platform, Wish("x"), now)
    assert refused.value.code == "too_many_tokens"

    tokens.revoke(session, platform, made[0].token.public_id, now)
    tokens.make(session, platform, Wish("x", days=1), now)
    tokens.make(session, platform, Wish("when the others have expired"), now + 2 * DAY)
