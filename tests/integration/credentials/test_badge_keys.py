"""The keys that sign badges: made with the first badge, closed to others, and shown for ever."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import jwt
import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from lti_tool.cli.keys import keys as command
from lti_tool.credentials import keyring
from lti_tool.credentials.keyring import FOLDER, CredentialKeys
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import SettingsFaulty
from tests.factories.badges import write_badge_key
from tests.factories.launch_bench import TOOL

PASSPHRASE = SecretStr("correct horse")
HOUR = timedelta(hours=1)


def _kid(keys: CredentialKeys, sessions: SessionFactory, now: datetime) -> str:
    with unit_of_work(sessions) as session:
        return keys.signing_key(session, now)


def _rotate(sessions: SessionFactory, folder: Path, now: datetime) -> str:
    with unit_of_work(sessions) as session:
        return keyring.rotate(session, folder, None, now).kid


def _shown(sessions: SessionFactory) -> list[str]:
    with unit_of_work(sessions, writes=False) as session:
        return [str(each["kid"]) for each in keyring.key_set(session, TOOL)["keys"]]


def test_opening_makes_no_key_and_the_first_badge_makes_one_that_only_its_owner_reads(
    sessions: SessionFactory, tmp_path: Path, now: datetime
) -> None:
    keys = CredentialKeys.open(tmp_path, None, TOOL, sessions)
    assert _shown(sessions) == []
    assert not (tmp_path / FOLDER).exists()

    kid = _kid(keys, sessions, now)

    (file,) = (tmp_path / FOLDER).iterdir()
    assert (file.stem, file.stat().st_mode & 0o777, (tmp_path / FOLDER).stat().st_mode & 0o777) == (kid, 0o600, 0o700)
    assert _kid(keys, sessions, now) == kid


def test_the_head_of_what_is_signed_names_the_key_by_its_address_and_nothing_else(
    sessions: SessionFactory, tmp_path: Path, now: datetime
) -> None:
    kid = write_badge_key(tmp_path)
    keys = CredentialKeys.open(tmp_path, None, TOOL, sessions)

    head = jwt.get_unverified_header(keys.sign(_kid(keys, sessions, now), {"iss": "me"}))

    assert head == {"alg": "RS256", "typ": "JWT", "kid": f"{TOOL}/credentials/keys/{kid}"}


def test_retired_keys_stay_shown_for_ever_and_sign_no_more(
    sessions: SessionFactory, tmp_path: Path, now: datetime
) -> None:
    first = write_badge_key(tmp_path)
    keys = CredentialKeys.open(tmp_path, None, TOOL, sessions)
    _kid(keys, sessions, now)

    second = _rotate(sessions, tmp_path, now + HOUR)
    third = _rotate(sessions, tmp_path, now + 2 * HOUR)

    assert _shown(sessions) == [f"{TOOL}/credentials/keys/{kid}" for kid in (third, second, first)]
    assert _kid(keys, sessions, now + 3 * HOUR) == third
    # The one before stays a while: a badge may be being signed with it.
    assert {file.stem for file in (tmp_path / FOLDER).iterdir()} == {second, third}


def test_the_tools_own_keys_and_these_never_meet(sessions: SessionFactory, tmp_path: Path, now: datetime) -> None:
    kid = write_badge_key(tmp_path)
    keys = CredentialKeys.open(tmp_path, None, TOOL, sessions)
    _kid(keys, sessions, now)

    assert [file.stem for file in tmp_path.glob("*.pem")] == []
    assert keyring.folder_of(tmp_path, None).file(kid).exists()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660])
def test_a_file_that_others_can_touch_stops_the_start(sessions: SessionFactory, tmp_path: Path, mode: int) -> None:
    kid = write_badge_key(tmp_path)
    (tmp_path / FOLDER / f"{kid}.pem").chmod(mode)

    with pytest.raises(SettingsFaulty) as refused:
        CredentialKeys.open(tmp_path, None, TOOL, sessions)

    assert f"{kid}.pem can be read by others (mode {mode:04o})" in str(refused.value.facts["faults"])


def test_a_passphrase_locks_these_keys_too(sessions: SessionFactory, tmp_path: Path, now: datetime) -> None:
    _kid(CredentialKeys.open(tmp_path, PASSPHRASE, TOOL, sessions), sessions, now)

    (file,) = (tmp_path / FOLDER).iterdir()
    assert "ENCRYPTED" in file.read_text()
    with pytest.raises(SettingsFaulty) as refused:
        CredentialKeys.open(tmp_path, None, TOOL, sessions)
    assert "needs a passphrase" in str(refused.value.facts["faults"])


def test_what_is_wrong_is_told_with_the_command_that_mends_it(
    sessions: SessionFactory, tmp_path: Path, now: datetime
) -> None:
    kid = write_badge_key(tmp_path)
    _kid(CredentialKeys.open(tmp_path, None, TOOL, sessions), sessions, now)
    (tmp_path / FOLDER / f"{kid}.pem").unlink()

    with unit_of_work(sessions, writes=False) as session:
        signs, faults = keyring.inspected(session, tmp_path, None)

    assert signs == kid
    assert "or run lti-tool keys rotate --credential" in str(faults)


def test_the_command_lists_and_replaces_these_keys_alone(
    sessions: SessionFactory, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LTI_TOOL_KEYS_DIR", str(tmp_path / "keys"))
    (tmp_path / "data").mkdir()
    write_badge_key(tmp_path / "keys")
    run = CliRunner()

    made = run.invoke(command, ["rotate", "--credential"])
    listed = json.loads(run.invoke(command, ["list", "--credential", "--json"]).output)
    others = json.loads(run.invoke(command, ["list", "--json"]).output)

    assert [(each["kid"], each["state"]) for each in listed] == [(made.output.strip(), "signing")]
    assert others == []
