"""The web tier under load, as `lti-tool serve` starts it, on PostgreSQL: `python -m tests.bench.load` (`make load`).

Three trials, all bounded: a burst of launches; a soak, so many launches a second, with how memory, connections and
waiting grow; the database stopped and started again under the same load. Nothing here passes or fails; what was
expected stands beside what was seen. `--soak 3600` is the full soak.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

from tests import postgres
from tests.bench.measuring import machine, median, memory, quantile, say
from tests.bench.platform import Browser, Learner
from tests.bench.served import Institute, Served, institute, tool

LONGEST = 2.0
"""Seconds that a launch in a burst may take, in 95 of 100 cases."""
FAULTS = 5
"""How many lines of the tool's log are shown at most."""
BROWSERS = 200
"""How many at most are under way at once in a soak."""


@dataclass(frozen=True, slots=True)
class Launched:
    """One launch: when it began, how long its answers took, and what went wrong ("" = nothing)."""

    at: float
    seconds: float
    wrong: str = ""


@dataclass
class Crowd:
    """People who launch, each in a browser of their own."""

    server: Served
    learners: Iterator[Learner]
    launched: list[Launched] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def launch(self, learner: Learner) -> None:
        """One launch, whatever comes of it."""
        browser, at, wrong = Browser(self.server.port, timeout=30), time.monotonic(), ""
        try:
            browser.launch(learner)
        except (AssertionError, OSError) as error:
            wrong = f"status {error.args[0][0]}" if isinstance(error, AssertionError) else type(error).__name__
        finally:
            browser.close()
        with self._lock:
            self.launched.append(Launched(at, browser.seconds, wrong))

    def at_once(self, many: int, abreast: int) -> float:
        """So many launches, so many abreast; how many seconds that took."""
        began = time.monotonic()
        with ThreadPoolExecutor(abreast) as pool:
            list(pool.map(self.launch, islice(self.learners, many)))
        return time.monotonic() - began

    def steadily(self, a_second: float, seconds: float, each_tick: Callable[[float], None]) -> None:
        """So many launches a second, whether or not those before have ended; `each_tick` is told the time."""
        began = time.monotonic()
        with ThreadPoolExecutor(BROWSERS) as pool:
            for number in range(int(a_second * seconds)):
                due = began + number / a_second
                time.sleep(max(0.0, due - time.monotonic()))
                if number % max(1, int(a_second)) == 0:
                    each_tick(time.monotonic() - began)
                pool.submit(self.launch, next(self.learners))


@dataclass
class Watch:
    """What the tool holds, second by second."""

    server: Served
    at: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    connections: list[float] = field(default_factory=list)

    def look(self, at: float) -> None:
        """Notes what there is now."""
        assert self.server.institute is not None
        self.at.append(at)
        self.megabytes.append(sum(memory(pid) for pid in self.server.answering()))
        self.connections.append(len(self.server.institute.backends()))


def slope(at: Sequence[float], values: Sequence[float]) -> float:
    """By how much the values grow in an hour, as a straight line through them."""
    middle, mean = sum(at) / len(at), sum(values) / len(values)
    width = sum((each - middle) ** 2 for each in at)
    grown = sum((x - middle) * (y - mean) for x, y in zip(at, values, strict=True))
    return 3600 * grown / width if width else 0.0


def _burst(server: Served, learners: Iterator[Learner], many: int, abreast: int) -> None:
    crowd, before = Crowd(server, learners), _spent(server)
    took = crowd.at_once(many, abreast)
    spent = [1000 * (late - early) / many for early, late in zip(before, _spent(server), strict=True)]
    _tell_launches(f"burst of {many}, {abreast} abreast", crowd.launched)
    say(f"{'':<4}{many / took:.0f} launches a second; expected: no error, p95 at most {1000 * LONGEST:.0f} ms")
    say(f"{'':<4}CPU of a launch: tool {spent[0]:.1f}, database {spent[1]:.1f}, browsers and LMS {spent[2]:.1f} ms")


def _spent(server: Served) -> tuple[float, float, float]:
    """Processor time so far of the tool, of its database's processes, and of those who ask, in seconds."""
    return server.cpu(), server.database_cpu(), time.process_time()


