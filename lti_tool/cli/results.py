"""`lti-tool results`: marks of native activities from Moodle's own gradebook export."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from lti_tool import clock
from lti_tool.audit.model import Action
from lti_tool.cli.context import opened
from lti_tool.cli.noting import note
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.errors import RuleBroken
from lti_tool.moodle.gradebook_file import parse_time
from lti_tool.moodle.results_import import ImportReport, import_results
from lti_tool.people.courses import find_course


class _Moment(click.ParamType[datetime]):
    """A moment in ISO 8601 with its zone: without one it would mean another hour on another machine."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment in UTC; wrong usage where it is none."""
        try:
            return parse_time(str(value))
        except RuleBroken as refused:
            self.fail(f"{value!r} is not a time like 2026-11-23T09:00:00+06:00 ({refused.code})", param, ctx)


@click.group()
def results() -> None:
    """Results of activities outside the tool."""


@results.command("import")
@click.option("--course", "course_id", required=True, metavar="ID", help="As `course list` prints it.")
@click.option("--as-of", type=_Moment(), help="When the marks were so; without it the file's last column says it.")
@click.option("--dry-run", is_flag=True, help="Report what the file would bring and store nothing.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
def import_command(course_id: str, as_of: datetime | None, dry_run: bool, as_json: bool, file: Path) -> None:
    """Takes the marks of FILE, a gradebook export as Moodle makes it (Grades > Export > Plain text file).

    Rows are matched by ID number, then by e-mail address; columns by the names of the course's activities. What
    matched nothing is reported. A malformed file stores nothing.
    """
    content = file.read_bytes()
    with opened() as work, unit_of_work(work.sessions) as session:
        course = find_course(session, course_id)
        report = import_results(session, course.id, content, now=clock.now(), as_of=as_of, dry_run=dry_run)
        if not dry_run:
            note(session, Action.MARKS_TAKEN, course=course)
    if as_json:
        click.echo(json.dumps(asdict(report), ensure_ascii=False, indent=2))
    else:
        _tell(report)


def _tell(report: ImportReport) -> None:
    for name in ("added", "changed", "withdrawn", "unchanged", "older", "own"):
        click.echo(f"{name}: {getattr(report, name)}")
    for row in report.people_unmatched:
        known = ", ".join(each for each in (row.id_number, row.email) if each) or "-"
        click.echo(f"no person for line {row.line} ({known}): {row.reason}")
    for unmatched in report.columns_unmatched:
        click.echo(f"column not taken: {unmatched.column}: {unmatched.reason}")
    if report.dry_run:
        click.echo("dry run: nothing was stored")
