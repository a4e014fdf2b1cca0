"""A disk with hardly any room: a real one of a few megabytes where one may be mounted, and a file that may not grow."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, create_engine, event

from lti_tool.db.unit_of_work import SessionFactory
from tests import postgres

CHUNK = 64 * 1024
ENDLESS = 1_000_000_000
"""Pages that an SQLite file may have unless somebody says otherwise."""


@dataclass(frozen=True)
class Room:
    """How a disk is filled to the brim, and emptied again."""

    fill: Callable[[], None]
    free: Callable[[], None]


@contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[bool]:
    """A disk of this size at the folder; False where this machine lets nobody mount one."""
    asked = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", str(folder)]
    try:
        done = subprocess.run(asked, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        done = False
    try:
        yield done
    finally:
        if done:
            subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S607


@contextmanager
def folder_for_all() -> Iterator[Path]:
    """A folder that the user of PostgreSQL may enter too."""
    folder = Path(tempfile.mkdtemp(prefix="disk-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database_on(cluster: postgres.Cluster, folder: Path) -> Iterator[str]:
    """The URL of an empty PostgreSQL database whose tables lie in this folder."""
    folder.mkdir()
    shutil.chown(folder, "postgres")
    admin = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    name = f"on_{folder.parent.name.replace('-', '_')}".lower()
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE TABLESPACE {name} LOCATION '{folder}'")
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0 TABLESPACE {name}")
        try:
            yield cluster.url(name)
        finally:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
            connection.exec_driver_sql(f"DROP TABLESPACE {name}")
    admin.dispose()


def room_of(folder: Path) -> Room:
    """The room on the disk at the folder, taken by a file that lies there for nothing."""
    ballast = folder / "ballast"

    def fill() -> None:
        with ballast.open("ab", buffering=0) as file:
            for size in (CHUNK, 512):
                _until_full(file.fileno(), bytes(size))

    return Room(fill, lambda: ballast.unlink(missing_ok=True))


def _until_full(file: int, piece: bytes) -> None:
    while True:
        try:
            if os.write(file, piece) < len(piece):
                return
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return


def room_in_file(sessions: SessionFactory) -> Room:
    """The room that SQLite's file may take: from `fill` on no page more than it has."""
    engine: Engine = sessions.kw["bind"]
    limit = ENDLESS

    def keep_to_it(connection: object, *_rest: object) -> None:
        connection.execute(f"PRAGMA max_page_count={limit}")  # type: ignore[attr-defined]  # the driver's own

    event.listen(engine, "checkout", keep_to_it)

    def fill() -> None:
        nonlocal limit
        with engine.connect() as connection:
            limit = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def free() -> None:
        nonlocal limit
        limit = ENDLESS

    return Room(fill, free)
