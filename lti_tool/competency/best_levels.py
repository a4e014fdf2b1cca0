"""The best level that a person has over courses, as far as it still holds (rules, section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lti_tool.ids import CompetencyId, CourseId


def best_levels(
    established: Mapping[CourseId, Mapping[CompetencyId, int | None]],
    closed: Iterable[CourseId],
    certified: Iterable[tuple[CompetencyId, int]],
) -> dict[CompetencyId, int]:
    """By competency the best of what open courses have established and of certified levels that hold.

    What a closed course has established is frozen and gets old: it counts by its certificates alone, which expire.
    That somebody has shown no level there is certified by nothing, and stands. What is nowhere established is left out.
    """
    frozen = set(closed)
    levels = [
        (competency, level)
        for course, standings in established.items()
        for competency, level in standings.items()
        if level is not None and (course not in frozen or level == 0)
    ]
    best: dict[CompetencyId, int] = {}
    for competency, level in [*levels, *certified]:
        best[competency] = max(level, best.get(competency, 0))
    return best
