"""The version before goes on beside a migrated database: so migrations only add, or say why they may do more.

Held for what can be read in their text: which operations they use, and that a new column may be left out by who does
not know it. `tests/chaos/test_f22_two_versions.py` tries the rest with real processes.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

VERSIONS = Path(__file__).parent.parent.parent / "lti_tool" / "db" / "migrations" / "versions"
SINCE = "0022"
"""The first migration that the rule holds for."""
ADDS = {"create_table", "create_index", "add_column"}  # and `online.build_index`
BESIDE = {"f", "batch_alter_table"}
"""Operations that alone change nothing."""
MORE: dict[str, str] = {
    "0027": "triggers on a table that is new with it, which the version before does not know",
    "0028": "a trigger that refuses changes of erased persons, whom the version before cannot erase",
}
"""Migrations that do more, by their number: why the version before can do with it all the same."""


def offences(source: str) -> list[str]:
    """What in a migration the version before might stumble over: in all of it but the way back."""
    ways = [node for node in ast.parse(source).body if not _is_way_back(node)]
    found = []
    for call in (node for way in ways for node in ast.walk(way) if isinstance(node, ast.Call)):
        if not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Name):
            continue
        owner, name = call.func.value.id, call.func.attr
        if owner == "sa" or owner == "base":
            continue
        if name not in ADDS | BESIDE:
            found.append(f"{owner}.{name}")
        elif name == "add_column" and not _may_be_left_out(call):
            found.append(f"{owner}.add_column without a default")
        elif name == "create_index" and _is_true(call, "unique"):
            found.append(f"{owner}.create_index unique")
    return found


def _is_way_back(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == "downgrade"


def _may_be_left_out(call: ast.Call) -> bool:
    columns = [each for each in call.args if isinstance(each, ast.Call)]
    return bool(columns) and all(
        _is_true(column, "nullable") or any(word.arg == "server_default" for word in column.keywords)
        for column in columns
    )


def _is_true(call: ast.Call, name: str) -> bool:
    return any(
        word.arg == name and isinstance(word.value, ast.Constant) and word.value.value is True for word in call.keywords
    )


NEW = [path for path in sorted(VERSIONS.glob("0*.py")) if path.name[:4] >= SINCE]


@pytest.mark.parametrize("path", NEW, ids=lambda path: path.stem)
def test_the_version_before_goes_on_beside_it(path: Path) -> None:
    assert path.name[:4] in MORE or offences(path.read_text()) == []


@pytest.mark.parametrize(
    ("line", "offence"),
    [
        ("op.drop_table('job')", "op.drop_table"),
        ("op.execute('DELETE FROM job')", "op.execute"),
        ("table.drop_column('fault')", "table.drop_column"),
        ("table.alter_column('fault', new_column_name='reason')", "table.alter_column"),
        ("table.create_unique_constraint('u', ['fault'])", "table.create_unique_constraint"),
        ("op.add_column('job', sa.Column('kind', sa.Text(), nullable=False))", "op.add_column without a default"),
        ("op.create_index('i', 'job', ['fault'], unique=True)", "op.create_index unique"),
    ],
)
def test_what_would_stop_it_is_found(line: str, offence: str) -> None:
    assert offences(f"def upgrade():\n    {line}\n") == [offence]


def test_what_a_helper_does_is_found_too() -> None:
    parts = ("def _index():", "    op.drop_index('i')", "def upgrade():", "    _index()", "def downgrade():")
    source = "\n".join((*parts, "    op.drop_table('x')"))

    assert offences(source) == ["op.drop_index"]


@pytest.mark.parametrize(
    "line",
    [
        "op.create_table('x', sa.Column('id', sa.Integer(), nullable=False))",
        "table.add_column(sa.Column('a', sa.Text(), nullable=True))",
        "table.add_column(sa.Column('a', sa.Integer(), nullable=False, server_default='0'))",
        "op.create_index(op.f('ix_x_a'), 'x', ['a'])",
    ],
)
def test_additions_are_none(line: str) -> None:
    assert offences(f"def upgrade():\n    {line}\n") == []
