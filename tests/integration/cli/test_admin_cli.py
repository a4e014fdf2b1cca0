"""`lti-tool admin`: accounts from the shell; a password never stands in an argument."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lti_tool.accounts import entering
from lti_tool.accounts.entering import Attempt
from lti_tool.accounts.model import EntranceRefused
from lti_tool.cli import main
from lti_tool.clock import now
from lti_tool.db.unit_of_work import make_engine, make_session_factory
from tests.factories.passwords import cheapen

PASSWORD = "көк мышык терезеде"
MOODLE = "https://93.184.216.34"
ADD = [
    *("platform", "add", "--issuer", MOODLE, "--client-id", "client-1"),
    *("--authorization-url", f"{MOODLE}/auth", "--token-url", f"{MOODLE}/token", "--jwks-url", f"{MOODLE}/certs"),
]


class Shell:
    """Runs commands on a database of its own, with a line on stdin."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: str, typed: str = f"{PASSWORD}\n") -> Result:
        return CliRunner().invoke(main, words, input=typed)

    def listed(self) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = json.loads(self.run("admin", "list", "--json").stdout)
        return rows

    def enters(self, login: str = "nurbek", password: str = PASSWORD) -> bool:
        engine = make_engine(f"sqlite:///{self.folder / 'lti-tool.sqlite3'}")
        try:
            entering.enter(make_session_factory(engine), None, Attempt(login, password, "", "192.0.2.1"), now())
        except EntranceRefused:
            return False
        finally:
            engine.dispose()
        return True


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("LTI_TOOL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LTI_TOOL_BASE_URL", "https://tool.example.invalid")
    cheapen(monkeypatch)
    return Shell(tmp_path)


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_an_operator_made_in_the_shell_enters(shell: Shell, end: str) -> None:
    made = shell.run("admin", "create", "Nurbek", "--operator", "--display-name", "Нурбек", typed=PASSWORD + end)

    [row] = shell.listed()
    assert (made.exit_code, made.stdout.strip()) == (0, row["id"])
    assert (row["login"], row["name"], row["operator"], row["platform"]) == ("nurbek", "Нурбек", True, None)
    assert shell.enters()


def test_an_admin_of_one_institute_is_made_by_its_issuer_or_registration(shell: Shell) -> None:
    registration = shell.run(*ADD).stdout.strip()

    for login, named in (("by-issuer", MOODLE), ("by-registration", registration)):
        assert shell.run("admin", "create", login, "--platform", named).exit_code == 0

    assert [(row["login"], row["platform"]) for row in shell.listed()] == [
        ("by-issuer", MOODLE),
        ("by-registration", MOODLE),
    ]


@pytest.mark.parametrize("options", [[], ["--operator", "--platform", MOODLE]])
def test_what_an_account_may_do_is_said_once(shell: Shell, options: list[str]) -> None:
    assert shell.run("admin", "create", "nurbek", *options).exit_code == 2


@pytest.mark.parametrize(
    ("words", "typed", "code"),
    [
        (["create", "нурбек", "--operator"], PASSWORD, "login_faulty"),
        (["create", "nurbek", "--operator"], "short", "password_short"),
        (["create", "nurbek", "--operator"], "", "password_short"),
        (["create", "nurbek", "--platform", "https://nowhere.example.invalid"], PASSWORD, "platform_unknown"),
        (["passwd", "nobody"], PASSWORD, "account_unknown"),
        (["disable", "nobody"], "", "account_unknown"),
    ],
)
def test_what_is_refused_stands_in_one_line_and_stores_nothing(
    shell: Shell, words: list[str], typed: str, code: str
) -> None:
    refused = shell.run("admin", *words, typed=typed)

    assert refused.exit_code == 1
    assert code in refused.stderr
    assert PASSWORD not in refused.output
    assert shell.listed() == []


def test_a_new_password_holds_and_the_old_one_no_more(shell: Shell) -> None:
    shell.run("admin", "create", "nurbek", "--operator")

    assert shell.run("admin", "passwd", "nurbek", typed="башка узун сөз айкашы\n").exit_code == 0

    assert [shell.enters(), shell.enters(password="башка узун сөз айкашы")] == [False, True]


def test_an_account_is_switched_off_and_on_but_not_the_last_operator(shell: Shell) -> None:
    shell.run("admin", "create", "nurbek", "--operator")
    assert "last_operator" in shell.run("admin", "disable", "nurbek").stderr
    shell.run("admin", "create", "second", "--operator")

    assert shell.run("admin", "disable", "nurbek").exit_code == 0
    assert "nurbek\toperator\tdisabled\tno codes" in shell.run("admin", "list").stdout
    assert not shell.enters()
    assert shell.run("admin", "enable", "nurbek").exit_code == 0
    assert shell.enters()


def test_codes_that_were_lost_are_dropped(shell: Shell) -> None:
    shell.run("admin", "create", "nurbek", "--operator")

    assert shell.run("admin", "drop-codes", "nurbek").exit_code == 0
