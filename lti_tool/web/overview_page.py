"""The institute as a whole: where its people stand, or what the courses of a period have brought about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency.framework import Competency, Indicator
from lti_tool.ids import PlatformId
from lti_tool.reports import queries
from lti_tool.reports.periods import Period
from lti_tool.reports.tally import Tally, total
from lti_tool.web import statistics_view, version_choice
from lti_tool.web.dates import moment
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import EmptyState
from lti_tool.web.paging import count
from lti_tool.web.statistics_view import Statistics, Ways
from lti_tool.web.version_choice import LookedBy


@dataclass(frozen=True, slots=True)
class Choice:
    """What of the institute is looked at."""

    period: Period
    people: bool
    """Everybody once, as they stand today; else everybody in each course of the period."""
    version: str = ""
    """Of the requirements, by its public id; empty: the newest."""

    @staticmethod
    def read(asked: Mapping[str, str]) -> Choice:
        """As it stands in an address: a period is one of courses, so it counts participations."""
        period = Period.read(asked.get("from", ""), asked.get("to", ""))
        people = period.is_open and asked.get("count") != "participations"
        return Choice(period, people=people, version=asked.get("version", "")[:40])

    @property
    def query(self) -> dict[str, Any]:
        """What addresses of pages behind this one carry on."""
        ends = {"from": self.period.begin, "to": self.period.end}
        told = {name: str(month) for name, month in ends.items() if month is not None}
        if self.version:
            told["version"] = self.version
        return told if self.people else {**told, "count": "participations"}


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """The whole page."""

    choice: Choice
    looked_by: LookedBy
    figures: tuple[tuple[str, str], ...]
    """Label and number."""
    as_of: str
    statistics: Statistics | None
    small: bool
    """So few people are counted that nothing is said of them."""
    empty: EmptyState | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted of the institute."""

    looked_by: LookedBy
    shown: Tally
    """Of people or of participations, as it was chosen."""
    people: int | None
    """How many people there are; None where they are not counted, or a period is looked at."""
    courses: int
    participations: int
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class Counted:
    """Whom the figures of levels count."""

    tally: Tally
    as_of: datetime


def figures(session: Session, platform_id: PlatformId, choice: Choice) -> Figures:
    """The figures of a platform; what is read does not grow with people or courses."""
    looked_by = version_choice.read(session, platform_id, {"version": choice.version})
    gathered = queries.months(session, platform_id, looked_by.id, choice.period)
    tally = total(each.tally for each in gathered.values())
    everyone = queries.people(session, platform_id)
    moments = [each.as_of for each in gathered.values() if each.as_of is not None]
    return Figures(
        looked_by=looked_by,
        shown=_of_people(everyone.tally, tally) if choice.people and everyone else tally,
        people=everyone.tally.people if everyone and choice.period.is_open else None,
        courses=sum(each.courses for each in gathered.values()),
        participations=tally.people,
        as_of=min(moments, default=None),
    )


def counted(session: Session, platform_id: PlatformId, looked_by: LookedBy, choice: Choice) -> Counted | None:
    """Where people, or participations of a period, stood when they were last counted; None: they have not been yet."""
    if choice.people and (everyone := queries.people(session, platform_id)) is not None:
        return Counted(everyone.tally, everyone.as_of)
    gathered = queries.months(session, platform_id, looked_by.id, choice.period).values()
    moments = [each.as_of for each in gathered if each.as_of is not None]
    return Counted(total(each.tally for each in gathered), min(moments)) if moments else None


def build(session: Session, platform_id: PlatformId, asked: Mapping[str, str]) -> OverviewPage:
    """The page of a platform."""
    choice = Choice.read(asked)
    found = figures(session, platform_id, choice)
    looked_by, shown = found.looked_by, found.shown
    if not looked_by.versions:
        return OverviewPage(choice, looked_by, (), "", None, small=False, empty=_nothing())
    known = shown.people > 0 and not shown.is_small
    return OverviewPage(
        choice=choice,
        looked_by=looked_by,
        figures=(
            *(((_("People"), count(found.people)),) if found.people is not None else ()),
            (_("Courses"), count(found.courses)),
            (_("Participations"), count(found.participations)),
        ),
        as_of=_("As of %(time)s.", time=moment(found.as_of)) if found.as_of else "",
        statistics=statistics_view.statistics(looked_by.framework, shown, _ways(choice)) if known else None,
        small=shown.is_small,
        empty=None if shown.people else _nothing_then(),
    )


def _of_people(people: Tally, participations: Tally) -> Tally:
    """Levels of people; indicators and growth are known by course only."""
    return replace(people, indicators=participations.indicators, growth=participations.growth)


def _ways(choice: Choice) -> Ways:
    def cell(competency: Competency, level: int | None) -> str:
        at = "none" if level is None else str(level)
        return url_for("institute.rows", code=competency.code, level=at, **choice.query)

    def indicator(each: Indicator) -> str:
        return url_for("institute.one_indicator", indicator=each.code, **{**choice.query, "count": None})

    return Ways(cell, indicator)


def _nothing() -> EmptyState:
    return EmptyState(
        title=_("Nothing has been counted yet"),
        why=_("Figures appear some seconds after somebody has launched the tool from a course."),
    )


def _nothing_then() -> EmptyState:
    return EmptyState(
        title=_("No course begins in this period"),
        why=_("A course belongs to the month in which it begins."),
    )
