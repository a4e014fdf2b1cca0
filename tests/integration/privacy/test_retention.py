"""What is too old goes where somebody has switched that on, in portions, and nothing else does."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from lti_tool.audit import recording
from lti_tool.audit.model import OPERATOR, Action, Event
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import RuleBroken
from lti_tool.ids import PlatformId
from lti_tool.privacy import retention
from lti_tool.privacy.periods import DEFAULT_DAYS, LEAST_DAYS, Kind, checked
from lti_tool.tasks.shelf import Shelf
from tests.factories.dossier import Dossier, fill

YEARS = timedelta(days=3651)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "files")


@pytest.fixture
def dossier(any_sessions: SessionFactory, shelf: Shelf, now: datetime) -> Dossier:
    """Two people with everything, as old as `now`, and a line in the record."""
    with unit_of_work(any_sessions) as session:
        filled = fill(session, shelf, now)
        recording.record(session, Event(Action.RULES_CHANGED, OPERATOR, PlatformId(filled.platform_id)), now)
    return filled


def _switch(sessions: SessionFactory, dossier: Dossier, kind: Kind, now: datetime, *, active: bool = True) -> None:
    with unit_of_work(sessions) as session:
        platform_id = PlatformId(dossier.platform_id)
        retention.set_period(session, platform_id, kind, LEAST_DAYS[kind], active=active, now=now)


def _counts(sessions: SessionFactory) -> dict[str, int]:
    tables = ("delivery_attempt", "file", "audit_event", "submission", "delivery", "person")
    with unit_of_work(sessions, writes=False) as session:
        return {each: _count(session, each) for each in tables}


def _count(session: Session, table: str) -> int:
    found: int = session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608  names of ours
    return found


def _too_old(sessions: SessionFactory, dossier: Dossier, kind: Kind, now: datetime) -> int | None:
    with unit_of_work(sessions, writes=False) as session:
        found = retention.outlook(session, PlatformId(dossier.platform_id), kind.value, now)
    assert [each.period.kind for each in found if each.too_old is not None] == [kind]
    return next(each.too_old for each in found if each.period.kind is kind)


def test_nothing_goes_until_somebody_switches_it_on(
    any_sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime
) -> None:
    before = _counts(any_sessions)
    _switch(any_sessions, dossier, Kind.ATTEMPTS, now, active=False)

    assert retention.apply(any_sessions, shelf, None, now + YEARS) == 0
    assert _counts(any_sessions) == before


@pytest.mark.parametrize(("kind", "table"), [(Kind.ATTEMPTS, "delivery_attempt"), (Kind.AUDIT, "audit_event")])
def test_what_is_older_goes_and_what_is_younger_stays(
    any_sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime, kind: Kind, table: str
) -> None:
    before = _counts(any_sessions)
    _switch(any_sessions, dossier, kind, now)
    at_the_end = now + timedelta(days=LEAST_DAYS[kind])

    assert _too_old(any_sessions, dossier, kind, at_the_end) == 0
    assert retention.apply(any_sessions, shelf, None, at_the_end) == 0
    later = at_the_end + timedelta(seconds=1)
    assert _too_old(any_sessions, dossier, kind, later) == before[table]
    assert retention.apply(any_sessions, shelf, None, later) == before[table]

    left = _counts(any_sessions)
    applied = 1 if table != "audit_event" else 0
    assert left[table] == 1 - applied if table == "audit_event" else left[table] == 0
    assert {**left, table: 0, "audit_event": 0} == {**before, table: 0, "audit_event": 0}
    with unit_of_work(any_sessions, writes=False) as session:
        newest = session.execute(text("SELECT action, actor_kind FROM audit_event ORDER BY id DESC LIMIT 1")).one()
    assert tuple(newest) == ("retention.applied", "worker")


def test_files_go_with_the_closing_of_their_course_and_from_the_disk(
    any_sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime, tmp_path: Path
) -> None:
    before = _counts(any_sessions)
    _switch(any_sessions, dossier, Kind.FILES, now)
    assert retention.apply(any_sessions, shelf, None, now + YEARS) == 0, "the course is open"
    with unit_of_work(any_sessions) as session:
        session.execute(text("UPDATE course SET closed_at = created_at"))

    assert retention.apply(any_sessions, shelf, None, now + YEARS) == before["file"]

    assert _counts(any_sessions)["submission"] == before["submission"]
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def _end_all(session: Session) -> None:
    session.execute(text("UPDATE course SET closed_at = created_at"))
    session.execute(text("UPDATE certified_level SET ended_at = certified_at"))


def test_people_are_erased_when_nothing_holds_them(
    any_sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime
) -> None:
    _switch(any_sessions, dossier, Kind.PEOPLE, now)
    assert retention.apply(any_sessions, shelf, None, now + YEARS) == 0, "in an open course, with a level in force"
    with unit_of_work(any_sessions) as session:
        _end_all(session)
    assert _too_old(any_sessions, dossier, Kind.PEOPLE, now + timedelta(days=700)) == 0, "they were here"

    assert retention.apply(any_sessions, shelf, None, now + YEARS) == 2

    with unit_of_work(any_sessions, writes=False) as session:
        assert session.execute(text("SELECT DISTINCT name FROM person")).scalars().all() == [""]
        erased = text("SELECT count(*) FROM audit_event WHERE action = 'person.erased' AND actor_kind = 'worker'")
        assert session.execute(erased).scalar_one() == 2
    assert retention.apply(any_sessions, shelf, None, now + YEARS) == 0


@pytest.mark.parametrize(
    "held",
    [
        "UPDATE course SET closed_at = NULL",
        "UPDATE certified_level SET ended_at = NULL, expires_at = NULL",
        "UPDATE membership SET launched_at = '2035-01-01 00:00:00+00:00'",
        "UPDATE evidence SET recorded_at = '2035-01-01 00:00:00+00:00'",
    ],
)
def test_each_of_these_holds_a_person(
    any_sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime, held: str
) -> None:
    _switch(any_sessions, dossier, Kind.PEOPLE, now)
    with unit_of_work(any_sessions) as session:
        _end_all(session)
        on_sqlite = session.get_bind().dialect.name == "sqlite"
        session.execute(text(held.replace("+00:00", ".000000") if on_sqlite else held))

    assert retention.apply(any_sessions, shelf, None, now + YEARS) == 0


def test_what_goes_goes_in_portions(
    any_sessions: SessionFactory, shelf: Shelf, dossier: Dossier, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    _switch(any_sessions, dossier, Kind.ATTEMPTS, now)
    monkeypatch.setattr(retention, "PORTION", 1)

    assert retention.apply(any_sessions, shelf, None, now + YEARS) == 2


@pytest.mark.parametrize("kind", Kind)
def test_periods_that_make_no_sense_are_refused(kind: Kind) -> None:
    assert checked(kind, LEAST_DAYS[kind]) == LEAST_DAYS[kind] <= DEFAULT_DAYS[kind]
    with pytest.raises(RuleBroken):
        checked(kind, LEAST_DAYS[kind] - 1)
    with pytest.raises(RuleBroken):
        checked(kind, 36_501)
