"""Which tables there are as files, by the names under which a worker finds them. See `exports.py`."""

from __future__ import annotations

from collections.abc import Mapping

from lti_tool.web import course_report, group_table
from lti_tool.web.exports import COURSE_REPORT, Source

SOURCES: Mapping[str, Source] = {
    COURSE_REPORT: course_report.report,
    "group": group_table.table,
}
