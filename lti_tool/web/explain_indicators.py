"""Sentences that say why an indicator has its state: value, pass mark, what failed, what is awaited, who decided."""

from __future__ import annotations

from collections.abc import Callable, Collection
from fractions import Fraction

from lti_tool.competency.model import IndicatorState
from lti_tool.competency.rule_set import Aggregation, RuleSet
from lti_tool.competency.standing import Contribution, IndicatorStanding
from lti_tool.web.explain import listed, percent, percent_exact, sentences
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext
from lti_tool.web.states import indicator_mark

ActivityName = Callable[[Contribution], str]


def why_indicator(standing: IndicatorStanding, rules: RuleSet, name: ActivityName) -> str:
    """Why an indicator has its state: value, pass mark, what failed, what is awaited, who decided."""
    if standing.judgement is not None:
        return _judged(standing)
    disputed = _("Trainers disagree on this indicator; until that is decided, the marks count.")
    return sentences(_by_marks(standing, rules, name), disputed if standing.disputed else "")


def _judged(standing: IndicatorStanding) -> str:
    newer = _("There is work newer than this decision: it is due for review.")
    return sentences(
        _("A trainer decided this. The marks alone say: %(state)s.", state=indicator_mark(standing.computed).label),
        newer if standing.review_due else "",
    )


def _by_marks(standing: IndicatorStanding, rules: RuleSet, name: ActivityName) -> str:
    if standing.computed is IndicatorState.NOT_MAPPED:
        return _("No activity of this course covers this indicator.")
    if standing.value is None:
        return _waits_for(standing.contributions, name)
    if standing.computed is IndicatorState.ATTAINED:
        return _comparison(standing.value, rules)
    if standing.computed is IndicatorState.NOT_ATTAINED:
        return _why_not_attained(standing, rules, name)
    return _why_open(standing, rules, name)


def _waits_for(parts: Collection[Contribution], name: ActivityName) -> str:
    where = listed(map(name, parts))
    if any(part.expired for part in parts):
        return _("What was assessed is too old to count. It can be shown again in: %(activities)s.", activities=where)
    return _("Nothing has been assessed yet. It can be shown in: %(activities)s.", activities=where)


def _comparison(value: Fraction, rules: RuleSet) -> str:
    facts = {"value": percent(value), "pass_mark": percent_exact(rules.pass_mark)}
    match rules.aggregation:
        case Aggregation.MEAN:
            return _("Weighted mean of the marks: %(value)s; pass mark: %(pass_mark)s.", **facts)
        case Aggregation.BEST:
            return _("Best mark: %(value)s; pass mark: %(pass_mark)s.", **facts)
        case Aggregation.LATEST:
            return _("Latest mark: %(value)s; pass mark: %(pass_mark)s.", **facts)
        case Aggregation.N_OF_M:
            return ngettext(
                "%(num)d activity must reach the pass mark of %(pass_mark)s.",
                "%(num)d activities must reach the pass mark of %(pass_mark)s.",
                rules.n,
                pass_mark=facts["pass_mark"],
            )


def _why_not_attained(standing: IndicatorStanding, rules: RuleSet, name: ActivityName) -> str:
    failed = [
        _(
            "“%(activity)s” is required and has %(score)s, below its pass mark of %(pass_mark)s.",
            activity=name(part),
            score=percent(part.score or Fraction(0)),
            pass_mark=percent_exact(part.pass_mark),
        )
        for part in standing.contributions
        if part.failed
    ]
    return sentences(_comparison(standing.value or Fraction(0), rules), *failed)


def _why_open(standing: IndicatorStanding, rules: RuleSet, name: ActivityName) -> str:
    awaited = [name(part) for part in standing.contributions if part.awaited]
    covered = standing.coverage if standing.coverage is not None else Fraction(1)
    too_little = _(
        "So far %(covered)s of the weight is assessed, at least %(needed)s is needed.",
        covered=percent(covered),
        needed=percent_exact(rules.min_coverage),
    )
    return sentences(
        _comparison(standing.value or Fraction(0), rules),
        too_little if covered < rules.min_coverage else "",
        _("Not assessed yet: %(activities)s.", activities=listed(awaited)) if awaited else "",
    )


def contribution_note(part: Contribution, gone: bool) -> str:
    """What is special about one mark: why it does not count, what it missed, that its activity is gone."""
    gone_note = _("The activity is no longer in the LMS; the mark counts on.")
    return sentences(_about(part), gone_note if gone and part.score is not None else "")


def _about(part: Contribution) -> str:
    if part.expired:
        return _("Its mark is older than evidence may be here, and counts no longer.")
    if part.score is None:
        return _("Not assessed yet.") if part.awaited else _("Optional, not assessed.")
    failed = _("Required and below its pass mark.") if part.failed else ""
    if part.evidence is None:
        return sentences(_("Nothing was handed in before the course ended: counts 0."), failed)
    if failed:
        return failed
    if part.mapping.is_optional and not part.counted:
        return _("Optional: not counted, for it would not raise the value.")
    return ""


def rules_in_a_sentence(rules: RuleSet) -> str:
    """How indicators and levels come about in this course."""
    return _(
        "An indicator is attained when its value reaches the pass mark of %(pass_mark)s and enough of its weight is"
        " assessed. A level is met when two thirds of its indicators, rounded up, and every key one are attained. A"
        " level counts when every level below it is met too. Percentages are rounded down.",
        pass_mark=percent_exact(rules.pass_mark),
    )
