"""The tool as an operator runs it, beside the Moodle that is tried: web process, worker, and the shell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from pydantic import SecretStr

from lti_tool.cli.demo import end_all
from lti_tool.settings import Settings
from tests.chaos.rig_web import free_port
from tests.journeys.visits import within
from tests.moodle.told import Told

COMMANDS = (("serve", "--processes", "1", "--port"), ("worker",))


@dataclass(frozen=True)
class RunningTool:
    """Its address, and its operator's shell."""

    url: str
    environment: dict[str, str]
    folder: Path

    def run(self, *command: str) -> str:
        """A command of the operator; what it prints."""
        run = [sys.executable, "-m", "lti_tool", *command]
        done = subprocess.run(run, env=self.environment, text=True, check=True, capture_output=True)
        return done.stdout.strip()

    def waiting(self) -> list[object]:
        """Grades that are on their way."""
        found: list[object] = json.loads(self.run("deliveries", "list", "--state", "due", "--json"))
        return found

    def ready(self) -> bool:
        """Whether it can serve."""
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.environment["LISTENS_AT"])


@contextmanager
def running_tool(told: Told, folder: Path) -> Iterator[RunningTool]:
    """Web process and worker on an empty SQLite database; ended when the block is left."""
    port = told.port or free_port()
    url = told.tool_url or f"http://localhost:{port}"
    tool = RunningTool(url, {**_settings(folder, url, told).as_environment(), "LISTENS_AT": str(port)}, folder)
    if told.certificates:
        tool.environment["SSL_CERT_FILE"] = told.certificates
    tool.run("db", "upgrade")
    with (folder / "log.txt").open("ab") as log:
        children = [
            subprocess.Popen(
                [sys.executable, "-m", "lti_tool", *command, *([str(port)] if command[0] == "serve" else [])],
                env=tool.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            for command in COMMANDS
        ]
        try:
            assert within(120, True, tool.ready), (folder / "log.txt").read_text()[-4000:]
            yield tool
        finally:
            end_all(children, 15)


def _settings(folder: Path, url: str, told: Told) -> Settings:
    return Settings(
        base_url=url,
        data_dir=folder,
        database_url=os.environ.get("LTI_TOOL_MOODLE_DATABASE_URL", ""),
        keys_dir=folder / "keys",
        secret_key=SecretStr("a secret of the tests, and of nobody else"),
        log_format="text",
        allow_private_networks=True,
        trusted_proxies=int(told.tool_url is not None),
    )
