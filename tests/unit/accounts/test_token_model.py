"""When a token for the API opens something, and that printing a new one does not tell it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.accounts.token_model import ApiToken, MadeToken, TokenState
from lti_tool.ids import PlatformId, PublicId

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def token(expires_at: datetime | None = None, revoked_at: datetime | None = None) -> ApiToken:
    return ApiToken(
        id=1,
        public_id=PublicId("t1"),
        platform_id=PlatformId(1),
        name="statistics",
        start="lti_abc",
        created_at=NOW - timedelta(days=1),
        made_by="",
        expires_at=expires_at,
        revoked_at=revoked_at,
        used_at=None,
        rate=600,
    )


@pytest.mark.parametrize(
    ("expires_at", "state"),
    [
        (None, TokenState.IN_FORCE),
        (NOW + MOMENT, TokenState.IN_FORCE),
        (NOW, TokenState.EXPIRED),
        (NOW - MOMENT, TokenState.EXPIRED),
    ],
)
def test_the_moment_at_which_a_token_expires_is_already_outside(expires_at: datetime | None, state: TokenState) -> None:
    assert token(expires_at).state(NOW) is state


@pytest.mark.parametrize("expires_at", [None, NOW + timedelta(days=9), NOW - timedelta(days=9)])
def test_a_revoked_token_is_revoked_whenever_it_would_have_expired(expires_at: datetime | None) -> None:
    assert token(expires_at, revoked_at=NOW).state(NOW) is TokenState.REVOKED


def test_a_new_token_does_not_show_in_logs() -> None:
    made = MadeToken("lti_abcdefghijkl", token())

    assert "lti_abc" in f"{made} {made!r}"
    assert "lti_abcd" not in f"{made} {made!r}"
