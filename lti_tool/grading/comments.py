"""The facts behind a score's comment: taken from a standing, stored with the wish, given to the CommentWriter.

The words themselves belong to `web/`; here it is only decided what a comment can tell (rules, section 5): level and
state, "m of n indicators", the date.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from lti_tool.competency.model import LevelState
from lti_tool.competency.standing import CompetencyStanding, LevelStanding
from lti_tool.grading.model import ScoreFacts, WithdrawalReason
from lti_tool.ids import PublicId


def facts_of(code: str, standing: CompetencyStanding) -> dict[str, object]:
    """What a comment tells of a standing: the established level, and how far the next one is."""
    level = next_level(standing)
    facts: dict[str, object] = {"code": code, "level": standing.established}
    if level is not None:
        facts |= {"state": level.state.value, "attained": level.attained, "indicators": level.total}
    return facts


def next_level(standing: CompetencyStanding) -> LevelStanding | None:
    """The lowest level above the established one that asks for anything; the highest such where none is above."""
    asking = [level for level in standing.levels if level.state is not LevelState.TRANSPARENT]
    above = [level for level in asking if level.number > (standing.established or 0)]
    return next(iter(above or asking[-1:]), None)


def withdrawn(facts: Mapping[str, object], reason: WithdrawalReason) -> dict[str, object]:
    """The same facts for a score that takes a grade back."""
    return {**facts, "withdrawn": reason.value}


def score_facts(stored: Mapping[str, object], course: str, person: str, decided_at: datetime) -> ScoreFacts:
    """Stored facts as the value that a CommentWriter reads; `decided_at` is the time of the wish."""
    reason = stored.get("withdrawn")
    return ScoreFacts(
        course=PublicId(course),
        person=PublicId(person),
        code=str(stored.get("code", "")),
        level=_number(stored.get("level")),
        state=str(stored.get("state", "")),
        attained=_number(stored.get("attained")) or 0,
        indicators=_number(stored.get("indicators")) or 0,
        decided_at=decided_at,
        withdrawn=None if reason is None else WithdrawalReason(str(reason)),
    )


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
