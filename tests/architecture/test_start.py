"""What a process holds from its start: only what its work needs. Half of a worker's memory would be pages otherwise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from lti_tool.cli import main

ROOT = Path(__file__).parents[2]
FILES = {"openpyxl", "typst", "xlsxwriter"}
"""Libraries that write and read files: they are imported with the first file."""
OTHERS = {"lti_tool.demo", "psycopg", "alembic", "hypothesis", "pytest", "schemathesis"}
"""The second party, another database's driver, what changes a schema, and what tests the tool."""
FLASK = {"flask", "werkzeug", "jinja2", "wtforms", "flask_babel", "flask_login", "flask_wtf"}
PAGES = {"lti_tool.app", "lti_tool.web.api.views", "lti_tool.web.rendering", "lti_tool.web.trainer"}


def printed_by(code: str) -> list[str]:
    """The words that a new process prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [
        ("lti_tool.app", FILES | OTHERS | {"lti_tool.worker_app"}),
        ("lti_tool.worker_app", FILES | OTHERS | PAGES | FLASK | {"pylti1p3", "requests", "xml.etree.ElementTree"}),
        ("lti_tool.cli.worker_command", FILES | OTHERS | PAGES | FLASK),
        ("lti_tool.cli.course", FILES | OTHERS | PAGES | {"flask", "lti_tool.steps"}),
        ("lti_tool.cli.gradebook", FILES | OTHERS | PAGES),
    ],
)
def test_a_process_holds_only_what_it_needs(module: str, unneeded: set[str]) -> None:
    held = set(printed_by(f"import sys, {module}; print(*sys.modules)"))

    assert module in held
    assert held & unneeded == set()


def test_each_command_brings_every_table_that_its_rows_lead_to() -> None:
    # In the tests all tables are there from the beginning; a command that is started has those that it imports. One
    # process parts into one for each command, once it holds what all of them use and none of the tables: to begin anew
    # would take half a minute.
    code = """
import os
import flask, pydantic_settings, requests, sqlalchemy.orm, structlog
from importlib import import_module
from lti_tool.cli import MODULES
for name in sorted(set(MODULES.values())):
    if os.fork() == 0:
        import_module(f"lti_tool.cli.{name}")
        from lti_tool.db.base import Base
        for table in Base.metadata.tables.values():
            for key in table.foreign_keys:
                if key.target_fullname.partition(".")[0] not in Base.metadata.tables:
                    os.write(1, f"{name}:{table.name}->{key.target_fullname} ".encode())
        os._exit(0)
    assert os.wait()[1] == 0
"""

    assert printed_by(code) == []


@pytest.mark.parametrize("name", main.list_commands(click.Context(main)))
def test_each_command_is_found_by_its_name(name: str) -> None:
    command = main.get_command(click.Context(main), name)

    assert command is not None
    assert command.name == name


def test_a_command_that_is_not_there_is_wrong_usage() -> None:
    asked = CliRunner().invoke(main, ["cours"])

    assert (asked.exit_code, "No such command 'cours'" in asked.stderr) == (2, True)


def test_what_a_command_imports_is_not_looked_through_for_garbage_and_all_else_is() -> None:
    run = "from lti_tool.cli import main; main(['course', '--help'], standalone_mode=False)"

    words = printed_by(f"import gc; {run}; print(gc.get_freeze_count() > 100_000, gc.isenabled())")

    assert words[-2:] == ["True", "True"]


def test_a_page_is_not_looked_through_for_garbage_while_it_is_made() -> None:
    words = printed_by(
        "import gc; from lti_tool.cli import serve; serve.settle(); begun = gc.get_stats()[0]['collections'];"
        "page = [[] for _ in range(15_000)]; print(gc.get_stats()[0]['collections'] - begun, gc.isenabled())"
    )

    assert words == ["0", "True"]
