"""Finds the activity that a gradebook's printed name means: "Quiz: Week 1" and "Тест: Week 1" are one activity.

Pure. Moodle prints the type in the language of whoever exports, so one activity has several printed names. Two
activities that answer to one name are told apart by nobody: that is said, never guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from lti_tool.competency.delimited import plain
from lti_tool.moodle.gradebook_words import split_item
from lti_tool.people.model import Activity, ActivitySource

EXTERNAL_TOOL = "External tool: "
"""Before the title of a link, in the names of activities."""


def kept_name(printed: str) -> str:
    """The name by which an activity that a file names is kept: an external tool's as a launch will call it.

    Whichever language it was printed in, the link that is launched later is then found to be this activity.
    """
    module, name = split_item(printed)
    return f"{EXTERNAL_TOOL}{name}" if module == "lti" else plain(printed)


class ActivityNames:
    """The activities of a course by their printed names."""

    def __init__(self, activities: Iterable[Activity]) -> None:
        self._printed: dict[str, list[Activity]] = defaultdict(list)
        self._typed: dict[tuple[str, str], list[Activity]] = defaultdict(list)
        for activity in activities:
            self.add(activity)

    def add(self, activity: Activity) -> None:
        """Makes one more activity findable."""
        self._printed[plain(activity.name)].append(activity)
        module, name = split_item(activity.name)
        if module is None and activity.source is ActivitySource.LTI:
            # A link that is known by its bare title is an external tool wherever it is printed.
            module = "lti"
        if module is not None:
            self._typed[module, name].append(activity)

    def find(self, printed: str) -> tuple[Activity, ...]:
        """All activities that a printed name can mean: those named exactly so, else those whose type translates so."""
        exactly = self._printed.get(plain(printed))
        if exactly:
            return tuple(exactly)
        module, name = split_item(printed)
        return tuple(self._typed.get((module, name), ())) if module else ()
