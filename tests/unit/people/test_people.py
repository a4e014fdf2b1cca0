"""Who is staff and who takes part: what launches and the roster say, laid over each other."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from lti_tool.people.model import CourseRole, is_staff, takes_part

PARTICIPANT, TRAINER = CourseRole.PARTICIPANT, CourseRole.TRAINER


@pytest.mark.parametrize(
    ("days", "roster_role", "staff"),
    [
        (None, None, False),
        (None, PARTICIPANT, False),
        (None, TRAINER, True),
        (0, PARTICIPANT, True),
        (180, PARTICIPANT, True),
        (181, PARTICIPANT, False),
        (181, TRAINER, True),
    ],
)
def test_staff_is_who_launched_as_such_within_180_days_or_is_named_so(
    now: datetime, days: int | None, roster_role: CourseRole | None, staff: bool
) -> None:
    launched = None if days is None else now - timedelta(days=days)

    assert is_staff(launched, roster_role, now) is staff


@pytest.mark.parametrize(
    ("launched_role", "staff_days", "roster_role", "takes"),
    [
        (None, None, PARTICIPANT, True),
        (PARTICIPANT, None, None, True),
        (PARTICIPANT, None, PARTICIPANT, True),
        (None, None, None, False),
        (None, None, TRAINER, False),
        # A teacher who switched to the student's role is no participant.
        (PARTICIPANT, 1, None, False),
        # A non-editing teacher, a learner on Moodle's roster, until they have been away for 180 days.
        (TRAINER, 1, PARTICIPANT, False),
        (TRAINER, 200, PARTICIPANT, True),
        # A manager or admin, on no roster, never turns a learner by staying away.
        (TRAINER, 200, None, False),
        # The roster knows better than an old launch.
        (PARTICIPANT, None, TRAINER, False),
    ],
)
def test_a_participant_is_called_so_and_is_not_staff(
    now: datetime,
    launched_role: CourseRole | None,
    staff_days: int | None,
    roster_role: CourseRole | None,
    takes: bool,
) -> None:
    launched = None if staff_days is None else now - timedelta(days=staff_days)

    assert takes_part(launched_role, launched, roster_role, now) is takes
