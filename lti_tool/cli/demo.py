"""`lti-tool demo`: the tool, its worker and a small LMS on this machine, ready to be looked at; nothing to set up.

Everything lives in a folder of its own that each start makes anew, since the demonstration LMS forgets too.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
from pydantic import SecretStr

from lti_tool import clock
from lti_tool.cli.context import opened
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.errors import PlatformError, RuleBroken
from lti_tool.lti import invitations
from lti_tool.outbound import Outbound
from lti_tool.settings import Settings

FOLDER = Path("var/demo")
READY_SECONDS = 60.0
PATIENCE = 14.0
"""Seconds that all parts together have to end by themselves."""


@click.command()
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1024, 65534), help="The tool's port.")
@click.option("--lms-port", default=8081, show_default=True, type=click.IntRange(1024, 65534), help="The LMS's port.")
@click.option("--folder", default=FOLDER, show_default=True, type=click.Path(path_type=Path), help="Where it lives.")
def demo(port: int, lms_port: int, folder: Path) -> None:
    """Starts the tool, its worker and a small LMS; prints the one address to open. Ctrl-C ends all of them."""
    for number in (port, lms_port):
        _check_free(number)
    settings = _settings(folder, port)
    with opened(settings=settings) as work, unit_of_work(work.sessions) as session:
        invitation = invitations.invite(session, settings.base_url, clock.now())
    lms_url = f"http://127.0.0.1:{lms_port}"
    lms = ["lti_tool.demo", "--port", str(lms_port), "--tool", settings.base_url, "--invite", invitation]
    commands = [["lti_tool", "serve", "--port", str(port), "--processes", "1"], ["lti_tool", "worker"], lms]
    with _running(commands, settings) as children:
        _wait_until_ready(lms_url, children)
        click.echo(f"Open {lms_url} in a browser. Ctrl-C ends the demonstration.")
        _until_one_ends(children)


def _settings(folder: Path, port: int) -> Settings:
    """Settings of the demonstration, in an empty folder. A folder that is not a demonstration's is left alone."""
    mark = folder / "demonstration"
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise RuleBroken("folder_not_empty", folder=str(folder))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mark.touch()
    return Settings.load(
        base_url=f"http://localhost:{port}",
        institute_name="Мугалимдердин билимин жогорулатуу институту (демо)",
        data_dir=folder,
        database_url="",
        keys_dir=folder / "keys",
        keys_passphrase=None,
        secret_key=SecretStr(secrets.token_urlsafe(32)),
        allow_private_networks=True,
        trusted_proxies=0,
        log_format="text",
    )


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise RuleBroken("port_taken", port=port) from error


@contextmanager
def _running(commands: list[list[str]], settings: Settings) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The commands as child processes that write to a log; ended together, in 15 seconds at the latest.

    Each has a session of its own: the keyboard's Ctrl-C comes to us alone, and each is told once, by us.
    """
    for told in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(told, _interrupt)
    with (settings.data_dir / "log.txt").open("ab") as log:
        children = [
            subprocess.Popen(  # noqa: S603  our own modules with our own arguments
                [sys.executable, "-m", *command],
                env=settings.as_environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            for command in commands
        ]
        try:
            yield children
        except KeyboardInterrupt:
            click.echo("Ended.")
        finally:
            for told in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(told, signal.SIG_IGN)  # the end is under way; a second Ctrl-C must not break it off
            end_all(children, PATIENCE)


def end_all(children: list[subprocess.Popen[bytes]], patience: float) -> None:
    """Tells all of them to end; what has not after so many seconds in all is killed, with what it started itself."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + patience
    for child in children:
        try:
            child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _wait_until_ready(lms_url: str, children: list[subprocess.Popen[bytes]]) -> None:
    """The LMS is ready once it has registered the tool, so everything else is ready then too."""
    # One for all tries: it reads the system's certificates, which takes longer than a try.
    outbound = Outbound(allow_private=True)
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        _check_alive(children)
        try:
            outbound.get_json(f"{lms_url}/readyz", timeout=2)
        except PlatformError:
            time.sleep(0.2)
        else:
            return
    raise RuleBroken("demonstration_not_ready", seconds=int(READY_SECONDS))


def _until_one_ends(children: list[subprocess.Popen[bytes]]) -> None:
    while True:
        _check_alive(children)
        time.sleep(0.5)


def _check_alive(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is not None:
            raise RuleBroken(
                "demonstration_ended", status=child.returncode, see="log.txt in the demonstration's folder"
            )
