"""What stands in deploy/ and docs/operate.md names commands, settings, files and metrics that exist.

Nobody runs these files in a check of a change, so that without this they would rot unseen.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from configparser import ConfigParser
from pathlib import Path

import click
import pytest
import yaml
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from lti_tool import clock
from lti_tool.cli import main
from lti_tool.grading.watch_queries import Jobs, Paused, Unsettled
from lti_tool.ids import PlatformId, PublicId
from lti_tool.settings import PREFIX, Settings
from lti_tool.watching import PlatformFigures
from lti_tool.web.metrics import Exposed

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
OPERATE = ROOT / "docs" / "operate.md"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SCRIPTS = ("install", "lti-tool", "lti-tool-backup", "lti-tool-restore")
SETTINGS = {PREFIX + name.upper() for name in Settings.model_fields} | {PREFIX + "CONFIG"}


def check(words: list[str]) -> None:
    """Parses a command line of the tool as the tool does; raises click.UsageError where it is none."""
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group):
        if not words:
            raise click.UsageError("Missing command.")
        name, found, words = command.resolve_command(context, words)
        assert name is not None
        assert found is not None
        command, context = found, click.Context(found, parent=context, info_name=name)
    command.make_context(command.name, list(words))


def _unit(path: Path) -> ConfigParser:
    parser = ConfigParser(strict=False, interpolation=None, comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, encoding="utf-8")
    return parser


def _shell_of_the_page() -> str:
    return "\n".join(re.findall(r"^ *```sh\n(.*?)^ *```", OPERATE.read_text(encoding="utf-8"), re.M | re.S))


def _typed_commands() -> list[str]:
    """Lines of the tool in the page's blocks."""
    lines = (line.strip() for line in _shell_of_the_page().splitlines())
    return [line for line in lines if line.startswith("lti-tool ")]


