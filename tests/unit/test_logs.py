"""The log never stands in the way of the work."""

from __future__ import annotations

import errno
import io
import json
import sqlite3
import sys
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy.exc import OperationalError

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


GONE = OperationalError("SELECT 1", {}, sqlite3.OperationalError("server closed the connection\n\tBy itself."))


def _told(monkeypatch: pytest.MonkeyPatch, error: Exception, *, current: bool) -> dict[str, object]:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure("json")
    try:
        raise error
    except type(error) as raised:
        if current:
            structlog.get_logger().exception("failed")
        else:
            structlog.get_logger().error("failed", exc_info=raised)
    told: dict[str, object] = json.loads(stream.getvalue())
    return told


@pytest.mark.parametrize("current", [True, False])
def test_a_database_that_is_away_is_a_line_and_no_stack(monkeypatch: pytest.MonkeyPatch, current: bool) -> None:
    told = _told(monkeypatch, GONE, current=current)

    assert told["reason"] == "OperationalError: server closed the connection"
    assert "exception" not in told


@pytest.mark.parametrize("current", [True, False])
def test_a_fault_of_our_own_is_told_with_its_stack(monkeypatch: pytest.MonkeyPatch, current: bool) -> None:
    told = _told(monkeypatch, ZeroDivisionError("ours"), current=current)

    assert "Traceback" in str(told["exception"])
    assert "reason" not in told


def test_a_line_that_finds_no_room_is_lost_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", _Full())
    logs.configure("text")

    structlog.get_logger().error("refused", code="database_unavailable")
