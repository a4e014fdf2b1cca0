"""The one place that asks the machine for the time, so that tests and rules can be given theirs."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
