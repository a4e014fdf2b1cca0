"""What is kept for services, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import CourseId, PublicId, RegistrationId
from lti_tool.lti import invitation_store, store
from lti_tool.lti.model import AccessToken, Registering, Scope, Services
from lti_tool.lti.queries import issuers, registrations
from lti_tool.lti.tables import CourseServiceRow, PlatformRow, RegistrationRow
from lti_tool.lti.watch_queries import grants
from tests.factories.make import Make

AGREED = Registering(
    issuer="https://lms.example.invalid",
    client_id="client-1",
    authorization_url="https://lms.example.invalid/auth",
    token_url="https://lms.example.invalid/token",
    token_audience=None,
    jwks_url="https://lms.example.invalid/jwks",
    deployment_id="1",
    scopes=("a", "b"),
)


@pytest.fixture
def registration(any_sessions: SessionFactory, now: datetime) -> RegistrationId:
    with unit_of_work(any_sessions) as session:
        return store.save_registration(session, AGREED, now)[0]


def test_a_newer_token_takes_the_place_of_the_older(
    any_sessions: SessionFactory, registration: RegistrationId, now: datetime
) -> None:
    later = now + timedelta(hours=1)
    for value in ("old", "new"):
        with unit_of_work(any_sessions) as session:
            store.save_access_token(session, registration, "a b", AccessToken(value, "a b", later))

    with unit_of_work(any_sessions) as session:
        assert store.access_token(session, registration, "a b", now) == AccessToken("new", "a b", later)
        assert store.access_token(session, registration, "a b", later) is None
        assert store.access_token(session, registration, "a", now) is None


def test_two_processes_may_keep_a_token_at_once(
    any_sessions: SessionFactory, registration: RegistrationId, now: datetime
) -> None:
    def keep(number: int) -> None:
        with unit_of_work(any_sessions) as session:
            token = AccessToken(f"token-{number}", "", now + timedelta(hours=1))
            store.save_access_token(session, registration, "a", token)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(keep, range(8)))

    with unit_of_work(any_sessions) as session:
        assert store.access_token(session, registration, "a", now) is not None


def test_only_the_very_token_is_dropped(
    any_sessions: SessionFactory, registration: RegistrationId, now: datetime
) -> None:
    token = AccessToken("new", "", now + timedelta(hours=1))
    with unit_of_work(any_sessions) as session:
        store.save_access_token(session, registration, "a", token)
        store.drop_access_token(session, registration, "a", "old", now)
        assert store.access_token(session, registration, "a", now) == token
        store.drop_access_token(session, registration, "a", "new", now)
        assert store.access_token(session, registration, "a", now) is None


def test_an_invitation_is_used_up_by_one_of_many(any_sessions: SessionFactory, now: datetime) -> None:
    with unit_of_work(any_sessions) as session:
        invitation_store.add(session, "hash", holds=False, now=now, expires_at=now + timedelta(days=7))

    def use(_: int) -> bool:
        with unit_of_work(any_sessions) as session:
            return invitation_store.use_up(session, "hash", now)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(8))) == 1


def test_switching_off_forgets_the_tokens(
    any_sessions: SessionFactory, registration: RegistrationId, now: datetime
) -> None:
    with unit_of_work(any_sessions) as session:
        store.save_access_token(session, registration, "a", AccessToken("t", "", now + timedelta(hours=1)))
        store.set_active(session, registration, active=False)

    with unit_of_work(any_sessions) as session:
        assert store.access_token(session, registration, "a", now) is None
        assert [each.active for each in registrations(session)] == [False]


OLD = Services(
    "https://lms.example.invalid/1/items", None, frozenset({"score"}), "https://lms.example.invalid/1/members"
)
NEW_ITEMS = "https://lms.example.invalid/2/items"
NEW_MEMBERS = "https://lms.example.invalid/2/members"


@pytest.mark.parametrize(
    ("told", "old_is_active", "kept"),
    [
        (Services(NEW_ITEMS, None, frozenset({"score"}), NEW_MEMBERS), True, ("new", NEW_ITEMS, NEW_MEMBERS)),
        (Services(NEW_ITEMS, None, frozenset({"score"}), None), True, ("new", NEW_ITEMS, None)),
        (Services(None, None, frozenset(), NEW_MEMBERS), True, ("old", OLD.line_items_url, OLD.memberships_url)),
        (Services(None, None, frozenset(), NEW_MEMBERS), False, ("new", None, NEW_MEMBERS)),
    ],
)
def test_services_of_two_registrations_are_never_mixed(
    session: Session, make: Make, now: datetime, told: Services, old_is_active: bool, kept: tuple[str, str, str]
) -> None:
    platform = make.platform()
    old, new = (make.registration(platform, client_id) for client_id in ("old", "new"))
    course = CourseId(make.course(platform).id)
    store.note_course_services(session, course, RegistrationId(old.id), OLD, now)
    old.active = old_is_active

    changed = store.note_course_services(session, course, RegistrationId(new.id), told, now)

    found = store.course_services(session, course)
    assert found is not None
    assert (found.registration.client_id, found.line_items_url, found.memberships_url) == kept
    assert found.scopes == (told.scopes if kept[0] == "new" else OLD.scopes)
    assert changed is (kept[0] == "new")


def test_a_list_of_registrations_costs_the_same_queries_for_three_and_thirty(
    any_sessions: SessionFactory, now: datetime
) -> None:
    register_many(any_sessions, 3, now)
    few = queries_of_a_list(any_sessions, 3)
    register_many(any_sessions, 30, now)

    assert queries_of_a_list(any_sessions, 30) == few


def register_many(sessions: SessionFactory, number: int, now: datetime) -> None:
    with unit_of_work(sessions) as session:
        for each in range(number):
            store.save_registration(session, replace(AGREED, issuer=f"https://lms{each}.example.invalid"), now)


def queries_of_a_list(sessions: SessionFactory, expected: int) -> int:
    statements: list[object] = []

    def note(*seen: object) -> None:
        statements.append(seen)

    with unit_of_work(sessions, writes=False) as session:
        event.listen(session.get_bind(), "before_cursor_execute", note)
        rows = registrations(session)
        event.remove(session.get_bind(), "before_cursor_execute", note)
        assert [row.deployments for row in rows] == [("1",)] * expected
        assert len(issuers(session)) == expected
    return len(statements)


def _launched(session: Session, registration: int, context_id: str, scopes: list[str], roster: str | None) -> None:
    make = Make(session, datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    platform = session.get_one(PlatformRow, session.get_one(RegistrationRow, registration).platform_id)
    course = make.course(platform, context_id=context_id)
    row = CourseServiceRow(course_id=course.id, registration_id=registration, scopes=scopes, memberships_url=roster)
    row.seen_at = make.now
    session.add(row)


def test_what_was_allowed_is_told_by_registration_and_by_the_courses_launches(
    any_sessions: SessionFactory, registration: RegistrationId, now: datetime
) -> None:
    with unit_of_work(any_sessions) as session:
        for context_id in ("a", "b"):
            _launched(session, registration, context_id, [Scope.SCORE, Scope.LINE_ITEM], "https://lms/members")
        _launched(session, registration, "c", [Scope.SCORE, Scope.MEMBERSHIP], None)
        other = Make(session, now).registration(client_id="client-2").public_id

    with unit_of_work(any_sessions, writes=False) as session:
        found = grants(session)
        mine = found[store.public_id_of(session, registration)]

    assert (mine.declared, mine.courses) == (frozenset({"a", "b"}), 3)
    assert mine.allowed == {Scope.SCORE: 3, Scope.LINE_ITEM: 2, Scope.MEMBERSHIP: 2}
    assert (found[PublicId(other)].courses, found[PublicId(other)].allowed) == (0, {})
