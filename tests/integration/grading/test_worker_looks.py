"""What a worker asks again and again is found by an index, in a large institute too: PostgreSQL plans it so.

With one plan for all values, as it has after some executions, and with whatever it knows of the table.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from lti_tool.db.base import Base
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading.channel_store import whose_turn
from lti_tool.grading.line_item_store import due_line_items
from lti_tool.grading.tables import DeliveryRow, LineItemRow
from tests.factories.desk import Desk, open_desk, with_column

MANY = 20_000
pytestmark = pytest.mark.postgres


@pytest.fixture
def desk(postgres_sessions: SessionFactory, now: datetime) -> Desk:
    """A desk with one delivery, which is not due before tomorrow."""
    desk = with_column(open_desk(postgres_sessions, now, people=1))
    desk.want(2)
    with unit_of_work(desk.sessions) as session:
        session.execute(text("UPDATE delivery SET due_at = :at"), {"at": now + timedelta(days=1)})
    return desk


def _multiply(session: Session, table: type[Base], **values: object) -> None:
    """Fills a table with rows like its first one, each with an id of its own."""
    session.execute(text("SET LOCAL session_replication_role = replica"))
    first = dict(session.execute(select(table.__table__).limit(1)).one()._mapping) | values
    session.execute(insert(table), [first | {"id": first["id"] + n} | _own(table, n) for n in range(1, MANY)])


def _own(table: type[Base], number: int) -> dict[str, object]:
    if table is LineItemRow:
        return {"public_id": f"c{number}", "resource_id": f"other:{number}"}
    return {"public_id": f"d{number}", "person_id": 1_000_000 + number}


def _rows_read_one_by_one(session: Session, table: str, look: Callable[[Session], object]) -> int:
    """How many rows of the table are read without an index."""
    session.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
    look(session)
    read = text("SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = :table")
    return int(session.scalar(read, {"table": table}) or 0)


@pytest.mark.parametrize("analysed", [False, True])
@pytest.mark.parametrize("proven", [False, True])
def test_whose_turn_it_is_where_nothing_is_due(desk: Desk, analysed: bool, proven: bool) -> None:
    with unit_of_work(desk.sessions) as session:
        _multiply(session, DeliveryRow)
        if analysed:
            session.execute(text("ANALYZE delivery"))
    with unit_of_work(desk.sessions, writes=False) as session:
        found = []
        read = _rows_read_one_by_one(
            session, "delivery", lambda session: found.append(whose_turn(session, "lane", desk.now, proven=proven))
        )
    assert (found, read) == ([None], 0)


@pytest.mark.parametrize("analysed", [False, True])
def test_the_next_column_where_very_many_wait(desk: Desk, analysed: bool) -> None:
    with unit_of_work(desk.sessions) as session:
        _multiply(session, LineItemRow, due_at=desk.now - timedelta(hours=1), url=None)
        if analysed:
            session.execute(text("ANALYZE line_item"))
    with unit_of_work(desk.sessions, writes=False) as session:
        found = []
        read = _rows_read_one_by_one(
            session, "line_item", lambda session: found.extend(due_line_items(session, desk.now, 1))
        )
    assert (len(found), read) == (1, 0)
