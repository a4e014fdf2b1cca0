"""Private keys are locked by another passphrase: the keys stay, and all files change or none does."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from lti_tool import key_files
from lti_tool.errors import SettingsFaulty
from lti_tool.key_files import KeyFolder, load, new_key, rewrap

BEFORE, NOW = SecretStr("the one of before"), SecretStr("the one of now")


def _folder(path: Path, passphrase: SecretStr | None) -> tuple[KeyFolder, str]:
    """A folder with one key that `passphrase` opens."""
    folder = KeyFolder(path, passphrase)
    return folder, str(new_key(folder)["kid"])


def _texts(path: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in path.iterdir()}


@pytest.mark.parametrize(("before", "after"), [(BEFORE, NOW), (None, NOW), (BEFORE, None)])
def test_all_keys_are_opened_by_the_new_passphrase_and_by_it_alone(
    tmp_path: Path, before: SecretStr | None, after: SecretStr | None
) -> None:
    former = [_folder(tmp_path / name, before) for name in ("own", "badges")]
    keys = [load(folder, kid).private_numbers() for folder, kid in former]
    now = [KeyFolder(folder.path, after) for folder, _kid in former]

    count = rewrap(now, before)

    opened = [load(folder, kid).private_numbers() for folder, (_former, kid) in zip(now, former, strict=True)]
    assert (count, opened) == (2, keys)
    assert all(key_files.faults_of_file(folder, kid) for folder, kid in former)
    for folder, kid in former:
        assert [file.name for file in folder.path.iterdir()] == [f"{kid}.pem"]
        assert folder.file(kid).stat().st_mode & 0o777 == 0o600


def test_the_second_time_nothing_is_left_to_do(tmp_path: Path) -> None:
    _folder(tmp_path, BEFORE)
    now = KeyFolder(tmp_path, NOW)
    rewrap([now], BEFORE)
    texts = _texts(tmp_path)

    assert rewrap([now], BEFORE) == 0
    assert _texts(tmp_path) == texts


def test_where_one_file_is_opened_by_neither_none_is_changed(tmp_path: Path) -> None:
    _folder(tmp_path, BEFORE)
    _other, kid = _folder(tmp_path, SecretStr("one that nobody remembers"))
    texts = _texts(tmp_path)

    with pytest.raises(SettingsFaulty) as refused:
        rewrap([KeyFolder(tmp_path, NOW)], BEFORE)

    assert refused.value.faults == [f"keys: {tmp_path / kid}.pem is opened by neither passphrase, or is damaged"]
    assert _texts(tmp_path) == texts


def test_where_one_file_cannot_be_written_none_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        _folder(tmp_path, BEFORE)
    texts = _texts(tmp_path)
    written: list[int] = []

    def full_at_the_second(_number: int) -> None:
        written.append(1)
        if len(written) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(key_files.os, "fsync", full_at_the_second)
    with pytest.raises(SettingsFaulty, match="No space left on device"):
        rewrap([KeyFolder(tmp_path, NOW)], BEFORE)

    assert _texts(tmp_path) == texts


def test_a_folder_that_is_not_there_has_nothing_to_lock(tmp_path: Path) -> None:
    assert rewrap([KeyFolder(tmp_path / "none", NOW)], BEFORE) == 0
