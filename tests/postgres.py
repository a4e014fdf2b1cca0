"""A throwaway PostgreSQL cluster for the tests that need the real thing."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine

from lti_tool.db.base import Base
from lti_tool.db.unit_of_work import make_engine

TEMPLATE = "template_with_tables"


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL's binaries on this machine, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@dataclass(frozen=True)
class Cluster:
    """A running cluster; `new_database` makes one with all tables."""

    port: int
    numbers: Iterator[int]
    control: Callable[..., None] = lambda *_words: None
    """`pg_ctl` for this cluster, with the words that follow it."""

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://tester@127.0.0.1:{self.port}/{database}"

    def new_database(self, *, empty: bool = False) -> str:
        """The URL of a database of its own: with all tables, or `empty`."""
        name = f"test{next(self.numbers)}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE {'template0' if empty else TEMPLATE}")
        return self.url(name)

    def drop(self, url: str) -> None:
        self._admin(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)")

    def crash(self) -> None:
        """Ends at once, without a word to anybody, and starts again: what was committed is there."""
        self.control("-m", "immediate", "stop")
        self.control("start")

    def make_template(self) -> None:
        self._admin(f"CREATE DATABASE {TEMPLATE}")
        engine = make_engine(self.url(TEMPLATE))
        Base.metadata.create_all(engine)
        engine.dispose()

    def _admin(self, statement: str) -> None:
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()


@contextmanager
def running_cluster(*, safe: bool = False) -> Iterator[Cluster]:
    """Starts a cluster in a folder of its own on a free port of loopback, and removes it afterwards.

    With `safe` it survives a crash; otherwise it writes to the disk as lazily as it may.

    PostgreSQL refuses to run as root: then it runs as the system's user `postgres`, who owns the folder.
    """
    bin_dir = binaries()
    assert bin_dir is not None
    as_root = getpass.getuser() == "root"
    prefix: list[object] = [_runuser(), "-u", "postgres", "--"] if as_root else []
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if as_root:
        shutil.chown(folder, "postgres")
    port = _free_port()
    data = folder / "data"
    lazy = "" if safe else " -c fsync=off -c full_page_writes=off"
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''{lazy}"

    def control(*words: object) -> None:
        _run([*prefix, bin_dir / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, *words])

    try:
        _run([*prefix, bin_dir / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync"])
        control("start")
        cluster = Cluster(port, count(1), control)
        cluster.make_template()
        yield cluster
    finally:
        _run([*prefix, bin_dir / "pg_ctl", "-D", data, "-m", "immediate", "stop"], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[object], *, check: bool = True) -> None:
    # pg_ctl's server would inherit a pipe and keep it open: output goes to nowhere.
    subprocess.run(
        [str(part) for part in command],
        check=check,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        cwd="/",
    )


def _runuser() -> str:
    """Where `runuser` is, whatever the PATH says."""
    found = shutil.which("runuser", path="/usr/sbin:/sbin:/usr/bin:/bin")
    assert found is not None, "tests that run as root need runuser for PostgreSQL"
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
