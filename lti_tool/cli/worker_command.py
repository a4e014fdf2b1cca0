"""`lti-tool worker`: the process that sends grades and reads rosters."""

from __future__ import annotations

import click

from lti_tool import logs
from lti_tool.cli.context import opened
from lti_tool.heap import share_one_heap
from lti_tool.worker import stopped_by_signals
from lti_tool.worker_app import create_worker


@click.command()
@click.option("--concurrency", default=4, show_default=True, type=click.IntRange(1, 64), help="Scores sent at a time.")
@click.option("--once", is_flag=True, help="Do what is due now and end.")
def worker(concurrency: int, once: bool) -> None:
    """Sends grades to the platforms and keeps rosters fresh, until it is told to stop (SIGTERM or Ctrl-C)."""
    share_one_heap()
    with opened() as work:
        logs.configure(work.settings.log_format)
        worker = create_worker(work.settings, work.sessions, threads=concurrency)
        with stopped_by_signals(worker):
            if once:
                worker.run_once()
            else:
                worker.run()
