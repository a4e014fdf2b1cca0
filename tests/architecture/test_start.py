"""What a process holds from its start: only what its work needs. Half of a worker's memory would be pages otherwise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = {"openpyxl", "typst", "xlsxwriter"}
"""Libraries that write and read files: they are imported with the first file."""
OTHERS = {"lti_tool.demo", "psycopg", "hypothesis", "pytest", "schemathesis"}
"""The second party, another database's driver, and what tests the tool."""
PAGES = {"lti_tool.app", "lti_tool.web.api.views", "lti_tool.web.rendering", "lti_tool.web.trainer"}


def held_by(module: str) -> set[str]:
    """Everything that a new process has imported once it has imported this module."""
    told = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return set(told.stdout.split())


@pytest.mark.parametrize(
    ("module", "unneeded"),
    [
        ("lti_tool.app", FILES | OTHERS | {"lti_tool.worker_app"}),
        ("lti_tool.worker_app", FILES | OTHERS | PAGES | {"pylti1p3", "requests"}),
    ],
)
def test_a_process_holds_only_what_it_needs(module: str, unneeded: set[str]) -> None:
    held = held_by(module)

    assert module in held
    assert held & unneeded == set()
