"""Firefox, driven by Marionette: commands as JSON over a socket, each with its length before it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.browsers.driving import SLOWEST, TIMEOUTS, Driver, DriverError

PROGRAM = "firefox-esr"
NAMES = {
    "go": "WebDriver:Navigate",
    "run": "WebDriver:ExecuteScript",
    "click": "WebDriver:ElementClick",
    "type": "WebDriver:ElementSendKeys",
    "act": "WebDriver:PerformActions",
    "into": "WebDriver:SwitchToFrame",
    "windows": "WebDriver:GetWindowHandles",
    "window": "WebDriver:GetWindowHandle",
    "switch": "WebDriver:SwitchToWindow",
    "new": "WebDriver:NewWindow",
    "close": "WebDriver:CloseWindow",
    "size": "WebDriver:SetWindowRect",
    "picture": "WebDriver:TakeScreenshot",
    "context": "Marionette:SetContext",
}
QUIET: Mapping[str, Any] = {
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "extensions.update.enabled": False,
    "termsofuse.bypassNotification": True,
    # Tests want Firefox as people have it, so Marionette may not change its settings.
    "remote.prefs.recommended": False,
    "marionette.port": 0,
    "dom.disable_open_during_load": True,
}


class Marionette:
    """The socket; one command at a time."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=SLOWEST)
        self._count = 0
        self._read()  # its greeting
        self.capabilities = self._ask("WebDriver:NewSession", {"acceptInsecureCerts": True, "timeouts": TIMEOUTS})[
            "capabilities"
        ]

    def send(self, command: str, parameters: dict[str, Any]) -> Any:
        """The answer. Raises DriverError."""
        given = dict(parameters)
        if "element" in given:
            given["id"] = given.pop("element")
        if command == "into" and isinstance(given["id"], dict):
            given = {"element": next(iter(given["id"].values()))}
        if command == "picture":
            given = {"full": False}
        if command == "run":
            # The page's own world: what the page has set is seen, and its policy holds.
            given |= {"sandbox": None}
        found = self._ask(NAMES[command], given)
        return found["value"] if isinstance(found, dict) and "value" in found else found

    def close(self) -> None:
        """Lets go of the browser, which then ends with its process."""
        self._socket.close()

    def _ask(self, name: str, parameters: dict[str, Any]) -> Any:
        self._count += 1
        text = json.dumps([0, self._count, name, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(text), text))
        _kind, number, error, result = self._read()
        assert number == self._count
        if error:
            raise DriverError(error["error"], error["message"])
        return result

    def _read(self) -> Any:
        head = b""
        while not head.endswith(b":"):
            head += self._some(1)
        wanted, text = int(head[:-1]), b""
        while len(text) < wanted:
            text += self._some(wanted - len(text))
        return json.loads(text)

    def _some(self, most: int) -> bytes:
        found = self._socket.recv(most)
        if not found:
            raise DriverError("disconnected", "Firefox has closed the connection")
        return found


@contextmanager
def firefox(folder: Path, settings: Mapping[str, Any]) -> Iterator[Driver]:
    """A Firefox with these of its settings changed, in a profile of its own."""
    folder.mkdir(parents=True)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in (QUIET | dict(settings)).items()]
    (folder / "user.js").write_text("\n".join(lines))
    command = [shutil.which(PROGRAM) or PROGRAM, "--headless", "--marionette", "--remote-allow-system-access"]
    with (folder / "log.txt").open("wb") as log:
        running = subprocess.Popen(
            [*command, "--no-remote", "--profile", str(folder), "about:blank"], stdout=log, stderr=log
        )
    try:
        carrier = Marionette(_port(folder / "MarionetteActivePort", running))
        with closing(carrier):
            yield Driver(carrier, f"Firefox {carrier.capabilities['browserVersion']}")
    finally:
        running.terminate()
        running.wait(20)


def settings_of(driver: Driver, names: list[str]) -> dict[str, Any]:
    """What Firefox itself says that these of its settings are."""
    read = """
      const of = {32: name => Services.prefs.getStringPref(name), 64: name => Services.prefs.getIntPref(name),
        128: name => Services.prefs.getBoolPref(name)};
      return arguments[0].map(name => (of[Services.prefs.getPrefType(name)] ?? (() => null))(name))"""
    driver.send("context", value="chrome")
    try:
        found = driver.run(read, names)
    finally:
        driver.send("context", value="content")
    return dict(zip(names, found, strict=True))


def choose(driver: Driver, category: str) -> None:
    """Chooses *standard* or *strict*, which changes a dozen settings, as the page of settings does it."""
    driver.send("context", value="chrome")
    driver.run("Services.prefs.setStringPref('browser.contentblocking.category', arguments[0])", category)
    driver.send("context", value="content")


def _port(file: Path, running: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and running.poll() is None:
        if file.exists() and file.read_text().strip():
            return int(file.read_text())
        time.sleep(0.1)
    raise DriverError("not started", (file.parent / "log.txt").read_text()[-500:])
