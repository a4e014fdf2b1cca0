"""`lti-tool keys rewrap`: the passphrase is replaced, the keys are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lti_tool import key_files
from lti_tool.cli import main
from lti_tool.cli.context import opened
from lti_tool.credentials import keyring as badge_keys
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.lti import keyring


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tool with a key of each kind, locked by its passphrase."""
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LTI_TOOL_KEYS_DIR", str(tmp_path / "keys"))
    monkeypatch.setenv("LTI_TOOL_KEYS_PASSPHRASE", "the one of before")
    for words in (["keys", "rotate"], ["keys", "rotate", "--credential"]):
        assert _call(*words).exit_code == 0


def _call(*words: str, told: str = "") -> Result:
    return CliRunner().invoke(main, words, input=told)


def _faults() -> list[str]:
    with opened() as work, unit_of_work(work.sessions, writes=False) as session:
        settings = work.settings
        judged = [
            each.inspected(session, settings.keys_dir, settings.keys_passphrase) for each in (keyring, badge_keys)
        ]
    assert all(kid for kid, _faults in judged)
    return [fault for _kid, faults in judged for fault in faults]


def test_both_kinds_of_keys_are_opened_by_the_new_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTI_TOOL_KEYS_PASSPHRASE", "the one of now")
    assert len(_faults()) == 2

    answer = _call("keys", "rewrap", told="the one of before\n")

    assert (answer.exit_code, answer.stdout) == (0, "2\n")
    assert _faults() == []


def test_a_wrong_former_passphrase_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LTI_TOOL_KEYS_PASSPHRASE", "the one of now")

    answer = _call("keys", "rewrap", told="a guess\n")

    assert (answer.exit_code, answer.output.count("is opened by neither passphrase")) == (1, 2)
    assert "guess" not in answer.output
    monkeypatch.setenv("LTI_TOOL_KEYS_PASSPHRASE", "the one of before")
    assert _faults() == []


def test_what_locks_secrets_in_the_database_is_left_alone(tmp_path: Path) -> None:
    (kept,) = key_files.sealing_keys(tmp_path / "keys")

    assert _call("keys", "rewrap", told="the one of before\n").stdout == "0\n"
    assert key_files.sealing_keys(tmp_path / "keys") == (kept,)
