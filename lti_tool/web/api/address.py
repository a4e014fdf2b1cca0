"""Which addresses are the API's: there everything is answered as JSON, refusals too, and no cookie is looked at."""

from __future__ import annotations

from flask import has_request_context, request

PREFIX = "/api/v1"
PAGE = f"{PREFIX}/"
"""What people read about it; a page like others."""


def is_call() -> bool:
    """Whether this request is one of a program to the API."""
    return has_request_context() and request.path.startswith("/api/") and request.path != PAGE
