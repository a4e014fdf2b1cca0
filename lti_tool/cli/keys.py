"""`lti-tool keys`: show the tool's own keys, and replace the one that signs."""

from __future__ import annotations

import json

import click

from lti_tool import clock
from lti_tool.audit.model import Action
from lti_tool.cli.context import opened
from lti_tool.cli.noting import note
from lti_tool.credentials import keyring as badge_keys
from lti_tool.credentials.model import CredentialKey
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.lti import keyring
from lti_tool.lti.model import KeyState, ToolKey


@click.group()
def keys() -> None:
    """The tool's own keys: with one kind it signs what it sends to platforms, with the other badges."""


CREDENTIAL = click.option("--credential", is_flag=True, help="The keys that sign badges, instead of those of the tool.")


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@CREDENTIAL
def list_keys(as_json: bool, credential: bool) -> None:
    """List all keys, newest first, with what they are for."""
    with opened() as work, unit_of_work(work.sessions, writes=False) as session:
        found = [_of_badges(key) for key in badge_keys.listed(session)] if credential else keyring.listed(session)
    if as_json:
        click.echo(json.dumps([_plain(key) for key in found], indent=2))
        return
    for key in found:
        click.echo(f"{key.kid}  {key.state.value:<9}  {key.created_at:%Y-%m-%d %H:%M} UTC")


@keys.command("rotate")
@CREDENTIAL
def rotate(credential: bool) -> None:
    """Make a new key that signs from now on; the one before stays published until the next rotation.

    Of the keys that sign badges the public halves stay published for ever: what they signed must stay verifiable.
    Running processes need no restart. Prints the id of the new key.
    """
    with opened() as work, unit_of_work(work.sessions) as session:
        make = badge_keys.rotate if credential else keyring.rotate
        key = make(session, work.settings.keys_dir, work.settings.keys_passphrase, clock.now())
        note(session, Action.KEYS_CHANGED, what="badge-key-rotated" if credential else "rotated")
    click.echo(key.kid)


def _of_badges(key: CredentialKey) -> ToolKey:
    """A key that signs badges, in the words of the others: its public half is never gone."""
    state = KeyState.SIGNING if key.retired_at is None else KeyState.PUBLISHED
    return ToolKey(key.kid, key.public_jwk, state, key.created_at, key.retired_at)


def _plain(key: ToolKey) -> dict[str, str | None]:
    return {
        "kid": key.kid,
        "state": key.state.value,
        "created_at": key.created_at.isoformat(),
        "retired_at": key.retired_at.isoformat() if key.retired_at else None,
    }
