"""`lti-tool gradebook`: a course's gradebook out to a file."""

from __future__ import annotations

from typing import BinaryIO

import click

from lti_tool import clock
from lti_tool.cli.context import opened
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.people.courses import find_course
from lti_tool.reports import csv_file, xlsx_file
from lti_tool.reports.csv_file import Dialect
from lti_tool.reports.gradebook_table import gradebook_table


@click.group()
def gradebook() -> None:
    """The competency levels of a course's participants."""


@gradebook.command("export")
@click.option("--course", "course_id", required=True, metavar="ID", help="As `course list` prints it.")
@click.option("--format", "kind", required=True, type=click.Choice(["csv", "xlsx"]), help="What to write.")
@click.option("--bom", is_flag=True, help="Begin a CSV file with the bytes by which Excel knows UTF-8.")
@click.argument("file", type=click.File("wb", lazy=True), default="-")
def export_command(course_id: str, kind: str, bom: bool, file: BinaryIO) -> None:
    """Writes the gradebook of a course to FILE, or to standard output.

    A row a person and competency: person, name, email, id_number, competency, established, held, state, attained,
    indicators, progress. Empty means not established: unknown is not zero.
    """
    with opened() as work, unit_of_work(work.sessions, writes=False) as session:
        table = gradebook_table(session, find_course(session, course_id), clock.now())
        if kind == "xlsx":
            xlsx_file.write(table, file)
        else:
            file.writelines(csv_file.pieces(table, Dialect(bom=bom)))
