"""What the worker does now and then beside sending grades: rosters, keys, what time alone changes, old sessions."""

from __future__ import annotations

import secrets
import time
from datetime import datetime, timedelta

import structlog

from lti_tool.accounts import account_sessions
from lti_tool.competency.passing_time import overtaken
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.fetching import Fetching
from lti_tool.grading import comparing, gradebook, impacts, jobs
from lti_tool.grading.comparing import Compared
from lti_tool.grading.model import ScoreSender
from lti_tool.lti import oidc, platform_keys
from lti_tool.lti.nrps import RosterReader
from lti_tool.outbound import Outbound
from lti_tool.people.sessions import end_idle
from lti_tool.privacy import erasing, retention
from lti_tool.reports.making import Making
from lti_tool.reports.rollup import Rollups
from lti_tool.sealing import Seal
from lti_tool.tasks import clearing
from lti_tool.tasks.shelf import Shelf
from lti_tool.worker import Step

COURSES_EVERY = timedelta(seconds=1)
EXPORTS_EVERY = timedelta(seconds=1)
ERRANDS_EVERY = timedelta(seconds=1)
ROSTERS_EVERY = timedelta(seconds=5)
MARKS_EVERY = timedelta(seconds=2)
IMPACTS_EVERY = timedelta(seconds=1)
COMPARISONS_EVERY = timedelta(seconds=2)
ROLLUPS_EVERY = timedelta(seconds=2)
SESSIONS_EVERY = timedelta(minutes=10)
FILES_EVERY = timedelta(hours=6)
ERASED_EVERY = timedelta(minutes=1)
RETENTION_EVERY = timedelta(hours=1)
KEYS_EVERY = timedelta(hours=1)
TIME_EVERY = timedelta(hours=1)
CLEARING = "clearing"
"""Lane of what deletes much at a time: nobody waits for it."""
ASKED, OF_PLATFORMS, OF_MOODLE, OF_GRADEBOOKS = "asked", "platforms", "native_marks", "gradebooks"
"""Lanes of what a slow platform may hold up.

What people wait for, rosters and keys by LTI, marks by Moodle's web service, comparisons.
"""
OF_FIGURES = "figures"
"""Lane of counting, which nobody's grade waits for."""
OF_VERSIONS = "versions"
"""A lane of its own for all courses of an institute at once: nobody else waits behind them."""
OF_FILES = "files"
"""The lane of files that people wait for."""
COMPARING_SECONDS = 20.0
LOOK_BACK = timedelta(days=30)
"""How long no worker may have run without standings staying as they were before."""

log = structlog.get_logger()


def steps(
    reader: RosterReader,
    sender: ScoreSender,
    outbound: Outbound,
    shelf: Shelf,
    idle: timedelta,
    seal: Seal | None = None,
    making: Making | None = None,
) -> tuple[Step, ...]:
    """The worker's steps. `idle`: after how long a session without a click is over; `seal` opens Moodle's tokens."""
    fetching = Fetching(reader, outbound, seal)
    drawer = making.drawer if making else None

    def deleting(sessions: SessionFactory, now: datetime) -> None:
        """What admins let go after a period."""
        retention.apply(sessions, shelf, drawer, now)

    files = (Step("exports", EXPORTS_EVERY, making, OF_FILES, making.stop),) if making else ()
    return (
        *files,
        Step("courses", COURSES_EVERY, _compute_courses),
        Step("platform_keys", KEYS_EVERY, lambda sessions, now: _refresh_keys(sessions, outbound, now), OF_PLATFORMS),
        Step("errands", ERRANDS_EVERY, fetching.asked, ASKED, fetching.stop),
        Step("rosters", ROSTERS_EVERY, fetching.rosters, OF_PLATFORMS),
        Step("native_marks", MARKS_EVERY, fetching.marks, OF_MOODLE),
        Step("impacts", IMPACTS_EVERY, impacts.advance, OF_VERSIONS),
        Step("comparisons", COMPARISONS_EVERY, Comparing(sender), OF_GRADEBOOKS),
        Step("rollups", ROLLUPS_EVERY, Rollups(), OF_FIGURES),
        Step("time", TIME_EVERY, TimeFollower()),
        Step("files", FILES_EVERY, lambda sessions, now: _clear_files(sessions, shelf, now)),
        Step("erased", ERASED_EVERY, lambda sessions, now: _sweep_erased(sessions, shelf, now), CLEARING),
        Step("retention", RETENTION_EVERY, deleting, CLEARING),
        Step("sessions", SESSIONS_EVERY, lambda sessions, now: _end_sessions(sessions, idle, now)),
    )


def _compute_courses(sessions: SessionFactory, now: datetime) -> None:
    computed = jobs.advance(sessions, now)
    if computed:
        log.info("courses_computed", persons=computed)


class Comparing:
    """Compares what somebody asked for, and by night one column a turn: a sample that costs the LMS next to nothing."""

    def __init__(self, sender: ScoreSender) -> None:
        self._sender = sender
        self._lane = f"comparing-{secrets.token_hex(8)}"

    def __call__(self, sessions: SessionFactory, now: datetime) -> None:
        """A turn ends when nothing is asked for, or after a while."""
        began = time.monotonic()
        by_night = comparing.is_night(now)
        while (passed := time.monotonic() - began) < COMPARING_SECONDS:
            moment = now + timedelta(seconds=passed)
            done = comparing.compare_next(sessions, self._sender, self._lane, moment, by_night=by_night)
            if done is None:
                return
            _tell_compared(done)
            by_night = False


def _tell_compared(done: Compared) -> None:
    facts = {"line_item_id": done.line_item_id}
    if done.pause_begins:
        log.error("platform_paused", platform_id=done.platform_id, reason=done.fault)
    elif done.fault is not None:
        log.warning("column_not_compared", reason=done.fault, **facts)
    else:
        log.info("column_compared", grades=done.grades, found=done.found, ended=done.ended, **facts)


class TimeFollower:
    """Has computed anew what time alone has changed since it last looked; to do so twice does no harm."""

    def __init__(self) -> None:
        self._reached: datetime | None = None

    def __call__(self, sessions: SessionFactory, now: datetime) -> None:
        """One course, one transaction; where one fails, the next call begins at the same moment again."""
        with unit_of_work(sessions, writes=False) as session:
            found = overtaken(session, self._reached or now - LOOK_BACK, now)
        for each in found:
            with unit_of_work(sessions) as session:
                changed = gradebook.follow_time(session, each, now=now).scores_changed
            log.info("time_followed", course_id=each.course_id, scores_changed=changed)
        self._reached = now


def _end_sessions(sessions: SessionFactory, idle: timedelta, now: datetime) -> None:
    with unit_of_work(sessions) as session:
        end_idle(session, idle, now)
        account_sessions.end_idle(session, idle, now)
        oidc.forget_expired(session, now)


def _refresh_keys(sessions: SessionFactory, outbound: Outbound, now: datetime) -> None:
    """So that a launch finds fresh keys and waits for nobody."""
    platform_keys.refresh(sessions, outbound, now)


def _clear_files(sessions: SessionFactory, shelf: Shelf, now: datetime) -> None:
    removed = clearing.clear(sessions, shelf, now)
    if removed:
        log.info("files_cleared", files=removed)


def _sweep_erased(sessions: SessionFactory, shelf: Shelf, now: datetime) -> None:
    """What a roster or file brought while somebody was being erased."""
    erasing.sweep(sessions, shelf, now)
