"""`lti-tool gradebook`: a course's gradebook out to a file."""

from __future__ import annotations

import shutil
import tempfile
from typing import BinaryIO

import click

from lti_tool import clock
from lti_tool.audit.model import Action
from lti_tool.cli.context import Opened, opened
from lti_tool.cli.noting import note
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.people.courses import find_course
from lti_tool.reports import csv_file, xlsx_file
from lti_tool.reports.csv_file import Dialect
from lti_tool.reports.gradebook_table import gradebook_table
from lti_tool.web.sentences import LOCALES


@click.group()
def gradebook() -> None:
    """The competency levels of a course's participants."""


@gradebook.command("export")
@click.option("--course", "course_id", required=True, metavar="ID", help="As `course list` prints it.")
@click.option("--format", "kind", required=True, type=click.Choice(["csv", "xlsx", "pdf"]), help="What to write.")
@click.option("--bom", is_flag=True, help="Begin a CSV file with the bytes by which Excel knows UTF-8.")
@click.option("--language", type=click.Choice([*LOCALES]), default="ky", show_default=True, help="Of a PDF.")
@click.argument("file", type=click.File("wb", lazy=True), default="-")
def export_command(course_id: str, kind: str, bom: bool, language: str, file: BinaryIO) -> None:
    """Writes the gradebook of a course to FILE, or to standard output.

    CSV and XLSX have a row a person and competency: person, name, email, id_number, competency, established, held,
    state, attained, indicators, progress. Empty means not established: unknown is not zero. PDF is the course's report.
    """
    with opened() as work:
        if kind == "pdf":
            _write_report(work, course_id, language, file)
            return
        with unit_of_work(work.sessions) as session:
            course = find_course(session, course_id)
            table = gradebook_table(session, course, clock.now(), language)
            note(session, Action.READ_EXPORT, course=course)
        if kind == "xlsx":
            xlsx_file.write(table, file)
        else:
            file.writelines(csv_file.pieces(table, Dialect(bom=bom)))


def _write_report(work: Opened, course_id: str, language: str, file: BinaryIO) -> None:
    # Only a report has need of the pages, whose words it is written in.
    from lti_tool.app import create_report_writer

    # Its first start makes the tool's key, so it must not find the database taken.
    write = create_report_writer(work.settings, work.sessions)
    # The typesetter writes to a file of the system; what FILE stands for may be anything.
    with tempfile.TemporaryFile() as made, unit_of_work(work.sessions) as session:
        course = find_course(session, course_id)
        write(session, course, language, made)
        note(session, Action.READ_EXPORT, course=course)
        made.seek(0)
        shutil.copyfileobj(made, file)
