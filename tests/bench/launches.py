"""A full launch: login, launch and the participant's page, beside two yardsticks in the same minutes."""

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


def measure(bare: Served, plain: Served, tools: Sequence[Served], launches: int, turns: int) -> list[Side]:
    """Turns of all servers, one after the other, so that whatever the machine does falls on each."""
    people = [tool.institute.learners(launches) for tool in tools if tool.institute]
    servers, who = (bare, plain, *tools), (people[0], people[0], *people)
    sides = [Side(server, each, Browser(server.port)) for server, each in zip(servers, who, strict=True)]
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
    bare, plain, first = sides[0], sides[1], sides[2]
    heads = ("CPU ms", "/ bare", "/ plain", "p50 ms", "p95 ms", "p50 / bare", "database CPU ms")
    say(f"{'launch':<26}" + "".join(f"{head:>{len(head) + 3}}" for head in heads))
    for side in sides:
        figures = (
            1000 * median(side.cpu),
            _times(side, bare),
            _times(side, plain),
            1000 * median(side.seconds),
            1000 * quantile(side.seconds, 0.95),
            median(side.seconds) / median(bare.seconds),
            1000 * median(side.database),
        )
        told = (f"{figure:>{len(head) + 3}.2f}" for head, figure in zip(heads, figures, strict=True))
        say(f"{side.server.name:<26}" + "".join(told))
    for side in sides[3:]:
        say(f"{'':<4}CPU of {side.server.name} / {first.server.name}: {_times(side, first):.2f}")


def _times(side: Side, other: Side) -> float:
    return median([ours / theirs for ours, theirs in zip(side.cpu, other.cpu, strict=True)])
