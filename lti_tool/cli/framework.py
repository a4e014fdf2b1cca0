"""`lti-tool framework`: the operator's door to the versions of the requirements."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO

import click

from lti_tool import clock
from lti_tool.audit.model import Action
from lti_tool.cli.context import opened
from lti_tool.cli.noting import note
from lti_tool.competency import publishing
from lti_tool.db.unit_of_work import unit_of_work


@click.group("framework")
def framework() -> None:
    """The requirements: list versions, import and export catalogues."""


@framework.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(as_json: bool) -> None:
    """Lists the stored versions; the first one is what new courses use."""
    with opened() as work, unit_of_work(work.sessions, writes=False) as session:
        rows = [
            {
                "id": info.public_id,
                "framework": info.framework,
                "version": info.version,
                "title": dict(info.title),
                "competencies": info.competencies,
                "indicators": info.indicators,
                "imported_at": info.imported_at.isoformat(),
            }
            for info in publishing.versions(session)
        ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(
            f"{row['framework']}\t{row['version']}\t{row['competencies']} competencies\t"
            f"{row['indicators']} indicators\t{row['imported_at']}"
        )


@framework.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--framework", "name", help="Which requirements, for a file that does not say so (kg-ict-teachers).")
@click.option("--version", help="Which version, for a file that does not say so.")
def import_command(file: IO[bytes], name: str | None, version: str | None) -> None:
    """Imports a catalogue FILE ("-" = standard input) as a new version.

    The same content again changes nothing; other content under a stored version is refused.
    """
    data = file.read()
    with opened() as work, unit_of_work(work.sessions) as session:
        stored = publishing.publish(session, data, clock.now(), name, version)
        made = publishing.open_framework(session, stored)
        note(session, Action.FRAMEWORK_CHANGED)
    click.echo(
        f"{made.framework} {made.version}: {len(made.competencies)} competencies, {len(made.indicators)} indicators"
    )


@framework.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True), default="-")
@click.option("--framework", "name", help="Which requirements; the newest import when left out.")
@click.option("--version", help="Which version; the newest import when left out.")
@click.option("--with-edition", is_flag=True, help="With the tool's own block: name, version, short titles.")
def export_command(file: Path, name: str | None, version: str | None, with_edition: bool) -> None:
    """Writes a catalogue as JSON to FILE or to standard output."""
    with opened() as work, unit_of_work(work.sessions, writes=False) as session:
        found = publishing.find_version(session, name, version)
        data = publishing.exported(session, found, with_edition=with_edition)
    with click.open_file(str(file), "wb") as out:
        out.write(data)
