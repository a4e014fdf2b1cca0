"""Bad days of an LMS on order: answers that the services give instead of doing their work."""

from __future__ import annotations

import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock

from flask import Request, Response


@dataclass(frozen=True, slots=True)
class Fault:
    """One bad answer: after `delay` seconds a status, or a cut connection; `drip` seconds pass between its letters.

    `after_work` lets the service do its work first, and spoils only the answer.
    """

    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    delay: float = 0
    cut: bool = False
    after_work: bool = False
    drip: float = 0


FaultScript = Callable[[Request], Fault | None]
"""Decides at each service call; None lets it through."""


class Faults:
    """The script in force; with none, everything works."""

    def __init__(self) -> None:
        self._script: FaultScript | None = None

    def play(self, script: FaultScript | Iterable[Fault | None]) -> None:
        """Follow a function, or a list that is used up call by call (None in it: this call goes well)."""
        self._script = script if callable(script) else _in_turn(script)

    def stop(self) -> None:
        """Everything works again."""
        self._script = None

    def for_call(self, request: Request) -> Fault | None:
        """What befalls this call."""
        return None if self._script is None else self._script(request)


def suffer(fault: Fault, environ: Mapping[str, object]) -> Response:
    """Live the fault through: wait, cut the line if it says so, and give its answer."""
    time.sleep(fault.delay)
    line = environ.get("werkzeug.socket")
    if fault.cut and isinstance(line, socket.socket):
        line.shutdown(socket.SHUT_RDWR)
    body = _dripped(fault) if fault.drip else fault.body
    return Response(body, status=fault.status, headers=dict(fault.headers))


def _dripped(fault: Fault) -> Iterator[str]:
    for letter in fault.body:
        time.sleep(fault.drip)
        yield letter


def _in_turn(faults: Iterable[Fault | None]) -> FaultScript:
    waiting = deque(faults)
    lock = Lock()

    def next_fault(_: Request) -> Fault | None:
        with lock:
            return waiting.popleft() if waiting else None

    return next_fault
