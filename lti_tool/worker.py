"""The worker: drives what must not wait for anybody to open a page. Scores and columns out, rosters in.

A process has threads that send scores, each in a lane of its own: it claims a few of one platform, sends them, claims
again. One thread makes columns, and steps that only need to happen now and then run beside, each lane of them on a
thread of its own, so that a slow roster holds up neither a grade nor the steps of another lane. Whatever goes wrong
inside is logged and the loop goes on: the broad `except`s are here, and one in `grading/jobs.py` for each course. Any
number of workers may run at once, on any number of machines.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType

import structlog

from lti_tool.db import wake
from lti_tool.db.database_clock import DatabaseClock
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import delivery, gradebook, line_items
from lti_tool.grading.delivery import Outcome, Reply
from lti_tool.grading.line_items import LineItemOutcome
from lti_tool.grading.model import Answer, Claimed, ClaimedLineItem, CommentWriter, ScoreSender
from lti_tool.ids import PlatformId

POLL_SECONDS = 1.0
CLAIMS = 4
"""Scores that a thread takes at a time: few, so that no thread sits on what another could send."""
MOST_CLAIMS = 16
QUICK_SECONDS = 0.1
"""A score that takes less than that lets its thread take more at a time."""
SETTLE_SECONDS = 0.25
COLUMNS_PER_TURN = 20
STOP_SECONDS = 14.0
"""A stop is clean within 15 s; what is still under way then is repeated when its lease has ended."""

STEP_SECONDS = 3.0
"""Steps have so long to give back what they are at; one that waits for a platform is ended in the middle, and its
transaction with it."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Step:
    """Something to be done now and then, like reading rosters that have become old."""

    name: str
    every: timedelta
    run: Callable[[SessionFactory, datetime], None]
    lane: str = "steps"
    """Steps of one lane wait for each other, those of different lanes never do."""
    stop: Callable[[], object] | None = None
    """Told that the worker is about to end, so that what is long under way can be given back."""


