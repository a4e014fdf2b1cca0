"""Structured logs: constant events with facts as fields; ids only, never names, tokens or whole records."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict

from lti_tool.db.trouble import in_a_line, is_trouble


class _Forgiving:
    """A stream whose lines may be lost: the log's disk may be full, and nobody is to be refused anything for that."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes what finds room."""
        with suppress(OSError):
            return self._stream.write(text)
        return 0

    def flush(self) -> None:
        """Sends on what was written."""
        with suppress(OSError):
            self._stream.flush()


def _without_ways_to_trouble(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Where in the program a database was asked that is away is the same everywhere, ten kilobytes each time."""
    known = event.get("exc_info")
    error = sys.exc_info()[1] if known is True else known
    if isinstance(error, BaseException) and is_trouble(error):
        del event["exc_info"]
        event["reason"] = in_a_line(error)
    return event


def configure(log_format: str) -> None:
    """One event a line on stderr: JSON for machines, or aligned text for people."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_ways_to_trouble,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Forgiving(sys.stderr))),
    )
