"""The tool's own keys: made once, closed to others, replaced without a failure."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr
from pylti1p3.registration import Registration

from lti_tool import clock, key_files
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import SettingsFaulty
from lti_tool.lti import keyring
from lti_tool.lti.keyring import Keyring
from lti_tool.lti.model import KeyState, ToolKey
from lti_tool.lti.tables import ToolKeyRow
from tests.factories.launch_bench import TOOL, Bench, write_tool_key
from tests.factories.signing_lms import pem_of, rsa_key

PASSPHRASE = SecretStr("correct horse")


def _shown(sessions: SessionFactory) -> list[str]:
    with unit_of_work(sessions, writes=False) as session:
        return [key["kid"] for key in keyring.key_set(session)["keys"]]


def _rotate(sessions: SessionFactory, folder: Path) -> ToolKey:
    with unit_of_work(sessions) as session:
        return keyring.rotate(session, folder, None, clock.now())


def _age_all(sessions: SessionFactory) -> None:
    with sessions.begin() as session:
        for row in session.query(ToolKeyRow):
            row.created_at -= timedelta(hours=2)


def _faults(folder: Path, sessions: SessionFactory, passphrase: SecretStr | None = None) -> str:
    with pytest.raises(SettingsFaulty) as refused:
        Keyring.open(folder, passphrase, sessions)
    return str(refused.value.facts["faults"])


def test_the_first_start_makes_a_key_that_only_its_owner_reads(sessions: SessionFactory, tmp_path: Path) -> None:
    Keyring.open(tmp_path / "keys", None, sessions)

    (file,) = (tmp_path / "keys").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert [file.stem] == _shown(sessions)


def test_a_second_start_uses_the_same_key(sessions: SessionFactory, tmp_path: Path) -> None:
    write_tool_key(tmp_path)
    for _ in range(2):
        Keyring.open(tmp_path, None, sessions)

    assert len(_shown(sessions)) == 1


def test_an_empty_database_takes_over_the_key_in_the_folder(sessions: SessionFactory, tmp_path: Path) -> None:
    kid = write_tool_key(tmp_path)

    Keyring.open(tmp_path, None, sessions)

    assert _shown(sessions) == [kid]
    assert len(list(tmp_path.glob("*.pem"))) == 1


def test_a_passphrase_encrypts_the_key(sessions: SessionFactory, tmp_path: Path) -> None:
    ring = Keyring.open(tmp_path / "keys", PASSPHRASE, sessions)

    (file,) = (tmp_path / "keys").iterdir()
    assert file.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert ring.sign({"iss": "me"})


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o660])
def test_a_file_that_others_can_touch_stops_the_start(sessions: SessionFactory, tmp_path: Path, mode: int) -> None:
    kid = write_tool_key(tmp_path)
    (tmp_path / f"{kid}.pem").chmod(mode)

    faults = _faults(tmp_path, sessions)

    assert f"{kid}.pem can be read by others (mode {mode:04o}); run chmod 600" in faults


def test_a_missing_passphrase_stops_the_start(sessions: SessionFactory, tmp_path: Path) -> None:
    Keyring.open(tmp_path / "keys", PASSPHRASE, sessions)

    assert "needs a passphrase: set LTI_TOOL_KEYS_PASSPHRASE" in _faults(tmp_path / "keys", sessions)


def test_a_wrong_passphrase_stops_the_start(sessions: SessionFactory, tmp_path: Path) -> None:
    Keyring.open(tmp_path / "keys", PASSPHRASE, sessions)

    faults = _faults(tmp_path / "keys", sessions, SecretStr("battery staple"))

    assert "is not opened by LTI_TOOL_KEYS_PASSPHRASE" in faults
    assert "staple" not in faults


def test_a_passphrase_for_an_open_key_stops_the_start(sessions: SessionFactory, tmp_path: Path) -> None:
    write_tool_key(tmp_path)

    assert "has no passphrase, but one is set" in _faults(tmp_path, sessions, PASSPHRASE)


def test_a_key_file_that_has_gone_stops_the_start(sessions: SessionFactory, tmp_path: Path) -> None:
    kid = write_tool_key(tmp_path)
    Keyring.open(tmp_path, None, sessions)
    (tmp_path / f"{kid}.pem").unlink()

    assert "cannot be read: No such file or directory; restore it, or run lti-tool keys rotate" in _faults(
        tmp_path, sessions
    )


@pytest.mark.parametrize("kind", ["damaged", "elliptic", "short", "another"])
def test_a_file_that_holds_no_key_of_ours_stops_the_start(sessions: SessionFactory, tmp_path: Path, kind: str) -> None:
    kid = write_tool_key(tmp_path)
    other: dict[str, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey] = {
        "elliptic": ec.generate_private_key(ec.SECP256R1()),
        "short": rsa_key(3, 1024),
        "another": rsa_key(2),
    }
    text = (
        other[kind].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        if kind in other
        else b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    )
    (tmp_path / f"{kid}.pem").write_bytes(text)

    assert f"{kid}.pem" in _faults(tmp_path, sessions)


def test_a_folder_that_cannot_be_written_stops_the_start(sessions: SessionFactory, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file, no folder")

    assert "cannot write to" in _faults(tmp_path / "keys", sessions)


def test_what_is_signed_can_be_checked_with_the_published_key(sessions: SessionFactory, tmp_path: Path) -> None:
    write_tool_key(tmp_path)
    ring = Keyring.open(tmp_path, None, sessions)

    token = ring.sign({"iss": "client", "iat": 1})

    with unit_of_work(sessions, writes=False) as session:
        (jwk,) = keyring.key_set(session)["keys"]
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["kid"]) == ("RS256", jwk["kid"])
    assert jwt.decode(token, jwt.PyJWK(jwk).key, algorithms=["RS256"], options={"verify_iat": False})["iss"] == "client"


def test_where_no_key_signs_any_more_the_command_that_helps_is_named(sessions: SessionFactory, tmp_path: Path) -> None:
    write_tool_key(tmp_path)
    ring = Keyring.open(tmp_path, None, sessions)
    with unit_of_work(sessions) as session:
        session.query(ToolKeyRow).delete()

    with pytest.raises(SettingsFaulty, match="lti-tool keys rotate"):
        ring.sign({"iss": "client"})

    with unit_of_work(sessions) as session:
        keyring.rotate(session, tmp_path, None, clock.now())
    assert jwt.get_unverified_header(ring.sign({"iss": "client"}))["alg"] == "RS256"


def test_published_keys_say_what_they_are_for_and_nothing_private(bench: Bench) -> None:
    answer = bench.browser().client.get("/lti/jwks", base_url=TOOL)

    (jwk,) = json.loads(answer.text)["keys"]
    assert set(jwk) == {"kty", "n", "e", "kid", "alg", "use"}
    assert (jwk["alg"], jwk["use"], jwk["kid"]) == (
        "RS256",
        "sig",
        key_files.public_jwk(rsa_key(0).public_key())["kid"],
    )


def test_a_key_is_published_as_the_launch_library_publishes_it() -> None:
    key = rsa_key(0)

    assert key_files.public_jwk(key.public_key()) == Registration.get_jwk(pem_of(key))


def test_rotation_signs_with_the_new_key_and_still_shows_the_old_one(sessions: SessionFactory, tmp_path: Path) -> None:
    old = write_tool_key(tmp_path)
    ring = Keyring.open(tmp_path, None, sessions)
    before = ring.sign({"iss": "client"})

    new = _rotate(sessions, tmp_path)

    # A process that was running before signs with the new key without a restart.
    assert jwt.get_unverified_header(ring.sign({}))["kid"] == new.kid
    assert jwt.get_unverified_header(before)["kid"] == old
    assert _shown(sessions) == [new.kid, old]


def test_the_next_rotation_retires_what_no_longer_signs(sessions: SessionFactory, tmp_path: Path) -> None:
    oldest = write_tool_key(tmp_path)
    Keyring.open(tmp_path, None, sessions)
    _age_all(sessions)
    middle = _rotate(sessions, tmp_path).kid
    _age_all(sessions)

    newest = _rotate(sessions, tmp_path).kid

    assert _shown(sessions) == [newest, middle]
    assert {file.stem for file in tmp_path.glob("*.pem")} == {newest, middle}
    with unit_of_work(sessions, writes=False) as session:
        assert {key.kid: key.state for key in keyring.listed(session)}[oldest] is KeyState.RETIRED


def test_two_rotations_within_an_hour_retire_nothing(sessions: SessionFactory, tmp_path: Path) -> None:
    write_tool_key(tmp_path)
    Keyring.open(tmp_path, None, sessions)

    for _ in range(2):
        _rotate(sessions, tmp_path)

    assert len(_shown(sessions)) == 3


def test_rotation_repairs_a_lost_key_file(sessions: SessionFactory, tmp_path: Path) -> None:
    kid = write_tool_key(tmp_path)
    Keyring.open(tmp_path, None, sessions)
    (tmp_path / f"{kid}.pem").unlink()

    _rotate(sessions, tmp_path)

    assert Keyring.open(tmp_path, None, sessions).sign({})


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Runs commands on a data folder of their own."""
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("LTI_TOOL_KEYS_DIR", str(tmp_path / "keys"))
    return CliRunner()