def _named_commands() -> list[str]:
    """Commands in the page's sentences, which leave out whom they are about."""
    return sorted(set(re.findall(r"`(lti-tool [^`\n]+)`", OPERATE.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("service", [name for name, each in COMPOSE["services"].items() if "build" in each])
def test_what_the_containers_run_are_commands_of_the_tool(service: str) -> None:
    check(COMPOSE["services"][service]["command"])


@pytest.mark.parametrize("service", COMPOSE["services"])
def test_no_container_may_gain_rights(service: str) -> None:
    found = COMPOSE["services"][service]

    assert found["security_opt"] == ["no-new-privileges:true"]
    if found["image"].startswith("lti-tool"):
        assert (found["read_only"], found["cap_drop"]) == (True, ["ALL"])


def test_what_the_image_runs_is_a_command_of_the_tool_and_its_user_is_not_root() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()

    check(yaml.safe_load(next(line for line in lines if line.startswith("CMD ")).removeprefix("CMD ")))
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_what_a_unit_runs_exists_and_it_gains_no_rights(path: Path) -> None:
    service = _unit(path)["Service"]

    program, *words = shlex.split(service["ExecStart"].replace("%i", "8081"))
    if program == "/opt/lti-tool/current/bin/lti-tool":
        check(words)
    else:
        assert (DEPLOY / Path(program).name).is_file()
    assert (service["User"], service["NoNewPrivileges"], service["ProtectSystem"]) == ("lti-tool", "yes", "strict")


def test_the_timer_belongs_to_a_service() -> None:
    assert {path.stem for path in (DEPLOY / "systemd").glob("*.timer")} <= {path.stem for path in UNITS}


@pytest.mark.parametrize(
    "path", [OPERATE, *(path for path in DEPLOY.rglob("*") if path.is_file())], ids=lambda p: p.name
)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", path.read_text(encoding="utf-8")))

    assert named - SETTINGS == set()


@pytest.mark.parametrize("command", _typed_commands())
def test_every_command_that_operators_type_exists(command: str) -> None:
    check(shlex.split(command, comments=True)[1:])


@pytest.mark.parametrize("command", _named_commands())
def test_every_command_that_operators_read_of_exists(command: str) -> None:
    try:
        check(shlex.split(command)[1:])
    except click.MissingParameter:
        pass
    except click.UsageError as error:
        assert error.message == "Missing command."  # noqa: PT017  the one way in which a sentence may be short


def test_a_command_that_does_not_exist_is_found() -> None:
    for words in (["backup"], ["keys", "burn"], ["serve", "--workers", "2"], ["platform", "enable"]):
        with pytest.raises(click.UsageError):
            check(words)


def test_every_file_that_the_page_for_operators_names_exists() -> None:
    named = set(re.findall(r"\bdeploy/[\w./-]*\w", OPERATE.read_text(encoding="utf-8")))
    made_by_the_operator = {"deploy/tool.env", "deploy/backups", "deploy/.env"}

    assert sorted(name for name in named - made_by_the_operator if not (ROOT / name).exists()) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_can_be_run_and_read_by_the_shell(name: str) -> None:
    script = DEPLOY / name

    assert script.stat().st_mode & 0o111
    subprocess.run(["/bin/sh", "-n", str(script)], check=True)


def test_the_page_for_operators_is_read_by_the_shell() -> None:
    subprocess.run(["/bin/sh", "-n"], input=_shell_of_the_page(), text=True, check=True)


def test_the_proxy_sets_no_web_service_aside_while_they_are_restarted_one_after_the_other() -> None:
    servers = re.findall(r"^ *server 127.*$", (DEPLOY / "nginx" / "lti-tool.conf").read_text(encoding="utf-8"), re.M)

    assert [line.split()[2] for line in servers] == ["max_fails=0;"] * 2


def test_after_a_restore_web_answers_before_grades_are_read_and_a_worker_sends_after_it() -> None:
    lines = _shell_of_the_page().splitlines()
    restored = lines[next(number for number, line in enumerate(lines) if "lti-tool-restore /var" in line) :]

    web, read, worker = (
        next(number for number, line in enumerate(restored) if words in line)
        for words in ("systemctl start lti-tool-web@8081", "deliveries after-restore", "lti-tool-worker@1")
    )

    assert web < read < worker


# --- what is watched


def _exposed() -> dict[str, set[str]]:
    """The labels of each metric, of a tool that has something to tell by every one of them."""
    now = clock.now()
    platform = PlatformFigures(
        id=PlatformId(1),
        platform=PublicId("p1"),
        issuer="https://lms.example.invalid",
        unsettled=(Unsettled("held", "refused", 1, 0, now),),
        pause=Paused("outage", now, now),
        columns_not_ready=1,
        jobs=Jobs(),
        rosters_failing=0,
        pulls_failing=0,
        errands_late=0,
        tries={"accepted": 1},
    )
    told = generate_latest(Exposed([platform], now)).decode()
    samples = [sample for family in text_string_to_metric_families(told) for sample in family.samples]
    return {each.name: set(each.labels) for each in samples}


def _queries() -> list[str]:
    rules = yaml.safe_load((DEPLOY / "alerts.yaml").read_text(encoding="utf-8"))
    alerts = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    dashboard = json.loads((DEPLOY / "grafana-dashboard.json").read_text(encoding="utf-8"))
    panels = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return [*alerts, *panels, *(each["query"] for each in dashboard["templating"]["list"])]


EXPOSED = _exposed()
SELECTED = [found for query in _queries() for found in re.findall(r"(lti_tool_\w+)(?:\{([^}]*)\})?", query)]


@pytest.mark.parametrize(("name", "labels"), sorted(set(SELECTED)))
def test_every_metric_that_is_drawn_or_warned_of_is_exposed(name: str, labels: str) -> None:
    assert set(re.findall(r"(\w+)=", labels)) <= EXPOSED[name]


def test_every_metric_is_drawn_or_warned_of() -> None:
    assert set(EXPOSED) - {name for name, _labels in SELECTED} == set()


def test_the_page_on_watching_names_the_alerts_that_there_are() -> None:
    rules = yaml.safe_load((DEPLOY / "alerts.yaml").read_text(encoding="utf-8"))
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    named = re.findall(r"\*([A-Z][a-z]+[A-Z]\w+)\*", (ROOT / "docs" / "watching.md").read_text(encoding="utf-8"))

    assert set(named) == alerts
