"""Words for what the rules refuse: one table from the code of an error to a sentence with its facts.

A code without a sentence of its own gets a general one and stands beside it, so that support can find it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lti_tool.errors import ToolError
from lti_tool.web.i18n import gettext as _

Facts = Mapping[str, object]


def told(error: ToolError) -> str:
    """The refusal as a sentence in the page's language."""
    sentence = _SENTENCES.get(error.code)
    try:
        return sentence(error.facts) if sentence else _general(error)
    except KeyError:
        return _general(error)


def _general(error: ToolError) -> str:
    line = error.facts.get("line")
    if line is not None:
        return _("Line %(line)s cannot be taken (%(code)s). Nothing was stored.", line=line, code=error.code)
    return _("This cannot be taken (%(code)s). Nothing was stored.", code=error.code)


_SENTENCES: dict[str, Callable[[Facts], str]] = {
    "file_empty": lambda _f: _("The file is empty."),
    "file_not_text": lambda _f: _("This is not a text file. Export the gradebook as plain text (CSV)."),
    "header_missing": lambda _f: _("The file has no header line. Take the export as Moodle makes it."),
    "unknown_headers": lambda _f: _("The headers of this file are in a language that is not known here."),
    "person_twice": lambda f: _("Line %(line)s and line %(first)s name the same person. Nothing was stored.", **f),
    "time_unknown": lambda _f: _(
        "The file does not say when its marks were taken. Give the time below and send the file again."
    ),
    "time_zoneless": lambda _f: _("The time has no time zone."),
    "indicator_unknown": lambda f: _("Line %(line)s: there is no indicator %(indicator)s. Nothing was stored.", **f),
    "activity_ambiguous": lambda f: _(
        "Line %(line)s: several activities are named %(activity)s. Nothing was stored.", **f
    ),
    "mapping_twice": lambda f: _("Line %(line)s names a cell for the second time. Nothing was stored.", **f),
    "activity_name_faulty": lambda _f: _("The name of an activity has 1 to 400 characters."),
    "mark_maximum_faulty": lambda _f: _("A full mark is a number above 0."),
    "weight_outside": lambda _f: _("A weight is a whole number from 1 to 5."),
    "locale_unknown": lambda _f: _("This language is not known here."),
}
