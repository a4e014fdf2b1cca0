"""A class that opens a new activity in the same moment: what a first launch makes is made once, and all arrive."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading.tables import LineItemRow
from lti_tool.lti.tables import CourseServiceRow
from lti_tool.people.tables import ActivityRow, CourseRow, MembershipRow, PersonRow
from tests.factories.launch_bench import Bench
from tests.factories.signing_lms import ISSUER
from tests.integration.web.conftest import make_lms

pytestmark = pytest.mark.postgres  # SQLite has one writer, and so no two that meet.

ROOM = 8
NEW = 2
"""Courses, one after the other: in which of them two meet is chance."""


def _launched(lms: Bench, subs: list[str], course: str, recorded: str = "resource-link-student") -> list[int]:
    """The status of each of these people's launch into a course, all posted in the same moment."""
    door = Barrier(len(subs))

    def launch(sub: str) -> int:
        browser = lms.browser().log_in()
        told = browser.payload(
            recorded,
            sub=sub,
            context={"id": course, "title": f"Course {course}"},
            resource_link={"id": f"link {course}", "title": "Task"},
            custom={"activity": "evidence", "indicators": "1.1.1.a:2:r,1.1.1.b"},
        )
        endpoint = next(name for name in told if name.endswith("/lti-ags/claim/endpoint"))
        columns = f"{ISSUER}/mod/lti/services.php/{course}/lineitems"
        told[endpoint] = told[endpoint] | {"lineitems": columns, "lineitem": f"{columns}/1/lineitem"}
        token = lms.lms.sign(told)
        door.wait(20)
        return browser.post(token).status_code

    with ThreadPoolExecutor(len(subs)) as room:
        return list(room.map(launch, subs))


def _opened(lms: Bench, course: str, sub: str) -> None:
    """Course and person are known by another link, from before the services were switched on."""
    browser = lms.browser().log_in()
    link = {"id": f"before {course}", "title": "Before"}
    told = browser.payload(sub=sub, context={"id": course, "title": f"Course {course}"}, resource_link=link)
    kept = {name: claim for name, claim in told.items() if "/lti-ags/" not in name and "/lti-nrps/" not in name}
    assert browser.post(lms.lms.sign(kept)).status_code == 303


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("recorded", ["resource-link-student", "resource-link-editing-teacher"])
@pytest.mark.parametrize("persons", [ROOM, 1])
def test_all_arrive_and_everything_is_made_once(
    postgres_sessions: SessionFactory, tmp_path: Path, persons: int, recorded: str, known: bool
) -> None:
    lms = make_lms(tmp_path, postgres_sessions)
    for number in range(NEW):
        subs, course = [str(100 + each % persons) for each in range(ROOM)], f"{number}0"
        for sub in set(subs) if known else ():
            _opened(lms, course, sub)

        assert _launched(lms, subs, course, recorded) == [303] * ROOM

    with unit_of_work(postgres_sessions, writes=False) as session:
        made = {table: session.scalar(select(func.count()).select_from(table)) for table in (PersonRow, ActivityRow)}
        assert made == {PersonRow: persons, ActivityRow: NEW * (1 + known)}
        assert session.scalar(select(func.count()).select_from(CourseRow)) == NEW
        assert session.scalar(select(func.count()).select_from(CourseServiceRow)) == NEW
        assert session.scalar(select(func.count()).select_from(MembershipRow)) == NEW * persons
        own = select(func.count()).select_from(LineItemRow).where(LineItemRow.activity_id.is_not(None))
        assert session.scalar(own) == NEW
