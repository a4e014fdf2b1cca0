"""How a credential stands: what is worked out of what has become of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lti_tool.credentials.model import Credential, Kind, Revocation, Standing
from lti_tool.ids import PersonId, PlatformId

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MADE = Credential(
    public_id="a" * 26, platform_id=PlatformId(1), person_id=PersonId(1), kind=Kind.BADGE, course_id=None,
    certified_level="level", locale="ky", shows_name=False, facts={}, signed="a.b.c", status_place=None,
    issued_at=NOW - DAY, expires_at=None, revoked_at=None, revocation=None, revoked_because="", superseded_by=None,
    level_ended_at=None,
)  # fmt: skip


def test_what_nothing_has_become_of_is_valid() -> None:
    assert MADE.standing(NOW) is Standing.VALID
    assert (MADE.ended_as, MADE.ended_at) == (None, None)


def test_its_validity_ends_at_the_moment_that_it_names() -> None:
    ending = replace(MADE, expires_at=NOW)

    assert ending.standing(NOW - timedelta(seconds=1)) is Standing.VALID
    assert ending.standing(NOW) is Standing.EXPIRED


def test_what_another_took_the_place_of_is_superseded_even_when_it_has_expired() -> None:
    assert replace(MADE, superseded_by="b" * 26, expires_at=NOW - DAY).standing(NOW) is Standing.SUPERSEDED


def test_a_badge_whose_level_is_certified_no_longer_is_revoked_since_then() -> None:
    ended = replace(MADE, level_ended_at=NOW - DAY)

    assert ended.standing(NOW) is Standing.REVOKED
    assert (ended.ended_as, ended.ended_at) == (Revocation.LEVEL_ENDED, NOW - DAY)


def test_what_somebody_revoked_goes_before_everything_else() -> None:
    revoked = replace(
        MADE,
        revoked_at=NOW - 2 * DAY,
        revocation=Revocation.HOLDER,
        level_ended_at=NOW - DAY,
        superseded_by="b" * 26,
        expires_at=NOW - DAY,
    )

    assert revoked.standing(NOW) is Standing.REVOKED
    assert (revoked.ended_as, revoked.ended_at) == (Revocation.HOLDER, NOW - 2 * DAY)
