"""`lti-tool keys`: show the tool's own keys, replace the one that signs, lock all by another passphrase."""

from __future__ import annotations

import json
import sys

import click
from pydantic import SecretStr

from lti_tool import clock, key_files
from lti_tool.audit.model import Action
from lti_tool.cli.context import opened
from lti_tool.cli.noting import note
from lti_tool.credentials import keyring as badge_keys
from lti_tool.credentials.model import CredentialKey
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.key_files import KeyFolder
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


@keys.command("rewrap")
def rewrap() -> None:
    """Lock all private keys by the LTI_TOOL_KEYS_PASSPHRASE of now; asks for the one of before, or reads it from stdin.

    The keys stay the same, so that no LMS and no badge notices. All or none; again does no harm. Restart web and worker
    then: they hold the passphrase of before. Prints how many were locked anew.
    """
    with opened() as work:
        before = _former_passphrase()
        passphrase = work.settings.keys_passphrase
        own = KeyFolder(work.settings.keys_dir, passphrase)
        with unit_of_work(work.sessions) as session:
            note(session, Action.KEYS_CHANGED, what="rewrapped")
            count = key_files.rewrap([own, badge_keys.folder_of(own.path, passphrase)], before)
    click.echo(str(count))


def _former_passphrase() -> SecretStr | None:
    """Never an argument, which others on the machine can see."""
    if sys.stdin.isatty():
        question = "Passphrase of before (empty: none)"
        told = str(click.prompt(question, default="", show_default=False, hide_input=True, err=True))
    else:
        told = sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    return SecretStr(told) if told else None


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
