"""One result in, and a course anew: what a process of the tool does for them, asked over a pipe.

`python -m tests.bench.computing URL COURSE` answers each line it reads (`result`, `same`, `rules`) with a line:
seconds, and seconds of processor time. A process of its own, so that two checkouts can be asked in turn.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

from lti_tool import clock
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.rules import rules_of
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory, unit_of_work
from lti_tool.grading import gradebook
from lti_tool.ids import CourseId
from lti_tool.people import roster
from lti_tool.people.activities import activities_of
from tests.bench.measuring import median, quantile, say
from tests.bench.served import ROOT, Institute

KINDS = {"result": "one result in", "same": "course anew, as before", "rules": "course anew, other rules"}


class Computer:
    """Does the work on one course."""

    def __init__(self, sessions: SessionFactory, course: CourseId) -> None:
        self.sessions, self.course = sessions, course
        self.numbers = count(1)
        self.now = clock.now() + timedelta(minutes=5)
        with unit_of_work(sessions, writes=False) as session:
            self.people = [person.id for person in roster.participants(session, course, self.now)]
            self.activity = activities_of(session, course)[0].id

    def do(self, kind: str) -> None:
        """One piece of work, committed."""
        number = next(self.numbers)
        at = self.now + timedelta(seconds=number)
        with unit_of_work(self.sessions) as session:
            if kind == "result":
                person = self.people[7 * number % len(self.people)]
                # Nor the marks that another checkout has just given: those would change nothing.
                mark = Decimal((number * 37 + os.getpid()) % 101)
                entry = NewEvidence(person, self.activity, None, mark, Decimal(0), Decimal(100), "trainer", at)
                gradebook.accept_results(session, self.course, [entry], by=None, now=at)
            elif kind == "same":
                gradebook.recompute_course(session, self.course, at)
            else:
                # Others than are in force, whoever set those: two checkouts measured in turn change the same course.
                held = rules_of(session, self.course, at).options.get("aggregation")
                rules = {"aggregation": "mean" if held == "best" else "best"}
                gradebook.accept_rules(session, self.course, rules, by=None, now=at)


def main(url: str, course: int) -> None:
    """Answers until nobody asks any more."""
    computer = Computer(make_session_factory(make_engine(url)), CourseId(course))
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        began, cpu = time.perf_counter(), time.process_time()
        computer.do(line.strip())
        sys.stdout.write(f"{time.perf_counter() - began} {time.process_time() - cpu}\n")
        sys.stdout.flush()


@dataclass
class Side:
    """A computing process of one checkout on one institute, and what its work took."""

    name: str
    process: subprocess.Popen[str]
    taken: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def ask(self, kind: str) -> None:
        """One piece of work."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{kind}\n")
        self.process.stdin.flush()
        seconds, cpu = map(float, self.process.stdout.readline().split())
        self.taken.setdefault(kind, []).append((seconds, cpu))


@contextmanager
def computing(of: Institute, code: Path = ROOT, name: str = "") -> Iterator[Side]:
    """A process that computes in the institute's largest course."""
    command = [sys.executable, "-m", "tests.bench.computing", of.url, str(of.nation.big.id)]
    process = subprocess.Popen(command, cwd=code, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Side(name or of.name, process)
    finally:
        process.communicate(timeout=60)


def measure(sides: Sequence[Side], results: int, times: int) -> None:
    """Each kind of work, from one to the next in turn."""
    for kind, rounds in (("result", results), ("same", times), ("rules", times)):
        for side in sides:
            side.ask(kind)
            side.taken[kind].clear()
        for _round in range(rounds):
            for side in sides:
                side.ask(kind)


def tell(sides: Sequence[Side]) -> None:
    """The table."""
    say(f"{'computing':<40}{'p50 ms':>10}{'p95 ms':>10}{'CPU ms':>10}{'p50 / first':>13}")
    for kind, words in KINDS.items():
        first = median([seconds for seconds, _cpu in sides[0].taken[kind]])
        for side in sides:
            seconds = [each for each, _cpu in side.taken[kind]]
            cpu = median([each for _seconds, each in side.taken[kind]])
            say(
                f"{f'{words} ({side.name})':<40}{1000 * median(seconds):>10.1f}{1000 * quantile(seconds, 0.95):>10.1f}"
                f"{1000 * cpu:>10.1f}{median(seconds) / first:>13.2f}"
            )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
