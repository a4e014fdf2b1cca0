"""Joins what courses on other versions of the requirements say, by the crosswalks that stand (`bridge`, pure).

Where nothing of another version is met, nothing is asked of the database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from lti_tool.competency import bridge, decision_queries, ledger_store, moving_store, store, version_store
from lti_tool.competency.bridge import Bridge
from lti_tool.competency.decision_queries import JudgementEntry
from lti_tool.competency.framework import Framework
from lti_tool.competency.model import Evidence, FrameworkShape, Judgement
from lti_tool.competency.standing import Results
from lti_tool.competency.version_store import StoredCrosswalk
from lti_tool.ids import ActivityId, CompetencyId, CourseId, FrameworkVersionId, IndicatorId, PersonId, PlatformId
from lti_tool.people import courses

_Said = TypeVar("_Said", Evidence, Judgement)
_Who = TypeVar("_Who", bound=int)


@dataclass(frozen=True, slots=True)
class Crossing:
    """All ways to one version from those that crosswalks lead from."""

    bridge: Bridge
    others: tuple[FrameworkShape, ...]


_built: WeakKeyDictionary[Engine, dict[tuple[str, ...], Crossing]] = WeakKeyDictionary()
"""By database, version and crosswalks: a confirmed crosswalk never changes, so nothing here gets old."""


def crossing_to(session: Session, platform_id: PlatformId, version: Framework) -> Crossing:
    """The ways to a version, by the crosswalks that this platform goes by; over several of them where need be."""
    known = version_store.crosswalks(session, platform_id)
    key = (str(version.id), *sorted(each.public_id for each in known))
    held = _built.setdefault(session.get_bind().engine, {})
    if key not in held:
        held[key] = _crossing(session, version, known)
    return held[key]


def _crossing(session: Session, version: Framework, known: Iterable[StoredCrosswalk]) -> Crossing:
    known = tuple(known)
    found: dict[FrameworkVersionId, Bridge | None] = {version.id: None}
    reached = [version.id]
    for here in reached:
        for there, step in _steps(session, here, known):
            if there not in found:
                on = found[here]
                found[there] = step if on is None else bridge.joined(step, on)
                reached.append(there)
    others = [each for each in reached if each != version.id]
    bridges = (each for each in found.values() if each is not None)
    return Crossing(bridge.beside(bridges), tuple(store.load_framework(session, each).shape() for each in others))


def _steps(
    session: Session, here: FrameworkVersionId, known: Iterable[StoredCrosswalk]
) -> Iterable[tuple[FrameworkVersionId, Bridge]]:
    """The versions from which one crosswalk leads here, and how."""
    for each in known:
        if here in {each.old, each.new}:
            old, new = store.load_framework(session, each.old), store.load_framework(session, each.new)
            if each.new == here:
                yield each.old, bridge.forward(each.lines, old, new)
            else:
                yield each.new, bridge.backward(each.lines, old, new)


# --- One course -----------------------------------------------------------------------------------------------------


def ledger(
    session: Session, course_id: CourseId, version: Framework, person_ids: Collection[PersonId]
) -> Mapping[int, list[Evidence]]:
    """These persons' ledgers in a course as they count under a version."""
    return evidence(session, course_id, version, ledger_store.ledger(session, course_id, person_ids))


def evidence(
    session: Session, course_id: CourseId, version: Framework, said: Mapping[_Who, list[Evidence]]
) -> Mapping[_Who, list[Evidence]]:
    """Entries of a course's ledger, by person, as they count under a version."""
    foreign = _with_foreign(said, version)
    if not foreign:
        return said
    ways = crossing_to(session, _platform(session, course_id), version).bridge
    asked = _asked(session, course_id)
    return {**said, **{person: bridge.evidence_over(ways, said[person], asked) for person in foreign}}


def answers(
    session: Session, course_id: CourseId, version: Framework, said: Sequence[tuple[IndicatorId, int, datetime]]
) -> Sequence[tuple[IndicatorId, int, datetime]]:
    """What a person has said of themselves, (indicator, step, when) from the oldest on, as it speaks of a version.

    Of several indicators that say something together the lowest step; what was said of the version itself goes before.
    """
    if all(indicator in version.indicator_ids for indicator, _step, _at in said):
        return said
    ways = crossing_to(session, _platform(session, course_id), version).bridge
    by_time: dict[datetime, dict[IndicatorId, int]] = {}
    for indicator, step, at in said:
        by_time.setdefault(at, {})[indicator] = step
    found = ((at, {**ways.over(steps, min, max), **steps}) for at, steps in by_time.items())
    return [(indicator, step, at) for at, steps in found for indicator, step in steps.items()]


