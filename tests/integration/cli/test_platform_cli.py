"""The operator's commands for platforms and deployments."""

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


class Shell:
    """Runs commands on a database of its own."""

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, words)

    def listed(self, noun: str = "platform") -> list[dict[str, object]]:
        result = self.run(noun, "list", "--json")
        assert result.exit_code == 0, result.stderr
        rows: list[dict[str, object]] = json.loads(result.stdout)
        return rows


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LTI_TOOL_BASE_URL", "https://tool.example.invalid")
    return Shell()


@pytest.mark.parametrize("options", [[], ["--hold"]])
def test_an_invitation_is_the_address_alone_on_stdout(shell: Shell, options: list[str]) -> None:
    result = shell.run("platform", "invite", *options)

    assert result.exit_code == 0
    [line] = result.stdout.splitlines()
    assert line.startswith("https://tool.example.invalid/lti/register?invite=")


def test_two_invitations_differ(shell: Shell) -> None:
    assert shell.run("platform", "invite").stdout != shell.run("platform", "invite").stdout


def test_a_platform_added_by_hand_is_listed_with_its_deployment(shell: Shell) -> None:
    added = shell.run(*ADD, "--deployment", "7", "--name", "Окуу порталы")

    assert added.exit_code == 0, added.stderr
    [row] = shell.listed()
    assert row["id"] == added.stdout.strip()
    assert (row["issuer"], row["client_id"], row["active"]) == (MOODLE, "client-1", True)
    assert row["deployments"] == ["7"]
    assert row["platform"] == "Окуу порталы"


def test_the_plain_list_has_a_line_each(shell: Shell) -> None:
    shell.run(*ADD)

    [line] = shell.run("platform", "list").stdout.splitlines()

    assert MOODLE in line
    assert "active" in line


def test_adding_again_updates_and_keeps_the_id(shell: Shell) -> None:
    first = shell.run(*ADD).stdout
    second = shell.run(*ADD, "--name", "Жаңы ат").stdout

    assert first == second
    assert [row["platform"] for row in shell.listed()] == ["Жаңы ат"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--token-url", "http://93.184.216.34/token"),
        ("--token-url", "https://127.0.0.1/token"),
        ("--jwks-url", "file:///etc/passwd"),
        ("--issuer", "nonsense"),
        ("--authorization-url", "https://169.254.169.254/"),
    ],
)
def test_an_address_that_is_never_called_is_refused_with_nothing_stored(shell: Shell, option: str, value: str) -> None:
    refused = shell.run(*ADD, option, value)

    assert refused.exit_code == 1
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "address_refused" in refused.stderr
    assert shell.listed() == []


@pytest.mark.parametrize("option", ["--client-id", "--deployment"])
@pytest.mark.parametrize("value", [" ", "x" * 256])
def test_a_faulty_id_is_refused(shell: Shell, option: str, value: str) -> None:
    refused = shell.run(*ADD, option, value)

    assert refused.exit_code == 1
    assert shell.listed() == []


def test_a_missing_option_is_wrong_usage(shell: Shell) -> None:
    assert shell.run("platform", "add", "--issuer", MOODLE).exit_code == 2


def test_a_registration_is_switched_off_and_on(shell: Shell) -> None:
    name = shell.run(*ADD).stdout.strip()

    assert shell.run("platform", "disable", name).exit_code == 0
    assert [row["active"] for row in shell.listed()] == [False]
    assert shell.run("platform", "enable", name).exit_code == 0
    assert [row["active"] for row in shell.listed()] == [True]


@pytest.mark.parametrize("words", [["platform", "enable"], ["platform", "disable"], ["deployment", "add"]])
def test_an_unknown_registration_is_refused(shell: Shell, words: list[str]) -> None:
    more = ["7"] if words[0] == "deployment" else []

    refused = shell.run(*words, "nobody", *more)

    assert refused.exit_code == 1
    assert "registration_unknown" in refused.stderr


def test_deployments_are_added_and_removed(shell: Shell) -> None:
    name = shell.run(*ADD, "--deployment", "1").stdout.strip()

    assert shell.run("deployment", "add", name, "2").exit_code == 0
    assert [row["deployment_id"] for row in shell.listed("deployment")] == ["1", "2"]
    assert shell.run("deployment", "remove", name, "1").exit_code == 0
    assert shell.listed("deployment") == [{"registration": name, "issuer": MOODLE, "deployment_id": "2"}]


@pytest.mark.parametrize(
    ("words", "code"), [(["add", "1"], "deployment_exists"), (["remove", "9"], "deployment_unknown")]
)
def test_a_deployment_that_does_not_fit_is_refused(shell: Shell, words: list[str], code: str) -> None:
    name = shell.run(*ADD, "--deployment", "1").stdout.strip()
    verb, deployment = words

    refused = shell.run("deployment", verb, name, deployment)

    assert refused.exit_code == 1
    assert code in refused.stderr
    assert len(shell.listed("deployment")) == 1
