"""A backup is made, the database is lost, the backup comes back: the way of docs/operate.md, on PostgreSQL.

With the very scripts that operators run. What went to the LMS after the backup is not overwritten by what was under
way when it was made.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from lti_tool import clock
from lti_tool.cli import main
from lti_tool.db import schema
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory
from lti_tool.grading.overtaken import hold_overtaken
from tests import postgres
from tests.factories.desk import Desk, open_desk, with_column

pytestmark = pytest.mark.postgres

DEPLOY = Path(__file__).parents[2] / "deploy"


class Machine:
    """The settings of an installation, and its scripts."""

    def __init__(self, folder: Path, cluster: postgres.Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.cluster = cluster
        self.patch = monkeypatch
        self.urls: list[str] = []
        self.engines: list[Engine] = []
        (folder / "backups").mkdir()
        programs = postgres.binaries()
        assert programs is not None
        monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
        for name, value in {
            "BASE_URL": "http://localhost:8080",
            "SECRET_KEY": "a secret of the tests, and of nobody else",
            "KEYS_PASSPHRASE": "correct horse",
            "DATA_DIR": str(folder / "data"),
            "KEYS_DIR": str(folder / "keys"),
        }.items():
            monkeypatch.setenv(f"LTI_TOOL_{name}", value)

    def new_database(self) -> SessionFactory:
        """An empty one takes the place of the one before."""
        url = self.cluster.new_database(empty=True)
        self.urls.append(url)
        self.patch.setenv("LTI_TOOL_DATABASE_URL", url)
        self.engines.append(make_engine(url))
        return make_session_factory(self.engines[-1])

    def run(self, script: str, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(DEPLOY / script), *words], capture_output=True, text=True, check=False)

    def back_up(self, *words: str) -> Path:
        done = self.run("lti-tool-backup", str(self.folder / "backups"), *words)
        assert done.returncode == 0, done.stderr
        return Path(done.stdout.strip())

    def lose_everything(self) -> SessionFactory:
        """Database, keys and files are gone."""
        for name in ("keys", "data"):
            (self.folder / name).rename(self.folder / f"{name}.lost")
        return self.new_database()


@pytest.fixture
def machine(tmp_path: Path, postgres_cluster: postgres.Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    machine = Machine(tmp_path, postgres_cluster, monkeypatch)
    yield machine
    for engine in machine.engines:
        engine.dispose()
    for url in machine.urls:
        postgres_cluster.drop(url)


@pytest.fixture
def desk(machine: Machine) -> Desk:
    """A tool with a key, a file that somebody handed in, and three people whose column stands in an LMS."""
    sessions = machine.new_database()
    schema.upgrade(sessions)
    assert CliRunner().invoke(main, ["keys", "rotate"]).exit_code == 0
    shelf = machine.folder / "data" / "files"
    shelf.mkdir(parents=True)
    (shelf / "0a").write_bytes(b"handed in")
    return with_column(open_desk(sessions, clock.now() - timedelta(days=1), people=3))


def _restored(machine: Machine, desk: Desk, backup: Path) -> Desk:
    sessions = machine.lose_everything()
    done = machine.run("lti-tool-restore", str(backup))
    assert (done.returncode, done.stderr) == (0, "")
    desk.sessions = sessions
    return desk


def test_the_whole_way_back(machine: Machine, desk: Desk) -> None:
    desk.want(1, 0)
    desk.work()
    desk.want(2, 1)  # under way when the backup is made; then it goes, and a newer one after it
    desk.want(2, 2)  # under way, and it never goes
    backup = machine.back_up()
    desk.work()
    desk.wait(minutes=10)
    desk.want(3, 1)
    while any(row.state == "due" and row.person_id == desk.people[1] for row in desk.rows()):
        desk.deliver(desk.claim(1))
    shown = [desk.shown(each) for each in range(3)]
    assert shown[:2] == [Decimal(1), Decimal(3)]

    desk = _restored(machine, desk, backup)
    desk.wait(hours=1)
    held = hold_overtaken(desk.sessions, desk.lms, desk.course_id)
    while desk.work():
        pass

    assert held >= 1
    assert [desk.shown(each) for each in range(2)] == [Decimal(1), Decimal(3)], "no older grade over a newer one"
    assert desk.shown(2) == Decimal(2), "a delivery goes on"
    assert (machine.folder / "data" / "files" / "0a").read_bytes() == b"handed in"
    done = CliRunner().invoke(main, ["doctor"])
    assert "WRONG" not in done.stdout, done.stdout


def test_a_backup_that_was_damaged_changes_nothing(machine: Machine, desk: Desk) -> None:
    backup = machine.back_up()
    with (backup / "keys.tar").open("ab") as file:
        file.write(b"x")
    machine.lose_everything()

    done = machine.run("lti-tool-restore", str(backup))

    assert done.returncode != 0
    assert not (machine.folder / "keys").exists()


def test_nothing_that_is_there_is_gone_over(machine: Machine, desk: Desk) -> None:
    backup = machine.back_up()

    over_keys = machine.run("lti-tool-restore", str(backup))
    for name in ("keys", "data"):
        (machine.folder / name).rename(machine.folder / f"{name}.lost")
    over_tables = machine.run("lti-tool-restore", str(backup))

    assert (over_keys.returncode, "is not empty" in over_keys.stderr) == (1, True)
    assert (over_tables.returncode, "the database is not empty" in over_tables.stderr) == (1, True)


def test_a_backup_is_whole_or_not_there_and_old_ones_go(machine: Machine, desk: Desk) -> None:
    for number in range(4):
        (machine.folder / "backups" / f"2020-01-0{number + 1}T000000Z").mkdir()
    made = machine.back_up("3")
    machine.patch.setenv("LTI_TOOL_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")

    failed = machine.run("lti-tool-backup", str(machine.folder / "backups"))

    assert failed.returncode != 0
    left = sorted(path.name for path in (machine.folder / "backups").iterdir())
    assert left == ["2020-01-03T000000Z", "2020-01-04T000000Z", made.name]
    assert sorted(path.name for path in made.iterdir()) == ["SHA256SUMS", "database.dump", "files.tar", "keys.tar"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in made.iterdir())
