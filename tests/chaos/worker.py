"""A real worker process whose long waits may be made shorter: `python -m tests.chaos.worker --speed 20`.

At speed 1 it is `lti-tool worker`. Otherwise pauses, leases and time-outs are divided by it, all alike, so that an hour
of trouble fits into a test; `--ahead` sets the machine's own clock wrong by so many seconds.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta

from lti_tool import clock, logs, outbound
from lti_tool.db.unit_of_work import make_engine, make_session_factory
from lti_tool.grading import delivery, line_items, retry
from lti_tool.lti import tokens
from lti_tool.settings import Settings
from lti_tool.worker import stopped_by_signals
from lti_tool.worker_app import create_worker


def hurry(speed: float) -> None:
    """Divides the waits of this process."""
    for module, names in {
        retry: ("FIRST_PAUSE", "LONGEST_BACKOFF", "PROBE", "FORBIDDEN_PROBE", "OUTAGE_SPREAD", "DAILY"),
        delivery: ("LEASE", "EXCHANGE"),
        line_items: ("CLAIM",),
        tokens: ("ASKING",),
    }.items():
        for name in names:
            setattr(module, name, getattr(module, name) / speed)
    outbound.TOTAL_SECONDS /= speed
    outbound.CONNECT_SECONDS /= speed


def main() -> None:
    """Works until it is told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--ahead", type=float, default=0.0)
    parser.add_argument("--concurrency", type=int, default=4)
    options = parser.parse_args()
    hurry(options.speed)
    if options.ahead:
        clock.now = lambda: datetime.now(UTC) + timedelta(seconds=options.ahead)
    settings = Settings.load()
    logs.configure(settings.log_format)
    sessions = make_session_factory(make_engine(settings.database))
    worker = create_worker(settings, sessions, threads=options.concurrency)
    with stopped_by_signals(worker):
        worker.run()


if __name__ == "__main__":
    main()
