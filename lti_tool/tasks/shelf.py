"""Where files lie: outside the web root, under names that say nothing, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from lti_tool.errors import NotFound, RuleBroken
from lti_tool.tasks.file_kinds import FileKind, kind_of

FILE_BYTES = 20 * 1024 * 1024
CHUNK = 256 * 1024


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
        """Checks a sent file and lays it down. Raises RuleBroken as `kind_of` does, or `file_too_large` (most)."""
        kind = kind_of(name, file)
        shelf_name = secrets.token_hex(16)
        place = self._place(shelf_name)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        under_way = place.with_suffix(".part")
        try:
            size, digest = _copy(file, under_way)
            under_way.replace(place)
        except BaseException:
            under_way.unlink(missing_ok=True)
            raise
        return Shelved(shelf_name, kind, size, digest)

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
