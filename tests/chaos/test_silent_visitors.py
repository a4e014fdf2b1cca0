"""Somebody connects and says nothing: that takes a thread for seconds, and nobody waits while another one is free."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
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


@contextmanager
def silent(web: WebProcess, many: int) -> Iterator[None]:
    """So many connect and say nothing."""
    with ExitStack() as stack:
        for _silent in range(many):
            stack.enter_context(socket.create_connection(("127.0.0.1", web.port)))
        yield


def test_while_one_thread_is_free_every_request_finds_it(web: WebProcess) -> None:
    with silent(web, PROCESSES * THREADS - 1):
        answers = [requests.get(f"{web.address}/healthz", timeout=WAIT).status_code for _ in range(12)]

    assert answers == [200] * 12


def test_who_found_no_thread_is_answered_once_one_is_free(web: WebProcess) -> None:
    with silent(web, PROCESSES * THREADS), pytest.raises(requests.Timeout):
        requests.get(f"{web.address}/healthz", timeout=0.5)

    assert requests.get(f"{web.address}/healthz", timeout=WAIT).status_code == 200


def test_who_still_waits_when_the_service_is_told_to_stop_is_answered(web: WebProcess) -> None:
    assert web.master is not None

    with silent(web, PROCESSES * THREADS), ThreadPoolExecutor(4) as visitors:
        asked = [visitors.submit(requests.get, f"{web.address}/healthz", timeout=20) for _visitor in range(4)]
        time.sleep(0.5)
        web.master.terminate()
        answers = [each.result().status_code for each in asked]

    assert answers == [200] * 4
    assert web.master.wait(20) == 0
