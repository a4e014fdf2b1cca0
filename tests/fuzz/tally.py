"""How much is tried, and what came of it: cases a target, and the table at the end of a run.

In a check of a change each target tries ten cases; `LTI_TOOL_FUZZ=100000` (`make fuzz`) spreads so many in all over the
targets by their shares, which are hundred together: a target whose cases take long has a smaller one, none below one.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase

ALL = int(os.environ.get("LTI_TOOL_FUZZ", "0"))
LEAST = 10
"""As many cases has a target in a check of a change: all of them together take some seconds."""
PROPERTY = "fuzzed"

Test = Callable[..., None]


class Tally:
    """What came of the cases of one target."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.counts: Counter[str] = Counter()

    @contextmanager
    def case(self) -> Iterator[Case]:
        """One case; it has an outcome when the block ends, or an exception has gone through it."""
        self.counts["cases"] += 1
        self.counts["unhandled"] += 1
        case, began = Case(), time.process_time_ns()
        try:
            yield case
        finally:
            self.counts["microseconds"] += (time.process_time_ns() - began) // 1000
        assert case.outcome, "a case ends refused or accepted"
        self.counts["unhandled"] -= 1
        self.counts[case.outcome] += 1


class Case:
    """Whether what was sent was taken."""

    outcome = ""

    def note(self, *, accepted: bool) -> None:
        """Says so."""
        self.outcome = "accepted" if accepted else "refused"


def cases(share: float) -> Callable[[Test], Test]:
    """So many of all cases, in per cent, are this target's."""
    return hypothesis.settings(
        max_examples=int(ALL * share / 100) or LEAST,
        deadline=None,
        derandomize=not ALL,
        # What is stored from one case to the next is wanted: a database is not empty either.
        suppress_health_check=[*HealthCheck],
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        database=None,
        print_blob=True,
    )


def table(found: dict[str, Counter[str]]) -> Iterator[str]:
    """Lines for the end of a run."""
    yield f"{'target':<50}" + "".join(f"{name:>10}" for name in (*OUTCOMES, "a second"))
    for target, counts in sorted(found.items()):
        yield _line(target, counts)
    yield _line("all", sum(found.values(), Counter()))


OUTCOMES = ("cases", "refused", "accepted", "unhandled")


def _line(target: str, counts: Counter[str]) -> str:
    # By the processor time of the tests' process, which does not depend on what else the machine does.
    seconds = counts["microseconds"] / 1_000_000
    speed = f"{counts['cases'] / seconds:>10.0f}" if seconds else ""
    return f"{target:<50}" + "".join(f"{counts[name]:>10}" for name in OUTCOMES) + speed


def noted(reports: list[Any]) -> dict[str, Counter[str]]:
    """What the reports of a run carry, by target."""
    found: dict[str, Counter[str]] = {}
    for report in reports:
        for name, value in getattr(report, "user_properties", []):
            if name == PROPERTY and report.when == "teardown":
                found[value["target"]] = Counter(value["counts"])
    return found
