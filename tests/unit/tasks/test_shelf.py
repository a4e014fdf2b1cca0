"""Files lie under names that say nothing, whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lti_tool.errors import NotFound, RuleBroken
from lti_tool.tasks import shelf as module
from lti_tool.tasks.shelf import Shelf
from tests.factories.files import PDF


class _Broken(io.BytesIO):
    """Reads its start, and then the connection is gone."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 0 and size == module.CHUNK:
            raise ConnectionResetError
        return super().read(size)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "files")


def _lying(folder: Path) -> list[Path]:
    return [path for path in (folder / "files").rglob("*") if path.is_file()]


def test_a_file_comes_back_as_it_was(shelf: Shelf, tmp_path: Path) -> None:
    shelved = shelf.put("report.pdf", io.BytesIO(PDF))

    with shelf.open(shelved.shelf_name) as file:
        assert file.read() == PDF
    assert (shelved.size, shelved.sha256) == (len(PDF), hashlib.sha256(PDF).hexdigest())
    (place,) = _lying(tmp_path)
    assert "report" not in str(place)
    assert place.stat().st_mode & 0o077 == 0, "nobody else on the machine reads it"


def test_two_of_one_name_do_not_meet(shelf: Shelf) -> None:
    names = {shelf.put("a.pdf", io.BytesIO(PDF)).shelf_name for _ in range(2)}

    assert len(names) == 2


def test_one_byte_too_many_leaves_nothing(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FILE_BYTES", len(PDF))
    shelf.put("a.pdf", io.BytesIO(PDF))

    with pytest.raises(RuleBroken, match="file_larger_than"):
        shelf.put("a.pdf", io.BytesIO(PDF + b" "))

    assert len(_lying(tmp_path)) == 1


def test_an_interrupted_copy_leaves_nothing(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 16)

    with pytest.raises(ConnectionResetError):
        shelf.put("a.pdf", _Broken(PDF))

    assert _lying(tmp_path) == []


def test_a_refused_file_leaves_nothing(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(RuleBroken):
        shelf.put("a.pdf", io.BytesIO(b"MZ"))

    assert _lying(tmp_path) == []


def test_what_is_laid_again_is_a_file_of_its_own(shelf: Shelf) -> None:
    first = shelf.put("a.pdf", io.BytesIO(PDF)).shelf_name
    second = shelf.lay_again(first)
    shelf.remove(first)

    with shelf.open(second) as file:
        assert file.read() == PDF


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_and_leaves_nothing(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(number, "full")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(RuleBroken, match="no_room_for_files"):
        shelf.put("a.pdf", io.BytesIO(PDF))
    assert _lying(tmp_path) == []


def test_the_last_of_the_disk_is_left_to_the_database(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT_FREE", 2**62)

    with pytest.raises(RuleBroken, match="no_room_for_files"):
        shelf.put("a.pdf", io.BytesIO(PDF))
    assert _lying(tmp_path) == []


def test_another_fault_of_the_disk_is_not_taken_for_a_full_one(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_descriptor: int) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "fsync", broken)

    with pytest.raises(OSError, match="broken"):
        shelf.put("a.pdf", io.BytesIO(PDF))


def test_a_file_that_is_gone_is_not_found(shelf: Shelf) -> None:
    shelved = shelf.put("a.pdf", io.BytesIO(PDF))
    shelf.remove(shelved.shelf_name)
    shelf.remove(shelved.shelf_name)

    with pytest.raises(NotFound):
        shelf.open(shelved.shelf_name)


def test_what_lies_for_long_is_named(shelf: Shelf) -> None:
    shelved = shelf.put("a.pdf", io.BytesIO(PDF))
    now = datetime.now(UTC)

    assert list(shelf.older_than(now - timedelta(minutes=1))) == []
    assert list(shelf.older_than(now + timedelta(minutes=1))) == [shelved.shelf_name]
