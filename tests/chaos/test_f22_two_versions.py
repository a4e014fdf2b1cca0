"""F22: workers of the version before and of this one, on a database that is migrated under their hands.

The version before is real code, taken from the repository's history at the last commit of its schema. Where the
history is not there (a shallow checkout), this code takes its place and nothing is migrated: then only workers that
take over from others are tried, and the table of results says so.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lti_tool.db import schema
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory
from tests import postgres
from tests.chaos.rig import ROOT, Balance, opened_rig, size, speed

Note = Callable[[Balance], None]

BEFORE = "ce098e8f1bc0ddb229f9547459f2459f2c4af78c"
"""The last commit of the version before, and the schema that it was made for."""
SCHEMA_BEFORE = "0023"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def migrated(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SessionFactory]:
    """A database that was made by migrations, so that it can go back to the version before."""
    if request.param == "sqlite":
        url, drop = f"sqlite:///{tmp_path / 'two.sqlite3'}", None
    else:
        cluster: postgres.Cluster = request.getfixturevalue("postgres_cluster")
        url, drop = cluster.new_database(empty=True), cluster.drop
    engine = make_engine(url)
    sessions = make_session_factory(engine)
    schema.upgrade(sessions)
    yield sessions
    engine.dispose()
    if drop is not None:
        drop(url)


def code_before(folder: Path) -> Path:
    """The code of the version before, unpacked; this code where the history does not have it."""
    asked = ["git", "archive", "--format=tar", BEFORE, "lti_tool", "tests", "config"]
    found = subprocess.run(asked, cwd=ROOT, capture_output=True, check=False)
    if found.returncode != 0:
        return ROOT
    folder.mkdir()
    unpacking = ["tar", "--extract", "--directory", str(folder)]
    subprocess.run(unpacking, input=found.stdout, check=True)
    return folder


def test_f22_two_versions_at_once(
    request: pytest.FixtureRequest, migrated: SessionFactory, tmp_path: Path, note: Note
) -> None:
    url = migrated.kw["bind"].url.render_as_string(hide_password=False)
    before, quick = code_before(tmp_path / "before"), speed(10)
    with opened_rig(migrated, url, tmp_path / "rig", size(500, 60), size(10, 4)) as rig:
        rows = len(rig.people) * len(rig.columns)
        rig.limit(concurrency=8)
        rig.lms.play("slow", seconds=0.03)
        if before != ROOT:
            schema.downgrade(migrated, SCHEMA_BEFORE)
        rig.want(50)
        rig.start(2, speed=quick, code=before)
        begun = rig.until(lambda: 0 < rig.sent() < rows, 60)

        schema.upgrade(migrated)
        alive = [worker.poll() for worker in rig.workers]
        old = list(rig.workers)
        rig.start(2, speed=quick)
        rig.want(60)
        together = rig.until(lambda: 0 < rig.sent() < rows, 60)
        rig.want(70)
        for worker in old:
            worker.terminate()
        ended = [worker.wait(30) for worker in old]
        rig.workers = [worker for worker in rig.workers if worker not in old]
        settled = rig.until(rig.settled, size(900, 90))
        balance = rig.balance(1, wished=3 * rows)
        logged = rig.log()

    note(balance)
    if before == ROOT:
        told = "f22: the history is not there: both versions were this code, and nothing was migrated"
        request.node.user_properties.append(("balance", told))
    assert (begun, together, alive, ended) == (True, True, [None, None], [0, 0])
    assert (settled, balance.lost, balance.wrong, balance.undelivered, balance.disorder) == (True, 0, 0, 0, 0)
    assert "worker_turn_failed" not in logged
    assert "deliveries_not_settled" not in logged
