"""The rules that a level was worked out by, option by option: with them and the marks anybody can work it out again."""

from __future__ import annotations

from lti_tool.competency.profile import Explanation
from lti_tool.competency.rule_set import Aggregation, RuleSet
from lti_tool.web import dates
from lti_tool.web.explain import percent_exact
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext
from lti_tool.web.page_data import Fact
from lti_tool.web.version_choice import name_of


def facts(why: Explanation) -> tuple[Fact, ...]:
    """Version and options of the rules, the version of the requirements, and the moment that was looked at."""
    rules = why.rules
    return (
        Fact(
            _("Rules of the course"),
            _("version %(number)d, in force since %(when)s", number=why.version, when=dates.day(why.since)),
        ),
        Fact(_("Several marks of one indicator"), _aggregation(rules)),
        Fact(_("Pass mark"), percent_exact(rules.pass_mark)),
        Fact(_("Graded at least"), _("%(share)s of the weight", share=percent_exact(rules.min_coverage))),
        Fact(_("Evidence counts for so many months"), _months(rules)),
        Fact(_("Missing work counts 0 after the course's end"), _("yes") if rules.missing_is_zero else _("no")),
        Fact(_("Requirements"), name_of(why.framework.framework, why.framework.version)),
        Fact(_("Worked out as of"), dates.moment(why.as_of)),
    )


def _aggregation(rules: RuleSet) -> str:
    match rules.aggregation:
        case Aggregation.MEAN:
            return _("weighted mean")
        case Aggregation.BEST:
            return _("the best mark")
        case Aggregation.LATEST:
            return _("the latest work")
        case Aggregation.N_OF_M:
            return ngettext(
                "%(num)d activity must reach the pass mark", "%(num)d activities must reach the pass mark", rules.n
            )


def _months(rules: RuleSet) -> str:
    if rules.validity_months is None:
        return _("without end")
    return ngettext("%(num)d month", "%(num)d months", rules.validity_months)
