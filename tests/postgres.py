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
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

from lti_tool.db.base import Base
from lti_tool.db.unit_of_work import make_engine

TEMPLATE = "template_with_tables"
DEPLOYED = Path(__file__).parent.parent / "deploy" / "postgresql" / "lti-tool.conf"
# In every copy of the template: whether a test changed more than rows, and how to make all as it was.
WATCH = """
CREATE SCHEMA watch;
CREATE TABLE watch.changes ();
CREATE FUNCTION watch.note() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO watch.changes DEFAULT VALUES;
END $$;
CREATE FUNCTION watch.emptied() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    each text;
    filled text[];
    found boolean;
BEGIN
    IF EXISTS (SELECT FROM watch.changes) THEN
        RETURN false;
    END IF;
    FOR each IN SELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', each) INTO found;
        IF found THEN
            filled := filled || each;
        END IF;
    END LOOP;
    IF filled IS NOT NULL THEN
        -- What is append-only (a record of reads and changes) is so for the tool, not for who takes the database back.
        SET LOCAL session_replication_role = replica;
        EXECUTE format('TRUNCATE %s CASCADE', array_to_string(filled, ', '));
    END IF;
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE last_value IS NOT NULL;
    RETURN true;
END $$;
CREATE EVENT TRIGGER watched ON ddl_command_end EXECUTE FUNCTION watch.note();
"""
SEND_AWAY = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


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
    spare: list[str] = field(default_factory=list)
    """Databases that were given back."""

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://tester@127.0.0.1:{self.port}/{database}"

    def new_database(self, *, empty: bool = False) -> str:
        """The URL of a database of its own: with all tables, or `empty`."""
        name = f"test{next(self.numbers)}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE {'template0' if empty else TEMPLATE}")
        return self.url(name)

    def drop(self, url: str) -> None:
        self._admin(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)")

    def lend(self) -> str:
        """The URL of a database with all tables and nothing in them, to be given back.

        Making one and dropping it takes longer than most tests, and than emptying it.
        """
        return self.spare.pop() if self.spare else self.new_database()

    def give_back(self, url: str) -> None:
        """Makes a database as it was, whoever still works in it; one whose tables were changed is dropped."""
        with _connected(url) as connection:
            connection.execute(SEND_AWAY)
            emptied = connection.execute("SELECT watch.emptied()").fetchone() == (True,)
        if emptied:
            self.spare.append(url)
        else:
            self.drop(url)

    def crash(self) -> None:
        """Ends at once, without a word to anybody, and starts again: what was committed is there."""
        self.control("-m", "immediate", "stop")
        self.control("start")

    def make_template(self) -> None:
        self._admin(f"CREATE DATABASE {TEMPLATE}")
        engine = make_engine(self.url(TEMPLATE))
        Base.metadata.create_all(engine)
        engine.dispose()
        with _connected(self.url(TEMPLATE)) as connection:
            connection.execute(WATCH)

    def _admin(self, statement: str) -> None:
        with _connected(self.url("postgres")) as connection:
            connection.execute(statement)


def _connected(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


@contextmanager
def running_cluster(*, safe: bool = False, as_deployed: bool = False) -> Iterator[Cluster]:
    """Starts a cluster in a folder of its own on a free port of loopback, and removes it afterwards.

    With `safe` it survives a crash; otherwise it writes to the disk as lazily as it may. `as_deployed` is with the
    settings that operators are given, safe among them: what is measured is what they get.

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
    lazy = "" if safe or as_deployed else " -c fsync=off -c full_page_writes=off"

    def control(*words: object) -> None:
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''{lazy}"
        _run([*prefix, bin_dir / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, *words])

    try:
        _run([*prefix, bin_dir / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync"])
        if as_deployed:
            with (data / "postgresql.conf").open("a") as settings:
                settings.write(DEPLOYED.read_text())
        for tries_left in range(4, -1, -1):
            try:
                control("start")
                break
            except subprocess.CalledProcessError:
                # A port that was free may be taken meanwhile, by a call that somebody else makes.
                if not tries_left:
                    raise
                port = _free_port()
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
