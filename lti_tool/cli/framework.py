"""`lti-tool framework`: the operator's door to the versions of the requirements."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import IO

import click

from lti_tool import clock
from lti_tool.audit.model import Action
from lti_tool.cli.context import opened
from lti_tool.cli.noting import note
from lti_tool.competency import crosswalk_file, publishing, versions
from lti_tool.competency.validity import Validity
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.web.catalogue_files import moodle_file
from lti_tool.web.sentences import DEFAULT_LOCALE, LOCALES

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("framework")
def framework() -> None:
    """The requirements: list versions, import and export catalogues."""


@framework.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(as_json: bool) -> None:
    """Lists the stored versions, the newest import first; new courses use the first that is not beside."""
    with opened() as work, unit_of_work(work.sessions, writes=False) as session:
        known = versions.known_of(session)
        rows = [
            {
                "id": info.public_id,
                "framework": info.framework,
                "version": info.version,
                "title": dict(info.title),
                "competencies": info.competencies,
                "indicators": info.indicators,
                "imported_at": info.imported_at.isoformat(),
                "approved_on": _day(known[info.id].approved_on),
                "valid_from": _day(known[info.id].valid_from),
                "valid_until": _day(known[info.id].valid_until),
                "beside": known[info.id].beside,
            }
            for info in publishing.versions(session)
        ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(
            f"{row['framework']}\t{row['version']}\t{row['competencies']} competencies\t"
            f"{row['indicators']} indicators\t{row['imported_at']}{' beside' if row['beside'] else ''}"
        )


@framework.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--framework", "name", help="Which requirements, for a file that does not say so (kg-ict-teachers).")
@click.option("--version", help="Which version, for a file that does not say so.")
@click.option("--beside", is_flag=True, help="New courses go on with the version that they use now.")
@click.option("--crosswalk", type=click.File("rb"), help="CSV kind,old,new,carries from the version in use.")
@click.option("--approved", type=DAY, help="When it was approved; a review is due five years later.")
@click.option("--valid-from", type=DAY, help="From when it is valid.")
@click.option("--valid-until", type=DAY, help="Until when it is valid.")
def import_command(
    file: IO[bytes], name: str | None, version: str | None, crosswalk: IO[bytes] | None, **known: datetime | bool | None
) -> None:
    """Imports a catalogue FILE ("-" = standard input) as a new version, beside those that are there.

    The same content again changes nothing; other content under a stored version is refused. Courses stay on their
    version. A crosswalk with a single fault is refused with all of them, and nothing is stored.
    """
    given = versions.Import(file.read(), name, version, _validity(known), crosswalk.read() if crosswalk else None)
    with opened() as work, unit_of_work(work.sessions) as session:
        made = versions.take_in(session, given, clock.now())
        note(session, Action.FRAMEWORK_CHANGED)
    click.echo(
        f"{made.framework} {made.version}: {len(made.competencies)} competencies, {len(made.indicators)} indicators"
    )


@framework.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True), default="-")
@click.option("--framework", "name", help="Which requirements; the newest import when left out.")
@click.option("--version", help="Which version; the newest import when left out.")
@click.option("--with-edition", is_flag=True, help="With the tool's own block: name, version, short titles.")
@click.option("--format", "kind", type=click.Choice(["json", "moodle-csv"]), default="json", show_default=True)
@click.option("--language", type=click.Choice(list(LOCALES)), default=DEFAULT_LOCALE, help="Of moodle-csv.")
def export_command(
    file: Path, name: str | None, version: str | None, with_edition: bool, kind: str, language: str
) -> None:
    """Writes a catalogue to FILE or to standard output: as JSON, or as a competency framework that Moodle imports."""
    with opened() as work, unit_of_work(work.sessions, writes=False) as session:
        found = publishing.find_version(session, name, version)
        if kind == "json":
            data = publishing.exported(session, found, with_edition=with_edition)
        else:
            data = moodle_file(publishing.open_framework(session, found), language).encode()
    with click.open_file(str(file), "wb") as out:
        out.write(data)


@framework.command("dates")
@click.argument("version")
@click.option("--framework", "name", help="Which requirements; those of the newest import when left out.")
@click.option("--approved", type=DAY, help="When it was approved; a review is due five years later.")
@click.option("--valid-from", type=DAY, help="From when it is valid.")
@click.option("--valid-until", type=DAY, help="Until when it is valid.")
def dates_command(version: str, name: str | None, **known: datetime | None) -> None:
    """Says when a stored VERSION was approved and is valid; what is left out stays."""
    with opened() as work, unit_of_work(work.sessions) as session:
        found = publishing.find_version(session, name, version)
        versions.date_version(session, found, _validity(known))
        note(session, Action.FRAMEWORK_CHANGED, what="dates")


@framework.command("crosswalk")
@click.argument("old")
@click.argument("new")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True), default="-")
@click.option("--framework", "name", help="Which requirements; those of the newest import when left out.")
def crosswalk_command(old: str, new: str, file: Path, name: str | None) -> None:
    """Writes the crosswalk from version OLD to NEW as CSV: the one that stands, else what is proposed."""
    with opened() as work, unit_of_work(work.sessions, writes=False) as session:
        before, after = (
            publishing.open_framework(session, publishing.find_version(session, name, each)) for each in (old, new)
        )
        text = crosswalk_file.write(versions.standing_lines(session, before, after), before, after)
    with click.open_file(str(file), "wb") as out:
        out.write(text.encode())


def _validity(known: Mapping[str, object]) -> Validity:
    days = {name: known.get(name) for name in ("approved", "valid_from", "valid_until")}
    told = {name: each.date() if isinstance(each, datetime) else None for name, each in days.items()}
    return Validity(told["approved"], told["valid_from"], told["valid_until"], bool(known.get("beside")))


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