def test_keys_are_rotated_and_listed_from_the_shell(cli: CliRunner) -> None:
    from lti_tool.cli.keys import keys

    made = cli.invoke(keys, ["rotate"])
    listed = cli.invoke(keys, ["list", "--json"])
    told = cli.invoke(keys, ["list"])

    (key,) = json.loads(listed.output)
    assert (made.exit_code, key["kid"], key["state"]) == (0, made.output.strip(), "signing")
    assert told.output.startswith(f"{key['kid']}  signing")


# --- looked at from outside


def _inspected(
    sessions: SessionFactory, folder: Path, passphrase: SecretStr | None = None
) -> tuple[str | None, list[str]]:
    with unit_of_work(sessions, writes=False) as session:
        return keyring.inspected(session, folder, passphrase)


def test_looking_at_a_folder_that_does_not_exist_makes_nothing(sessions: SessionFactory, tmp_path: Path) -> None:
    assert _inspected(sessions, tmp_path / "keys") == (None, [])
    assert list(tmp_path.glob("keys*")) == []


def test_a_folder_in_order_has_no_fault(sessions: SessionFactory, tmp_path: Path) -> None:
    Keyring.open(tmp_path / "keys", PASSPHRASE, sessions)

    assert _inspected(sessions, tmp_path / "keys", PASSPHRASE) == (_shown(sessions)[0], [])


def test_every_fault_of_a_folder_is_named(sessions: SessionFactory, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    Keyring.open(folder, PASSPHRASE, sessions)
    (file,) = folder.iterdir()
    file.chmod(0o640)
    folder.chmod(0o770)

    kid, faults = _inspected(sessions, folder, SecretStr("wrong"))

    assert kid == file.stem
    assert [str(folder) in faults[0], "mode 0640" in faults[1], "is not opened by" in faults[2]] == [True] * 3
    assert len(faults) == 3


def test_a_key_that_is_gone_is_a_fault(sessions: SessionFactory, tmp_path: Path) -> None:
    Keyring.open(tmp_path / "keys", None, sessions)
    (file,) = (tmp_path / "keys").iterdir()
    file.unlink()

    kid, (fault,) = _inspected(sessions, tmp_path / "keys")

    assert (kid, "cannot be read" in fault) == (file.stem, True)
