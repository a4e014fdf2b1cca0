"""A full launch: login, launch and the participant's page, beside PyLTI1p3's own launch in the same minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice

from tests.bench.measuring import median, quantile, say
from tests.bench.platform import Browser, Learner
from tests.bench.served import Served


@dataclass
class Side:
    """One server, who launches there, and what that took: a figure a turn, a time a launch."""

    server: Served
    learners: Sequence[Learner]
    browser: Browser
    cpu: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def take_turn(self, learners: Sequence[Learner]) -> None:
        """These people launch, one after the other, each in a browser of their own."""
        cpu, database = self.server.cpu(), self.server.database_cpu()
        for learner in learners:
            self.seconds.append(self._launch(learner))
        # The server hangs up itself while others have their turn.
        self.browser.close()
        self.cpu.append((self.server.cpu() - cpu) / len(learners))
        self.database.append((self.server.database_cpu() - database) / len(learners))

    def warm_up(self) -> None:
        """Everybody has been here before: the first launch of a person or a link is another matter."""
        for learner in self.learners:
            self._launch(learner)
        self.browser.close()

    def _launch(self, learner: Learner) -> float:
        self.browser.forget()
        self.browser.seconds = 0
        self.browser.launch(learner)
        return self.browser.seconds


def measure(bare: Served, tools: Sequence[Served], launches: int, turns: int) -> list[Side]:
    """Turns of all servers, one after the other, so that whatever the machine does falls on each."""
    people = [tool.institute.learners(launches) for tool in tools if tool.institute]
    sides = [Side(tool, who, Browser(tool.port)) for tool, who in zip(tools, people, strict=True)]
    sides.insert(0, Side(bare, people[0], Browser(bare.port)))
    for side in sides:
        side.warm_up()
    streams = [cycle(side.learners) for side in sides]
    each = max(1, launches // turns)
    for _turn in range(turns):
        for side, stream in zip(sides, streams, strict=True):
            side.take_turn(list(islice(stream, each)))
    return sides


def tell(sides: Sequence[Side]) -> None:
    """The table; ratios are those of turns that followed each other, the one in the middle."""
    bare = sides[0]
    say(f"{'launch':<26}{'CPU ms':>9}{'/ bare':>8}{'p50 ms':>9}{'p95 ms':>9}{'p50 / bare':>12}{'database CPU ms':>17}")
    for side in sides:
        ratio = median([ours / theirs for ours, theirs in zip(side.cpu, bare.cpu, strict=True)])
        middle, bare_middle = median(side.seconds), median(bare.seconds)
        say(
            f"{side.server.name:<26}{1000 * median(side.cpu):>9.2f}{ratio:>8.2f}{1000 * middle:>9.2f}"
            f"{1000 * quantile(side.seconds, 0.95):>9.2f}{middle / bare_middle:>12.2f}"
            f"{1000 * median(side.database):>17.2f}"
        )
    for side in sides[2:]:
        ratio = median([ours / first for ours, first in zip(side.cpu, sides[1].cpu, strict=True)])
        say(f"{'':<4}CPU of {side.server.name} / {sides[1].server.name}: {ratio:.2f}")
