"""WebKit, Safari's engine, as GNOME's port of it: driven by WebDriver over HTTP, shown on a screen that nobody sees."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import requests

from tests.browsers.driving import SLOWEST, TIMEOUTS, Driver, DriverError

PROGRAM, SCREEN = "WebKitWebDriver", "Xvfb"
BROWSER = next(iter(sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))), None)
WAYS = {
    "go": ("POST", "url"),
    "run": ("POST", "execute/sync"),
    "click": ("POST", "element/{element}/click"),
    "type": ("POST", "element/{element}/value"),
    "act": ("POST", "actions"),
    "into": ("POST", "frame"),
    "windows": ("GET", "window/handles"),
    "window": ("GET", "window"),
    "switch": ("POST", "window"),
    "new": ("POST", "window/new"),
    "close": ("DELETE", "window"),
    "size": ("POST", "window/rect"),
    "picture": ("GET", "screenshot"),
}


class OverHttp:
    """The driver's address; one command at a time."""

    def __init__(self, url: str, options: dict[str, Any]) -> None:
        self._http = requests.Session()
        self._http.trust_env = False
        asked = {"capabilities": {"alwaysMatch": options}}
        made = self._answer(self._http.post(f"{url}/session", json=asked, timeout=SLOWEST))
        self._url = f"{url}/session/{made['sessionId']}"
        self.capabilities = made["capabilities"]

    def send(self, command: str, parameters: dict[str, Any]) -> Any:
        """The answer. Raises DriverError."""
        method, way = WAYS[command]
        given = dict(parameters)
        url = f"{self._url}/{way.format(element=given.pop('element', ''))}"
        return self._answer(self._http.request(method, url, json=given if method == "POST" else None, timeout=SLOWEST))

    def close(self) -> None:
        """Ends the session, and with it the browser."""
        with self._http:
            self._http.delete(self._url, timeout=20).close()

    @staticmethod
    def _answer(answer: requests.Response) -> Any:
        value = answer.json()["value"]
        if answer.status_code != 200:
            raise DriverError(value["error"], value.get("message", ""))
        return value


@contextmanager
def webkit(folder: Path, arguments: Sequence[str]) -> Iterator[Driver]:
    """A WebKit that was started with these arguments, on a screen of its own."""
    folder.mkdir(parents=True)
    port = _free_port()
    with (folder / "log.txt").open("wb") as log, _screen(log) as display:
        home = {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1"}
        running = subprocess.Popen(
            [shutil.which(PROGRAM) or PROGRAM, f"--port={port}"], stdout=log, stderr=log, env={**os.environ, **home}
        )
        try:
            _wait_for(port)
            options = {"binary": str(BROWSER), "args": ["--automation", *arguments]}
            carrier = OverHttp(
                f"http://127.0.0.1:{port}",
                {"acceptInsecureCerts": True, "timeouts": TIMEOUTS, "webkitgtk:browserOptions": options},
            )
            with closing(carrier):
                yield Driver(carrier, f"WebKitGTK {carrier.capabilities['browserVersion']}")
        finally:
            running.terminate()
            running.wait(20)


@contextmanager
def _screen(log: BinaryIO) -> Iterator[str]:
    """A screen in memory; its name."""
    read, write = os.pipe()
    command = [
        shutil.which(SCREEN) or SCREEN,
        "-displayfd",
        str(write),
        "-screen",
        "0",
        "1600x3600x24",
        "-nolisten",
        "tcp",
    ]
    running = subprocess.Popen(command, pass_fds=[write], stdout=log, stderr=log)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            number = told.readline().strip()
        if not number:
            raise DriverError("not started", "Xvfb has no screen")
        yield f":{number}"
    finally:
        running.terminate()
        running.wait(20)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise DriverError("not started", "WebKitWebDriver does not answer")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
