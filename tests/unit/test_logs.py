"""The log never stands in the way of the work."""

from __future__ import annotations

import errno
import io
import json
import sys
from collections.abc import Iterator

import pytest
import structlog

from lti_tool import logs


class _Full(io.StringIO):
    """A stream to a disk without room."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture(autouse=True)
def _log_of_before() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def test_an_event_is_one_line_of_json(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure("json")

    structlog.get_logger().info("launched", course_id=7)

    told = json.loads(stream.getvalue())
    assert (told["event"], told["level"], told["course_id"]) == ("launched", "info", 7)


def test_a_line_that_finds_no_room_is_lost_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", _Full())
    logs.configure("text")

    structlog.get_logger().error("refused", code="database_unavailable")
