"""F18: the disk of the database is full. Results and launches get a clear 503, no half rows; with space it goes on."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.db.base import Base
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory
from lti_tool.people.model import CourseRole
from tests.chaos.small_disk import Room, database_on, folder_for_all, mounted, room_in_file, room_of
from tests.factories.big_course import BigCourse, open_big_course
from tests.factories.broken_database import rows
from tests.factories.launch_bench import TOOL
from tests.integration.web.conftest import make_lms

PEOPLE, ACTIVITIES = 40, 6
PATIENCE = 60
"""So many requests find room at most in what the disk has given away already."""
Disk = tuple[SessionFactory, Room]


@pytest.fixture(params=["disk", "file", pytest.param("tablespace", marks=pytest.mark.postgres)])
def disk(request: pytest.FixtureRequest) -> Iterator[Disk]:
    """SQLite on a disk of 12 MB, SQLite in a file that may not grow, PostgreSQL in a tablespace of 60 MB."""
    if request.param == "file":
        sessions = request.getfixturevalue("sessions")
        yield sessions, room_in_file(sessions)
        return
    with ExitStack() as stack:
        folder = stack.enter_context(folder_for_all())
        if not stack.enter_context(mounted(folder, 12 if request.param == "disk" else 60)):
            pytest.skip("this machine lets nobody mount a disk")
        if request.param == "disk":
            engine = make_engine(f"sqlite:///{folder / 'full.sqlite3'}")
        else:
            cluster = request.getfixturevalue("postgres_cluster")
            engine = make_engine(stack.enter_context(database_on(cluster, folder / "space")))
        stack.callback(engine.dispose)
        Base.metadata.create_all(engine)
        yield make_session_factory(engine), room_of(folder)


def _is_clear(answer: TestResponse) -> bool:
    return answer.status_code == 503 and answer.headers["Retry-After"] == "30" and "database_unavailable" in answer.text


def _upload(client: FlaskClient, big: BigCourse, seed: int) -> TestResponse:
    path = f"/c/{big.course.public_id}/results"
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path, base_url=TOOL).text)
    assert found is not None, "reading goes on"
    form = {"csrf_token": found.group(1), "file": (io.BytesIO(big.export(seed)), "grades.csv")}
    return client.post(path, data=form, base_url=TOOL)


def test_results_are_refused_whole_while_the_disk_is_full_and_taken_afterwards(disk: Disk, tmp_path: Path) -> None:
    sessions, room = disk
    big = open_big_course(sessions, clock.now() - timedelta(hours=2), PEOPLE, ACTIVITIES)
    trainer = big.visit(big.bench(tmp_path), CourseRole.TRAINER)
    assert _upload(trainer, big, 1).status_code == 200
    before = rows(sessions)

    room.fill()
    refused = _until_refused(lambda seed: _upload(trainer, big, seed), sessions)

    assert rows(sessions)["evidence"] % (PEOPLE * ACTIVITIES) == 0
    assert trainer.get(f"/c/{big.course.public_id}/group", base_url=TOOL).status_code == 200

    room.free()
    assert _upload(trainer, big, refused).status_code == 200
    after = rows(sessions)
    assert after["evidence"] == before["evidence"] + (refused - 1) * PEOPLE * ACTIVITIES


def test_a_launch_is_refused_whole_while_the_disk_is_full_and_goes_on_afterwards(disk: Disk, tmp_path: Path) -> None:
    sessions, room = disk
    lms = make_lms(tmp_path, sessions)
    assert lms.browser().launch().status_code == 303
    at_the_door = [lms.browser().log_in() for _number in range(PATIENCE)]

    def come(number: int) -> TestResponse:
        browser = at_the_door[number]
        return browser.post(lms.lms.sign(browser.payload("resource-link-student", sub=f"new-{number}")))

    room.fill()
    refused = _until_refused(come, sessions)

    room.free()
    before = rows(sessions)
    assert lms.browser().launch("resource-link-student", sub=f"new-{refused}").status_code == 303
    assert rows(sessions)["person"] == before["person"] + 1


def test_a_login_is_refused_clearly_while_the_disk_is_full_and_goes_on_afterwards(disk: Disk, tmp_path: Path) -> None:
    sessions, room = disk
    lms = make_lms(tmp_path, sessions)

    room.fill()
    _until_refused(lambda _number: lms.browser().start(), sessions)

    room.free()
    assert lms.browser().launch().status_code == 303


def _until_refused(ask: Callable[[int], TestResponse], sessions: SessionFactory) -> int:
    """Asks until the disk has no room left; the number of the one that was refused, clearly and whole."""
    for number in range(2, PATIENCE):
        before = _kept(sessions)
        answer = ask(number)
        if answer.status_code < 400:
            continue
        assert _is_clear(answer), (answer.status_code, answer.text)
        assert _kept(sessions) == before
        return number
    raise AssertionError("the disk was never full")


def _kept(sessions: SessionFactory) -> dict[str, int]:
    """The rows of every table but that of logins under way, which a launch uses up whatever follows."""
    return {table: count for table, count in rows(sessions).items() if table != "oidc_login"}
