"""The worker: drives what must not wait for anybody to open a page. Scores and columns out, rosters in.

Each turn claims what is due and sends it on a few threads; steps that only need to happen now and then run beside that,
each lane of them on a thread of its own, so that a slow roster holds up neither a grade nor the steps of another lane.
Whatever goes wrong inside is logged and the loop goes on: the broad `except`s are here, and one in `grading/jobs.py`
for each course. Any number of workers may run at once.
"""

from __future__ import annotations

import math
import os
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType

import structlog

from lti_tool import clock
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import delivery, gradebook, line_items
from lti_tool.grading.delivery import Outcome
from lti_tool.grading.line_items import LineItemOutcome
from lti_tool.grading.model import Answer, Claimed, ClaimedLineItem, CommentWriter, ScoreSender

POLL_SECONDS = 1.0
CLAIMS_PER_THREAD = 4
COLUMNS_PER_TURN = 20
PATIENCE = 1.0
"""How long a turn waits for its slowest score; then the next begins with the threads that are free."""
STOP_SECONDS = 14.0
"""A stop is clean within 15 s; what is still under way then is repeated when its lease has ended."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Step:
    """Something to be done now and then, like reading rosters that have become old."""

    name: str
    every: timedelta
    run: Callable[[SessionFactory, datetime], None]
    lane: str = "steps"
    """Steps of one lane wait for each other, those of different lanes never do."""


class Worker:
    """One process's share of the work. `run` until `stop`, or `run_once` for tests and cron."""

    def __init__(
        self,
        sessions: SessionFactory,
        sender: ScoreSender,
        comments: CommentWriter,
        *,
        threads: int = 4,
        steps: Sequence[Step] = (),
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._sessions = sessions
        self._sender = sender
        self._comments = comments
        self._threads = threads
        self._steps = steps
        self._now = now
        self._stopping = threading.Event()
        self._crew: list[threading.Thread] = []
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}"

    def stop(self) -> None:
        """Asks for an end: what has been begun is finished, everything else given back."""
        self._stopping.set()

    def run(self) -> None:
        """Works until `stop`; returns at the latest 15 s after it."""
        log.info("worker_started", worker=self.name, threads=self._threads)
        for lane in dict.fromkeys(step.lane for step in self._steps):
            steps = [step for step in self._steps if step.lane == lane]
            threading.Thread(target=self._keep_stepping, args=(steps,), name=lane, daemon=True).start()
        while not self._stopping.is_set():
            if not self._turn():
                self._stopping.wait(POLL_SECONDS)
        self._dismiss()
        log.info("worker_stopped", worker=self.name)

    def run_once(self) -> int:
        """Runs every step, then turns until nothing is due, or `stop`; returns how many scores were taken up."""
        for step in self._steps:
            self._step(step)
        tried = 0
        while not self._stopping.is_set() and (done := self._turn(patience=math.inf)):
            tried += done
        self._dismiss()
        return tried

    # --- turns

    def _turn(self, patience: float = PATIENCE) -> int:
        """Makes columns and sends scores that are due; returns how many scores it took up."""
        self._crew = [member for member in self._crew if member.is_alive()]
        free = self._threads - len(self._crew)
        if not free:
            return 0
        try:
            self._make_columns()
            with unit_of_work(self._sessions) as session:
                claimed = delivery.claim(session, self.name, self._now(), CLAIMS_PER_THREAD * free)
        except Exception:
            # A database that is away for a moment must not end the worker.
            log.exception("worker_turn_failed")
            return 0
        self._send_all(deque(claimed), free, patience)
        return len(claimed)

    def _make_columns(self) -> None:
        # One claim at a time: it has to outlast its own exchange only, and a platform that one column has found to be
        # away is paused before the next is claimed.
        for _ in range(COLUMNS_PER_TURN):
            if self._stopping.is_set():
                return
            with unit_of_work(self._sessions) as session:
                claimed = line_items.claim_line_items(session, self._now(), 1)
            if not claimed:
                return
            self._make_column(claimed[0])

    def _make_column(self, claimed: ClaimedLineItem) -> None:
        try:
            fill = gradebook.fill_columns
            _tell_column(line_items.make_one(self._sessions, self._sender, claimed, self._now(), fill=fill))
        except Exception:
            # Its claim ends by itself; until then the other columns, and the scores, have their turn.
            log.exception("line_item_failed", line_item_id=claimed.id)

    def _send_all(self, queue: deque[Claimed], free: int, patience: float) -> None:
        # Daemons, so that a platform that keeps us waiting cannot hold up the end of the process.
        size = min(free, len(queue))
        crew = [threading.Thread(target=self._send_from, args=(queue,), daemon=True) for _ in range(size)]
        self._crew += crew
        for member in crew:
            member.start()
        end = time.monotonic() + patience
        for member in crew:
            while member.is_alive() and not self._stopping.is_set() and time.monotonic() < end:
                member.join(0.2)

    def _dismiss(self) -> None:
        for member in self._crew:
            if member.is_alive():
                member.join(self._grace())

    def _grace(self) -> float:
        """What is left of the time to stop; begins with the first question."""
        if not hasattr(self, "_end"):
            self._end = time.monotonic() + STOP_SECONDS
        return max(0.0, self._end - time.monotonic())

    def _send_from(self, queue: deque[Claimed]) -> None:
        while True:
            try:
                claimed = queue.popleft()
            except IndexError:
                return
            self._send(claimed)

    def _send(self, claimed: Claimed) -> None:
        try:
            if self._stopping.is_set():
                with unit_of_work(self._sessions) as session:
                    delivery.give_back(session, claimed)
                return
            _tell(delivery.deliver_one(self._sessions, self._sender, claimed, self._now(), comments=self._comments))
        except Exception:
            log.exception("delivery_failed", delivery_id=claimed.id)
            self._back_off(claimed)

    def _back_off(self, claimed: Claimed) -> None:
        try:
            delivery.fail(self._sessions, claimed, self._now())
        except Exception:
            # Then its lease ends by itself, and somebody tries again.
            log.exception("delivery_not_backed_off", delivery_id=claimed.id)

    # --- steps

    def _keep_stepping(self, steps: Sequence[Step]) -> None:
        due = dict.fromkeys(range(len(steps)), self._now())
        while not self._stopping.is_set():
            for number, step in enumerate(steps):
                if due[number] <= self._now():
                    self._step(step)
                    due[number] = self._now() + step.every
            self._stopping.wait(POLL_SECONDS)

    def _step(self, step: Step) -> None:
        try:
            step.run(self._sessions, self._now())
        except Exception:
            log.exception("step_failed", step=step.name)


def _tell(outcome: Outcome) -> None:
    facts = {"delivery_id": outcome.delivery_id, "answer": outcome.answer, "stored": outcome.stored}
    if outcome.pause_begins:
        log.error("platform_paused", platform_id=outcome.platform_id, reason=outcome.answer)
    elif outcome.answer in {Answer.ACCEPTED, Answer.CONFIRMED}:
        log.info("score_sent", **facts)
    elif outcome.answer is not None:
        log.warning("score_not_sent", **facts)


def _tell_column(outcome: LineItemOutcome) -> None:
    if outcome.pause_begins:
        log.error("platform_paused", platform_id=outcome.platform_id, reason=outcome.answer)
    elif outcome.answer is Answer.ACCEPTED:
        log.info("line_item_ready", line_item_id=outcome.line_item_id)
    else:
        log.warning("line_item_not_ready", line_item_id=outcome.line_item_id, answer=outcome.answer)


@contextmanager
def stopped_by_signals(worker: Worker) -> Iterator[None]:
    """SIGTERM and SIGINT end the worker cleanly while the block runs; the handlers before are put back."""

    def ask(_number: int, _frame: FrameType | None) -> None:
        worker.stop()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
