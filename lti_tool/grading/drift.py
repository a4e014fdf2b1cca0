"""What differs between what was sent and what the platform shows: pure, from what both sides say.

A mark is compared on its own scale and exactly, but for the share of the whole that a platform may lose when it keeps
five places on another scale (`retry.ROUNDING`). What is under way is never judged, what nobody can read neither, and
who is not among the results has nothing there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from lti_tool.grading.model import Answer, DeliveryState
from lti_tool.grading.retry import stands
from lti_tool.ids import DeliveryId
from lti_tool.lti.model import Result

PLACES = Decimal("0.00001")


class Kind(StrEnum):
    """How a column differs from what was sent."""

    CHANGED = "changed"
    """Another mark stands there."""
    GONE = "gone"
    """Nothing stands there."""
    KEPT = "kept"
    """Ours was sent again and taken, and the platform still shows its own: a teacher's override."""


class Decision(StrEnum):
    """What a person may decide about a grade that differs."""

    RESEND = "resend"
    """Ours goes again, over what stands there."""
    ACCEPT = "accept"
    """What stands there is known and stays; ours stays as it was worked out."""
    DETACH = "detach"
    """The tool sends nothing here any more."""
    ATTACH = "attach"
    """The end of DETACH."""
    REOPEN = "reopen"
    """The end of ACCEPT."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the platform shows instead of ours; `given` None: nothing."""

    kind: Kind
    given: Decimal | None
    maximum: Decimal | None
    held_at: datetime | None
    """The time that the platform states for it."""
    decision: Decision | None = None
    """None: nobody has decided yet."""

    @property
    def result(self) -> Result:
        """The finding as the platform said it."""
        return Result("", self.given, self.maximum, None, self.held_at)


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery that was confirmed, as far as a comparison looks at it."""

    id: DeliveryId
    user_id: str
    state: DeliveryState
    answer: str | None
    given: Decimal | None
    maximum: Decimal | None
    sent_at: datetime | None
    wanted_given: Decimal | None
    wanted_maximum: Decimal
    known: Finding | None
    """What an earlier comparison found."""


Changes = Mapping[DeliveryId, Finding | None]
"""What is new: a finding, or None where what was found before has ended."""


def is_judged(row: Sent, began: datetime) -> bool:
    """Whether a reading that began then can say anything about it: it rests, and was confirmed before."""
    held = row.state is DeliveryState.HELD and row.answer == Answer.DIFFERS
    return (row.state is DeliveryState.SENT or held) and row.sent_at is not None and row.sent_at < began


def changes(rows: Iterable[Sent], results: Sequence[Result], began: datetime) -> Changes:
    """What a reading of a column that began then tells anew; people whom we do not know are left out."""
    held = {result.user_id: result for result in results}
    found: dict[DeliveryId, Finding | None] = {}
    for row in rows:
        result = held.get(row.user_id)
        if is_judged(row, began) and (result is None or result.readable):
            finding = _look(row, result)
            if finding != row.known:
                found[row.id] = finding
    return found


def is_only_later(known: Finding | None, finding: Finding | None) -> bool:
    """Whether the platform shows the same as before, and only states another time for it: no news to anybody."""
    return known is not None and finding is not None and replace(known, held_at=finding.held_at) == finding


def rests_as(given: Decimal | None, maximum: Decimal | None, row: Sent) -> DeliveryState:
    """The state of a grade that differs, if that is wished: nothing goes unless somebody decides."""
    same = stands(Result("", row.given, row.maximum, None, None), given, maximum)
    return DeliveryState.SENT if same else DeliveryState.HELD


def _look(row: Sent, result: Result | None) -> Finding | None:
    if stands(result, row.given, row.maximum) or stands(result, row.wanted_given, row.wanted_maximum):
        return None
    given, maximum = (result.given, result.maximum) if result else (None, None)
    again = row.known is not None and row.known.decision is Decision.RESEND
    kind = Kind.KEPT if again else Kind.GONE if given is None else Kind.CHANGED
    finding = Finding(kind, _stored(given), _stored(maximum), result.timestamp if result else None)
    if row.known and not again and (row.known.given, row.known.maximum) == (finding.given, finding.maximum):
        # What is known, and what was decided about it, stays.
        return replace(row.known, held_at=finding.held_at)
    return finding


def _stored(mark: Decimal | None) -> Decimal | None:
    # As a database keeps it, so that what was stored is known again.
    return None if mark is None else mark.quantize(PLACES, ROUND_DOWN)
