"""Moving a course to another version of the requirements, and back; and what that would do to whom.

Looking and moving take the same way: the mapping is led over the crosswalk, and the same pure rules say where everybody
stands then. A course that is closed, or was, stays: its certified levels speak of its version. What was before is kept,
so that moving back brings it back as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from lti_tool.competency import bridge, closing, moving_store, recompute, rubric, store, version_store
from lti_tool.competency.bridge import Bridge
from lti_tool.competency.framework import Framework
from lti_tool.competency.group_queries import group_standings
from lti_tool.competency.kept import Kept, led_over
from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.model import Mapping
from lti_tool.competency.moving_store import Move, MovedCourse
from lti_tool.competency.pairing import Pair, pairs_of
from lti_tool.competency.recompute import CourseScope
from lti_tool.competency.standing import CompetencyStanding
from lti_tool.competency.version_store import StoredCrosswalk
from lti_tool.errors import Conflict, RuleBroken
from lti_tool.ids import CompetencyId, CourseId, FrameworkVersionId, IndicatorId, PersonId, PlatformId
from lti_tool.people import courses, roster


@dataclass(frozen=True, slots=True)
class MovedLevel:
    """One person whose established level in one competency would be another."""

    person: PersonId
    code: str
    """Of the competency as it is called afterwards; of a removed one as it was called."""
    before: int | None
    """None: not established."""
    after: int | None

    @property
    def is_loss(self) -> bool:
        """Whether it falls, or is established no longer."""
        return self.before is not None and (self.after is None or self.after < self.before)


@dataclass(frozen=True, slots=True)
class Look:
    """What moving a course would do at this moment."""

    course_id: CourseId
    old: Framework
    new: Framework
    back: bool
    """It was moved from there, and would be as it was before that."""
    persons: int
    """How many participants were looked at."""
    changes: tuple[MovedLevel, ...]
    """By person and competency; who is not in it keeps all levels."""
    gained: tuple[Pair, ...]
    """Competencies of which the course would assess a level, and does not now."""
    lost: tuple[Pair, ...]
    """Competencies of which it would not assess any level any more: their grades are withdrawn, their columns stay."""
    cells: int
    """How many cells the mapping would have."""
    adrift: tuple[str, ...]
    """Codes of indicators that are mapped now and whose cells lead nowhere."""
    edited: int
    """Of a move back: how many cells were changed since the move, and would be as before."""

    @property
    def losing(self) -> frozenset[PersonId]:
        """Who has a level that falls."""
        return frozenset(each.person for each in self.changes if each.is_loss)

    @property
    def gaining(self) -> frozenset[PersonId]:
        """Who has a level that rises, and none that falls."""
        return frozenset(each.person for each in self.changes) - self.losing

    @property
    def fingerprint(self) -> str:
        """What somebody saw who agrees to it."""
        told = (self.old.id, self.new.id, self.cells, self.adrift, self.edited)
        levels = [(each.person, each.code, each.before, each.after) for each in self.changes]
        return hashlib.sha256(repr((told, levels)).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class _Way:
    """How a course would get from one version to the other."""

    scope: CourseScope
    """As it is."""
    new: Framework
    crosswalk: StoredCrosswalk
    undoes: Move | None
    ahead: Bridge
    wanted: Kept

    @property
    def cells(self) -> tuple[Mapping, ...]:
        """The mapping as it would be."""
        return tuple(each.mapping for each in self.wanted.cells)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The competencies, as they stand and as they would be called."""
        here = self.scope.rules.framework
        if self.crosswalk.old == here.id:
            return pairs_of(self.crosswalk.lines, here, self.new)
        turned = pairs_of(self.crosswalk.lines, self.new, here)
        return tuple(Pair(each.new, each.old) for each in turned)


def look(session: Session, course_id: CourseId, to: FrameworkVersionId, now: datetime) -> Look:
    """What moving would do; stores nothing.

    Raises RuleBroken: `course_closed`, `course_has_certified`, `version_is_here`, `crosswalk_missing` (where none is
    confirmed between the two versions, and the course was not moved from there).
    """
    way = _way(session, course_id, to, now)
    here = way.scope
    rules = replace(here.rules, framework=way.new)
    wanted = recompute.scope_with(session, course_id, rules, way.cells)
    persons = roster.participant_ids(session, course_id, now)
    held, pairs = group_standings(session, course_id), way.pairs
    before, after = _targets(here), _targets(wanted)
    changes = [
        change
        for portion in recompute.portions_of(persons)
        for person, standing in recompute.standings_now(session, wanted, portion, now).items()
        for change in _changes(person, pairs, after, held.get(person, {}), standing.competencies)
    ]
    now_mapped = {each.indicator for each in mapping_of(session, course_id)}
    return Look(
        course_id=course_id,
        old=here.rules.framework,
        new=way.new,
        back=way.undoes is not None,
        persons=len(persons),
        changes=tuple(changes),
        gained=tuple(each for each in pairs if _id(each.new) in after and _id(each.old) not in before),
        lost=tuple(each for each in pairs if _id(each.old) in before and _id(each.new) not in after),
        cells=len(way.cells),
        adrift=_adrift(way, now_mapped),
        edited=_edited(session, way, here.rules.rule_set.pass_mark),
    )


