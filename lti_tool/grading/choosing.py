"""Which deliveries are meant: those that a page narrows down to, and those that are sent again together.

Pure: the queries and the store of this package turn a choice into SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lti_tool.grading.model import Answer, DeliveryState
from lti_tool.ids import CourseId, DeliveryId, LineItemId, PlatformId

WAITING = (DeliveryState.DUE, DeliveryState.HELD, DeliveryState.DEAD)
"""Not in the platform's gradebook as they are wished."""
STUCK = (DeliveryState.HELD, DeliveryState.DEAD)
"""Those that a push can help: what is due goes by itself."""
ASKS = (Answer.NEWER_THERE, Answer.DIFFERS)
"""Held since somebody else's grade stands there: ours goes over it only if that is asked for."""


class Differing(StrEnum):
    """Grades whose column shows something else."""

    OPEN = "differs"
    """Nobody has decided yet."""
    ACCEPTED = "accepted"
    """What stands there was accepted."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Deliveries of a course as a page lists them."""

    states: tuple[DeliveryState, ...] = tuple(DeliveryState)
    line_item_id: LineItemId | None = None
    """Of one column; None: of all."""
    text: str = ""
    """Part of the person's name, ID number or e-mail."""
    differing: Differing | None = None
    """Only those whose column shows something else, and what was decided about it; None: whatever it shows."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """Held and given-up deliveries that are to go again; what is left open narrows nothing."""

    course_id: CourseId | None = None
    platform_id: PlatformId | None = None
    states: tuple[DeliveryState, ...] = STUCK
    ids: tuple[DeliveryId, ...] | None = None
    over_newer: bool = False
    """Also those where somebody has put something newer into the gradebook: ours goes over it."""
