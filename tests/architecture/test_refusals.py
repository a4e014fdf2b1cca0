"""The tables of refusals and threats say what is shown: every row is there, every test that they name exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.integration.lti.test_bad_launches import TABLE

ROOT = Path(__file__).parent.parent.parent
TESTS = ROOT / "tests"
REFUSALS = ROOT / "docs" / "refusals.md"
THREATS = ROOT / "docs" / "threats.md"
NAMED = re.compile(
    r"`((?:unit|integration|journeys|browsers|architecture|chaos)/[\w/]+\.py)(?:::(\w+)(?:\[(\d+)-\*\])?)?`"
)
ROWS = [line.strip("|\n ").split(" | ") for line in REFUSALS.read_text().splitlines() if re.match(r"\| \d+ \|", line)]


@cache
def _tests_of(file: str) -> set[str]:
    path = TESTS / file
    assert path.is_file(), f"no {path}"
    tree = ast.parse(path.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def _missing(text: str) -> list[str]:
    """Tests that the text names and that nobody would find."""
    cases = {str(case.row) for case in TABLE}
    found = []
    for file, name, row in NAMED.findall(text):
        if (name and name not in _tests_of(file)) or (row and row not in cases) or not _tests_of(file):
            found.append(f"{file}::{name}[{row}]")
    return found


def test_every_row_is_there_once_and_in_order() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 61))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_names_tests_that_exist(row: list[str]) -> None:
    number, what, answer, tests = row

    assert what
    assert answer
    assert NAMED.findall(tests), f"row {number} names no test"
    assert len(NAMED.findall(tests)) == len(tests.split("<br>")), f"row {number} names something that is no test"
    assert _missing(tests) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_says_every_status_that_its_cases_expect(row: list[str]) -> None:
    number, _what, answer, tests = row
    cases = {case.status for case in TABLE if case.row == int(number)}

    assert {status for status in cases if str(status) not in answer} == set()
    assert (f"[{number}-*]" in tests) == bool(cases), "its cases are named"


def test_every_test_that_the_threats_name_exists() -> None:
    text = THREATS.read_text()

    assert len(NAMED.findall(text)) > 20
    assert _missing(text) == []
