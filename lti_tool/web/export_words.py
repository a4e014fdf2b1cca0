"""What files say beside their rows, in the page's language: as of when, and what a level is called."""

from __future__ import annotations

from datetime import datetime

from lti_tool.reports.table import Note
from lti_tool.web.dates import moment
from lti_tool.web.i18n import gettext as _


def as_of(now: datetime) -> Note:
    """When the table was read."""
    return Note(_("As of"), moment(now))


def level_words() -> tuple[str, str]:
    """The words before and after the number of a level."""
    before, _number, after = _("Level %(level)d", level=0).partition("0")
    return before, after
