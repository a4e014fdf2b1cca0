"""How much a request may bring, route by route: what takes files says so, everything else stays small.

Decided before the form is read, the check of its token included; a body that says its size is refused unread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
BESIDE = 1024 * 1024
"""For the fields that come with a file."""


def takes_files(most: int) -> Callable[[View[P]], View[P]]:
    """Declares that a view takes so many bytes of files in one request."""

    def declare(view: View[P]) -> View[P]:
        view.most_bytes = most + BESIDE  # type: ignore[attr-defined]  # read by the hook below
        return view

    return declare


def install(app: Flask) -> None:
    """To be called before anything that reads forms."""

    @app.before_request
    def _limit() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        most = getattr(view, "most_bytes", None)
        if most is not None:
            request.max_content_length = most
