"""Where made files lie until they are fetched: outside the web root, under random names, whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from lti_tool.errors import NotFound, RuleBroken

KEPT_FREE = 200 * 1024 * 1024
"""So much of the disk is left to what must go on: the database and the log."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A file that is being written; under `name` it lies once the block that writes it has ended well."""

    file: IO[bytes]
    name: str


class Drawer:
    """A folder of files that are soon thrown away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def lay(self) -> Iterator[Laid]:
        """A new file to write; nothing stays of it where writing fails. Raises RuleBroken("no_room_for_files")."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(self._folder).free < KEPT_FREE:
            raise RuleBroken("no_room_for_files")
        name = secrets.token_hex(16)
        unfinished = self._folder / f"{name}.part"
        try:
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                yield Laid(file, name)
            unfinished.replace(self._folder / name)
        finally:
            unfinished.unlink(missing_ok=True)

    def open(self, name: str) -> IO[bytes]:
        """The file, to be read. Raises NotFound where it is gone."""
        try:
            return (self._folder / name).open("rb")
        except FileNotFoundError as error:
            raise NotFound("file_gone") from error

    def remove(self, name: str) -> None:
        """Takes the file away; one that is gone already is no fault."""
        (self._folder / name).unlink(missing_ok=True)

    def older_than(self, moment: datetime) -> Iterator[str]:
        """The names of everything that was laid here before, unfinished files too."""
        for place in self._folder.glob("*"):
            if place.stat().st_mtime < moment.timestamp():
                yield place.name
