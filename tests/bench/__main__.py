"""What the tool costs, in one run and as ratios: `python -m tests.bench` (`make bench`), smaller with `--quick`.

Institutes of several sizes on a PostgreSQL of its own; the tool behind its real server; PyLTI1p3's bare launch beside
it. Nothing here passes or fails. A machine's speed may change by a factor of two within minutes, so everything that is
compared is measured in turns, and ratios count more than milliseconds. `--beside FOLDER` measures another checkout of
the same schema, too: what a change did.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from lti_tool import clock
from lti_tool.reports import rollup
from tests import postgres
from tests.bench import computing, delivery, launches, pages
from tests.bench.measuring import machine, memory, say
from tests.bench.served import ROOT, Institute, Served, bare, institute, plain, tool
from tests.chaos.rig import CLIENT, installed

QUICK = {"people": [200, 1000], "largest": 200, "launches": 40, "turns": 4, "times": 10, "scores": 1000, "results": 10}
FULL = {
    "people": [1000, 100_000],
    "largest": 1000,
    "launches": 400,
    "turns": 20,
    "times": 100,
    "scores": 10_000,
    "results": 100,
}


@dataclass
class Run:
    """One run: what was asked for, and what stands for it."""

    options: argparse.Namespace
    cluster: postgres.Cluster
    folder: Path
    stack: ExitStack
    institutes: list[Institute]
    codes: dict[str, Path]
    """Checkouts, by what is said after the institute's size."""
    served: list[Served] = field(default_factory=list)

    def tools(self) -> list[Served]:
        """A server for each checkout and institute."""
        if not self.served:
            self.served = [
                self.stack.enter_context(tool(each, self._folder("web"), code, f"{each.name}{mark}"))
                for mark, code in self.codes.items()
                for each in self.institutes
            ]
        return self.served

    def launch(self) -> None:
        """Full launches beside bare ones."""
        yardstick = self.stack.enter_context(bare(self.folder))
        other = self.stack.enter_context(plain(self.folder, self.cluster.new_database(empty=True)))
        launches.tell(launches.measure(yardstick, other, self.tools(), self.options.launches, self.options.turns))

    def group(self) -> None:
        """The page of the largest group."""
        pages.tell(pages.measure(self.tools(), self.options.times))

    def compute(self) -> None:
        """Results and recomputing."""
        with ExitStack() as stack:
            sides = [
                stack.enter_context(computing.computing(each, code, f"{each.name}{mark}"))
                for mark, code in self.codes.items()
                for each in self.institutes
            ]
            computing.measure(sides, self.options.results, max(3, self.options.results // 20))
            computing.tell(sides)

    def deliver(self) -> None:
        """Throughput and memory of workers."""
        for each in self.institutes:
            # Else the workers would count a new institute for the first time beside sending: minutes at 100,000.
            rollup.refresh(each.sessions, clock.now())
        for number, (mark, code) in enumerate(self.codes.items()):
            for each in self.institutes:
                settings = installed(each.url, self._folder("worker"), each.sessions)
                done = delivery.throughput(each.sessions, settings, self.options.scores, 4, code, f"{CLIENT}{number}")
                delivery.tell(done, 4, f"{each.name}{mark}: ")

    def memory(self) -> None:
        """What each web process holds after all that was asked of it."""
        for each in self.tools():
            held = ", ".join(f"{memory(pid):.0f} (at most {memory(pid, 'VmHWM'):.0f})" for pid in each.answering())
            say(f"web process, {each.name}: {held} MB")

    def _folder(self, name: str) -> Path:
        return Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix=f"{name}-", dir=self.folder)))


PARTS: dict[str, Callable[[Run], None]] = {
    "launch": Run.launch,
    "group": Run.group,
    "memory": Run.memory,
    "compute": Run.compute,
    "deliver": Run.deliver,
}


def _options(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, to try")
    parser.add_argument("--people", type=int, nargs="+", help="sizes of institutes")
    for name in ("largest", "launches", "turns", "times", "scores", "results"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--beside", type=Path, metavar="FOLDER", help="another checkout, measured in the same turns")
    options = parser.parse_args(given)
    for name, value in (QUICK if options.quick else FULL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    return options


def main() -> None:
    """Builds the institutes and measures what was asked for."""
    options = _options()
    codes = {"": ROOT} | ({f", {options.beside.name}": options.beside.resolve()} if options.beside else {})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cluster = stack.enter_context(postgres.running_cluster(as_deployed=True))
        say(machine())
        institutes = [stack.enter_context(institute(cluster, each, options.largest)) for each in options.people]
        run = Run(options, cluster, folder, stack, institutes, codes)
        gc.freeze()
        for name in options.only:
            say()
            PARTS[name](run)


if __name__ == "__main__":
    main()
