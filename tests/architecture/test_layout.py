"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "lti_tool"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "versions" not in path.parts)
SQL_MAY_STAND_IN = ("store", "queries", "tables")
"""`store.py` and `queries.py`; a package whose store outgrows a module splits it by subject: `ledger_store.py`."""
SQL_NAMES = {"select", "insert", "update", "delete", "text"}
OWN_SQL = {"db", "demo"}


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sql_stands_in_store_and_queries_only(path: Path) -> None:
    allowed = path.stem.endswith(SQL_MAY_STAND_IN) or path.relative_to(PACKAGE).parts[0] in OWN_SQL

    asked = {name for name in _imports(path) if name.startswith("sqlalchemy.") and name.split(".")[-1] in SQL_NAMES}

    assert allowed or not asked, f"{path.name} writes SQL: {sorted(asked)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_why_it_exists(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), f"{path} has no docstring"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_settings_read_the_environment(path: Path) -> None:
    allowed = path.name == "settings.py"

    assert allowed or "os.environ" not in path.read_text(), f"{path.name} reads the environment"


def test_only_one_module_touches_pylti1p3() -> None:
    users = [path.name for path in MODULES if any(name.startswith("pylti1p3") for name in _imports(path))]

    assert users == ["pylti.py"]


def test_nothing_is_named_by_what_it_is_not() -> None:
    assert not [path for path in MODULES if path.stem in {"utils", "helpers", "common", "misc", "manager"}]


NETWORK = (
    "socket",
    "ssl",
    "http.client",
    "urllib.request",
    "urllib3",
    "requests",
    "httpx",
    "ftplib",
    "smtplib",
    "asyncio",
)
HARMLESS = {"worker.py": {"gethostname"}, "demo.py": {"socket", "SOL_SOCKET", "SO_REUSEADDR"}}
"""What else is taken of the module `socket`: the machine's own name, and whether a port is free."""


def _taken_of_socket(path: Path) -> set[str]:
    tree = ast.walk(ast.parse(path.read_text()))
    named = (node for node in tree if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name))
    return {node.attr for node in named if isinstance(node.value, ast.Name) and node.value.id == "socket"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_one_module_reaches_out(path: Path) -> None:
    asked = {name for name in _imports(path) if name.startswith(NETWORK)}
    if path.name == "outbound.py" or path.relative_to(PACKAGE).parts[0] == "demo":
        return  # the demonstration's LMS is the other side, and no part of the tool

    assert asked <= {"socket"}, f"{path.name} reaches out past outbound.py: {sorted(asked)}"
    assert not asked or _taken_of_socket(path) <= HARMLESS.get(path.name, set())
