"""Puts the demonstration LMS together: one Flask application over one state."""

from __future__ import annotations

from flask import Flask

# Imported so that their routes join the services' blueprint.
from lti_tool.demo import (
    deep_linking,
    launching,
    line_items,
    pages,
    registration,
    roster,
    scores,
    services,
    tokens,
    web_service,
)
from lti_tool.demo.lms import DemoLms

BLUEPRINTS = (registration.bp, launching.bp, deep_linking.bp, tokens.bp, services.bp, web_service.bp, pages.bp)
ROUTE_MODULES = (roster, line_items, scores)


def create_lms(lms_url: str, tool_url: str) -> Flask:
    """An LMS that answers at `lms_url` (its issuer) and is to be used with the tool at `tool_url`."""
    return application(DemoLms(lms_url.rstrip("/"), tool_url.rstrip("/")))


def application(lms: DemoLms) -> Flask:
    """The application over a state that was made already."""
    app = Flask(__name__)
    app.extensions["lms"] = lms
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
