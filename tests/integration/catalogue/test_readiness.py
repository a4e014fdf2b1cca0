"""Training sites are kept by platform, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import event

from lti_tool.catalogue import readiness, readiness_queries, readiness_store
from lti_tool.catalogue.readiness_model import Finding, ItemState, Looked
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import NotFound, RuleBroken
from lti_tool.ids import PersonId, PlatformId
from tests.factories.make import Make

PRESENT = Finding("a", ItemState.PRESENT, "2 даана")


@pytest.fixture
def places(any_sessions: SessionFactory, now: datetime) -> tuple[PlatformId, PlatformId, PersonId]:
    """Two platforms, and a person of the first."""
    with unit_of_work(any_sessions) as session:
        make = Make(session, now)
        here, there = make.platform(), make.platform()
        person = make.person(here, "Гүлнара")
        return PlatformId(here.id), PlatformId(there.id), PersonId(person.id)


def test_findings_are_stored_replaced_and_taken_back(
    any_sessions: SessionFactory, places: tuple[PlatformId, PlatformId, PersonId], now: datetime
) -> None:
    here, _, person = places
    looked, today = Looked(person, now.date(), now), now.date()

    def record(*found: Finding, looked: Looked = looked) -> int:
        with unit_of_work(any_sessions) as session:
            return readiness.record_findings(session, here, site, found, looked, today)

    with unit_of_work(any_sessions) as session:
        site = readiness.add_site(session, here, "Ош", person, now)
    assert record(PRESENT, Finding("b", ItemState.NOT_CHECKED, "")) == 1
    assert record(PRESENT, looked=replace(looked, by=None)) == 0, "the same again is nobody else's finding"
    with any_sessions() as session:
        check = readiness_queries.site(session, here, site).checks["a"]
    assert (check.state, check.note, check.checked_on, check.checked_by) == ("present", "2 даана", today, "Гүлнара")

    assert record(replace(PRESENT, state=ItemState.MISSING, note="")) == 1
    with any_sessions() as session:
        assert readiness_queries.site(session, here, site).checks["a"].state is ItemState.MISSING

    assert record(Finding("a", ItemState.NOT_CHECKED, "")) == 1
    with any_sessions() as session:
        assert readiness_queries.site(session, here, site).checks == {}


def test_nothing_of_another_platform_can_be_seen_or_changed(
    any_sessions: SessionFactory, places: tuple[PlatformId, PlatformId, PersonId], now: datetime
) -> None:
    here, there, person = places
    looked = Looked(person, now.date(), now)
    with unit_of_work(any_sessions) as session:
        site = readiness.add_site(session, here, "Ош", person, now)
        readiness.add_site(session, there, "Ош", None, now)

    with unit_of_work(any_sessions) as session:
        assert len(readiness_queries.sites(session, there)) == 1
        for attempt in (
            lambda: readiness_queries.site(session, there, site),
            lambda: readiness.remove_site(session, there, site),
            lambda: readiness.record_findings(session, there, site, [PRESENT], looked, now.date()),
        ):
            with pytest.raises(NotFound, match="site_unknown"):
                attempt()
        with pytest.raises(NotFound, match="site_unknown"):
            readiness_store.store_findings(session, there, site, [PRESENT], looked)


def test_a_name_is_there_once_and_a_removed_site_leaves_nothing(
    any_sessions: SessionFactory, places: tuple[PlatformId, PlatformId, PersonId], now: datetime
) -> None:
    here, _, person = places
    with unit_of_work(any_sessions) as session:
        site = readiness.add_site(session, here, "Ош", person, now)
        readiness.record_findings(session, here, site, [PRESENT], Looked(None, now.date(), now), now.date())
        with pytest.raises(RuleBroken, match="site_name_taken"):
            readiness.add_site(session, here, " Ош ", person, now)

    with unit_of_work(any_sessions) as session:
        readiness.remove_site(session, here, site)
        again = readiness.add_site(session, here, "Ош", person, now)

    with any_sessions() as session:
        assert readiness_queries.site(session, here, again).checks == {}


def test_sites_have_an_end(
    any_sessions: SessionFactory, places: tuple[PlatformId, PlatformId, PersonId], now: datetime,
    monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(readiness_store, "MOST_SITES", 1)
    with unit_of_work(any_sessions) as session:
        readiness.add_site(session, places[0], "Ош", None, now)
        with pytest.raises(RuleBroken, match="too_many_sites"):
            readiness.add_site(session, places[0], "Нарын", None, now)


def test_a_list_asks_the_same_of_few_and_many(sessions: SessionFactory, now: datetime) -> None:
    asked: list[str] = []
    with unit_of_work(sessions) as session:
        here = PlatformId(Make(session, now).platform().id)
        for number in range(20):
            site = readiness.add_site(session, here, f"{number}", None, now)
            readiness_store.store_findings(session, here, site, [PRESENT], Looked(None, now.date(), now))

    with sessions() as session:
        event.listen(session.get_bind(), "before_cursor_execute", lambda *seen: asked.append(seen[2]))
        assert len(readiness_queries.sites(session, here)) == 20

    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 2
