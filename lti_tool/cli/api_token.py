"""`lti-tool api-token`: tokens by which other systems read the API."""

from __future__ import annotations

import json
from datetime import datetime

import click

from lti_tool import clock
from lti_tool.accounts import token_queries, tokens
from lti_tool.accounts.token_model import MOST_DAYS, MOST_RATE, RATE, ApiToken
from lti_tool.accounts.tokens import Wish
from lti_tool.audit.model import Action, Subject, SubjectKind
from lti_tool.cli.context import opened
from lti_tool.cli.noting import note
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.lti import platforms

PLATFORM = click.option(
    "--platform", "registration_id", required=True, metavar="ID", help="A registration, as `platform list` prints it."
)


@click.group("api-token")
def api_token() -> None:
    """Tokens by which other systems read the API (/api/v1) of one platform."""


@api_token.command()
@PLATFORM
@click.option("--name", required=True, help="What it is for.")
@click.option("--days", type=click.IntRange(1, MOST_DAYS), help="How long it holds; else until it is revoked.")
@click.option("--rate", type=click.IntRange(1, MOST_RATE), default=RATE, show_default=True, help="Calls a minute.")
def create(registration_id: str, name: str, days: int | None, rate: int) -> None:
    """Prints a new token. It is shown this once: only a hash of it is kept."""
    with opened() as work, unit_of_work(work.sessions) as session:
        platform_id = platforms.platform_of(session, registration_id)
        made = tokens.make(session, platform_id, Wish(name, days, rate), clock.now())
        note(session, Action.TOKENS_CHANGED, platform_id=platform_id, what="created")
    click.echo(made.secret)


@api_token.command("list")
@PLATFORM
@click.option("--json", "as_json", is_flag=True, help="As a JSON list.")
def list_command(registration_id: str, as_json: bool) -> None:
    """Lists the tokens of a platform, the newest first: id, beginning, state, last use, name."""
    with opened() as work, unit_of_work(work.sessions, writes=False) as session:
        found = token_queries.tokens_of(session, platforms.platform_of(session, registration_id))
    rows = [_row(each, clock.now()) for each in found]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo("\t".join(str(row[key] or "") for key in ("id", "start", "state", "used_at", "name")))


@api_token.command()
@click.argument("token_id", metavar="ID")
def revoke(token_id: str) -> None:
    """Ends the token ID (as `api-token list` prints it) at once."""
    with opened() as work, unit_of_work(work.sessions) as session:
        tokens.revoke_any(session, token_id, clock.now())
        note(session, Action.TOKENS_CHANGED, subject=Subject(SubjectKind.TOKEN, token_id), what="revoked")


def _row(token: ApiToken, now: datetime) -> dict[str, object]:
    return {
        "id": token.public_id,
        "start": token.start,
        "name": token.name,
        "state": token.state(now).value,
        "made_by": token.made_by,
        "created_at": token.created_at.isoformat(),
        "expires_at": token.expires_at.isoformat() if token.expires_at else None,
        "revoked_at": token.revoked_at.isoformat() if token.revoked_at else None,
        "used_at": token.used_at.isoformat() if token.used_at else None,
        "rate": token.rate,
    }
