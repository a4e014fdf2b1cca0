"""The operator's door: `lti-tool <noun> <verb>`. Each noun is a module of this package.

Exit status: 0 done, 1 refused with nothing stored, 2 wrong usage. What was refused stands in one line on stderr.
"""

from __future__ import annotations

import sys
from typing import Any

import click
from sqlalchemy.exc import ArgumentError, OperationalError

from lti_tool import __version__
from lti_tool.cli.admin import admin
from lti_tool.cli.api_token import api_token
from lti_tool.cli.audit import audit
from lti_tool.cli.course import course
from lti_tool.cli.database import db
from lti_tool.cli.deliveries import deliveries
from lti_tool.cli.demo import demo
from lti_tool.cli.doctor import doctor
from lti_tool.cli.framework import framework
from lti_tool.cli.gradebook import gradebook
from lti_tool.cli.keys import keys
from lti_tool.cli.mapping import mapping
from lti_tool.cli.person import person
from lti_tool.cli.platform import deployment, platform
from lti_tool.cli.results import results
from lti_tool.cli.serve import serve
from lti_tool.cli.worker_command import worker
from lti_tool.errors import SettingsFaulty, ToolError


class _Told(click.Group):
    """A group whose refusals are one line on stderr and exit status 1, never a stack trace.

    So are a database that does not answer and a file that cannot be written: the operator's to mend, not ours.
    """

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  click's own signature
        """Runs the command; a refusal ends the process with status 1."""
        try:
            return super().invoke(ctx)
        except SettingsFaulty as refused:
            for fault in refused.faults:
                click.echo(f"lti-tool: {fault}", err=True)
        except ToolError as refused:
            click.echo(f"lti-tool: {refused}", err=True)
        except BrokenPipeError:
            # Whoever read our output has heard enough; click ends quietly.
            raise
        except (ArgumentError, OperationalError, OSError) as failed:
            click.echo(f"lti-tool: {_first_line(failed)}", err=True)
        sys.exit(1)


def _first_line(failed: Exception) -> str:
    """What is wrong without the statement that met it, which may hold people's data."""
    cause = failed.orig if isinstance(failed, OperationalError) else failed
    return str(cause).partition("\n")[0]


@click.group(cls=_Told, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Teachers' ICT competencies, from marks to grades in Moodle's gradebook."""


for command in (
    api_token,
    admin,
    audit,
    course,
    db,
    deliveries,
    demo,
    deployment,
    doctor,
    framework,
    gradebook,
    keys,
    mapping,
    person,
    platform,
    results,
    serve,
    worker,
):
    main.add_command(command)
