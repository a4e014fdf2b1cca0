"""`lti-tool audit`: the record of who read and who changed what, out to a file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TextIO

import click

from lti_tool.audit import exporting
from lti_tool.audit.model import Action
from lti_tool.audit.queries import Asked
from lti_tool.cli.context import opened
from lti_tool.cli.noting import note
from lti_tool.db.unit_of_work import unit_of_work

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def audit() -> None:
    """The record of who read whose data, and of all changes: opaque ids only."""


@audit.command("export")
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=True), default="-")
@click.option("--format", "kind", type=click.Choice(["csv", "ndjson"]), default="ndjson", help="What to write.")
@click.option("--since", type=DAY, help="From this day on (UTC).")
@click.option("--until", type=DAY, help="Before this day (UTC).")
@click.option("--actor", help="Only what this id did.")
@click.option("--subject", help="Only what was about this id.")
def export_command(
    file: TextIO, kind: str, since: datetime | None, until: datetime | None, actor: str | None, subject: str | None
) -> None:
    """Writes the record of all platforms to FILE or to standard output, the newest first."""
    asked = Asked(actor=actor, subject=subject, since=_utc(since), until=_utc(until))
    with opened() as work:
        with unit_of_work(work.sessions) as session:
            note(session, Action.READ_AUDIT, what=kind)
        with unit_of_work(work.sessions, writes=False) as session:
            for piece in exporting.pieces(session, asked, kind):
                file.write(piece)


def _utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None