def _soak(server: Served, learners: Iterator[Learner], a_second: float, seconds: float) -> None:
    crowd, watch = Crowd(server, learners), Watch(server)
    began = time.monotonic()
    crowd.steadily(a_second, seconds, watch.look)
    _tell_launches(f"soak, {a_second:.0f} a second for {seconds:.0f} s", crowd.launched)
    # The first minute fills caches and pools.
    settled = min(60.0, seconds / 4)
    held = [(at, mb, lines) for at, mb, lines in zip(watch.at, watch.megabytes, watch.connections, strict=True)]
    late = [each for each in held if each[0] >= settled]
    launched = [each for each in crowd.launched if each.at - began >= settled]
    for name, at, values, unit in (
        ("memory of all processes", [each[0] for each in late], [each[1] for each in late], "MB"),
        ("connections", [each[0] for each in late], [each[2] for each in late], ""),
        ("a launch", [each.at - began for each in launched], [1000 * each.seconds for each in launched], "ms"),
    ):
        quarter = max(1, len(values) // 4)
        say(
            f"{'':<4}{name}: {median(values):.1f} {unit}, grows by {slope(at, values):+.2f} {unit} an hour;"
            f" first quarter {median(values[:quarter]):.1f}, last {median(values[-quarter:]):.1f}"
        )


def _restart(cluster: postgres.Cluster, server: Served, learners: Iterator[Learner], a_second: float) -> None:
    crowd, down = Crowd(server, learners), [0.0, 0.0]

    def stop_and_start() -> None:
        time.sleep(8)
        down[0] = time.monotonic()
        cluster.control("-m", "immediate", "stop")
        time.sleep(4)
        cluster.control("start")
        down[1] = time.monotonic()

    fault = threading.Thread(target=stop_and_start)
    fault.start()
    crowd.steadily(a_second, 30, lambda _at: None)
    fault.join()
    before = [each for each in crowd.launched if each.wrong and each.at + each.seconds < down[0]]
    after = [each for each in crowd.launched if each.wrong and each.at > down[1]]
    wrong = [each for each in crowd.launched if each.wrong]
    _tell_launches(f"database down for {down[1] - down[0]:.1f} s", crowd.launched)
    say(
        f"{'':<4}{len(wrong)} launches met it; errors before it: {len(before)}, of launches that began after it:"
        f" {len(after)}; expected: 0 and 0"
    )


def _tell_launches(name: str, launched: Sequence[Launched]) -> None:
    well = [each.seconds for each in launched if not each.wrong] or [0.0]
    wrong = Counter(each.wrong for each in launched if each.wrong)
    say(
        f"{name}: {len(launched)} launches, {wrong.total()} errors, p50 {1000 * median(well):.0f} ms,"
        f" p95 {1000 * quantile(well, 0.95):.0f} ms, longest {1000 * max(well):.0f} ms"
    )
    for words, many in wrong.most_common(5):
        say(f"{'':<4}{many} × {words}")


def _tell_log(folder: Path) -> None:
    """What the tool itself wrote of answers that it could not give."""
    lines = [line for line in (folder / "served.log").read_text().splitlines() if '"level": "error"' in line]
    for line in lines[:FAULTS]:
        say(f"{'':<4}{line}")


@contextmanager
def _warm(of: Institute, server: Served) -> Iterator[Iterator[Learner]]:
    learners = of.learners(1000)
    crowd = Crowd(server, cycle(learners))
    crowd.at_once(100, 4)
    yield crowd.learners


def main() -> None:
    """The trials that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--launches", type=int, default=1000, help="of the burst")
    parser.add_argument("--abreast", type=int, default=100, help="browsers of the burst")
    parser.add_argument("--soak", type=float, default=300, help="seconds")
    parser.add_argument("--a-second", type=float, default=10, help="launches of the soak")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=("burst", "soak", "restart"), default=["burst", "soak", "restart"])
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cluster = stack.enter_context(postgres.running_cluster(as_deployed=True))
        say(machine())
        of = stack.enter_context(institute(cluster, options.people, min(1000, options.people)))
        server = stack.enter_context(tool(of, folder, processes=options.processes))
        learners = stack.enter_context(_warm(of, server))
        if "burst" in options.only:
            _burst(server, learners, options.launches, options.abreast)
        if "soak" in options.only:
            _soak(server, learners, options.a_second, options.soak)
        if "restart" in options.only:
            _restart(cluster, server, learners, options.a_second)
        _tell_log(folder)


if __name__ == "__main__":
    main()
