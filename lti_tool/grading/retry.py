"""What becomes of a delivery after each answer: the state machine of lti-security, section 3, without a database.

Two kinds of trouble are kept apart. An outage, or a platform that forbids us, concerns the *platform*: it is paused
and its rows wait untouched. Everything else is about the *row*: it is tried again later and later, held, or in the
end given up with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from lti_tool.errors import (
    CourseForbids,
    LineItemGone,
    PerhapsLocked,
    PlatformForbids,
    PlatformUnavailable,
    ScoreOutdated,
    ScoreRefused,
    ToolError,
    Unconfirmed,
)
from lti_tool.grading.model import Answer, DeliveryState
from lti_tool.lti.model import Result

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_BACKOFF = timedelta(hours=1)
BACKOFF_TRIES = 13
"""1 s doubled twelve times passes an hour; from then on a try a day."""
DAILY = timedelta(hours=24)
GIVE_UP_AFTER = timedelta(days=7)
LOCKED_TRIES = 3
PROBE = timedelta(seconds=60)
"""A paused platform is tried with one row so often."""
PASSING_FAULTS = 10
"""A busy platform fails now and then; after so many in a row without an answer it is away."""
QUICK_SECONDS = 2.0
PROOF = timedelta(seconds=60)
"""How long a platform that answered quickly is known to do so."""
OUTAGE_SPREAD = timedelta(seconds=10)
FORBIDDEN_PROBE = timedelta(hours=1)
LONGEST_RETRY_AFTER = timedelta(hours=24)
SECOND = timedelta(seconds=1)
ROUNDING = Decimal("0.00001")
"""Share of the whole by which a mark may differ after it was scaled and stored with five places."""

_ANSWERS: tuple[tuple[type[ToolError], Answer], ...] = (
    (PlatformUnavailable, Answer.OUTAGE),
    (PlatformForbids, Answer.FORBIDDEN),
    (LineItemGone, Answer.LINE_ITEM_GONE),
    (ScoreRefused, Answer.REFUSED),
    (PerhapsLocked, Answer.PERHAPS_LOCKED),
    (ScoreOutdated, Answer.OUTDATED),
    (Unconfirmed, Answer.UNCONFIRMED),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a row stood when it was claimed."""

    attempts: int
    first_failed_at: datetime | None
    last_answer: str | None
    remakes: bool = True


@dataclass(frozen=True, slots=True)
class Next:
    """What a row becomes."""

    state: DeliveryState
    due_at: datetime | None
    attempts: int
    first_failed_at: datetime | None
    answer: Answer
    remake: bool = False
    """The column is to be found again or made anew before the next try."""


@dataclass(frozen=True, slots=True)
class Pause:
    """The platform's rows wait until then; `reason` says why."""

    until: datetime
    reason: Answer


def answer_to(error: ToolError) -> Answer:
    """The class of an error; what has no class of its own is FAILED."""
    return next((answer for kind, answer in _ANSWERS if isinstance(error, kind)), Answer.FAILED)


def backoff(attempts: int, jitter: float) -> timedelta:
    """The wait after the n-th failed attempt: full jitter under a ceiling that doubles from 1 s to 1 h, then 24 h.

    `jitter` is a random number from 0 to 1; the wait is never under a second.
    """
    if attempts > BACKOFF_TRIES:
        return DAILY
    ceiling = min(LONGEST_BACKOFF, FIRST_PAUSE * (1 << (attempts - 1)))
    return max(FIRST_PAUSE, ceiling * jitter)


def after_success(answer: Answer) -> Next:
    """The score stands there: nothing more to do for this version."""
    return Next(DeliveryState.SENT, None, 0, None, answer)


def after_failure(row: Standing, answer: Answer, now: datetime, jitter: float) -> Next:
    """What the row becomes after an answer about itself (not for an outage or a platform that forbids)."""
    attempts, since = row.attempts + 1, row.first_failed_at or now
    if answer is Answer.NEWER_THERE:
        # No retry by itself: tomorrow's try would put an older decision over a newer one.
        return Next(DeliveryState.HELD, None, attempts, since, answer)
    if now - since >= GIVE_UP_AFTER:
        return Next(DeliveryState.DEAD, None, attempts, since, answer)
    if answer is Answer.LINE_ITEM_GONE and row.remakes and row.last_answer != Answer.LINE_ITEM_GONE:
        return Next(DeliveryState.DUE, now, attempts, since, answer, remake=True)
    if _waits_a_day(answer, attempts):
        return Next(DeliveryState.HELD, now + DAILY, attempts, since, answer)
    return Next(DeliveryState.DUE, now + backoff(attempts, jitter), attempts, since, answer)


