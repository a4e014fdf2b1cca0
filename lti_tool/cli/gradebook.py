"""`lti-tool gradebook`: a course's gradebook out to a file."""

from __future__ import annotations

from typing import BinaryIO

import click

from lti_tool import clock
from lti_tool.audit.model import Action
from lti_tool.cli.context import opened
from lti_tool.cli.noting import note
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.grading.export import as_csv, as_workbook, gradebook_rows
from lti_tool.people.courses import find_course


@click.group()
def gradebook() -> None:
    """The competency levels of a course's participants."""


@gradebook.command("export")
@click.option("--course", "course_id", required=True, metavar="ID", help="As `course list` prints it.")
@click.option("--format", "kind", required=True, type=click.Choice(["csv", "xlsx"]), help="What to write.")
@click.argument("file", type=click.File("wb", lazy=True), default="-")
def export_command(course_id: str, kind: str, file: BinaryIO) -> None:
    """Writes the gradebook of a course to FILE, or to standard output.

    A row a person and competency: person, name, email, id_number, competency, established, held, state, attained,
    indicators, progress. Empty means not established: unknown is not zero.
    """
    with opened() as work, unit_of_work(work.sessions) as session:
        course = find_course(session, course_id)
        rows = list(gradebook_rows(session, course.id, clock.now()))
        note(session, Action.READ_EXPORT, course=course)
    file.write(as_csv(rows) if kind == "csv" else as_workbook(rows))
