"""Words and values of getting grades out; no database, no clock, no LTI messages.

A delivery is *desired state*: what should stand in the platform's gradebook for one person in one column. The values
here say what is wanted, what the worker holds while it sends, and what an answer meant (lti-security, section 3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from lti_tool.ids import ActivityId, CompetencyId, CourseId, DeliveryId, LineItemId, PersonId, PlatformId, PublicId
from lti_tool.lti.model import LineItem, LineItemWish, Result, Score

LEASE = timedelta(seconds=30)
"""How long a claimed row is its worker's; longer than a whole exchange, so that a late answer meets its own lease."""
EXCHANGE = timedelta(seconds=15)
"""The longest that one exchange with a platform takes (`outbound.TOTAL_SECONDS`)."""
TAG = "competency"
LABEL_LENGTH = 100


class DeliveryState(StrEnum):
    """Where a delivery is. Held and dead ones are shown with their reason; a held one may be tried again by itself."""

    DUE = "due"
    SENT = "sent"
    HELD = "held"
    DEAD = "dead"
    DETACHED = "detached"
    """A trainer has decided that the tool sends nothing here any more."""


class Answer(StrEnum):
    """What the last try came to; the only thing that is kept of a platform's answer."""

    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    """Not by the answer itself, but by reading the result."""
    NEWER_THERE = "newer_there"
    """Something else stands there, given later than our score: ours does not go over it."""
    OUTDATED = "outdated"
    """Refused as not newer, though nothing newer of others stands there: goes again with a later time."""
    UNCONFIRMED = "unconfirmed"
    """An unclear answer, and the result does not show the score."""
    PERHAPS_LOCKED = "perhaps_locked"
    REFUSED = "refused"
    LINE_ITEM_GONE = "line_item_gone"
    FORBIDDEN = "forbidden"
    OUTAGE = "outage"
    DIFFERS = "differs"
    """No answer, but what a comparison found: the platform shows something else than what was sent, and ours does not
    go over it until somebody decides."""
    FAILED = "failed"
    """Anything else, ours or the platform's."""


class WithdrawalReason(StrEnum):
    """Why a sent grade is taken back; words for it are found in `web/`."""

    NOT_ESTABLISHED = "not_established"
    NOT_TARGETED = "not_targeted"


@dataclass(frozen=True, slots=True)
class ScoreFacts:
    """What a comment can tell. Text is made from it by the CommentWriter in the participant's language."""

    course: PublicId
    person: PublicId
    code: str
    """Code of the competency, or empty for the column of an own activity."""
    level: int | None
    state: str
    """Code of the state that decides what comes next (`competency.model`), or empty."""
    attained: int
    indicators: int
    """m of n: attained and all indicators of the next level, or of the highest where none is above."""
    decided_at: datetime
    withdrawn: WithdrawalReason | None = None


class CommentWriter(Protocol):
    """Turns facts into the plain text that the participant reads in the gradebook."""

    def __call__(self, facts: ScoreFacts, locale: str) -> str:
        """The comment in `locale` (ky, ru or en), with level and state in words, date and link."""
        ...


class ScoreSender(Protocol):
    """What the worker needs of a platform's Assignment and Grade Services; `lti/ags.py` fulfils it.

    Every method raises the PlatformError that says what a refusal means. None of them retries a score; none checks
    that the person is in the course.
    """

    def ensure_line_item(self, course_id: CourseId, wish: LineItemWish) -> LineItem:
        """The column with this resource id and tag: found, else made."""
        ...

    def line_item(self, course_id: CourseId, url: str) -> LineItem:
        """The column as it stands now; LineItemGone where it does not."""
        ...

    def send(self, course_id: CourseId, line_item_url: str, score: Score) -> None:
        """Returns only when the platform has said that it accepted the score."""
        ...

    def results(self, course_id: CourseId, line_item_url: str, user_id: str | None = None) -> tuple[Result, ...]:
        """What the platform holds in a column, for one person or for all who have something there."""
        ...


