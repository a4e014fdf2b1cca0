"""The worker's wiring, apart from the web's (`app.py`): a worker holds no pages until it makes a file of one."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from sqlalchemy.orm import Session

from lti_tool import logs
from lti_tool.db.database_clock import DatabaseClock
from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.lti.ags import AgsSender
from lti_tool.lti.nrps import RosterReader
from lti_tool.lti.services import Services
from lti_tool.lti.tokens import Tokens
from lti_tool.reports.making import Making, Order, Write
from lti_tool.settings import Settings
from lti_tool.steps import steps
from lti_tool.web.comment_words import comment_writer
from lti_tool.web.shared import Tool
from lti_tool.worker import Worker


def create_worker(settings: Settings, sessions: SessionFactory, *, threads: int) -> Worker:
    """The worker with everything it needs: the way to platforms, the words of comments, the steps of its clockwork.

    Raises SettingsFaulty where a key file or the passphrase does not allow a start.
    """
    logs.configure(settings.log_format)
    shared = Tool.open(settings, sessions)
    now = DatabaseClock(sessions)
    services = _services(shared, now)
    sender = AgsSender(services)
    idle = timedelta(minutes=settings.session_idle_minutes)
    making = Making(_file_writer(settings, sessions), shared.drawer)
    clockwork = steps(RosterReader(services), sender, shared.outbound, shared.shelf, idle, shared.seal, making)
    return Worker(sessions, sender, comment_writer(settings.base_url), threads=threads, steps=clockwork, now=now)


def create_sender(settings: Settings, sessions: SessionFactory) -> AgsSender:
    """The way to the gradebooks of all platforms, for a command that reads them at once."""
    return AgsSender(_services(Tool.open(settings, sessions), DatabaseClock(sessions)))


def _services(shared: Tool, now: DatabaseClock) -> Services:
    tokens = Tokens(shared.sessions, shared.outbound, shared.keyring, shared.tokens_seal, now)
    return Services(shared.sessions, shared.outbound, tokens, now)


def _file_writer(settings: Settings, sessions: SessionFactory) -> Write:
    @cache
    def writer() -> Write:
        # Imported with the first file that somebody asks for: the pages are a quarter of what a worker would hold.
        from lti_tool.app import create_file_writer

        return create_file_writer(settings, sessions)

    def written(session: Session, order: Order) -> str:
        return writer()(session, order)

    return written
