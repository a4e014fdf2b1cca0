"""Fixtures of the launch path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from lti_tool.db.unit_of_work import SessionFactory
from tests.factories.launch_bench import Bench, Browser, make_bench


@pytest.fixture
def bench(sessions: SessionFactory, tmp_path: Path) -> Bench:
    """The application on SQLite."""
    return make_bench(sessions, tmp_path)


@pytest.fixture
def browser(bench: Bench) -> Browser:
    """A browser without cookies."""
    return bench.browser()


@pytest.fixture
def logs() -> Iterator[list[EventDict]]:
    """What was logged."""
    with capture_logs() as captured:
        yield cast("list[EventDict]", captured)
