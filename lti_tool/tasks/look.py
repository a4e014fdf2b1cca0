"""When somebody last looked at their tasks, and what is new since: as values. Pure.

A *visit* is a row of looks with less than half an hour between them. What came after the last look of the visit before
is new, and stays so for the whole visit: neither loading the page again, nor *Back*, nor a browser that fetches it
ahead takes the word "new" away from anybody who has not read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from lti_tool.competency.model import ObservationStep
from lti_tool.tasks.model import Assessment, SubmissionState

VISIT = timedelta(minutes=30)
NOTED_EVERY = timedelta(minutes=1)
"""A look so soon after the one before is not written again."""
SHORT_OF = frozenset({ObservationStep.NOT_SHOWN, ObservationStep.EMERGING})

Levels = Mapping[str, int | None]
"""The established level by competency, named by its code and the version of the requirements."""


@dataclass(frozen=True, slots=True)
class Look:
    """The last look of a person at their tasks in a course."""

    at: datetime
    since: datetime
    """What came after this is new."""
    levels: Levels
    """The levels at the time of the look."""
    before: Levels
    """The levels at the time of `since`."""


def next_look(previous: Look | None, levels: Levels, now: datetime) -> Look:
    """The look that somebody takes now. At the first one nothing is new, for nobody knows what they have seen."""
    if previous is None:
        return Look(now, now, levels, levels)
    if now - previous.at < VISIT:
        return replace(previous, at=max(now, previous.at), levels=levels)
    return Look(now, previous.at, levels, previous.levels)


def is_to_be_noted(previous: Look | None, now: datetime) -> bool:
    """Whether a look now is worth writing down."""
    return previous is None or now - previous.at >= NOTED_EVERY


def changed_levels(look: Look) -> dict[str, tuple[int | None, int]]:
    """The competencies whose level became another since, with what it was and is; one that is unknown now is not said.

    What was not known then at all, as of another version of the requirements, has not changed.
    """
    return {
        name: (look.before[name], level)
        for name, level in look.levels.items()
        if level is not None and name in look.before and look.before[name] != level
    }


class WorkState(StrEnum):
    """How far somebody is with something that is handed in."""

    NOT_BEGUN = "not_begun"
    DRAFT = "draft"
    HANDED_IN = "handed_in"
    RETURNED = "returned"
    """Assessed, and something was not shown or only emerging: another attempt can do better."""
    ASSESSED = "assessed"

    @property
    def is_open(self) -> bool:
        """Whether it is the participant's turn."""
        return self in {WorkState.NOT_BEGUN, WorkState.DRAFT, WorkState.RETURNED}


def work_state(newest: SubmissionState | None, assessment: Assessment | None) -> WorkState:
    """The state of a task by its newest attempt and what was said of that one."""
    if newest is None:
        return WorkState.NOT_BEGUN
    if newest is SubmissionState.ASSESSED:
        short = assessment is not None and SHORT_OF.intersection(assessment.steps.values())
        return WorkState.RETURNED if short else WorkState.ASSESSED
    return WorkState.DRAFT if newest is SubmissionState.DRAFT else WorkState.HANDED_IN
