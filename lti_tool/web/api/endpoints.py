"""Every endpoint of the API once: its address, parameters and answer. Routes and OpenAPI document are made of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lti_tool.web.api import answers, courses, deliveries, framework, parameters, persons, statistics
from lti_tool.web.api.answers import Answer, Listed
from lti_tool.web.api.parameters import Query
from lti_tool.web.i18n import gettext as _

_NAMED = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What can be called."""

    name: str
    path: str
    """Behind the prefix, as Flask writes it."""
    tells: Callable[[], str]
    """What it answers, in the reader's language."""
    query: type[Query]
    answer: type[Answer]
    build: Callable[..., Answer]

    @property
    def named(self) -> tuple[str, ...]:
        """What the address names: course, person."""
        return tuple(_NAMED.findall(self.path))

    @property
    def template(self) -> str:
        """The path as OpenAPI writes it."""
        return _NAMED.sub(r"{\1}", self.path)

    @property
    def is_list(self) -> bool:
        """Whether it is read page by page."""
        return issubclass(self.query, parameters.ListQuery)


def _endpoint(name: str, path: str, tells: Callable[[], str], of: tuple[type[Query], Any, Any]) -> Endpoint:
    return Endpoint(name, path, tells, *of)


ENDPOINTS = (
    _endpoint(
        "courses",
        "/courses",
        lambda: _("All courses, in the order in which the tool first heard of them."),
        (parameters.CoursesQuery, Listed[answers.Course], courses.courses),
    ),
    _endpoint(
        "course",
        "/courses/<course>",
        lambda: _("A course, with how many take part and by which requirements it goes."),
        (parameters.Query, answers.CourseDetail, courses.course),
    ),
    _endpoint(
        "gradebook",
        "/courses/<course>/gradebook",
        lambda: _("The participants of a course, each with every competency, as the gradebook's export has them."),
        (parameters.ListQuery, Listed[answers.GradebookRow], courses.gradebook),
    ),
    _endpoint(
        "persons",
        "/persons",
        lambda: _("All persons, those who changed last at the end."),
        (parameters.PersonsQuery, Listed[answers.Person], persons.persons),
    ),
    _endpoint(
        "person",
        "/persons/<person>",
        lambda: _("A person: the best levels that hold, over all courses, and the levels in each course."),
        (parameters.Query, answers.PersonDetail, persons.person),
    ),
    _endpoint(
        "deliveries",
        "/deliveries",
        lambda: _("What should stand in the LMS's gradebooks, what does, and why not; by state, the oldest first."),
        (parameters.DeliveriesQuery, Listed[answers.Delivery], deliveries.deliveries),
    ),
    _endpoint(
        "competency_statistics",
        "/statistics/competencies",
        lambda: _("How many people have established which level of each competency; groups below five are not told."),
        (parameters.VersionQuery, answers.CompetencyStatistics, statistics.competencies),
    ),
    _endpoint(
        "framework",
        "/framework",
        lambda: _("The requirements: levels, aspects, competencies and indicators with their codes."),
        (parameters.VersionQuery, answers.Framework, framework.framework),
    ),
)
