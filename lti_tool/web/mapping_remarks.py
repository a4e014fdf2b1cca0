"""The mapping check in words, each remark with the way to where it can be mended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import url_for

from lti_tool.competency.framework import Framework
from lti_tool.competency.mapping_check import Finding, FindingKind
from lti_tool.ids import ActivityId, IndicatorId
from lti_tool.people.model import Activity, Course
from lti_tool.web.cell_text import cell_name
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link


def remarks(
    course: Course, framework: Framework, listed: Iterable[Activity], findings: Iterable[Finding]
) -> tuple[Link, ...]:
    """Each finding as a sentence that leads to its competency, or to its very cell."""
    activities = {activity.id: activity for activity in listed}
    return tuple(
        Link(_sentence(framework, activities, each), _address(course, framework, activities, each)) for each in findings
    )


def _sentence(framework: Framework, activities: Mapping[ActivityId, Activity], found: Finding) -> str:
    codes = ", ".join(framework.indicator_by_id(each).code for each in found.indicators)
    competency = framework.competency_by_id(found.competency).code if found.competency else ""
    activity = activities[found.activity].name if found.activity else ""
    match found.kind:
        case FindingKind.UNMAPPED:
            return _("%(competency)s: nothing shows %(codes)s.", competency=competency, codes=codes)
        case FindingKind.NOT_ASSESSABLE:
            return _(
                "%(competency)s, level %(level)d cannot be assessed: "
                "mapped indicators: %(shown)d, needed: %(needed)d, key ones among them.",
                competency=competency,
                level=found.level,
                shown=len(found.indicators),
                needed=found.needed,
            )
        case FindingKind.UNREACHABLE:
            return _(
                "%(competency)s, level %(level)d stands above a level that this course cannot assess; "
                "it counts only with what is shown elsewhere.",
                competency=competency,
                level=found.level,
            )
        case FindingKind.CLAIMS_MUCH:
            return _(
                "%(activity)s shows %(shown)d of the course's %(all)d indicators, more than a third.",
                activity=activity,
                shown=len(found.indicators),
                all=found.needed,
            )
        case FindingKind.ONE_DECIDES:
            return _("%(activity)s alone decides %(codes)s by its weight.", activity=activity, codes=codes)


def _address(course: Course, framework: Framework, activities: Mapping[ActivityId, Activity], found: Finding) -> str:
    code = _competency_code(framework, found)
    anchor = None
    if found.kind is FindingKind.ONE_DECIDES and found.activity:
        anchor = cell_name(activities[found.activity], framework.indicator_by_id(found.indicators[0]).code)
    return url_for("mapping.show", course=course.public_id, competency=code, _anchor=anchor)


def _competency_code(framework: Framework, found: Finding) -> str:
    if found.competency is not None:
        return framework.competency_by_id(found.competency).code
    return _of_indicator(framework, found.indicators[0])


def _of_indicator(framework: Framework, indicator: IndicatorId) -> str:
    return next(each.code for each in framework.competencies if indicator in {own.id for own in each.indicators})
