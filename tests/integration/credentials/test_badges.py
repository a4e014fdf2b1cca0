"""Making badges of certified levels and ending them, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from lti_tool.competency.tables import CertifiedLevelRow
from lti_tool.credentials import badge_queries, badges, queries, records
from lti_tool.credentials import store as credential_store
from lti_tool.credentials.model import Credential, Kind, NewCredential, Revocation, Standing
from lti_tool.credentials.status_list import FULL
from lti_tool.credentials.tables import CredentialRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import NotFound, RuleBroken
from lti_tool.ids import PersonId
from lti_tool.privacy import store as privacy_store
from tests.factories.badges import Holder, holder

DAY = timedelta(days=1)


@pytest.fixture
def has(any_sessions: SessionFactory, tmp_path: Path, now: datetime) -> Holder:
    """Somebody with two certified levels."""
    return holder(any_sessions, tmp_path, now)


def _found(has: Holder, public_id: str) -> Credential:
    with unit_of_work(has.sessions, writes=False) as session:
        found = queries.find(session, public_id)
    assert found is not None
    return found


def _standing(has: Holder, public_id: str, later: timedelta = timedelta()) -> Standing:
    return _found(has, public_id).standing(has.now + later)


def _end(has: Holder, level: int, at: datetime) -> None:
    with unit_of_work(has.sessions) as session:
        row = CertifiedLevelRow
        session.execute(update(row).where(row.public_id == has.levels[level]).values(ended_at=at))


def _revoked(has: Holder) -> set[int]:
    with unit_of_work(has.sessions, writes=False) as session:
        return set(badge_queries.revoked_places(session, 0))


def test_a_badge_keeps_what_it_states_and_what_was_signed(has: Holder) -> None:
    made = _found(has, has.make(1, by_email=True))

    assert (made.kind, made.locale, made.shows_name, len(made.public_id)) == (Kind.BADGE, "ky", False, 26)
    assert made.facts == {
        "framework": "kg-ict-teachers",
        "version": "1.0",
        "competency": "4.1",
        "level": 2,
        "certified_at": has.now.isoformat(),
        "course": "ИКТ 101",
        "issuer": "Institute",
        "by_email": True,
    }
    assert made.signed is not None
    assert made.signed.count(".") == 2
    assert made.standing(has.now) is Standing.VALID


def test_asking_for_the_same_badge_twice_makes_one(has: Holder) -> None:
    first = has.make()

    assert has.make(shows_name=True) == first
    assert _found(has, first).shows_name


def test_a_badge_made_anew_takes_the_place_of_the_one_before_which_verifies_no_longer(has: Holder) -> None:
    first = has.make()
    second = has.make(locale="ru")

    assert (_standing(has, first), _standing(has, second)) == (Standing.SUPERSEDED, Standing.VALID)
    assert _found(has, first).superseded_by == second
    place = _found(has, first).status_place
    assert place is not None
    assert _revoked(has) == {place.index}


def test_a_badge_for_a_higher_level_leaves_the_lower_one_as_it_is(has: Holder) -> None:
    lower, higher = has.make(0), has.make(1)

    assert (_standing(has, lower), _standing(has, higher)) == (Standing.VALID, Standing.VALID)
    assert _revoked(has) == set()


def test_what_is_certified_no_longer_revokes_its_badge_and_no_other(has: Holder) -> None:
    lower, higher = has.make(0), has.make(1)

    _end(has, 1, has.now + DAY)

    found = _found(has, higher)
    assert found.status_place is not None
    assert (found.ended_as, found.ended_at) == (Revocation.LEVEL_ENDED, has.now + DAY)
    assert _standing(has, lower) is Standing.VALID
    assert _revoked(has) == {found.status_place.index}


def test_no_badge_can_be_made_of_what_is_certified_no_longer(has: Holder) -> None:
    _end(has, 0, has.now)

    with pytest.raises(NotFound, match="certified_level_unknown"):
        has.make(0)


def test_no_badge_can_be_made_of_what_has_expired_or_is_somebody_elses(has: Holder) -> None:
    with unit_of_work(has.sessions) as session:
        row = CertifiedLevelRow
        session.execute(update(row).where(row.public_id == has.levels[0]).values(expires_at=has.now))
    with pytest.raises(NotFound, match="certified_level_unknown"):
        has.make(0)
    has.person = replace(has.person, id=PersonId(has.person.id + 1))
    with pytest.raises(NotFound, match="person_unknown"):
        has.make(1)


def test_a_badge_expires_with_its_level(has: Holder) -> None:
    with unit_of_work(has.sessions) as session:
        row = CertifiedLevelRow
        session.execute(update(row).where(row.public_id == has.levels[0]).values(expires_at=has.now + DAY))

    made = has.make(0)

    assert (_standing(has, made), _standing(has, made, DAY)) == (Standing.VALID, Standing.EXPIRED)


def test_its_person_withdraws_a_badge_and_may_make_another(has: Holder) -> None:
    first = has.make()
    with unit_of_work(has.sessions) as session:
        badges.withdraw(session, has.person.id, first, has.now)

    second = has.make()

    assert second != first
    assert (_standing(has, first), _standing(has, second)) == (Standing.REVOKED, Standing.VALID)
    assert _found(has, first).ended_as is Revocation.HOLDER


def test_the_institute_revokes_with_a_reason_and_what_is_revoked_keeps_it(has: Holder) -> None:
    made = has.make()
    with unit_of_work(has.sessions) as session:
        with pytest.raises(RuleBroken, match="reason_length"):
            badges.revoke(session, has.person.platform_id, made, " ", by=has.person.id, now=has.now)
        badges.revoke(session, has.person.platform_id, made, "Made by mistake.", by=has.person.id, now=has.now)
        badges.withdraw(session, has.person.id, made, has.now + DAY)

    found = _found(has, made)
    assert (found.ended_as, found.revoked_because, found.ended_at) == (
        Revocation.INSTITUTE,
        "Made by mistake.",
        has.now,
    )


def test_another_platforms_admin_finds_nothing_to_revoke(has: Holder) -> None:
    made = has.make()

    with unit_of_work(has.sessions) as session, pytest.raises(NotFound, match="credential_unknown"):
        other = type(has.person.platform_id)(has.person.platform_id + 1)
        badges.revoke(session, other, made, "Made by mistake.", by=has.person.id, now=has.now)


def test_the_name_is_read_where_it_is_shown_and_only_while_the_person_wants_it(has: Holder) -> None:
    made = has.make(shows_name=True)

    with unit_of_work(has.sessions) as session:
        shown = queries.shown_name(session, _found(has, made))
        badges.show_name(session, has.person.id, made, shows=False)
    with unit_of_work(has.sessions) as session:
        assert (shown, queries.shown_name(session, _found(has, made))) == ("Айгүл", "")
        badges.show_name(session, has.person.id, made, shows=True)
        badges.withdraw(session, has.person.id, made, has.now)
    with unit_of_work(has.sessions, writes=False) as session:
        assert queries.shown_name(session, _found(has, made)) == ""


def test_erasing_a_person_revokes_and_empties_what_they_carried_away(has: Holder) -> None:
    made = has.make(by_email=True, shows_name=True)
    place = _found(has, made).status_place
    assert place is not None

    with unit_of_work(has.sessions) as session:
        privacy_store.delete_holdings(session, has.person.id, has.now)

    found = _found(has, made)
    assert (found.person_id, dict(found.facts), found.signed, found.shows_name) == (None, {}, None, False)
    assert (found.standing(has.now), found.ended_as) == (Standing.REVOKED, Revocation.ERASED)
    assert _revoked(has) == {place.index}


def test_a_newer_record_takes_the_place_of_all_older_ones_and_of_no_badge(has: Holder) -> None:
    badge = has.make()
    wanted = NewCredential(has.person.platform_id, has.person.id, Kind.RECORD, "ky", shows_name=False, facts={"a": 1})
    made = []
    for _ in range(3):
        with unit_of_work(has.sessions) as session:
            made.append(records.enter(session, replace(wanted, public_id=f"{len(made)}" * 26), has.now))

    assert [_standing(has, each) for each in made] == [Standing.SUPERSEDED, Standing.SUPERSEDED, Standing.VALID]
    assert _found(has, made[0]).superseded_by == made[1]
    assert _standing(has, badge) is Standing.VALID


def test_a_list_that_is_half_full_takes_no_more(has: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert FULL == 65_536
    monkeypatch.setattr(credential_store, "FULL", 1)

    made = [_found(has, has.make(level)).status_place for level in (0, 1)]

    assert [place.list_number for place in made if place] == [0, 1]


def test_two_badges_never_share_a_place(has: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([5, 5, 9])
    monkeypatch.setattr(credential_store, "drawn_index", lambda: next(drawn))

    made = [_found(has, has.make(level)).status_place for level in (0, 1)]

    assert [place.index for place in made if place] == [5, 9]


def test_ids_of_credentials_cannot_be_guessed(has: Holder) -> None:
    with unit_of_work(has.sessions) as session:
        ids = {records.enter(session, _record(has), has.now) for _ in range(50)}
        stored = set(session.scalars(CredentialRow.__table__.select().with_only_columns(CredentialRow.public_id)))

    assert ids == stored
    assert {len(each) for each in ids} == {26}
    assert 31**26 > 2**128


def _record(has: Holder) -> NewCredential:
    return NewCredential(has.person.platform_id, has.person.id, Kind.RECORD, "ky", shows_name=False, facts={})
