"""`lti-tool person`: find somebody, give them what is held about them, end their sessions, erase them."""

from __future__ import annotations

import json
from typing import IO, Any

import click

from lti_tool import clock
from lti_tool.audit.model import OPERATOR, Action, Subject, SubjectKind
from lti_tool.cli.context import opened
from lti_tool.cli.noting import note
from lti_tool.db.database_clock import DatabaseClock
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.people import sessions
from lti_tool.privacy import collecting, erasing
from lti_tool.privacy.erasing import Plan
from lti_tool.privacy.holdings import Fate
from lti_tool.reports.drawer import Drawer
from lti_tool.tasks.shelf import Shelf


@click.group()
def person() -> None:
    """People, by the ids that addresses of their pages end in."""


@person.command()
@click.argument("person_id", metavar="ID")
@click.option("--dry-run", is_flag=True, help="Says what would go and what would stay; changes nothing.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def erase(person_id: str, dry_run: bool, as_json: bool) -> None:
    """Erases a person; what statistics count stays, as nobody's.

    Grades that the LMS has stay there. Where the LMS still lists the person, the next reading of that list begins
    somebody new: take them out of the course first.
    """
    with opened() as work:
        with unit_of_work(work.sessions, writes=False) as session:
            plan = erasing.plan(session, person_id)
        if not dry_run:
            shelf = Shelf(work.settings.data_dir / "files")
            drawer = Drawer(work.settings.data_dir / "exports")
            erasing.erase(work.sessions, shelf, drawer, plan, by=OPERATOR, now=DatabaseClock(work.sessions))
    told = _plain(plan, erased=not dry_run)
    if as_json:
        click.echo(json.dumps(told, indent=2))
    else:
        for name, value in told.items():
            click.echo(f"{name}\t{json.dumps(value) if isinstance(value, dict) else value}")


@person.command("export")
@click.argument("person_id", metavar="ID")
@click.argument("file", type=click.File("wb"))
@click.option("--zip", "as_zip", is_flag=True, help="As a ZIP with the files of their work.")
def export_command(person_id: str, file: IO[bytes], as_zip: bool) -> None:
    """Writes everything that is held about a person to FILE ("-": stdout), as JSON."""
    now = clock.now()
    with opened() as work:
        with unit_of_work(work.sessions) as session:
            found = collecting.somebody(session, person_id)
            subject = Subject(SubjectKind.PERSON, found.public_id)
            note(session, Action.READ_DATA, platform_id=found.platform_id, subject=subject)
        with unit_of_work(work.sessions, writes=False) as session:
            if as_zip:
                collecting.pack(session, Shelf(work.settings.data_dir / "files"), found, now, file)
            else:
                for piece in collecting.document(session, found, now):
                    file.write(piece.encode())


@person.command("sign-out")
@click.argument("person_id", metavar="ID")
def sign_out(person_id: str) -> None:
    """Ends every session of a person at once: on a lost telephone, a computer that was left open. Prints how many."""
    with opened() as work, unit_of_work(work.sessions) as session:
        found = collecting.somebody(session, person_id)
        ended = sessions.end_all_of(session, found.id)
        subject = Subject(SubjectKind.PERSON, found.public_id)
        note(session, Action.SESSIONS_ENDED, platform_id=found.platform_id, subject=subject)
    click.echo(str(ended))


def _plain(plan: Plan, *, erased: bool) -> dict[str, Any]:
    return {
        "person": plan.public_id,
        "erased": erased,
        **{
            fate.value: {holding.key: number for holding, number in plan.counts if holding.fate is fate}
            for fate in Fate
        },
        "files": plan.files,
        "grades_left_in_lms": plan.grades_in_lms,
        "texts_to_look_at": plan.mentions,
    }