class Worker:
    """One process's share of the work. `run` until `stop`, or `run_once` for tests and cron.

    `now` is the database's time, by which all workers agree on leases.
    """

    def __init__(
        self,
        sessions: SessionFactory,
        sender: ScoreSender,
        comments: CommentWriter,
        *,
        threads: int = 4,
        steps: Sequence[Step] = (),
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._sessions = sessions
        self._sender = sender
        self._comments = comments
        self._threads = threads
        self._steps = steps
        self._now = now or DatabaseClock(sessions)
        self._stopping = threading.Event()
        self._hint = threading.Condition()
        self._counted: Counter[tuple[PlatformId, str]] = Counter()
        self._counting = threading.Lock()
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}"

    def stop(self) -> None:
        """Asks for an end: what has been begun is finished, everything else given back."""
        self._stopping.set()
        # Not by `wake`: a signal may strike while this very thread holds the condition. Sleepers look every second.

    def wake(self) -> None:
        """Something may have become due: whoever sleeps looks at once."""
        with self._hint:
            self._hint.notify_all()

    def run(self) -> None:
        """Works until `stop`; returns at the latest 15 s after it."""
        log.info("worker_started", worker=self.name, threads=self._threads)
        clockwork = []
        for lane in dict.fromkeys(step.lane for step in self._steps):
            steps = [step for step in self._steps if step.lane == lane]
            clockwork.append(_begin(lane, self._keep_stepping, steps))
        _begin("hints", wake.listen, self._sessions, self.wake, self._stopping)
        _begin("columns", self._keep_making_columns)
        crew = [_begin(f"lane-{number}", self._keep_sending, number) for number in range(self._threads)]
        while not self._stopping.wait(POLL_SECONDS):
            self._keep_counts()
        for step in self._steps:
            if step.stop:
                step.stop()
        end = time.monotonic() + STOP_SECONDS
        for member in crew:
            member.join(max(0.0, end - time.monotonic()))
        grace = min(end, time.monotonic() + STEP_SECONDS)
        for member in clockwork:
            member.join(max(0.0, grace - time.monotonic()))
        self._keep_counts()
        log.info("worker_stopped", worker=self.name)

    def run_once(self) -> int:
        """Runs every step, then does all that is due, or until `stop`; returns how many scores were taken up."""
        for step in self._steps:
            self._step(step)
        tried = 0
        while not self._stopping.is_set():
            self._make_columns()
            done = self._send_what_is_due()
            if not done:
                break
            tried += done
        self._keep_counts()
        return tried

    # --- scores

    def _send_what_is_due(self) -> int:
        sent: list[int] = []
        crew = [
            _begin(f"lane-{number}", lambda lane: sent.append(self._send_from(lane)), self._lane(number))
            for number in range(self._threads)
        ]
        for member in crew:
            member.join()
        return sum(sent)

    def _keep_sending(self, number: int) -> None:
        lane = self._lane(number)
        while not self._stopping.is_set():
            self._send_from(lane)
            self._sleep()

    def _lane(self, number: int) -> str:
        return f"{self.name}/{number}"

    def _sleep(self) -> None:
        with self._hint:
            if not self._stopping.is_set():
                self._hint.wait(POLL_SECONDS)

    def _send_from(self, lane: str) -> int:
        """Claims and sends until nothing is due; returns how many scores it took up."""
        tried, size = 0, CLAIMS
        while not self._stopping.is_set() and (claimed := self._claim(lane, size)):
            began = time.monotonic()
            self._send(deque(claimed))
            tried += len(claimed)
            if len(claimed) == size:
                # A quick platform is worth more at a time; what a slow one keeps waiting is left to others.
                size = MOST_CLAIMS if time.monotonic() - began < QUICK_SECONDS * size else CLAIMS
        if tried:
            self._leave(lane)
        return tried

    def _claim(self, lane: str, size: int) -> tuple[Claimed, ...]:
        try:
            return delivery.claim(self._sessions, lane, self._now(), size)
        except Exception:
            # A database that is away for a moment must not end the worker.
            log.exception("worker_turn_failed")
            return ()

    def _leave(self, lane: str) -> None:
        try:
            delivery.leave(self._sessions, lane, self._now())
        except Exception:
            # Then the lane ends by itself.
            log.exception("lane_not_left", lane=lane)

    def _send(self, waiting: deque[Claimed]) -> None:
        """Sends what was claimed; several answers are written at a time, none later than a moment after it came."""
        replies: list[Reply] = []
        began, way = time.monotonic(), delivery.Way(self._sessions, seen_open=self._now())
        while waiting:
            replies.append(reply := self._ask(waiting.popleft(), way))
            if reply.concerns_platform or time.monotonic() - began > SETTLE_SECONDS or not waiting:
                self._settle(replies)
                replies, began = [], time.monotonic()

    def _ask(self, claimed: Claimed, way: delivery.Way) -> Reply:
        try:
            if self._stopping.is_set() or not way.may_go(claimed, self._now()):
                return Reply(claimed, None)
            return delivery.ask(self._sender, claimed, self._comments)
        except Exception:
            log.exception("delivery_failed", delivery_id=claimed.id)
            return Reply(claimed, Answer.FAILED)

    def _settle(self, replies: list[Reply]) -> None:
        try:
            outcomes = delivery.settle(self._sessions, replies, self._now())
        except Exception:
            # Their leases end by themselves, and somebody tries again.
            log.exception("deliveries_not_settled", delivery_ids=[reply.claimed.id for reply in replies])
            return
        for outcome in outcomes:
            self._count(outcome)
            _tell(outcome)

    # --- columns

    def _keep_making_columns(self) -> None:
        while not self._stopping.is_set():
            self._make_columns()
            self._sleep()

    def _make_columns(self) -> None:
        # One claim at a time: it has to outlast its own exchange only, and a platform that one column has found to be
        # away is paused before the next is claimed.
        for _ in range(COLUMNS_PER_TURN):
            if self._stopping.is_set() or not self._make_next_column():
                return

    def _make_next_column(self) -> bool:
        try:
            with unit_of_work(self._sessions) as session:
                claimed = line_items.claim_line_items(session, self._now(), 1)
        except Exception:
            log.exception("worker_turn_failed")
            return False
        if claimed:
            self._make_column(claimed[0])
        return bool(claimed)

    def _make_column(self, claimed: ClaimedLineItem) -> None:
        try:
            fill = gradebook.fill_columns
            _tell_column(line_items.make_one(self._sessions, self._sender, claimed, self._now(), fill=fill))
            self.wake()
        except Exception:
            # Its claim ends by itself; until then the other columns, and the scores, have their turn.
            log.exception("line_item_failed", line_item_id=claimed.id)

    # --- counting

    def _count(self, outcome: Outcome) -> None:
        if outcome.answer is not None:
            with self._counting:
                self._counted[outcome.platform_id, outcome.answer.value] += 1

    def _keep_counts(self) -> None:
        with self._counting:
            counted, self._counted = self._counted, Counter()
        if not counted:
            return
        try:
            delivery.keep_counts(self._sessions, counted)
        except Exception:
            log.exception("counts_not_kept")
            with self._counting:
                self._counted += counted

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


def _begin(name: str, work: Callable[..., object], *given: object) -> threading.Thread:
    # Daemons, so that a platform that keeps us waiting cannot hold up the end of the process.
    thread = threading.Thread(target=work, args=given, name=name, daemon=True)
    thread.start()
    return thread


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