def after_outage(row: Standing, now: datetime, jitter: float) -> Next:
    """What the row becomes whose platform was not there: due again in some seconds, nothing held against it.

    It goes behind those that wait: were it the cause, the others would have their turn all the same.
    """
    due = now + max(FIRST_PAUSE, OUTAGE_SPREAD * jitter)
    # What was said about the row itself decides what its next refusal means.
    own = Answer.OUTAGE if row.first_failed_at is None or row.last_answer is None else Answer(row.last_answer)
    return Next(DeliveryState.DUE, due, row.attempts, row.first_failed_at, own)


def _waits_a_day(answer: Answer, attempts: int) -> bool:
    locked = answer is Answer.PERHAPS_LOCKED and attempts >= LOCKED_TRIES
    return locked or answer in {Answer.REFUSED, Answer.LINE_ITEM_GONE, Answer.FORBIDDEN}


def pause_for(error: ToolError, now: datetime, failures: int = 1) -> Pause | None:
    """The pause that an error puts on the whole platform; None where it is about the row.

    Retry-After is obeyed up to a day. Who does not answer at all, or says 429, is left alone for a minute. A fault
    that passes (502-504, a cut connection) does so only as the tenth in a row: `failures` counts them with this one.
    Who forbids is asked again in an hour; who refuses a token that it has just given sooner at first, since it may have
    taken back all of them twice within one exchange.
    """
    if is_about_tokens(error):
        return Pause(now + min(FORBIDDEN_PROBE, FIRST_PAUSE * (1 << min(failures, 12))), Answer.FORBIDDEN)
    if isinstance(error, PlatformForbids) and not isinstance(error, CourseForbids):
        return Pause(now + FORBIDDEN_PROBE, Answer.FORBIDDEN)
    if not isinstance(error, PlatformUnavailable):
        return None
    if error.retry_after is not None:
        asked = timedelta(seconds=min(error.retry_after, LONGEST_RETRY_AFTER.total_seconds()))
        return Pause(now + max(FIRST_PAUSE, asked), Answer.OUTAGE)
    if _passes(error) and failures < PASSING_FAULTS:
        return None
    return Pause(now + PROBE, Answer.OUTAGE)


def is_about_tokens(error: ToolError) -> bool:
    """Whether the platform refused a token that it had given a moment before."""
    return error.code == "token_refused_again"


def _passes(error: PlatformUnavailable) -> bool:
    status = error.facts.get("status")
    return error.code == "platform_reset" or (isinstance(status, int) and status > 500)


def forgive(first_failed_at: datetime, paused_since: datetime, now: datetime) -> datetime:
    """The first failure moved on by the part of a pause that came after it: silence is not held against a row."""
    return first_failed_at + (now - min(now, max(paused_since, first_failed_at)))


def next_timestamp(now: datetime, last: datetime | None) -> datetime:
    """max(now, last + 1 s) in whole seconds: Moodle compares whole seconds and refuses what is not newer."""
    whole = now.replace(microsecond=0)
    return whole if last is None else max(whole, last.replace(microsecond=0) + SECOND)


def stands(held: Result | None, given: Decimal | None, maximum: Decimal | None) -> bool:
    """Whether the platform shows this mark; it may hold it on the column's own scale, rounded to five places."""
    if given is None or maximum is None:
        return held is None or held.given is None
    if held is None or held.given is None:
        return False
    column = held.maximum or maximum
    return abs(held.given * maximum - given * column) <= ROUNDING * maximum * column


def after_conflict(
    held: Result | None, given: Decimal | None, maximum: Decimal | None, before: tuple[Decimal | None, Decimal | None]
) -> Answer:
    """What a 409 meant, by what the platform holds: ours is there, somebody's newer one is, or only its time is.

    `before` is the mark (given, maximum) that we know to have been there. Moodle moves the time of a grade forward
    when a column is rescaled; such a grade is still ours, and so is the emptiness after a withdrawal.
    """
    if stands(held, given, maximum):
        return Answer.CONFIRMED
    return Answer.OUTDATED if _ours(held, before) else Answer.NEWER_THERE


def after_withdrawal(held: Result | None, before: tuple[Decimal | None, Decimal | None]) -> Answer:
    """What an accepted withdrawal came to: confirmed only by reading that nothing stands (rules, section 5)."""
    if stands(held, None, None):
        return Answer.CONFIRMED
    return Answer.UNCONFIRMED if _ours(held, before) else Answer.NEWER_THERE


def _ours(held: Result | None, before: tuple[Decimal | None, Decimal | None]) -> bool:
    return held is None or held.given is None or stands(held, *before)
