"""The operator's door: `lti-tool <noun> <verb>`. Each noun is a module of this package.

Exit status: 0 done, 1 refused with nothing stored, 2 wrong usage. What was refused stands in one line on stderr.
"""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import Any

import click
from sqlalchemy.exc import ArgumentError, OperationalError

from lti_tool import __version__
from lti_tool.errors import SettingsFaulty, ToolError

MODULES = {
    "admin": "admin",
    "api-token": "api_token",
    "audit": "audit",
    "course": "course",
    "db": "database",
    "deliveries": "deliveries",
    "demo": "demo",
    "deployment": "platform",
    "doctor": "doctor",
    "framework": "framework",
    "gradebook": "gradebook",
    "keys": "keys",
    "mapping": "mapping",
    "person": "person",
    "platform": "platform",
    "results": "results",
    "serve": "serve",
    "worker": "worker_command",
}
"""In which module of this package each command stands. Only the one that is asked for is imported: none holds what
others work with."""


class _Told(click.Group):
    """A group whose refusals are one line on stderr and exit status 1, never a stack trace.

    So are a database that does not answer and a file that cannot be written: the operator's to mend, not ours.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return [*MODULES]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        if cmd_name not in MODULES:
            return None
        module = f"{__name__}.{MODULES[cmd_name]}"
        if module not in sys.modules:
            _import_for_good(module)
        command: click.Command = getattr(sys.modules[module], cmd_name.replace("-", "_"))
        return command

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


def _import_for_good(module: str) -> None:
    """What a module brings stays until the process ends, so nothing of it is looked through for garbage.

    That would take a fifth of a start, a third of a second at the end, and a moment of every full search in between.
    """
    gc.disable()
    try:
        import_module(module)
    finally:
        gc.freeze()
        gc.enable()


def _first_line(failed: Exception) -> str:
    """What is wrong without the statement that met it, which may hold people's data."""
    cause = failed.orig if isinstance(failed, OperationalError) else failed
    return str(cause).partition("\n")[0]


@click.group(cls=_Told, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Teachers' ICT competencies, from marks to grades in Moodle's gradebook."""
