"""The LMS as a running server: in a thread for tests, in a process of its own for `lti-tool demo`."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from threading import Thread

import requests
from werkzeug.serving import BaseWSGIServer, make_server

from lti_tool.demo.lms import DemoLms
from lti_tool.demo.platform import application
from lti_tool.demo.registration import register_with

PATIENCE = 60
"""Seconds that `run` waits for the tool to answer."""


@dataclass(frozen=True, slots=True)
class RunningLms:
    """A server in a thread; stop it when done."""

    lms: DemoLms
    server: BaseWSGIServer
    thread: Thread

    @property
    def url(self) -> str:
        """The issuer, where it answers."""
        return self.lms.url

    def stop(self) -> None:
        """Close the door and wait for the thread."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(timeout=5)


def serve(tool_url: str, host: str = "127.0.0.1", port: int = 0) -> RunningLms:
    """Start an LMS in a thread; port 0 takes any free one, and the issuer is made of it."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    lms = DemoLms("", tool_url.rstrip("/"))
    server = make_server(host, port, application(lms), threaded=True)
    lms.url = f"http://{host}:{server.port}"
    thread = Thread(target=server.serve_forever, name="demo-lms", daemon=True)
    thread.start()
    return RunningLms(lms, server, thread)


def run(host: str, port: int, tool_url: str, invitation_url: str) -> None:
    """Serve until stopped; as soon as the tool answers, register it by its invitation."""
    running = serve(tool_url, host, port)
    try:
        wait_for(f"{tool_url.rstrip('/')}/healthz")
        register_with(running.lms, invitation_url)
        while running.thread.is_alive():
            running.thread.join(0.5)  # never without a limit: a signal that came in between must be seen
    except KeyboardInterrupt:
        pass  # Ctrl-C is how a demonstration ends
    finally:
        running.stop()


def wait_for(url: str, patience: float = PATIENCE) -> None:
    """Return once `url` answers 200; TimeoutError when it does not in time."""
    ends = time.monotonic() + patience
    while time.monotonic() < ends:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.RequestException:
            pass  # not up yet
        time.sleep(0.2)
    raise TimeoutError(f"{url} did not answer within {patience:g} s")
