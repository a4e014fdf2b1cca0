"""`lti-tool keys`: show the tool's own keys, and replace the one that signs."""

from __future__ import annotations

import json

import click

from lti_tool import clock
from lti_tool.audit.model import Action
from lti_tool.cli.context import opened
from lti_tool.cli.noting import note
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.lti import keyring
from lti_tool.lti.model import ToolKey


@click.group()
def keys() -> None:
    """The tool's own keys, with which it signs what it sends to platforms."""


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_keys(as_json: bool) -> None:
    """List all keys, newest first, with what they are for."""
    with opened() as work, unit_of_work(work.sessions, writes=False) as session:
        found = keyring.listed(session)
    if as_json:
        click.echo(json.dumps([_plain(key) for key in found], indent=2))
        return
    for key in found:
        click.echo(f"{key.kid}  {key.state.value:<9}  {key.created_at:%Y-%m-%d %H:%M} UTC")


@keys.command("rotate")
def rotate() -> None:
    """Make a new key that signs from now on; the one before stays published until the next rotation.

    Running processes need no restart. Prints the id of the new key.
    """
    with opened() as work, unit_of_work(work.sessions) as session:
        key = keyring.rotate(session, work.settings.keys_dir, work.settings.keys_passphrase, clock.now())
        note(session, Action.KEYS_CHANGED, what="rotated")
    click.echo(key.kid)


def _plain(key: ToolKey) -> dict[str, str | None]:
    return {
        "kid": key.kid,
        "state": key.state.value,
        "created_at": key.created_at.isoformat(),
        "retired_at": key.retired_at.isoformat() if key.retired_at else None,
    }
