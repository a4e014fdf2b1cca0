"""A minute that does not pass while a test counts what happens in it."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from lti_tool.web.per_minute import PerMinute


class OneMinute(PerMinute):
    """Counts in the minute of the test, until that one is told to pass."""

    def __init__(self) -> None:
        super().__init__()
        self.instant = 43_200.0

    def wait(self, key: tuple[object, ...], most: int, instant: float) -> int:
        """Counts as if it were the test's moment."""
        return super().wait(key, most, self.instant)


def hold_still(app: Flask, **settings: object) -> OneMinute:
    """Lets the application count in such a minute, with these settings changed."""
    made, tool = OneMinute(), app.extensions["tool"]
    app.extensions["tool"] = replace(tool, rates=made, settings=tool.settings.model_copy(update=settings))
    return made
