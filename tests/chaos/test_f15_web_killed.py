"""F15: kill -9 of the web process while results come in. A mark and its wanted score are there both or neither."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import func, select, text

from lti_tool import clock
from lti_tool.competency.tables import AttainmentRow, CompetencyStandingRow, EvidenceRow
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.grading import gradebook
from lti_tool.grading.tables import DeliveryRow
from lti_tool.people.model import CourseRole
from tests.chaos.rig_web import Rig, Visitor, seconds_or_rounds, served_course

KILLS = seconds_or_rounds(10, 50)
PEOPLE, ACTIVITIES = 20, 5
MARKS = PEOPLE * ACTIVITIES


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """A served course on either database."""
    cluster = request.getfixturevalue("postgres_cluster") if request.param == "postgres" else None
    with served_course(tmp_path, PEOPLE, ACTIVITIES, cluster) as served:
        yield served


def _marks_of(rig: Rig, seed: int) -> int:
    """How many marks of a file are in the ledger: its time is theirs."""
    at = rig.big.now.replace(microsecond=0) + timedelta(seconds=seed)
    with unit_of_work(rig.sessions, writes=False) as session:
        return session.scalar(select(func.count()).where(EvidenceRow.worked_at == at)) or 0


def _settled(rig: Rig) -> None:
    """PostgreSQL notices a while later that somebody is gone; until then it may still be at their work."""
    if rig.sessions.kw["bind"].dialect.name != "postgresql":
        return
    query = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
    )
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with unit_of_work(rig.sessions, writes=False) as session:
            if session.scalar(query) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("the transaction of a killed process lives on")


def _what_follows(rig: Rig) -> list[tuple[object, ...]]:
    """Everything that is worked out from the marks, wanted scores included."""
    columns = [
        (AttainmentRow.person_id, AttainmentRow.indicator_id, AttainmentRow.state, AttainmentRow.value),
        (CompetencyStandingRow.person_id, CompetencyStandingRow.competency_id, CompetencyStandingRow.established),
        (DeliveryRow.person_id, DeliveryRow.line_item_id, DeliveryRow.wanted_given),
    ]
    with unit_of_work(rig.sessions, writes=False) as session:
        return [tuple(row) for each in columns for row in session.execute(select(*each).order_by(*each[:2]))]


def _is_whole(rig: Rig) -> bool:
    """Whether what is stored is what the marks say: computing everything anew changes nothing."""
    before = _what_follows(rig)
    with unit_of_work(rig.sessions) as session:
        anew = gradebook.recompute_course(session, rig.big.id, clock.now())
    return anew.scores_changed == 0 and _what_follows(rig) == before


def _try_to_send(trainer: Visitor, file: bytes) -> int:
    try:
        return trainer.upload(file).status_code
    except requests.RequestException:
        return 0


def _kill_while_sending(rig: Rig, trainer: Visitor, seed: int, after: float, *, all_of_it: bool) -> int:
    """Sends a file and kills the web tier so many seconds later; what the sender was told, 0 for nothing."""
    with ThreadPoolExecutor(1) as sending:
        told = sending.submit(_try_to_send, trainer, rig.big.export(seed))
        time.sleep(after)
        if all_of_it:
            rig.web.kill_all()
        else:
            rig.web.kill_serving()
        answer = told.result(90)
    if all_of_it:
        rig.web.start()
    rig.web.wait_until_ready()
    _settled(rig)
    return answer


def _store(rig: Rig, trainer: Visitor, seed: int) -> float:
    """Sends a file to the end; how long that took."""
    began = time.monotonic()
    assert trainer.upload(rig.big.export(seed)).status_code == 200
    assert _marks_of(rig, seed) == MARKS, "it is there, and once"
    return time.monotonic() - began


def test_a_mark_and_its_wanted_score_are_there_both_or_neither(rig: Rig) -> None:
    trainer = rig.visitor(CourseRole.TRAINER)
    trainer.open_form("results")
    takes = max(_store(rig, trainer, 1), _store(rig, trainer, 2))
    dice, stored, cut = random.Random(), 0, 0  # noqa: S311  moments, no secrets

    for number in range(KILLS):
        seed = number + 3
        # Spread over a whole sending and somewhat more, so that every part of it is hit.
        after = 1.6 * takes * (number + dice.random()) / KILLS
        told = _kill_while_sending(rig, trainer, seed, after, all_of_it=number % 5 == 4)

        found = _marks_of(rig, seed)
        assert found in {0, MARKS}, f"half a file after {after:.3f} s"
        assert told != 200 or found == MARKS, "what was said to be stored is"
        assert _is_whole(rig)
        stored, cut = stored + (found == MARKS), cut + (found == 0)
        again = _store(rig, trainer, seed)
        takes = takes if found else again

    assert _is_whole(rig)
    assert cut > 0, "no kill came before the marks were stored"
    print(f"{KILLS} kills: {stored} files stored, {cut} not, none by half; a sending took {takes:.2f} s")  # noqa: T201
