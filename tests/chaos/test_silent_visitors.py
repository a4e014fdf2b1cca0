"""Somebody connects and says nothing: that takes a thread for seconds, and nobody waits while another one is free."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from lti_tool.cli.serve import THREADS
from tests.chaos.rig_web import WebProcess, served_course

PROCESSES = 2
WAIT = 3.0
"""Seconds; less than a silent visitor holds a thread."""


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebProcess]:
    """Two processes that accept from one socket."""
    with served_course(tmp_path, people=2, activities=5, processes=PROCESSES) as rig:
        yield rig.web


def test_while_one_thread_is_free_every_request_finds_it(web: WebProcess) -> None:
    with ExitStack() as stack:
        for _silent in range(PROCESSES * THREADS - 1):
            stack.enter_context(socket.create_connection(("127.0.0.1", web.port)))

        answers = [requests.get(f"{web.address}/healthz", timeout=WAIT).status_code for _ in range(12)]

    assert answers == [200] * 12


def test_who_found_no_thread_is_answered_once_one_is_free(web: WebProcess) -> None:
    with ExitStack() as stack:
        for _silent in range(PROCESSES * THREADS):
            stack.enter_context(socket.create_connection(("127.0.0.1", web.port)))
        with pytest.raises(requests.Timeout):
            requests.get(f"{web.address}/healthz", timeout=0.5)

    assert requests.get(f"{web.address}/healthz", timeout=WAIT).status_code == 200
