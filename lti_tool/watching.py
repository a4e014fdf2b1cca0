"""The figures by which the tool is watched, per platform: the same for `/metrics` and for `lti-tool doctor`.

Read from the database at the moment of asking, so that every process of every machine tells the same; a fixed number
of short statements, however many grades there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.grading import drift_queries
from lti_tool.grading import watch_queries as grading
from lti_tool.grading.model import DeliveryState
from lti_tool.grading.watch_queries import Jobs, Paused, Unsettled
from lti_tool.ids import PlatformId, PublicId
from lti_tool.lti import watch_queries as lti
from lti_tool.moodle import watch_queries as moodle
from lti_tool.people import errand_queries

NOTHING = timedelta(0)
LATE = timedelta(minutes=15)
"""Whoever reads a list of people or marks is done by then, after a pause of the LMS too."""


@dataclass(frozen=True, slots=True)
class PlatformFigures:
    """How one platform stands."""

    id: PlatformId
    platform: PublicId
    issuer: str
    unsettled: tuple[Unsettled, ...]
    pause: Paused | None
    columns_not_ready: int
    jobs: Jobs
    rosters_failing: int
    pulls_failing: int
    errands_late: int
    """Readings that have been open for longer than they may take."""
    tries: Mapping[str, int]
    """How many tries came to each answer, since ever."""
    differing: int = 0
    """How many grades differ in the LMS and wait for a decision."""
    columns_unread: int = 0
    """How many columns could not be read back the last time."""

    def deliveries(self, state: DeliveryState) -> int:
        """How many deliveries are in this state. Those that have arrived are not counted here."""
        return sum(each.count for each in self.unsettled if each.state == state)

    @property
    def due_now(self) -> int:
        """How many deliveries a free worker would try now, if the platform is not paused."""
        return sum(each.due for each in self.unsettled)

    def oldest_wait(self, now: datetime) -> timedelta:
        """How long the oldest delivery in state due has waited, the time between its tries included; 0 without any."""
        wished = [each.oldest for each in self.unsettled if each.state == DeliveryState.DUE]
        return max(now - min(wished), NOTHING) if wished else NOTHING


def figures(session: Session, now: datetime) -> tuple[PlatformFigures, ...]:
    """How all platforms stand, in the order of their making."""
    unsettled, pauses = grading.unsettled(session, now), grading.pauses(session)
    columns, jobs = grading.columns_not_ready(session), grading.jobs(session)
    tries = grading.tries(session)
    differing = drift_queries.open_by_platform(session)
    unread = drift_queries.unreadable_by_platform(session)
    rosters, pulls = lti.rosters_failing(session), moodle.pulls_failing(session)
    late = errand_queries.waiting(session, now - LATE)
    return tuple(
        PlatformFigures(
            id=each.id,
            platform=each.public_id,
            issuer=each.issuer,
            unsettled=unsettled.get(each.id, ()),
            pause=pauses.get(each.id),
            columns_not_ready=columns.get(each.id, 0),
            jobs=jobs.get(each.id, Jobs()),
            rosters_failing=rosters.get(each.id, 0),
            pulls_failing=pulls.get(each.id, 0),
            differing=differing.get(each.id, 0),
            columns_unread=unread.get(each.id, 0),
            errands_late=late.get(each.id, 0),
            tries=tries.get(each.id, {}),
        )
        for each in lti.platform_names(session)
    )
