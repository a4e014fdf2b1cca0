"""A rig on either database, and the table of results at the end of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from lti_tool.db.unit_of_work import SessionFactory
from tests.chaos.rig import Balance, Rig, opened_rig

OpenRig = Callable[..., Rig]
LONGEST_FIRST = ("f16", "f15", "f07", "f02", "f21", "f14", "f04", "f22")
"""What takes longest, so that no process is left with it at the end while the others have nothing to do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first."""
    ranks = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: min((ranks[name] for name in ranks if name in item.nodeid), default=len(ranks)))


@pytest.fixture
def open_rig(any_sessions: SessionFactory, tmp_path: Path) -> Iterator[OpenRig]:
    """Opens a rig of so many people and columns; it is closed after the test."""
    url = any_sessions.kw["bind"].url.render_as_string(hide_password=False)
    with ExitStack() as stack:

        def opened(people: int, columns: int = 1, ahead: float = 0) -> Rig:
            rig: AbstractContextManager[Rig] = opened_rig(any_sessions, url, tmp_path / "rig", people, columns, ahead)
            return stack.enter_context(rig)

        yield opened


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[Balance], None]:
    """Keeps a balance for the table of results, which the run prints at its end."""

    def keep(balance: Balance) -> None:
        request.node.user_properties.append(("balance", _line(request.node.name, balance)))

    return keep


def _line(name: str, balance: Balance) -> str:
    told = name.removeprefix("test_")
    return (
        f"{told:<64}{balance.rows:>7}{balance.faults:>7}{balance.posts:>7}{balance.extra:>6}"
        f"{balance.lost:>6}{balance.wrong:>6}{balance.undelivered:>6}{balance.seconds:>8.1f}"
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the table of results."""
    lines = [
        str(value)
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "balance"
    ]
    if lines:
        head = (
            f"{'fault':<64}{'rows':>7}{'faults':>7}{'posts':>7}{'extra':>6}{'lost':>6}{'wrong':>6}{'held':>6}{'s':>8}"
        )
        terminalreporter.write_line(head)
        for line in sorted(lines):
            terminalreporter.write_line(line)
