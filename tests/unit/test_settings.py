"""Settings: who goes before whom, every fault named at once, secrets that nobody can read."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from lti_tool.errors import SettingsFaulty
from lti_tool.settings import PREFIX, Settings

SECRET = "a secret of the tests, and of nobody else"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing about the tool."""
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    monkeypatch.delenv(PREFIX + "CONFIG", raising=False)


def own_file(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A settings file of the operator's, named by the environment."""
    path = folder / "own.toml"
    path.write_text(text)
    monkeypatch.setenv(PREFIX + "CONFIG", str(path))


def faults_of(**given: object) -> list[str]:
    with pytest.raises(SettingsFaulty) as refused:
        Settings.load(**given)
    faults: list[str] = refused.value.facts["faults"]
    return faults


def test_without_anything_the_packaged_file_speaks() -> None:
    settings = Settings.load()

    assert (settings.base_url, settings.session_idle_minutes, settings.trusted_proxies) == (
        "http://localhost:8080",
        240,
        0,
    )
    assert settings.allow_private_networks is False
    assert settings.database == f"sqlite:///{Path('var/lti-tool.sqlite3').absolute()}"


def test_the_own_file_goes_before_the_packaged_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_file(tmp_path, 'session_idle_minutes = 30\nlog_format = "text"\n', monkeypatch)

    settings = Settings.load()

    assert (settings.session_idle_minutes, settings.log_format) == (30, "text")


def test_the_environment_goes_before_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_file(tmp_path, "session_idle_minutes = 30\n", monkeypatch)
    monkeypatch.setenv(PREFIX + "SESSION_IDLE_MINUTES", "45")

    assert Settings.load().session_idle_minutes == 45
    assert Settings.load(session_idle_minutes=50).session_idle_minutes == 50


def test_all_faults_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "BASE_URL", "https://tool.example.org/path")
    monkeypatch.setenv(PREFIX + "SESSION_IDLE_MINUTES", "soon")
    monkeypatch.setenv(PREFIX + "SECRET_KEY", "short")

    named = {fault.split(":")[0] for fault in faults_of()}

    assert named == {"LTI_TOOL_BASE_URL", "LTI_TOOL_SESSION_IDLE_MINUTES", "LTI_TOOL_SECRET_KEY"}


@pytest.mark.parametrize(
    "address",
    ["tool.example.org", "ftp://tool.example.org", "https://", "https://tool.example.org/a", "https://t.example/?a=1"],
)
def test_an_address_that_is_no_origin_is_refused(address: str) -> None:
    assert faults_of(base_url=address)[0].startswith("LTI_TOOL_BASE_URL: must be an address")


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://tool.example.org/", "https://tool.example.org"),
        ("http://localhost:9000", "http://localhost:9000"),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000"),
        ("http://[::1]:9000", "http://[::1]:9000"),
    ],
)
def test_an_origin_is_kept_without_its_slash(address: str, kept: str) -> None:
    assert Settings.load(base_url=address).base_url == kept


def test_plain_http_is_for_this_machine_only() -> None:
    assert "must be https" in faults_of(base_url="http://tool.example.org")[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("session_idle_minutes", 4),
        ("session_idle_minutes", 1441),
        ("trusted_proxies", -1),
        ("trusted_proxies", 6),
        ("log_format", "xml"),
        ("allow_private_networks", "perhaps"),
    ],
)
def test_a_value_outside_its_range_is_refused(name: str, value: object) -> None:
    assert faults_of(**{name: value})[0].startswith(f"{PREFIX}{name.upper()}: ")


def test_a_setting_that_nobody_knows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_file(tmp_path, "sesion_idle_minutes = 30\n", monkeypatch)

    assert faults_of() == ["LTI_TOOL_SESION_IDLE_MINUTES: Extra inputs are not permitted"]


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "CONFIG", "/nowhere/own.toml")

    assert faults_of() == ["LTI_TOOL_CONFIG: no file /nowhere/own.toml"]


def test_a_broken_file_is_refused_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_file(tmp_path, 'log_format = "text"\nbase_url = \n', monkeypatch)

    (fault,) = faults_of()

    assert fault.startswith("settings file: ")
    assert "line 2" in fault


def test_secrets_are_not_printed() -> None:
    settings = Settings.load(secret_key=SECRET, metrics_token="token of the scraper", keys_passphrase="pass phrase")

    shown = f"{settings!r} {settings} {settings.model_dump()}"

    assert not any(secret in shown for secret in (SECRET, "token of the scraper", "pass phrase"))


def test_a_fault_does_not_print_the_secret_either() -> None:
    assert "tooshort" not in " ".join(faults_of(secret_key=SecretStr("tooshort")))


def test_a_child_process_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(PREFIX + "LOG_FORMAT", "json")
    settings = Settings.load(
        secret_key=SECRET, data_dir=tmp_path, log_format="text", allow_private_networks=True, trusted_proxies=1
    )

    for name, value in settings.as_environment().items():
        monkeypatch.setenv(name, value)

    assert Settings.load() == settings


def test_settings_cannot_be_changed_once_they_are_loaded() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings.load().log_format = "text"


@pytest.mark.parametrize(("given", "kept"), [("", None), ("  ", None), ("a token", "a token")])
def test_a_metrics_token_that_was_left_empty_is_none(
    monkeypatch: pytest.MonkeyPatch, given: str, kept: str | None
) -> None:
    monkeypatch.setenv(PREFIX + "METRICS_TOKEN", given)

    token = Settings.load().metrics_token

    assert (token.get_secret_value() if token else None) == kept
    assert kept is None or kept not in repr(token)


@pytest.mark.parametrize("address", ["", "https://help.example.org/ict?lang=ky", "http://intranet/guide"])
def test_the_guide_of_the_institute_has_an_address_or_none(address: str) -> None:
    assert Settings.load(help_url=address).help_url == address


@pytest.mark.parametrize("address", ["help", "javascript:alert(1)", "https:///guide", "ftp://help.example.org"])
def test_help_leads_to_an_address_of_the_web_only(address: str) -> None:
    assert faults_of(help_url=address) == [
        "LTI_TOOL_HELP_URL: must be an address like https://help.example.org, or empty"
    ]
