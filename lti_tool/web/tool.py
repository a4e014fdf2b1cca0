"""What the whole application shares, reached from a request by `tool()`."""

from __future__ import annotations

from flask import current_app

from lti_tool.web.shared import Tool


def tool() -> Tool:
    """The application's shared parts."""
    shared: Tool = current_app.extensions["tool"]
    return shared
