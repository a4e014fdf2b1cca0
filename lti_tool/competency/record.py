"""The person's record: what all courses of a platform together say, so that a second course never lowers anyone.

Joining records takes the better of each pair, so it may be done in any order, and twice (rules, section 7).
"""

from __future__ import annotations

from collections.abc import Iterable

from lti_tool.competency.model import IndicatorState
from lti_tool.competency.standing import IndicatorResult, PersonRecord, Results
from lti_tool.ids import CompetencyId, IndicatorId

NOTHING_ELSEWHERE = PersonRecord()

RANK = {
    IndicatorState.ATTAINED: 4,
    IndicatorState.IN_PROGRESS: 3,
    IndicatorState.NOT_ATTAINED: 2,
    IndicatorState.NO_EVIDENCE: 1,
    IndicatorState.NOT_MAPPED: 0,
}
"""The state that a record takes is the highest that any course gives."""


def record_of(
    courses: Iterable[Results],
    *,
    mapped: Iterable[IndicatorId] = (),
    certified: Iterable[tuple[CompetencyId, int]] = (),
) -> PersonRecord:
    """The record over courses, each given by its results (`CourseStanding.results`, or as stored).

    `mapped` names indicators that any of the courses maps, where a course may not have been computed for the
    person yet; `certified` the certified levels that have not expired.
    """
    ungraded = dict.fromkeys(mapped, IndicatorResult(IndicatorState.NO_EVIDENCE, None))
    certificates = PersonRecord({}, frozenset(certified))
    return merged([certificates, PersonRecord(ungraded), *(PersonRecord(course) for course in courses)])


def merged(records: Iterable[PersonRecord]) -> PersonRecord:
    """The better of each: per indicator the best state and, apart from it, the best value; all certified levels."""
    results: Results = {}
    certified: frozenset[tuple[CompetencyId, int]] = frozenset()
    for record in records:
        certified |= record.certified
        for indicator, result in record.results.items():
            held = results.get(indicator)
            results[indicator] = better(held, result) if held else result
    return PersonRecord({i: r for i, r in results.items() if r.state is not IndicatorState.NOT_MAPPED}, certified)


def better(one: IndicatorResult, other: IndicatorResult) -> IndicatorResult:
    """The first state in the order attained, in progress, not attained, no evidence; the best value of the two.

    Where both give that state, a judgement behind either is kept: it can only raise what counts for progress.
    """
    first = max(RANK[one.state], RANK[other.state])
    best = [each for each in (one, other) if RANK[each.state] == first]
    values = [each.value for each in (one, other) if each.value is not None]
    return IndicatorResult(best[0].state, max(values, default=None), any(each.by_judgement for each in best))
