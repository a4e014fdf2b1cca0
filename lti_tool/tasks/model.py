"""What participants hand in and trainers say of it, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lti_tool.competency.model import ObservationStep
from lti_tool.ids import ActivityId, IndicatorId, PersonId, PublicId


class SubmissionState(StrEnum):
    """Where a submission stands."""

    DRAFT = "draft"
    """Only its author sees it."""
    HANDED_IN = "handed_in"
    ASSESSED = "assessed"


@dataclass(frozen=True, slots=True)
class Task:
    """An evidence task as its trainer set it."""

    activity_id: ActivityId
    instructions: str = ""
    due_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that was handed in, or given back with an assessment."""

    public_id: PublicId
    name: str
    """As its sender called it."""
    media_type: str
    size: int
    """Bytes."""
    shelf_name: str
    is_feedback: bool


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a trainer said of a submission; each change is a version of its own."""

    steps: dict[IndicatorId, ObservationStep]
    comment: str
    by: PersonId
    at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Submission:
    """One attempt of one person."""

    id: int
    public_id: PublicId
    activity_id: ActivityId
    person_id: PersonId
    attempt: int
    """1 for the first."""
    state: SubmissionState
    text: str
    links: tuple[str, ...]
    version: int
    """Counts the savings of the draft, so that two tabs do not undo each other."""
    saved_at: datetime
    handed_in_at: datetime | None
    files: tuple[StoredFile, ...]
    assessment: Assessment | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A submission that waits for its assessment: enough to list it and to lead on to it."""

    public_id: PublicId
    activity_id: ActivityId
    person_id: PersonId
    attempt: int
    handed_in_at: datetime
