"""The public check of a badge: how it stands and what it states, in the requirements' words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select, update

from lti_tool import clock
from lti_tool.competency.tables import CertifiedLevelRow
from lti_tool.credentials import store
from lti_tool.credentials.model import Kind, NewCredential
from lti_tool.credentials.tables import CredentialRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import PersonId, PlatformId
from tests.integration.web.conftest import Institute
from tests.integration.web.test_paper import Holder
from tests.integration.web.test_paper import holder as _holder
from tests.integration.web.test_verify import NAME, check, words

holder = _holder
OFFICIAL = "Мугалим мамлекеттик, предметтик стандарттардын"


@dataclass
class Badge:
    """A badge for level 1 of 2.1, of the participant."""

    sessions: SessionFactory
    institute: Institute
    id: str = ""

    def issue(self, *, shows_name: bool = False, expires_at: datetime | None = None) -> str:
        person = self.institute.persons["participant"]
        with unit_of_work(self.sessions) as session:
            level = session.scalars(select(CertifiedLevelRow.public_id)).first()
            facts = {
                "framework": self.institute.framework.framework,
                "version": self.institute.framework.version,
                "competency": "2.1",
                "level": 1,
                "certified_at": datetime(2026, 11, 20, 12, tzinfo=clock.now().tzinfo).isoformat(),
                "course": self.institute.course.title,
            }
            platform, whose = PlatformId(person.platform_id), PersonId(person.id)
            new = NewCredential(
                platform, whose, Kind.BADGE, "ky", shows_name, facts, certified_level=level, expires_at=expires_at
            )
            self.id = store.add(session, new, clock.now() - timedelta(days=2))
            return self.id

    def change(self, **values: object) -> None:
        with unit_of_work(self.sessions) as session:
            session.execute(update(CredentialRow).where(CredentialRow.public_id == self.id).values(**values))


@pytest.fixture
def badge(holder: Holder) -> Badge:
    """Nothing is issued yet; the level is certified."""
    return Badge(holder.room.sessions, holder.room.institute)


def test_a_valid_badge_says_for_what_it_is(app: Flask, badge: Badge) -> None:
    said = words(check(app, badge.issue()))

    for text in (
        "This badge is valid",
        "Basic level (Knowledge Acquisition)",
        "unofficial translation",
        OFFICIAL,
        badge.institute.course.title,
        "20 November 2026",
        "version 1.0",
    ):
        assert text in said
    assert NAME not in said


def test_in_kyrgyz_its_wording_is_the_official_one(app: Flask, badge: Badge) -> None:
    page = check(app, badge.issue(), "ky")

    assert OFFICIAL in words(page)
    assert "расмий эмес котормо" not in BeautifulSoup(page.text, "html.parser").main.get_text()  # type: ignore[union-attr]


def test_it_names_its_person_where_they_let_it(app: Flask, badge: Badge) -> None:
    assert NAME in words(check(app, badge.issue(shows_name=True)))


def test_a_badge_that_has_expired_still_says_what_it_was_for(app: Flask, badge: Badge) -> None:
    said = words(check(app, badge.issue(expires_at=clock.now() - timedelta(days=1))))

    assert "This badge has expired" in said
    assert "Basic level" in said


def test_a_badge_made_anew_says_so(app: Flask, badge: Badge) -> None:
    older = badge.issue()
    badge.change(superseded_by="2" * 26)

    answer = check(app, older)

    assert "A newer badge has taken the place of this one" in words(answer)
    assert "2" * 26 not in answer.text


@pytest.mark.parametrize("why", ["holder", "institute", "level_ended", "erased"])
def test_of_a_badge_that_is_confirmed_no_longer_nothing_is_said(app: Flask, badge: Badge, why: str) -> None:
    record = badge.issue(shows_name=True)
    if why == "level_ended":
        with unit_of_work(badge.sessions) as session:
            session.execute(update(CertifiedLevelRow).values(ended_at=clock.now()))
    elif why == "erased":
        with unit_of_work(badge.sessions) as session:
            store.forget(session, PersonId(badge.institute.persons["participant"].id), clock.now())
    else:
        badge.change(revoked_at=clock.now(), revocation=why, revoked_because="Себеби")

    answer = check(app, record)

    said = words(answer)
    assert (answer.status_code, "This badge is confirmed no longer" in said) == (200, True)
    for gone in (NAME, "Basic level", badge.institute.course.title, "Себеби", OFFICIAL):
        assert gone not in said
    assert ("withdrawn on" in said) == (why != "erased")
