"""How a figure comes about: processor time of a process, times in order, and lines of a table."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

PAGE = 1024 * 1024


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time that these processes have used so far, of all their threads, to the nanosecond."""
    return sum(time.clock_gettime(_clock_of(pid)) for pid in pids)


def _clock_of(pid: int) -> int:
    # Linux's id of another process's clock (clock_getcpuclockid(3)), which Python gives for threads only.
    return (~pid << 3) | 2


def children_of(pid: int) -> list[int]:
    """The processes that this one has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def memory(pid: int, field: str = "VmRSS") -> float:
    """Megabytes that a process holds (`VmRSS`), or held at most (`VmHWM`), shared libraries included."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024 / PAGE
    return 0.0


def quantile(taken: Sequence[float], share: float) -> float:
    """The value that this share of all does not exceed."""
    ordered = sorted(taken)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(taken: Sequence[float]) -> float:
    """The one in the middle."""
    return statistics.median(taken)


def say(line: str = "") -> None:
    """A line of the table, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def machine() -> str:
    """What a figure was measured on."""
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    name = models[0].partition(":")[2].strip() if models else "unknown processor"
    return f"{os.cpu_count()} cores, {name}, Python {sys.version.split()[0]}"
