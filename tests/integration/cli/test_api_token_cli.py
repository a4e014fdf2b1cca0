"""The operator's commands for tokens of the API."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli import main

MOODLE = "https://93.184.216.34"
ADD = [
    *("platform", "add", "--issuer", MOODLE, "--client-id", "client-1"),
    *("--authorization-url", f"{MOODLE}/auth", "--token-url", f"{MOODLE}/token", "--jwks-url", f"{MOODLE}/certs"),
]


def _run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A registration in a database of its own."""
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LTI_TOOL_BASE_URL", "https://tool.example.invalid")
    return _run(*ADD).stdout.strip()


def _listed(platform: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(_run("api-token", "list", "--platform", platform, "--json").stdout)
    return rows


def test_a_token_stands_alone_on_stdout_and_is_listed_without_its_secret(platform: str) -> None:
    made = _run("api-token", "create", "--platform", platform, "--name", "Министрлик", "--days", "30", "--rate", "60")

    assert made.exit_code == 0, made.stderr
    [secret] = made.stdout.splitlines()
    [row] = _listed(platform)
    assert (row["name"], row["state"], row["rate"], row["used_at"]) == ("Министрлик", "in_force", 60, None)
    assert secret.startswith(str(row["start"]))
    assert row["expires_at"]
    plain = _run("api-token", "list", "--platform", platform).stdout
    assert plain == f"{row['id']}\t{row['start']}\tin_force\t\tМинистрлик\n"
    assert secret not in plain


def test_a_revoked_token_is_listed_as_such(platform: str) -> None:
    _run("api-token", "create", "--platform", platform, "--name", "x")
    [row] = _listed(platform)

    assert _run("api-token", "revoke", str(row["id"])).exit_code == 0

    assert [each["state"] for each in _listed(platform)] == ["revoked"]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("create", "--platform", "nosuch", "--name", "x"), 1),
        (("create", "--platform", "{platform}", "--name", " "), 1),
        (("create", "--platform", "{platform}", "--name", "x", "--days", "0"), 2),
        (("create", "--platform", "{platform}", "--name", "x", "--rate", "100000"), 2),
        (("list", "--platform", "nosuch"), 1),
        (("revoke", "nosuch"), 1),
    ],
)
def test_what_is_refused_stores_nothing(platform: str, words: tuple[str, ...], status: int) -> None:
    result = _run("api-token", *(word.format(platform=platform) for word in words))

    assert result.exit_code == status
    assert result.stdout == ""
    assert _listed(platform) == []
