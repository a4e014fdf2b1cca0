"""An LMS moves to another address: its people, courses and grades go on from there, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from sqlalchemy import select

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import PlatformUnavailable, RuleBroken
from lti_tool.grading.tables import LineItemRow, PlatformChannelRow
from lti_tool.ids import PlatformId
from lti_tool.lti import moving
from lti_tool.lti.tables import (
    AccessTokenRow,
    CourseServiceRow,
    DeploymentRow,
    JwksRow,
    PlatformRow,
    RegistrationRow,
)
from lti_tool.moodle.tables import MoodleConnectionRow
from lti_tool.outbound import Outbound
from lti_tool.people.tables import LoginSessionRow, PersonRow
from lti_tool.relocating import Relocated, relocate
from tests.factories.desk import Desk, open_desk, with_column
from tests.factories.make import Make
from tests.factories.signing_lms import FakeOutbound

FORMER, NEW = "https://lms.example.invalid", "https://moodle.example.invalid/site"
KEYS = {"keys": [{"kid": "k1"}]}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def desk(request: pytest.FixtureRequest, now: datetime) -> Desk:
    """An LMS at FORMER with all that may know its address, and another whose address only begins alike."""
    name = "sessions" if request.param == "sqlite" else "postgres_sessions"
    desk: Desk = open_desk(request.getfixturevalue(name), now, people=2)
    with unit_of_work(desk.sessions) as session:
        session.get_one(PlatformRow, desk.platform_id).issuer = FORMER
        session.flush()
        make = Make(session, now)
        for issuer in (FORMER, FORMER + ".kg"):
            platform = session.scalars(select(PlatformRow).where(PlatformRow.issuer == issuer)).one_or_none()
            _furnish(make, platform or make.platform(issuer), desk)
    return with_column(desk)


def _furnish(make: Make, platform: PlatformRow, desk: Desk) -> None:
    registration = make.registration(platform)
    own = platform.id == desk.platform_id
    course_id = desk.course_id if own else make.course(platform).id
    person_id = desk.people[0] if own else make.person(platform).id
    address = platform.issuer
    rows = [
        CourseServiceRow(
            course_id=course_id,
            registration_id=registration.id,
            line_items_url=f"{address}/services.php/2/lineitems?type_id=1",
            memberships_url=f"{address}/services.php/2/memberships",
            scopes=[],
            seen_at=make.now,
        ),
        MoodleConnectionRow(platform_id=platform.id, url=address, token_locked="locked", set_at=make.now),
        AccessTokenRow(registration_id=registration.id, scopes="s", token="t", expires_at=make.now),
        JwksRow(url=registration.jwks_url, document=KEYS, fetched_at=make.now, tried_at=make.now),
        LoginSessionRow(
            token_hash=address[-60:],
            person_id=person_id,
            platform_id=platform.id,
            return_url=f"{address}/course/view.php?id=2",
            created_at=make.now,
            seen_at=make.now,
        ),
    ]
    make.session.add_all(rows)
    make.session.flush()


def _outbound(answer: object = KEYS) -> FakeOutbound:
    outbound = FakeOutbound()
    outbound.answers[f"{NEW}/jwks"] = answer
    return outbound


def _move(desk: Desk, issuer: str = NEW, outbound: FakeOutbound | None = None) -> Relocated:
    way = cast("Outbound", outbound or _outbound())
    with unit_of_work(desk.sessions, writes=False) as session:
        begun = moving.begin(session, way, desk.platform_id, issuer)
    moving.check_keys(way, begun)
    with unit_of_work(desk.sessions) as session:
        return relocate(session, begun, desk.now)


def _told(sessions: SessionFactory, platform_id: PlatformId) -> dict[str, Any]:
    """Every address that the tool knows of a platform, and what belongs to them."""
    with sessions() as session:
        registration = session.scalars(
            select(RegistrationRow).where(RegistrationRow.platform_id == platform_id)
        ).first()
        assert registration is not None
        service = session.scalars(
            select(CourseServiceRow).where(CourseServiceRow.registration_id == registration.id)
        ).one()
        tokens = select(AccessTokenRow.token).filter_by(registration_id=registration.id)
        visits = select(LoginSessionRow.id).filter_by(platform_id=platform_id)
        return {
            "issuer": session.get_one(PlatformRow, platform_id).issuer,
            "token_url": registration.token_url,
            "line_items": service.line_items_url,
            "memberships": service.memberships_url,
            "web_service": session.get_one(MoodleConnectionRow, platform_id).url,
            "tokens": len(session.scalars(tokens).all()),
            "sessions": len(session.scalars(visits).all()),
        }


def _other(desk: Desk) -> PlatformId:
    with desk.sessions() as session:
        return PlatformId(session.scalars(select(PlatformRow.id).where(PlatformRow.issuer == FORMER + ".kg")).one())


def test_every_address_of_the_lms_changes_and_none_of_another(desk: Desk) -> None:
    other = _told(desk.sessions, _other(desk))

    done = _move(desk)

    assert done == Relocated(registrations=1, courses=1, columns=1, web_services=1, sessions_ended=1, left=())
    assert _told(desk.sessions, desk.platform_id) == {
        "issuer": NEW,
        "token_url": f"{NEW}/token",
        "line_items": f"{NEW}/services.php/2/lineitems?type_id=1",
        "memberships": f"{NEW}/services.php/2/memberships",
        "web_service": NEW,
        "tokens": 0,
        "sessions": 0,
    }
    assert _told(desk.sessions, _other(desk)) == other


def test_grades_that_waited_go_to_the_new_address_and_people_stay_who_they_are(desk: Desk) -> None:
    desk.want(2)
    desk.wait(minutes=1)
    with unit_of_work(desk.sessions) as session:
        channel = session.get_one(PlatformChannelRow, desk.platform_id)
        channel.paused_since, channel.paused_until, channel.reason = desk.now, desk.now + timedelta(hours=1), "outage"
    assert desk.claim() == ()

    _move(desk)
    desk.lms.columns = {url.replace(FORMER, NEW): column for url, column in desk.lms.columns.items()}
    desk.url = desk.url.replace(FORMER, NEW)
    desk.work()

    assert desk.shown() == Decimal(2)
    with desk.sessions() as session:
        assert set(session.scalars(select(PersonRow.id).filter_by(platform_id=desk.platform_id))) == set(desk.people)


def test_there_and_back_again_is_where_it_was(desk: Desk) -> None:
    before = _told(desk.sessions, desk.platform_id) | {"tokens": 0, "sessions": 0}
    outbound = _outbound()
    outbound.answers[f"{FORMER}/jwks"] = KEYS

    _move(desk, NEW + "/", outbound)
    _move(desk, FORMER, outbound)

    assert _told(desk.sessions, desk.platform_id) == before


def test_an_address_that_lies_elsewhere_stays_and_is_named(desk: Desk) -> None:
    with unit_of_work(desk.sessions) as session:
        row = session.scalars(select(RegistrationRow).filter_by(platform_id=desk.platform_id)).one()
        row.authorization_url = "https://sso.example.invalid/auth"

    assert _move(desk).left == ("https://sso.example.invalid/auth",)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"keys": [{"kid": "somebody else's"}]}, RuleBroken),
        ({"keys": "none"}, PlatformUnavailable),
        (PlatformUnavailable("platform_unreachable"), PlatformUnavailable),
    ],
)
def test_who_does_not_have_the_keys_of_the_lms_is_not_taken_for_it(
    desk: Desk, answer: object, error: type[Exception]
) -> None:
    before = _told(desk.sessions, desk.platform_id)

    with pytest.raises(error):
        _move(desk, outbound=_outbound(answer))

    assert _told(desk.sessions, desk.platform_id) == before


def test_an_address_from_which_people_of_another_platform_came_is_refused(desk: Desk) -> None:
    with unit_of_work(desk.sessions) as session:
        make = Make(session, desk.now)
        make.person(make.platform(NEW))
    before = _told(desk.sessions, desk.platform_id)

    with pytest.raises(RuleBroken, match="issuer_taken"):
        _move(desk)

    assert _told(desk.sessions, desk.platform_id) == before


def test_the_present_address_is_refused(desk: Desk) -> None:
    with pytest.raises(RuleBroken, match="issuer_same"):
        _move(desk, FORMER + "/")


def test_registrations_that_nobody_has_used_yet_join_at_the_new_address(desk: Desk) -> None:
    with unit_of_work(desk.sessions) as session:
        make = Make(session, desk.now)
        there = make.platform(NEW)
        make.registration(there, "client-2")
        twin = make.registration(there, "client-1")
        session.add(DeploymentRow(registration_id=twin.id, deployment_id="7", created_at=desk.now))

    done = _move(desk)

    assert done.registrations == 2
    with desk.sessions() as session:
        query = select(RegistrationRow.client_id, RegistrationRow.active, DeploymentRow.deployment_id).outerjoin(
            DeploymentRow, DeploymentRow.registration_id == RegistrationRow.id
        )
        of = {
            issuer: sorted(map(tuple, session.execute(query.join(PlatformRow).where(PlatformRow.issuer == issuer))))
            for issuer in (NEW, FORMER)
        }
        columns = session.scalars(select(LineItemRow.url)).all()
    assert of[NEW] == [("client-1", True, "1"), ("client-1", True, "7"), ("client-2", True, "1")]
    assert of[FORMER] == [("client-1", False, "1")], "what is left of the empty one opens nothing"
    assert [str(url).startswith(NEW) for url in columns] == [True]
