"""The public check page of a badge: whether it holds and what it states, and of its person only what they let show."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import update

from lti_tool.competency.tables import CertifiedLevelRow
from lti_tool.credentials import badges
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.privacy import store as privacy_store
from tests.factories.badges import Holder, holder
from tests.factories.launch_bench import TOOL


@pytest.fixture
def has(app: Flask, sessions: SessionFactory, tmp_path: Path, now: datetime) -> Holder:
    """Somebody with certified levels."""
    return holder(sessions, tmp_path / "keys", now)


def told(app: Flask, public_id: str) -> str:
    """What the check page says, in English."""
    answer = app.test_client().get(f"/verify/{public_id}?lang=en", base_url=TOOL)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    found = BeautifulSoup(answer.text, "html.parser").find("main")
    assert found is not None
    return " ".join(found.get_text(" ").split())


def test_a_badge_that_holds_is_said_to_and_its_level_is_named(app: Flask, has: Holder) -> None:
    page = told(app, has.make(1))

    assert "This badge is valid" in page
    assert "digital platforms: Intermediate level" in page
    assert "Who certifies Institute" in page
    assert "ИКТ 101" in page
    assert "Айгүл" not in page


def test_the_name_shows_where_its_person_wants_it(app: Flask, has: Holder) -> None:
    assert "Name Айгүл" in told(app, has.make(shows_name=True))


def test_of_a_withdrawn_badge_nothing_is_said_but_that_it_holds_no_longer(
    app: Flask, has: Holder, sessions: SessionFactory
) -> None:
    made = has.make(shows_name=True)
    with unit_of_work(sessions) as session:
        badges.withdraw(session, has.person.id, made, has.now)

    page = told(app, made)

    assert "This badge is confirmed no longer" in page
    assert not {word for word in ("Айгүл", "level", "ИКТ 101") if word in page}


def test_a_badge_whose_level_is_certified_no_longer_is_confirmed_no_longer(
    app: Flask, has: Holder, sessions: SessionFactory
) -> None:
    made = has.make(1)
    with unit_of_work(sessions) as session:
        row = CertifiedLevelRow
        session.execute(update(row).where(row.public_id == has.levels[1]).values(ended_at=has.now))

    assert "It was revoked on" in told(app, made)


def test_a_badge_made_anew_is_told_of_at_the_older_one(app: Flask, has: Holder) -> None:
    older = has.make()
    has.make(locale="ru")

    assert "A newer badge has taken the place of this one" in told(app, older)


def test_of_somebody_who_was_erased_not_even_the_day_is_told(app: Flask, has: Holder, sessions: SessionFactory) -> None:
    made = has.make(shows_name=True)
    with unit_of_work(sessions) as session:
        privacy_store.delete_holdings(session, has.person.id, has.now)

    page = told(app, made)

    assert "It was revoked. Nothing that the file says is confirmed." in page
    assert str(has.now.year) not in page
