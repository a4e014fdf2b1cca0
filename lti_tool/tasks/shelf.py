"""Where files lie: outside the web root, under names that say nothing, whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from lti_tool.errors import NotFound, RuleBroken
from lti_tool.tasks.file_kinds import FileKind, kind_of

FILE_BYTES = 20 * 1024 * 1024
CHUNK = 256 * 1024
KEPT_FREE = 200 * 1024 * 1024
"""So much of the disk is left to what must go on: the database and the log."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class Shelved:
    """A file that was taken."""

    shelf_name: str
    """Under which it lies: random, and never part of an address."""
    kind: FileKind
    size: int
    sha256: str


class Shelf:
    """A folder of files. Whoever keeps no record of one that was put here has it cleared away later."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, file: IO[bytes]) -> Shelved:
        """Checks a sent file and lays it down.

        Raises RuleBroken as `kind_of` does, `file_larger_than` (megabytes), or `no_room_for_files` while the disk has
        room for hardly more than the database needs.
        """
        kind = kind_of(name, file)
        shelf_name, size, digest = self._lay_down(file)
        return Shelved(shelf_name, kind, size, digest)

    def lay_again(self, shelf_name: str) -> str:
        """Lays what was put here before under another name, as a file of its own. Raises NotFound, RuleBroken."""
        with self.open(shelf_name) as file:
            return self._lay_down(file)[0]

    def _lay_down(self, file: IO[bytes]) -> tuple[str, int, str]:
        shelf_name = secrets.token_hex(16)
        place = self._place(shelf_name)
        under_way = place.with_suffix(".part")
        try:
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if shutil.disk_usage(place.parent).free < KEPT_FREE:
                raise RuleBroken("no_room_for_files")
            size, digest = _copy(file, under_way)
            under_way.replace(place)
        except OSError as error:
            under_way.unlink(missing_ok=True)
            if error.errno in FULL:
                raise RuleBroken("no_room_for_files") from error
            raise
        except BaseException:
            under_way.unlink(missing_ok=True)
            raise
        return shelf_name, size, digest

    def open(self, shelf_name: str) -> IO[bytes]:
        """The file, to be read. Raises NotFound where it is gone (a backup without its files)."""
        try:
            return self._place(shelf_name).open("rb")
        except FileNotFoundError as error:
            raise NotFound("file_gone") from error

    def remove(self, shelf_name: str) -> None:
        """Takes the file away; one that is gone already is no fault."""
        self._place(shelf_name).unlink(missing_ok=True)

    def older_than(self, moment: datetime) -> Iterator[str]:
        """The names of everything that was put here before, unfinished copies too."""
        for place in self._folder.glob("??/*"):
            if place.stat().st_mtime < moment.timestamp():
                yield place.name

    def _place(self, shelf_name: str) -> Path:
        return self._folder / shelf_name[:2] / shelf_name


def _copy(file: IO[bytes], place: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
        while chunk := file.read(CHUNK):
            size += len(chunk)
            if size > FILE_BYTES:
                raise RuleBroken("file_larger_than", megabytes=FILE_BYTES // 1024**2)
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return size, digest.hexdigest()
