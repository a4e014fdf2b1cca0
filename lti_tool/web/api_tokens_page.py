"""What the page of the tokens for the API shows: which there are, whether they are used, and a new one this once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.accounts import token_queries
from lti_tool.accounts.token_model import ApiToken, MadeToken, TokenState
from lti_tool.accounts.tokens import Wish
from lti_tool.errors import RuleBroken
from lti_tool.ids import PlatformId
from lti_tool.web.dates import day, moment
from lti_tool.web.i18n import gettext as _
from lti_tool.web.refusals import told

DAYS = (30, 90, 365, 730)
USUAL = "365"
UNTIL_REVOKED = "0"


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token in the list."""

    name: str
    start: str
    made: str
    used: str
    ends: str
    state: str
    revoke_url: str
    """Empty: it has ended."""


@dataclass(frozen=True, slots=True)
class TokensPage:
    """The page; `secret` is the new token, shown this once."""

    secret: str
    secret_name: str
    in_force: tuple[TokenLine, ...]
    ended: tuple[TokenLine, ...]
    refused: str
    name: str
    days: str
    choices: tuple[tuple[str, str], ...]


def wish_of(form: Mapping[str, str]) -> Wish:
    """What the form asks for. Raises RuleBroken("token_days_faulty") for a choice that was not offered."""
    days = form.get("days", USUAL)
    if days not in {UNTIL_REVOKED, *map(str, DAYS)}:
        raise RuleBroken("token_days_faulty", most=DAYS[-1])
    return Wish(form.get("name", ""), None if days == UNTIL_REVOKED else int(days))


def build(
    session: Session,
    platform_id: PlatformId,
    now: datetime,
    *,
    made: MadeToken | None = None,
    refusal: RuleBroken | None = None,
    typed: Mapping[str, str] | None = None,
) -> TokensPage:
    """The page, with what was typed where it was refused."""
    found = token_queries.tokens_of(session, platform_id)
    kept = typed if typed is not None and refusal is not None else {}
    return TokensPage(
        secret=made.secret if made else "",
        secret_name=made.token.name if made else "",
        in_force=tuple(_line(each, now) for each in found if each.state(now) is TokenState.IN_FORCE),
        ended=tuple(_line(each, now) for each in found if each.state(now) is not TokenState.IN_FORCE),
        refused=told(refusal) if refusal else "",
        name=kept.get("name", ""),
        days=kept.get("days", USUAL),
        choices=(
            ("30", _("30 days")),
            ("90", _("90 days")),
            ("365", _("a year")),
            ("730", _("two years")),
            (UNTIL_REVOKED, _("until it is revoked")),
        ),
    )


def _line(token: ApiToken, now: datetime) -> TokenLine:
    state = token.state(now)
    made, maker = day(token.created_at), token.made_by or _("operator of the tool")
    return TokenLine(
        name=token.name,
        start=f"{token.start}…",
        made=f"{made}, {maker}",
        used=moment(token.used_at) if token.used_at else _("never yet"),
        ends=day(token.expires_at) if token.expires_at else _("until it is revoked"),
        state=_ended(token, state),
        revoke_url=url_for("api_tokens.revoke", token=token.public_id) if state is TokenState.IN_FORCE else "",
    )


def _ended(token: ApiToken, state: TokenState) -> str:
    if state is TokenState.REVOKED and token.revoked_at is not None:
        return _("revoked on %(when)s", when=day(token.revoked_at))
    if state is TokenState.EXPIRED and token.expires_at is not None:
        return _("expired on %(when)s", when=day(token.expires_at))
    return ""
