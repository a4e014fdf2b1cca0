"""How much is tried, and what came of it: cases a target, and the table at the end of a run.

In a check of a change each target tries a few dozen cases; `LTI_TOOL_FUZZ=100000` (`make fuzz`) spreads so many over
all targets by their shares.
"""

from __future__ import annotations

import os
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
        case = Case()
        yield case
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
    names = ("cases", "refused", "accepted", "unhandled")
    yield f"{'target':<40}" + "".join(f"{name:>10}" for name in names)
    total: Counter[str] = Counter()
    for target, counts in sorted(found.items()):
        total += counts
        yield f"{target:<40}" + "".join(f"{counts[name]:>10}" for name in names)
    yield f"{'all':<40}" + "".join(f"{total[name]:>10}" for name in names)


def noted(reports: list[Any]) -> dict[str, Counter[str]]:
    """What the reports of a run carry, by target."""
    found: dict[str, Counter[str]] = {}
    for report in reports:
        for name, value in getattr(report, "user_properties", []):
            if name == PROPERTY and report.when == "teardown":
                found[value["target"]] = Counter(value["counts"])
    return found
