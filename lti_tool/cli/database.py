"""`lti-tool db`: the schema."""

from __future__ import annotations

import click

from lti_tool.cli.context import opened
from lti_tool.db.schema import upgrade


@click.group()
def db() -> None:
    """The database's schema."""


@db.command("upgrade")
def upgrade_command() -> None:
    """Brings the database's schema up to date; does nothing where it is."""
    with opened(upgrading=True) as work:
        upgrade(work.sessions)
    click.echo("The database is up to date.", err=True)
