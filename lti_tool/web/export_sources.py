"""Which tables there are as files, by the names under which a worker finds them. See `exports.py`."""

from __future__ import annotations

from collections.abc import Mapping

from lti_tool.web import (
    course_report,
    course_tables,
    figure_tables,
    group_table,
    institute_report,
    institute_tables,
    map_tables,
    people_tables,
    statistics_tables,
)
from lti_tool.web.exports import COURSE_REPORT, Source

SOURCES: Mapping[str, Source] = {
    COURSE_REPORT: course_report.report,
    "course statistics": statistics_tables.of_course,
    "courses": institute_tables.courses,
    "decisions": course_tables.decisions,
    "deliveries": course_tables.deliveries,
    "group": group_table.table,
    "indicator": figure_tables.indicator,
    "institute report": institute_report.report,
    "institute statistics": statistics_tables.of_institute,
    "map of levels": map_tables.levels,
    "own record": course_tables.own_record,
    "people": people_tables.people,
    "person across courses": people_tables.person,
    "record": course_tables.record,
    "roster": course_tables.roster,
    "rows of a figure": figure_tables.rows,
    "undelivered": institute_tables.undelivered,
}
