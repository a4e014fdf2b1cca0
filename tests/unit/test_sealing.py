"""A secret is stored so that only this tool reads it, with the keys that lie in its folder."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lti_tool.errors import SettingsFaulty
from lti_tool.key_files import SEALING, KeyFolder, readable_by_others, sealing_keys
from lti_tool.moodle.connections import Opened
from lti_tool.sealing import SECOND_STEPS, Seal

TOKEN = "0123456789abcdef"
KEY = "a secret of the tests, and of nobody else"


def test_a_token_comes_back_with_the_same_key() -> None:
    assert Seal(KEY).open(Seal(KEY).lock(TOKEN)) == TOKEN


def test_what_is_stored_does_not_show_the_token() -> None:
    assert TOKEN not in Seal(KEY).lock(TOKEN)


def test_with_another_key_the_token_is_lost() -> None:
    assert Seal("another secret of the tests, as long as it").open(Seal(KEY).lock(TOKEN)) is None


def test_what_was_locked_for_one_purpose_opens_for_no_other() -> None:
    assert Seal(KEY, SECOND_STEPS).open(Seal(KEY).lock(TOKEN)) is None


def test_an_older_key_opens_and_locks_no_more() -> None:
    both = Seal("a new key of the tests, as long as the old", older=[KEY])

    assert both.open(Seal(KEY).lock(TOKEN)) == TOKEN
    assert Seal(KEY).open(both.lock(TOKEN)) is None


def test_the_first_start_makes_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    (key,) = sealing_keys(tmp_path / "keys")

    file = tmp_path / "keys" / SEALING
    assert (file.stat().st_mode & 0o777, len(key) >= 32) == (0o600, True)
    assert sealing_keys(tmp_path / "keys") == (key,)
    assert [each.name for each in (tmp_path / "keys").iterdir()] == [SEALING]


def test_processes_that_start_together_have_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: sealing_keys(tmp_path), range(16)))

    assert len(set(found)) == 1


def test_a_line_on_top_replaces_the_key_that_locks(tmp_path: Path) -> None:
    (old,) = sealing_keys(tmp_path)
    locked = Seal(old).lock(TOKEN)
    new = "n" * 43
    (tmp_path / SEALING).write_text(f"{new}\n\n{old}\n")

    first, *older = sealing_keys(tmp_path)

    assert (first, older) == (new, [old])
    assert Seal(first, older=older).open(locked) == TOKEN


def test_a_key_file_that_others_can_read_is_a_fault(tmp_path: Path) -> None:
    sealing_keys(tmp_path)
    (tmp_path / SEALING).chmod(0o640)

    (fault,) = readable_by_others(KeyFolder(tmp_path, None))

    assert f"{SEALING} can be read by others (mode 0640); run chmod 600" in fault


@pytest.mark.parametrize("content", ["", "short\n", "a" * 43 + "\nshort\n", "ы" * 43])
def test_a_file_that_holds_no_key_stops_the_start(tmp_path: Path, content: str) -> None:
    (tmp_path / SEALING).write_text(content)

    with pytest.raises(SettingsFaulty) as refused:
        sealing_keys(tmp_path)

    assert "holds no keys: one a line, of 32 characters or more" in str(refused.value.facts["faults"])


def test_an_opened_connection_prints_without_its_token() -> None:
    assert TOKEN not in repr(Opened("https://moodle.example.invalid", TOKEN))
