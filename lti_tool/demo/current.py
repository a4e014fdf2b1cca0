"""The LMS of the running application, for views that are plain functions."""

from __future__ import annotations

from flask import current_app

from lti_tool.demo.lms import DemoLms


def current_lms() -> DemoLms:
    """The state behind this request."""
    lms: DemoLms = current_app.extensions["lms"]
    return lms
