"""How many people of a platform stand at which level of each competency; small groups are not told."""

from __future__ import annotations

from lti_tool.competency import level_queries, publishing
from lti_tool.competency.framework import Framework
from lti_tool.competency.level_queries import LevelCounts
from lti_tool.web.api.answers import CompetencyCounts, CompetencyStatistics, LevelCount
from lti_tool.web.api.calls import Call
from lti_tool.web.api.courses import name_of
from lti_tool.web.api.framework import asked
from lti_tool.web.api.parameters import VersionQuery

SMALLEST_GROUP = 5
"""Of fewer people every one could be recognised."""


def competencies(call: Call, query: VersionQuery) -> CompetencyStatistics:
    """People by competency and level."""
    framework = publishing.open_framework(call.session, asked(call, query))
    counted = _counts(call, framework)
    return CompetencyStatistics(
        as_of=counted.as_of,
        requirements=name_of(framework),
        smallest_group=SMALLEST_GROUP,
        competencies=[
            told(each.code, counted.counts.get(each.id, {}), len(framework.levels)) for each in framework.competencies
        ],
    )


def _counts(call: Call, framework: Framework) -> LevelCounts:
    """The one place from which the numbers come: a roll-up takes the place of this query."""
    return level_queries.level_counts(call.session, call.platform_id, framework.id)


def told(code: str, people: dict[int | None, int], top: int) -> CompetencyCounts:
    """What may be told of a competency: nothing of fewer than five people."""
    total = sum(people.values())
    suppressed = 0 < total < SMALLEST_GROUP

    def number(count: int) -> int | None:
        return None if suppressed else count

    return CompetencyCounts(
        competency=code,
        suppressed=suppressed,
        persons=number(total),
        not_established=number(people.get(None, 0)),
        levels=[LevelCount(level=level, persons=number(people.get(level, 0))) for level in range(top + 1)],
    )