def moved_to(session: Session, platform_id: PlatformId, version: FrameworkVersionId) -> tuple[MovedCourse, ...]:
    """The courses of a platform that were moved to a version last and stand there, the newest move first; some."""
    return moving_store.moved_to(session, platform_id, version)


def _way(session: Session, course_id: CourseId, to: FrameworkVersionId, now: datetime) -> _Way:
    closing.check_open(session, course_id)
    if moving_store.has_certified(session, course_id):
        raise RuleBroken("course_has_certified")
    scope = recompute.scope_of(session, course_id, now)
    here, new = scope.rules.framework, store.load_framework(session, to)
    if here.id == to:
        raise RuleBroken("version_is_here", version=new.version)
    kept = moving_store.kept_now(session, course_id)
    moves = moving_store.moves_of(session, course_id)
    if moves and (moves[-1].old, moves[-1].new) == (to, here.id):
        found = _crosswalk(session, course_id, to, here.id)
        ahead = bridge.backward(found.lines, new, here)
        return _Way(scope, new, found, moves[-1], ahead, moves[-1].kept)
    found = _crosswalk(session, course_id, here.id, to)
    ahead = bridge.forward(found.lines, here, new)
    return _Way(scope, new, found, None, ahead, led_over(ahead, kept, scope.rules.rule_set.pass_mark))


def _crosswalk(
    session: Session, course_id: CourseId, old: FrameworkVersionId, new: FrameworkVersionId
) -> StoredCrosswalk:
    platform_id = courses.get_course(session, course_id).platform_id
    found = version_store.crosswalk_of(session, platform_id, old, new)
    if found is None:
        raise RuleBroken("crosswalk_missing")
    return found


def _changes(
    person: PersonId,
    pairs: Iterable[Pair],
    targeted: set[CompetencyId],
    held: dict[CompetencyId, CompetencyStanding],
    wanted: dict[CompetencyId, CompetencyStanding],
) -> Iterable[MovedLevel]:
    for pair in pairs:
        before = held[pair.old.id].established if pair.old and pair.old.id in held else None
        after = wanted[pair.new.id].established if pair.new and pair.new.id in targeted else None
        if before != after:
            yield MovedLevel(person, pair.code, before, after)


def _targets(scope: CourseScope) -> set[CompetencyId]:
    return {plan.shape.id for plan in scope.targeted}


def _id(competency: object) -> CompetencyId | None:
    found: CompetencyId | None = getattr(competency, "id", None)
    return found


def _adrift(way: _Way, mapped: Iterable[IndicatorId]) -> tuple[str, ...]:
    here = way.scope.rules.framework
    led = {each for ways in way.ahead.ways.values() for one in ways for each in one}
    places = {each.id: at for at, each in enumerate(here.indicators)}
    ordered = sorted((each for each in mapped if each not in led), key=places.__getitem__)
    return tuple(here.indicator_by_id(each).code for each in ordered)


def _edited(session: Session, way: _Way, pass_mark: Fraction) -> int:
    """How many cells differ from what the move made of them."""
    if way.undoes is None:
        return 0
    old, here = way.new, way.scope.rules.framework
    made = led_over(bridge.forward(way.crosswalk.lines, old, here), way.undoes.kept, pass_mark)
    cells = {each.mapping for each in made.cells}
    return len(cells ^ set(mapping_of(session, way.scope.course_id)))


# --- Moving ---------------------------------------------------------------------------------------------------------


def move(
    session: Session, course_id: CourseId, to: FrameworkVersionId, seen: str, *, by: PersonId | None, now: datetime
) -> None:
    """The course goes by this version from now on; everybody's standings are for the caller to compute anew.

    `seen` is the fingerprint of what was looked at. Raises as `look` does, and Conflict("impact_changed_meanwhile");
    then nothing is stored.
    """
    if look(session, course_id, to, now).fingerprint != seen:
        raise Conflict("impact_changed_meanwhile")
    way = _way(session, course_id, to, now)
    kept = moving_store.kept_now(session, course_id)
    moving_store.pin(session, course_id, to, by, now)
    moving_store.put_back(session, course_id, way.wanted)
    rubric.lead_over(session, course_id, way.ahead)
    if way.undoes is not None:
        moving_store.undo_move(session, way.undoes.id, by, now)
    else:
        versions = (way.scope.rules.framework.id, to)
        moving_store.add_move(session, course_id, way.crosswalk.id, versions, kept, by, now)
