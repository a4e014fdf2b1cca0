"""The web tier as deployed: `lti-tool serve` in processes of its own, a course to show, and browsers that ask."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import requests
from pydantic import SecretStr

from lti_tool import clock
from lti_tool.db import schema
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory
from lti_tool.people.model import CourseRole
from lti_tool.settings import Settings
from tests import postgres
from tests.factories.big_course import BigCourse, open_big_course
from tests.factories.launch_bench import write_tool_key

FULL = os.environ.get("LTI_TOOL_CHAOS") == "full"
"""Faults in their full size, not in one that leaves a run of all tests short."""
READY_SECONDS = 60.0


def seconds_or_rounds(small: int, full: int) -> int:
    """The size of a fault: the full one where LTI_TOOL_CHAOS=full asks for it."""
    return full if FULL else small


@dataclass
class WebProcess:
    """`lti-tool serve`: gunicorn's master and one process that serves. Ended by their own ids."""

    settings: Settings
    port: int
    processes: int = 1
    master: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.settings.data_dir / "serve.txt"

    def start(self) -> None:
        """Starts it and waits until it can serve."""
        command = [sys.executable, "-m", "lti_tool", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.master = subprocess.Popen(
                [*command, "--processes", str(self.processes)],
                env=self.settings.as_environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Returns once it answers that it is ready."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                if requests.get(f"{self.address}/readyz", timeout=5).status_code == 200:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.05)
        raise AssertionError(f"not ready in {READY_SECONDS} s:\n{self.log.read_text()[-4000:]}")

    def serving(self) -> list[int]:
        """The ids of the processes that serve: the master's children."""
        assert self.master is not None
        children = Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def kill_serving(self) -> None:
        """kill -9 of every process that serves; the master starts others."""
        for pid in self.serving():
            os.kill(pid, signal.SIGKILL)

    def kill_all(self) -> None:
        """kill -9 of everything at once, as when the machine loses its power."""
        if self.master is not None:
            os.killpg(self.master.pid, signal.SIGKILL)
            self.master.wait(10)
            self.master = None

    def stop(self) -> None:
        """Ends it as an operator does; by force where that does not help."""
        if self.master is None:
            return
        self.master.terminate()
        try:
            self.master.wait(20)
            self.master = None
        except subprocess.TimeoutExpired:
            self.kill_all()


@dataclass
class Visitor:
    """A browser with a session; Secure cookies go over plain loopback by hand."""

    web: WebProcess
    course: str
    cookie: str
    tokens: dict[str, str] = field(default_factory=dict)

    def get(self, page: str, timeout: float = 30) -> requests.Response:
        """A page of the course."""
        return requests.get(self._address(page), headers={"Cookie": self.cookie}, timeout=timeout)

    def open_form(self, page: str) -> None:
        """Reads a page with a form, whose token is good for every form of this session."""
        answer = self.get(page)
        found = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
        assert found is not None, (answer.status_code, answer.text)
        self.tokens["csrf_token"] = found.group(1)
        if "Set-Cookie" in answer.headers:
            self.cookie = answer.headers["Set-Cookie"].partition(";")[0]

    def upload(self, file: bytes) -> requests.Response:
        """Sends a file of results, as the page's form does."""
        return self._post("results", files={"file": ("grades.csv", file)})

    def send(self, page: str, **fields: str) -> requests.Response:
        """Sends a form."""
        return self._post(page, fields)

    def _post(
        self, page: str, fields: dict[str, str] | None = None, files: dict[str, tuple[str, bytes]] | None = None
    ) -> requests.Response:
        return requests.post(
            self._address(page),
            data={**self.tokens, **(fields or {})},
            files=files,
            headers={"Cookie": self.cookie, "Referer": self.web.address},
            timeout=60,
            allow_redirects=False,
        )

    def _address(self, page: str) -> str:
        return f"{self.web.address}{page}" if page.startswith("/") else f"{self.web.address}/c/{self.course}/{page}"


@dataclass
class Rig:
    """A served course."""

    web: WebProcess
    big: BigCourse
    folder: Path

    @property
    def sessions(self) -> SessionFactory:
        return self.big.sessions

    def visitor(self, role: CourseRole) -> Visitor:
        """A browser of the trainer, or of the first participant."""
        client = self.big.visit(self.big.bench(self.folder), role)
        cookie = client.get_cookie("__Host-session", domain="tool.example.invalid")
        assert cookie is not None
        return Visitor(self.web, self.big.course.public_id, f"__Host-session={cookie.value}")


@contextmanager
def served_course(
    folder: Path, people: int, activities: int, cluster: postgres.Cluster | None = None, processes: int = 1
) -> Iterator[Rig]:
    """A course of this size on SQLite, or on a database of the cluster, and the tool that serves it."""
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'chaos.sqlite3'}"
        if cluster is not None:
            url = cluster.new_database(empty=True)
            stack.callback(cluster.drop, url)
        engine = make_engine(url)
        stack.callback(engine.dispose)
        sessions = make_session_factory(engine)
        schema.upgrade(sessions)
        big = open_big_course(sessions, clock.now() - timedelta(hours=2), people, activities)
        web = WebProcess(_settings(folder, url, port := free_port()), port, processes)
        write_tool_key(folder / "keys")
        stack.callback(web.stop)
        web.start()
        yield Rig(web, big, folder)


def _settings(folder: Path, url: str, port: int) -> Settings:
    return Settings(
        base_url=f"http://localhost:{port}",
        data_dir=folder,
        database_url=url,
        keys_dir=folder / "keys",
        secret_key=SecretStr("a secret of the tests, and of nobody else"),
        log_format="text",
        allow_private_networks=True,
    )


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
