"""Refuses what fails on SQLite only where another writer comes between: a request that reads and then turns writer."""

from __future__ import annotations

from flask import g, has_request_context
from sqlalchemy import Connection, Engine, event

WRITING = ("INSERT", "UPDATE", "DELETE", "REPLACE")
BY_LAUNCH = "INSERT INTO RULE_SET"
"""A course has its rules from its first launch on; those of the factories saw none."""


def watch() -> None:
    """From now on a request whose transaction began by reading must not write, in every test."""
    event.listen(Engine, "before_cursor_execute", _look)


def _look(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
    if connection.dialect.name != "sqlite":
        return
    said = statement.lstrip().upper()
    if said.startswith("BEGIN"):
        connection.info["may_write"] = said.startswith("BEGIN IMMEDIATE")
    elif said.startswith(WRITING) and not said.startswith(BY_LAUNCH) and not connection.info.get("may_write"):
        assert not _is_of_the_request(connection), f"a request that began by reading writes: {statement[:200]}"


def _is_of_the_request(connection: Connection) -> bool:
    # What a test writes by itself beside a request is no business of the request.
    return has_request_context() and "db" in g and g.db.connection() is connection
