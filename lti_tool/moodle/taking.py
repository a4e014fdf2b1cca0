"""Takes marks of a gradebook into the ledger, whichever way they came: only what is news becomes an entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from lti_tool.competency.evidence import CurrentEvidence, NewEvidence, current_evidence
from lti_tool.grading.gradebook import accept_results
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.moodle import store
from lti_tool.moodle.result_news import Known, News, Told, news_of, worked_at

_STORED = {News.ADDED, News.CHANGED, News.WITHDRAWN}
_REMEMBERED = {News.UNCHANGED, News.OWN, News.NOTHING}
_NOTHING = Known()


@dataclass(frozen=True, slots=True)
class Cell:
    """What a gradebook says of a person in an activity."""

    person_id: PersonId
    activity_id: ActivityId
    told: Told

    @property
    def place(self) -> store.Place:
        """Person and activity."""
        return self.person_id, self.activity_id


@dataclass(frozen=True, slots=True)
class _Decided:
    cell: Cell
    news: News
    worked_at: datetime


def take(
    session: Session,
    course_id: CourseId,
    cells: Sequence[Cell],
    *,
    by: PersonId | None,
    now: datetime,
    dry_run: bool = False,
) -> Counter[News]:
    """Stores what is news and remembers what was said again; how many cells came to what.

    The caller has taken the course (`roster.take_courses`), so that nothing changes between the look and the storing.
    """
    read_times = store.read_times(session, course_id)
    known = _known(session, course_id, read_times)
    decided = [_decide(cell, known.get(cell.place, _NOTHING)) for cell in cells]
    if not dry_run:
        entries = [_entry(each) for each in decided if each.news in _STORED]
        if entries:
            accept_results(session, course_id, entries, by=by, now=now)
        _remember(session, course_id, decided, read_times)
    return Counter(each.news for each in decided)


def _decide(cell: Cell, known: Known) -> _Decided:
    return _Decided(cell, news_of(cell.told, known), worked_at(cell.told, known))


def _remember(
    session: Session, course_id: CourseId, decided: Sequence[_Decided], read_times: Mapping[store.Place, datetime]
) -> None:
    # An entry with the time of its mark does not tell that the gradebook said so later than that.
    spoken = {
        each.cell.place: each.cell.told.at
        for each in decided
        if each.news in _REMEMBERED or (each.news in _STORED and each.worked_at < each.cell.told.at)
    }
    newer = {place: at for place, at in spoken.items() if place not in read_times or at > read_times[place]}
    store.note_read_times(session, course_id, read_times, newer)


def _known(
    session: Session, course_id: CourseId, read_times: Mapping[store.Place, datetime]
) -> dict[store.Place, Known]:
    """What is known of everyone in every activity, by a fixed number of queries."""
    current = {
        (person, activity): entry
        for (person, activity, indicator), entry in current_evidence(session, course_id).items()
        if indicator is None
    }
    sent = store.sent_shares(session, course_id)
    return {
        place: _known_of(current.get(place), read_times.get(place), sent.get(place, frozenset()))
        for place in current.keys() | read_times.keys() | sent.keys()
    }


def _known_of(entry: CurrentEvidence | None, read_at: datetime | None, sent: Collection[Fraction]) -> Known:
    if entry is None:
        return Known(read_at=read_at, sent=sent)
    share = None
    if entry.mark is not None:
        share = Fraction(entry.mark - entry.mark_min) / Fraction(entry.mark_max - entry.mark_min)
    return Known(share, entry.source, entry.worked_at, read_at, sent)


def _entry(decided: _Decided) -> NewEvidence:
    told = decided.cell.told
    return NewEvidence(
        person_id=decided.cell.person_id,
        activity_id=decided.cell.activity_id,
        indicator_id=None,
        mark=told.mark,
        mark_min=told.minimum,
        mark_max=told.maximum,
        source=told.source,
        worked_at=decided.worked_at,
    )
