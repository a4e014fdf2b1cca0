"""How many people of a platform stand at which level of each competency; small groups are not told."""

from __future__ import annotations

from collections.abc import Mapping

from lti_tool.competency import publishing
from lti_tool.reports import queries
from lti_tool.reports.tally import SMALL, Row
from lti_tool.web.api.answers import CompetencyCounts, CompetencyStatistics, LevelCount
from lti_tool.web.api.calls import Call
from lti_tool.web.api.courses import name_of
from lti_tool.web.api.framework import asked
from lti_tool.web.api.parameters import VersionQuery


def competencies(call: Call, query: VersionQuery) -> CompetencyStatistics:
    """People by competency and level, each once by their highest, as the worker has counted them last."""
    framework = publishing.open_framework(call.session, asked(call, query))
    counted = queries.people(call.session, call.platform_id)
    levels = counted.tally.levels if counted else {}
    return CompetencyStatistics(
        as_of=counted.as_of if counted else None,
        requirements=name_of(framework),
        smallest_group=SMALL,
        competencies=[
            told(each.code, _counts(levels.get(each.id, ())), len(framework.levels)) for each in framework.competencies
        ],
    )


def _counts(row: Row) -> dict[int | None, int]:
    return dict(zip((None, *range(len(row) - 1)), row, strict=True)) if row else {}


def told(code: str, people: Mapping[int | None, int], top: int) -> CompetencyCounts:
    """What may be told of a competency: nothing of fewer than five people."""
    total = sum(people.values())
    suppressed = 0 < total < SMALL

    def number(count: int) -> int | None:
        return None if suppressed else count

    return CompetencyCounts(
        competency=code,
        suppressed=suppressed,
        persons=number(total),
        not_established=number(people.get(None, 0)),
        levels=[LevelCount(level=level, persons=number(people.get(level, 0))) for level in range(top + 1)],
    )
