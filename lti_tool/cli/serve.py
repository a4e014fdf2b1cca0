"""`lti-tool serve`: the web process."""

from __future__ import annotations

import gc
from concurrent.futures import Future
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import TConn, ThreadWorker

from lti_tool.app import create_app
from lti_tool.cli.context import opened
from lti_tool.errors import SettingsFaulty
from lti_tool.heap import share_one_heap
from lti_tool.settings import Settings
from lti_tool.web.shared import Tool

THREADS = 8
GARBAGE = 20_000
"""After how many new objects that are still there Python looks for garbage: some megabytes."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes that serve.")
def serve(host: str, port: int, processes: int) -> None:
    """Serves the tool until it is told to stop."""
    share_one_heap()
    settings = Settings.load()
    if settings.secret_key is None:
        raise SettingsFaulty("settings_faulty", faults=["LTI_TOOL_SECRET_KEY: is required to serve"])
    with opened() as work:
        # Once here, so that a faulty key or schema stops the start before any process serves.
        Tool.open(work.settings, work.sessions)
    _Server(settings, host, port, processes).run()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn carries no types
    """gunicorn with threads; each process builds its own application after the fork."""

    def __init__(self, settings: Settings, host: str, port: int, processes: int) -> None:
        self._settings = settings
        self._options: dict[str, Any] = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": processes,
            "worker_class": _Worker,
            "threads": THREADS,
            "graceful_timeout": 15,
            "limit_request_line": 8190,
            "loglevel": "warning",
            # It would leave a socket in the home of whoever runs the tool; signals do what we need.
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """gunicorn asks for its settings."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """gunicorn asks for the application, once in each process."""
        app = create_app(self._settings)
        settle()
        return app


class _Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn carries no types
    """gunicorn's own, which takes a new connection only while one of its threads has nothing to do.

    All processes accept from one socket. Who took whatever came would by chance have three times as much before it as
    its neighbour, for half a minute at a time, and those who wait there would wait for nothing. What nobody takes
    stands in the kernel's queue, from which the next that is free serves. All of this runs in one thread, the one
    that accepts.
    """

    _busy = 0
    """Requests that a thread serves or that wait for one."""

    def set_accept_enabled(self, enabled: bool) -> None:
        """Asked by gunicorn in each turn of its loop, and when the process is told to stop."""
        if not self.alive:
            self._take_all_that_wait()
        super().set_accept_enabled(enabled and self._busy < self.cfg.threads)

    def _take_all_that_wait(self) -> None:
        # The queue ends with its socket: who still stands in it would be hung up on.
        for listener in self.sockets:
            held = -1
            while held < self.nr_conns:
                held = self.nr_conns
                self.accept(listener)

    def enqueue_req(self, conn: TConn) -> None:
        """A connection says something."""
        self._busy += 1
        super().enqueue_req(conn)
        if self._busy >= self.cfg.threads:
            super().set_accept_enabled(False)

    def finish_request(self, conn: TConn, fs: Future[bool]) -> None:
        """It has its answer, or has said nothing yet and is waited for elsewhere."""
        self._busy -= 1
        super().finish_request(conn, fs)


def settle() -> None:
    """What the application holds is not looked through for garbage again; what requests leave is, but seldom.

    A page of a large group is some forty thousand objects, none of them garbage before it has left: by Python's own
    measure it was looked through fifty times, which took a tenth of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE, 10, 10)
