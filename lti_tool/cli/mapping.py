"""`lti-tool mapping`: a course's mapping out to a file and in from one."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import click

from lti_tool import clock
from lti_tool.audit.model import Action
from lti_tool.cli.context import opened
from lti_tool.cli.noting import note
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.moodle.mapping_import import export_mapping, import_mapping, mapping_as_csv, mapping_as_workbook
from lti_tool.people.courses import find_course

_course = click.option("--course", "course_id", required=True, metavar="ID", help="As `course list` prints it.")


@click.group()
def mapping() -> None:
    """Which activity of a course shows which indicators."""


@mapping.command("import")
@_course
@click.option("--merge", is_flag=True, help="Add to the mapping instead of replacing it.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
def import_command(course_id: str, merge: bool, file: Path) -> None:
    """Replaces the mapping of a course by that of FILE (CSV or XLSX).

    The header is activity,indicator,weight,role,pass_mark and, if wanted, max. An activity is named as Moodle's
    gradebook prints it; one that is not known yet is created.
    """
    content = file.read_bytes()
    with opened() as work, unit_of_work(work.sessions) as session:
        course = find_course(session, course_id)
        report = import_mapping(session, course.id, content, merge=merge, by=None, now=clock.now())
        note(session, Action.MAPPING_PUBLISHED, course=course)
    click.echo(f"cells: {report.cells}")
    for name in report.activities_created:
        click.echo(f"activity created: {name}")


@mapping.command("export")
@_course
@click.argument("file", type=click.File("wb", lazy=True))
def export_command(course_id: str, file: BinaryIO) -> None:
    """Writes the mapping of a course to FILE: as XLSX where its name ends so, else as CSV; `-` is standard output."""
    with opened() as work, unit_of_work(work.sessions) as session:
        lines = export_mapping(session, find_course(session, course_id).id, clock.now())
    as_bytes = mapping_as_workbook if Path(file.name).suffix.lower() == ".xlsx" else mapping_as_csv
    file.write(as_bytes(lines))
