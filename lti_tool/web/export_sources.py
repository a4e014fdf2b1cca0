"""Which tables there are as files, by the names under which a worker finds them. See `exports.py`."""

from __future__ import annotations

from collections.abc import Mapping

from lti_tool.web import group_table
from lti_tool.web.exports import Source

SOURCES: Mapping[str, Source] = {
    "group": group_table.table,
}
