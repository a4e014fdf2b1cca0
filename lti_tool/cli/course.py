"""`lti-tool course`: which courses there are, and the ids that other commands take."""

from __future__ import annotations

import json

import click

from lti_tool.cli.context import opened
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.lti.queries import issuers
from lti_tool.people.queries import all_courses


@click.group()
def course() -> None:
    """The courses from which the tool was launched."""


@course.command("list")
@click.option("--json", "as_json", is_flag=True, help="As a JSON list of id, platform, context_id, title.")
def list_command(as_json: bool) -> None:
    """Lists all courses of all platforms, in the order in which they came."""
    with opened() as work, unit_of_work(work.sessions, writes=False) as session:
        platforms = issuers(session)
        listed = [
            {
                "id": each.public_id,
                "platform": platforms[each.platform_id],
                "context_id": each.context_id,
                "title": each.title,
            }
            for each in all_courses(session)
        ]
    if as_json:
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
    else:
        for row in listed:
            click.echo("\t".join(row.values()))
