"""The page of a large group, as the trainer's browser gets it, through the real server."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.measuring import median, quantile, say
from tests.bench.platform import Browser
from tests.bench.served import Served


@dataclass
class Side:
    """One server, and what its page took."""

    server: Served
    browser: Browser
    path: str
    cpu: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    size: int = 0
    wire: int = 0

    def ask(self) -> None:
        """Asks for the page once."""
        self.browser.seconds = 0
        cpu = self.server.cpu()
        body = self.browser.get(self.path)
        self.cpu.append(self.server.cpu() - cpu)
        self.seconds.append(self.browser.seconds)
        self.browser.close()
        self.size, self.wire = len(gzip.decompress(body)), len(body)


def measure(tools: Sequence[Served], times: int) -> list[Side]:
    """The group of the largest course, from each server in turn."""
    sides = []
    for tool in tools:
        assert tool.institute is not None
        browser = Browser(tool.port)
        browser.launch(tool.institute.trainer())
        browser.close()
        sides.append(Side(tool, browser, f"/c/{tool.institute.nation.big.course.public_id}/group"))
    for _warm in range(3):
        for side in sides:
            side.browser.get(side.path)
            side.browser.close()
    for _time in range(times):
        for side in sides:
            side.ask()
    return sides


def tell(sides: Sequence[Side]) -> None:
    """The table."""
    say(f"{'group page':<26}{'CPU ms':>9}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}{'kB':>8}{'gzip':>8}{'/ first':>9}")
    for side in sides:
        middle = median(side.seconds)
        say(
            f"{side.server.name:<26}{1000 * median(side.cpu):>9.1f}{1000 * middle:>9.1f}"
            f"{1000 * quantile(side.seconds, 0.95):>9.1f}{1000 * max(side.seconds):>9.1f}"
            f"{side.size / 1000:>8.0f}{side.wire / 1000:>8.1f}{middle / median(sides[0].seconds):>9.2f}"
        )
