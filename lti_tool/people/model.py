"""Words of the people package as closed sets and frozen values; no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from lti_tool.ids import ActivityId, CourseId, PersonId, PlatformId, PublicId

STAFF_MEMORY = timedelta(days=180)
"""Who launched as Instructor this recently is staff on the roster, whatever NRPS calls them (design, "People")."""

STAND_IN = " account "
"""With this begins the `sub` of who stands for a local account; nothing that comes by LTI begins with a blank."""


class CourseRole(StrEnum):
    """What a person may be in one course."""

    PARTICIPANT = "participant"
    TRAINER = "trainer"


class ActivityKind(StrEnum):
    """What an activity is: the tool's own kinds (custom parameter `activity`), or a native one of the LMS."""

    PROFILE = "profile"
    EVIDENCE = "evidence"
    OBSERVATION = "observation"
    SELF_ASSESSMENT = "self_assessment"
    GRADEBOOK = "gradebook"
    NATIVE = "native"


class ActivitySource(StrEnum):
    """How the course came to know an activity; with `external_id` it identifies the activity in its course."""

    LTI = "lti"
    """A resource link; external id = resource link id."""
    GRADEBOOK = "gradebook"
    """Known by its gradebook name only (mapping or results file); external id = that name."""
    MOODLE = "moodle"
    """Read by web services; external id = the key of its grade item ("grade:3"), or of its completion."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person of one platform, as the pages need them."""

    id: PersonId
    public_id: PublicId
    platform_id: PlatformId
    sub: str
    name: str
    email: str | None
    id_number: str | None
    locale: str | None


@dataclass(frozen=True, slots=True)
class Course:
    """A course (LTI: context) of one platform."""

    id: CourseId
    public_id: PublicId
    platform_id: PlatformId
    context_id: str
    title: str
    label: str | None
    locale: str | None
    closed_at: datetime | None = None
    """Since when its levels are frozen; None: it is open."""
    history: str | None = None
    """`$Context.id.history`: context ids that it was copied from, comma-separated."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Something in a course that can give marks; `name` is what the LMS's gradebook prints."""

    id: ActivityId
    public_id: PublicId
    course_id: CourseId
    kind: ActivityKind
    source: ActivitySource
    external_id: str
    name: str
    mark_max: Decimal | None = None
    """What a full mark is, where known."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody came to a course by a launch; None = the platform did not say."""

    sub: str
    name: str | None
    given_name: str | None
    family_name: str | None
    email: str | None
    id_number: str | None
    locale: str
    role: CourseRole | None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A person on the platform's roster of a course; None = the platform did not say."""

    sub: str
    role: CourseRole | None
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    id_number: str | None = None


def is_staff(staff_launched_at: datetime | None, roster_role: CourseRole | None, as_of: datetime) -> bool:
    """Whether a member is staff: launched as Instructor within 180 days, or Instructor in NRPS.

    A non-editing teacher launches as Instructor but is a Learner in Moodle's NRPS; the launch wins.
    """
    return launched_lately_as_staff(staff_launched_at, as_of) or roster_role is CourseRole.TRAINER


def launched_lately_as_staff(staff_launched_at: datetime | None, as_of: datetime) -> bool:
    """Whether somebody launched as Instructor within the last 180 days, the 180th included."""
    return staff_launched_at is not None and as_of - staff_launched_at <= STAFF_MEMORY


def takes_part(
    launched_role: CourseRole | None,
    staff_launched_at: datetime | None,
    roster_role: CourseRole | None,
    as_of: datetime,
) -> bool:
    """Whether an active member is a participant: the roster says so, or else their newest launch, and no staff.

    Managers and admins are on no roster: with the 180 days over they are forgotten as staff, but do not turn learners.
    """
    told = roster_role or launched_role
    return told is CourseRole.PARTICIPANT and not is_staff(staff_launched_at, roster_role, as_of)
