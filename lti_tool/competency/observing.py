"""Observation checklists: what trainers saw of each participant, as marks of the ledger, one a person and indicator.

A change says what its author saw in the cell; where another trainer has put something else there meanwhile, theirs
stays and the author is told. Taking changes is a use case of `grading.gradebook`, for grades follow from it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from lti_tool.competency import crossing, model, observation_queries
from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.model import Mark, ObservationStep
from lti_tool.competency.rules import version_of
from lti_tool.errors import NotFound, RuleBroken
from lti_tool.ids import CourseId, IndicatorId, PersonId
from lti_tool.people import activities, roster
from lti_tool.people.model import Activity, ActivityKind

SOURCE = "trainer"
STEPS = {Mark.observation(step).score: step for step in ObservationStep}
"""What was seen, by its score."""
Cell = tuple[PersonId, IndicatorId]


@dataclass(frozen=True, slots=True)
class Observed:
    """What stands in a cell: a score, mostly that of a step; a file may have brought any other."""

    score: Fraction
    at: datetime
    by: str | None
    """Name of who saw it, where that is known."""

    @property
    def step(self) -> ObservationStep | None:
        """The step of this score; None where it is between two."""
        return STEPS.get(self.score)


@dataclass(frozen=True, slots=True)
class ObservationChange:
    """A cell as its author saw it and as they want it; None = not yet observed."""

    person: PersonId
    indicator: IndicatorId
    seen: Fraction | None
    wanted: ObservationStep | None


@dataclass(frozen=True, slots=True)
class ObservationClash:
    """A change that was not taken, because another trainer was there first."""

    change: ObservationChange
    stands: Observed | None
    """What is in the cell now."""


def checklists_of(session: Session, course_id: CourseId) -> tuple[Activity, ...]:
    """The observation checklists of a course."""
    listed = activities.activities_of(session, course_id)
    return tuple(activity for activity in listed if activity.kind is ActivityKind.OBSERVATION)


def checklist(session: Session, course_id: CourseId, public_id: str) -> Activity:
    """The checklist with this public id. Raises NotFound for any other activity."""
    found = [each for each in checklists_of(session, course_id) if each.public_id == public_id]
    if not found:
        raise NotFound("checklist_unknown")
    return found[0]


def indicators_of(session: Session, activity: Activity) -> frozenset[IndicatorId]:
    """What is looked for in this checklist: the indicators that are mapped to it."""
    cells = mapping_of(session, activity.course_id)
    return frozenset(cell.indicator for cell in cells if cell.activity == activity.id)


def observed(session: Session, activity: Activity, persons: Collection[PersonId]) -> dict[Cell, Observed]:
    """What stands in the cells of these persons; what is not yet observed, or was taken back, is not there."""
    return _shown(*_current(session, activity, persons))


def weigh(
    session: Session, activity: Activity, changes: Iterable[ObservationChange], now: datetime
) -> tuple[tuple[NewEvidence, ...], tuple[ObservationClash, ...]]:
    """The entries that these changes are to the ledger, and those changes whose cell is no more as it was seen.

    The caller keeps others out of the course. Raises RuleBroken for somebody who does not take part, or an indicator
    that is not looked for here.
    """
    changes = tuple(changes)
    persons = {change.person for change in changes}
    strangers = persons - roster.participant_ids(session, activity.course_id, now, persons)
    unmapped = {change.indicator for change in changes} - indicators_of(session, activity)
    if strangers or unmapped:
        raise RuleBroken("cell_unknown", persons=len(strangers), indicators=len(unmapped))
    newest, names = _current(session, activity, persons)
    taken, clashes = decide(changes, _shown(newest, names))
    times = {cell: entry.worked_at for cell, entry in newest.items()}
    return tuple(_entry(activity, change, times, now) for change in taken), clashes


def decide(
    changes: Iterable[ObservationChange], stands: Mapping[Cell, Observed]
) -> tuple[tuple[ObservationChange, ...], tuple[ObservationClash, ...]]:
    """Which changes are taken, and which clash; one that changes nothing is neither."""
    taken, clashes = [], []
    for change in changes:
        held = stands.get((change.person, change.indicator))
        here = held.score if held else None
        wanted = None if change.wanted is None else Mark.observation(change.wanted).score
        if here == wanted:
            continue
        if here == change.seen:
            taken.append(change)
        else:
            clashes.append(ObservationClash(change, held))
    return tuple(taken), tuple(clashes)


def _current(
    session: Session, activity: Activity, persons: Collection[PersonId]
) -> tuple[dict[Cell, model.Evidence], dict[int, str]]:
    """The current entry of each cell, taken-back ones included; and who recorded an entry, by its id."""
    entries: dict[PersonId, list[model.Evidence]] = defaultdict(list)
    names: dict[int, str] = {}
    for person, entry, name in observation_queries.entries(session, activity.course_id, activity.id, persons):
        entries[person].append(entry)
        if name:
            names[entry.id] = name
    version = version_of(session, activity.course_id)
    counting = entries if version is None else crossing.evidence(session, activity.course_id, version, entries)
    found = {
        (person, indicator): entry
        for person, listed in counting.items()
        for (_activity, indicator), entry in model.current(listed).items()
        if indicator is not None
    }
    return found, names


def _shown(newest: Mapping[Cell, model.Evidence], names: Mapping[int, str]) -> dict[Cell, Observed]:
    return {
        cell: Observed(entry.mark.score, entry.worked_at, names.get(entry.id))
        for cell, entry in newest.items()
        if entry.mark is not None
    }


def _entry(activity: Activity, change: ObservationChange, times: Mapping[Cell, datetime], now: datetime) -> NewEvidence:
    mark = None if change.wanted is None else Mark.observation(change.wanted)
    # What a file dated into the future must not outlive what a trainer saw after it.
    worked_at = max(now, times.get((change.person, change.indicator), now))
    return NewEvidence(
        person_id=change.person,
        activity_id=activity.id,
        indicator_id=change.indicator,
        mark=mark.given if mark else None,
        mark_min=Decimal(0),
        mark_max=Decimal(1),
        source=SOURCE,
        worked_at=worked_at,
    )
