"""What a participant has to do in a course, what came back, and what is new since they last looked.

Reading changes nothing. `note_look` is called by the page once it is made, in a short transaction of its own that may
be left out: see there why a page may do that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.competency import ledger_store, profile
from lti_tool.competency.framework import Framework
from lti_tool.competency.model import Evidence, current
from lti_tool.ids import ActivityId, CompetencyId, CourseId, PersonId
from lti_tool.tasks import look_store, my_queries
from lti_tool.tasks.look import Levels, Look, changed_levels, is_to_be_noted, next_look
from lti_tool.tasks.model import Assessment
from lti_tool.tasks.my_queries import Attempt, CourseWork, Judged


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A competency whose level became another."""

    competency: CompetencyId
    was: int | None
    now: int


@dataclass(frozen=True, slots=True)
class MyWork:
    """All of it, as values."""

    framework: Framework
    work: tuple[CourseWork, ...]
    attempts: Mapping[ActivityId, Attempt]
    assessments: Mapping[ActivityId, Assessment]
    self_assessments: Mapping[ActivityId, tuple[bool, tuple[datetime, ...]]]
    marks: Mapping[ActivityId, Evidence]
    """The newest mark of each activity: of the whole of it, else of an indicator; taken back: an entry without one."""
    told_at: Mapping[ActivityId, datetime]
    """When the last of its marks that stand arrived."""
    look: Look
    """The look that is being taken; what came after its `since` is new."""
    is_first: bool
    """Whether they have never looked before."""
    levels: tuple[LevelChange, ...]
    """Levels that have changed since, in the order of the framework."""
    judged: tuple[Judged, ...]
    """What trainers judged since."""

    def is_new(self, at: datetime | None) -> bool:
        """Whether something that happened then has not been seen."""
        return at is not None and at > self.look.since


def my_work(session: Session, course_id: CourseId, person_id: PersonId, now: datetime) -> MyWork:
    """What somebody has to do and what is new to them; as many queries for much as for little."""
    standing = profile.profile_of(session, course_id, person_id, now)
    known = {each.competency: each.established for each in standing.standings.values()}
    levels = _levels(standing.framework, known)
    previous = look_store.last_look(session, course_id, person_id)
    look = next_look(previous, levels, now)
    entries = ledger_store.ledger(session, course_id, [person_id]).get(person_id, [])
    return MyWork(
        framework=standing.framework,
        work=my_queries.work_of(session, course_id),
        attempts=my_queries.newest_attempts(session, course_id, person_id),
        assessments=my_queries.assessments_of(session, course_id, person_id),
        self_assessments=my_queries.self_assessments_of(session, course_id, person_id),
        marks=_newest(entries, lambda each: (each.indicator is None, each.recorded_at, each.id)),
        told_at={each: it.recorded_at for each, it in _newest(entries, lambda each: each.recorded_at).items()},
        look=look,
        is_first=previous is None,
        levels=_changes(standing.framework, look),
        judged=my_queries.judged_since(session, course_id, person_id, look.since),
    )


def note_look(session: Session, course_id: CourseId, person_id: PersonId, taken: Look) -> None:
    """Keeps that somebody has looked.

    That a page which is only read leaves this behind is safe, though a browser may fetch it ahead or twice: what is new
    stays new for the half hour of a visit (`look.py`), so whoever then reads it still finds it marked.
    """
    if is_to_be_noted(look_store.last_look(session, course_id, person_id), taken.at):
        look_store.put_look(session, course_id, person_id, taken)


def _name(framework: Framework, code: str) -> str:
    return f"{code} ({framework.version})"


def _levels(framework: Framework, established: Mapping[CompetencyId, int | None]) -> Levels:
    return {_name(framework, each.code): established.get(each.id) for each in framework.competencies}


def _changes(framework: Framework, look: Look) -> tuple[LevelChange, ...]:
    changed = changed_levels(look)
    named = ((each, changed.get(_name(framework, each.code))) for each in framework.competencies)
    return tuple(LevelChange(each.id, *change) for each, change in named if change is not None)


def _newest(entries: Iterable[Evidence], key: Callable[[Evidence], Any]) -> Mapping[ActivityId, Evidence]:
    return {each.activity: each for each in sorted(current(entries).values(), key=key)}
