"""What trainers' judgements come to beside the computed state (rules, section 6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lti_tool.competency.model import IndicatorState, Judgement
from lti_tool.competency.standing import IndicatorStanding
from lti_tool.ids import PersonId


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all judgements on one indicator come to."""

    standing: Judgement | None = None
    disputed: bool = False


def resolve(judgements: Iterable[Judgement], as_of: datetime) -> Verdict:
    """The judgement that stands among those on one indicator of one person in one course.

    Withdrawn and expired ones do not count; a deciding one stands over all others; a trainer's newer one replaces
    their older one; among trainers on the same side the newest stands; on opposite sides none does.
    """
    counting = sorted((each for each in judgements if each.counts_at(as_of)), key=_age)
    deciding = [each for each in counting if each.decides]
    if deciding:
        return Verdict(deciding[-1])
    newest = _newest_by_trainer(counting)
    if len({each.attained for each in newest}) > 1:
        return Verdict(disputed=True)
    return Verdict(newest[-1]) if newest else Verdict()


def _age(judgement: Judgement) -> tuple[datetime, int]:
    return judgement.judged_at, judgement.id


def _newest_by_trainer(oldest_first: Sequence[Judgement]) -> list[Judgement]:
    newest: dict[PersonId, Judgement] = {}
    for each in oldest_first:
        newest.pop(each.by, None)
        newest[each.by] = each
    return list(newest.values())


def judged(computed: IndicatorStanding, judgements: Iterable[Judgement], as_of: datetime) -> IndicatorStanding:
    """The standing with the judgements on it: they set the state, never the value."""
    verdict = resolve(judgements, as_of)
    if verdict.standing is None:
        return replace(computed, disputed=verdict.disputed)
    return replace(
        computed,
        state=IndicatorState.ATTAINED if verdict.standing.attained else IndicatorState.NOT_ATTAINED,
        judgement=verdict.standing,
        review_due=_has_newer_work(computed, verdict.standing),
    )


def _has_newer_work(computed: IndicatorStanding, judgement: Judgement) -> bool:
    """By the time of the work and not of its arrival, which never matters."""
    return any(each.worked_at is not None and each.worked_at > judgement.judged_at for each in computed.contributions)