def _asked(session: Session, course_id: CourseId) -> Mapping[ActivityId, Collection[IndicatorId]]:
    """What each activity was mapped to before any move."""
    found: dict[ActivityId, set[IndicatorId]] = {}
    for kept in moving_store.kept_of(session, course_id):
        for cell in kept.cells:
            found.setdefault(cell.mapping.activity, set()).add(cell.mapping.indicator)
    return found


def judgements(
    session: Session, course_id: CourseId, version: Framework, person_ids: Collection[PersonId]
) -> Mapping[int, list[Judgement]]:
    """What trainers judged of these persons in a course as it counts under a version."""
    found = ledger_store.judgements(session, course_id, person_ids)
    foreign = _with_foreign(found, version)
    if foreign:
        ways = crossing_to(session, _platform(session, course_id), version).bridge
        found |= {person: bridge.judgements_over(ways, found[person]) for person in foreign}
    return found


def judgements_on(
    session: Session, course_id: CourseId, version: Framework, person_id: PersonId
) -> dict[IndicatorId, tuple[JudgementEntry, ...]]:
    """Every judgement on one person in a course, by indicator of a version, the newest first.

    With those on indicators of other versions that say one of this one's alone.
    """
    found = decision_queries.judgements_on(session, course_id, person_id)
    if version.indicator_ids.issuperset(found):
        return found
    ways = crossing_to(session, _platform(session, course_id), version).bridge.ways
    for indicator, each in ways.items():
        alone = [entry for way in each if len(way) == 1 for entry in found.get(way[0], ())]
        listed = [*found.get(indicator, ()), *(_about(entry, indicator) for entry in alone)]
        if alone:
            listed.sort(key=lambda entry: (entry.judgement.judged_at, entry.judgement.id), reverse=True)
            found[indicator] = tuple(listed)
    return found


def _about(entry: JudgementEntry, indicator: IndicatorId) -> JudgementEntry:
    return replace(entry, judgement=replace(entry.judgement, indicator=indicator))


def _with_foreign(said: Mapping[_Who, list[_Said]], version: Framework) -> list[_Who]:
    own = version.indicator_ids | {None}
    return [person for person, entries in said.items() if any(each.indicator not in own for each in entries)]


def _platform(session: Session, course_id: CourseId) -> PlatformId:
    return courses.get_course(session, course_id).platform_id


# --- The record -----------------------------------------------------------------------------------------------------


def results(
    session: Session, course_id: CourseId, version: Framework, by_person: Mapping[int, Mapping[int, Results]]
) -> Mapping[int, Mapping[int, Results]]:
    """What other courses say of persons (person → course → results), as it counts under the version of this one."""
    own = version.indicator_ids
    foreign = any(not own.issuperset(each) for said in by_person.values() for each in said.values())
    if not foreign:
        return by_person
    ways = crossing_to(session, _platform(session, course_id), version).bridge
    return {
        person: {
            course: each if own.issuperset(each) else bridge.results_over(ways, each) for course, each in said.items()
        }
        for person, said in by_person.items()
    }


def times(
    session: Session, course_id: CourseId, version: Framework, said: Mapping[CourseId, Mapping[IndicatorId, datetime]]
) -> Mapping[CourseId, Mapping[IndicatorId, datetime]]:
    """When courses last learned something of indicators, as it speaks of the version of this course."""
    own = version.indicator_ids
    if all(own.issuperset(each) for each in said.values()):
        return said
    ways = crossing_to(session, _platform(session, course_id), version).bridge
    return {course: {**ways.over(each, max, max), **each} for course, each in said.items()}


def certified(
    session: Session,
    course_id: CourseId,
    version: Framework,
    by_person: Mapping[int, Collection[tuple[CompetencyId, int]]],
) -> Mapping[int, Collection[tuple[CompetencyId, int]]]:
    """Certified levels of persons, with those of the version of this course that stem from them."""
    own = {each.id for each in version.competencies}
    if all(competency in own for levels in by_person.values() for competency, _level in levels):
        return by_person
    found = crossing_to(session, _platform(session, course_id), version)
    return {
        person: bridge.certified_over(found.bridge, levels, found.others, version.shape())
        for person, levels in by_person.items()
    }
