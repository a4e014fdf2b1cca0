"""The same lists on PostgreSQL, whose comparisons of rows and moments are its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, update

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.people.tables import PersonRow
from tests.factories.api_world import ApiWorld, open_api_world
from tests.integration.web.api.conftest import NOW


@pytest.mark.postgres
def test_every_list_is_whole_page_by_page(postgres_sessions: SessionFactory, tmp_path: Path) -> None:
    world = open_api_world(postgres_sessions, tmp_path, NOW)
    with unit_of_work(postgres_sessions) as session:
        moment = NOW.replace(microsecond=123456)
        session.execute(update(PersonRow).where(PersonRow.sub.in_(["1", "2"])).values(updated_at=moment))

    for path in ("/courses", "/persons", "/deliveries", f"/courses/{world.ids['course']}/gradebook"):
        whole = world.read(f"{path}?limit=200")["items"]
        assert len(whole) >= 2
        assert world.read_all(f"{path}?limit=1") == whole
    assert world.read("/statistics/competencies")["competencies"][0]["persons"] == 7
    assert world.read(f"/persons/{world.ids['person']}")["best"]
    assert len(world.read("/persons?updated_since=2026-11-23T09:00:00.123456Z")["items"]) == 2
    assert world.ask(f"/courses/{world.ids['foreign_course']}").status_code == 404
    assert _plans(world) == {"person": [], "delivery": [], "course": []}


def _plans(world: ApiWorld) -> dict[str, list[str]]:
    """What is wrong with how PostgreSQL reads second pages: they are to begin in the index, and sort nothing."""
    faults: dict[str, list[str]] = {}
    for table, path in {"person": "/persons", "delivery": "/deliveries?state=due", "course": "/courses"}.items():
        following = world.read(f"{path}{'&' if '?' in path else '?'}limit=1")["next"]
        plan = _plan(world, *_sent(world, following))
        index = rf"Index Scan using ix_{table}_platform_id_\w+_public_id on {table}\s.*\n\s*Index Cond: .*ROW\("
        faults[table] = [plan] if re.search(index, plan) is None or "Sort" in plan else []
    return faults


def _sent(world: ApiWorld, address: str) -> tuple[str, Any]:
    """The statement that reads the list, with its values."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        sent.append((statement, parameters))

    engine = world.sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", note)
    world.read(address)
    event.remove(engine, "before_cursor_execute", note)
    [found] = [each for each in sent if "ORDER BY" in each[0]]
    return found


def _plan(world: ApiWorld, statement: str, parameters: Any) -> str:  # noqa: ANN401  the driver's own
    with world.sessions.kw["bind"].connect() as connection:
        for scan in ("seqscan", "bitmapscan"):
            connection.exec_driver_sql(f"SET LOCAL enable_{scan} = off")
        return "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())