@dataclass(frozen=True, slots=True)
class LineItemTarget:
    """A column that a course should have: one per targeted competency (rules, section 5)."""

    competency_id: CompetencyId
    code: str
    label: str
    """At most 100 characters, in the course's language."""
    score_maximum: Decimal

    @property
    def resource_id(self) -> str:
        """What the column is found by, whatever the platform calls it."""
        return f"competency:{self.code}"


@dataclass(frozen=True, slots=True)
class ClaimedLineItem:
    """A column that one worker is to find, make or read back; nobody else tries until `until`."""

    id: LineItemId
    course_id: CourseId
    platform_id: PlatformId
    activity_id: ActivityId | None
    url: str | None
    """Known from a launch: only to be read back, never made."""
    wish: LineItemWish
    attempts: int
    until: datetime


@dataclass(frozen=True, slots=True)
class WantedScore:
    """What should stand in one column for one person. `given` None: nothing, whatever was sent is withdrawn."""

    line_item_id: LineItemId
    person_id: PersonId
    given: Decimal | None
    maximum: Decimal
    facts: Mapping[str, object]
    """For the comment; only `state` and `withdrawn` of it count as a change (see `said`)."""
    keep_sent: bool = False
    """A judgement is disputed: what was sent last stays, whatever `given` says (rules, section 6)."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery in one worker's hands: this version, this time stamp, until the lease ends."""

    id: DeliveryId
    course_id: CourseId
    platform_id: PlatformId
    line_item_id: LineItemId
    line_item_url: str
    remakes: bool
    """Whether we may make the column again when it is gone (a competency's, never an own activity's)."""
    user_id: str
    locale: str
    given: Decimal | None
    maximum: Decimal
    facts: ScoreFacts
    told: Mapping[str, object]
    """The facts as they are stored with the wish."""
    version: int
    timestamp: datetime
    previous_given: Decimal | None
    previous_maximum: Decimal | None
    attempts: int
    first_failed_at: datetime | None
    last_answer: str | None
    owner: str
    lease_until: datetime
    probe: bool = False
    """Sent to see whether a paused platform answers again."""
    after_outages: bool = False
    """The platform has failed since it last answered: an answer ends the count."""
    proven: bool = True
    """The platform is known to answer quickly; where not, a quick answer is worth a note."""

    def score(self, comment: str) -> Score:
        """The message: a withdrawal carries neither given nor maximum."""
        maximum = None if self.given is None else self.maximum
        return Score(self.user_id, self.given, maximum, comment, self.timestamp)


class ToDo(StrEnum):
    """What a trainer can do about a delivery; words for it are found in `web/`."""

    NOTHING = "nothing"
    WAIT = "wait"
    CHECK_ROLE = "check_role"
    """The person has no gradebook role in the course: enrol them as a student."""
    UNLOCK = "unlock"
    """The grade or its column may be locked in the gradebook."""
    DECIDE = "decide"
    """Something newer stands in the gradebook: leave it, or send again."""
    RESTORE_COLUMN = "restore_column"
    """The column is gone: send again makes it anew; an own activity must be opened once."""
    TELL_ADMIN = "tell_admin"
    """The LMS's administrator must allow the tool's services."""
    SEND_AGAIN = "send_again"


_TO_DO = {
    Answer.REFUSED: ToDo.CHECK_ROLE,
    Answer.PERHAPS_LOCKED: ToDo.UNLOCK,
    Answer.NEWER_THERE: ToDo.DECIDE,
    Answer.DIFFERS: ToDo.DECIDE,
    Answer.LINE_ITEM_GONE: ToDo.RESTORE_COLUMN,
    Answer.FORBIDDEN: ToDo.TELL_ADMIN,
}


def what_to_do(state: DeliveryState, answer: Answer | None) -> ToDo:
    """What helps a delivery on that stands so after that answer."""
    if state in {DeliveryState.SENT, DeliveryState.DETACHED}:
        return ToDo.NOTHING
    if state is DeliveryState.DUE:
        return ToDo.WAIT
    return _TO_DO.get(answer, ToDo.SEND_AGAIN) if answer else ToDo.SEND_AGAIN
