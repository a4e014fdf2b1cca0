"""A platform's gradebook with the sender's real signature and Moodle's ways (moodle-lti-facts, section 5).

Whole-second 409, erasing by a score without a mark, 400 for who has no gradebook role, 500 for a locked column, 404 for
a deleted one, doubles for a column that is asked for twice. Faults are queued with `fail_next`; a fault with
`stored=True` strikes after the platform took the score over (a lost answer).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from lti_tool.errors import LineItemGone, PerhapsLocked, PlatformError, ScoreOutdated, ScoreRefused
from lti_tool.grading.model import ScoreFacts
from lti_tool.ids import CourseId
from lti_tool.lti.model import LineItem, LineItemWish, Result, Score


@dataclass
class Grade:
    """What stands for one person, on the column's own scale; an erased one keeps its time."""

    given: Decimal | None
    comment: str | None
    at: datetime


@dataclass
class Column:
    """A column of the gradebook."""

    item: LineItem
    grades: dict[str, Grade] = field(default_factory=dict)
    locked: bool = False


class FakePlatform:
    """Fulfils `grading.model.ScoreSender`; everything that it did can be counted."""

    def __init__(self, *, enrolled: set[str] | None = None) -> None:
        self.columns: dict[str, Column] = {}
        self.enrolled = enrolled
        """None: everybody has a gradebook role."""
        self.posts: list[tuple[str, Score]] = []
        self.made = 0
        self.searched = 0
        self.while_sending: Callable[[Score], None] = lambda score: None
        self.while_reading: Callable[[str], object] = lambda url: None
        self._faults: deque[tuple[PlatformError, bool]] = deque()
        self._reading_faults: deque[PlatformError] = deque()
        self._lock = threading.Lock()

    # --- what a test arranges

    def add_column(self, maximum: str = "3", resource_id: str | None = None) -> str:
        """A column that is there already; returns its url."""
        return self._make(LineItemWish("column", Decimal(maximum), resource_id or "", "competency")).item.url

    def fail_next(self, error: PlatformError, times: int = 1, *, stored: bool = False) -> None:
        """The next scores or columns meet this fault instead of an answer (or instead of the answer to a success)."""
        self._faults.extend([(error, stored)] * times)

    def fail_reading(self, error: PlatformError) -> None:
        """The next reading of results meets this fault."""
        self._reading_faults.append(error)

    def write(self, url: str, user_id: str, given: str | None, at: datetime) -> None:
        """Somebody else's hand in the gradebook."""
        self.columns[url].grades[user_id] = Grade(None if given is None else Decimal(given), None, at)

    def delete_column(self, url: str) -> None:
        """A trainer deletes the column with all its grades."""
        del self.columns[url]

    def shown(self, url: str, user_id: str) -> Decimal | None:
        """The mark that the gradebook shows."""
        grade = self.columns[url].grades.get(user_id)
        return grade.given if grade else None

    # --- ScoreSender

    def ensure_line_item(self, course_id: CourseId, wish: LineItemWish) -> LineItem:
        """Searches by resource id and tag, then makes, like `lti.ags` on a real platform."""
        with self._lock:
            self._fault_before()
            self.searched += 1
            found = [
                column.item
                for column in self.columns.values()
                if (column.item.resource_id, column.item.tag) == (wish.resource_id, wish.tag)
            ]
            return found[0] if found else self._make(wish).item

    def line_item(self, course_id: CourseId, url: str) -> LineItem:
        """The column as it stands."""
        self.while_reading(url)
        with self._lock:
            return self._column(url).item

    def send(self, course_id: CourseId, line_item_url: str, score: Score) -> None:
        """Applies Moodle's rules in Moodle's order: column, role, time, mark."""
        self.while_sending(score)
        with self._lock:
            self.posts.append((line_item_url, score))
            lost = self._fault_before()
            self._apply(self._column(line_item_url), score)
            if lost:
                raise lost

    def results(self, course_id: CourseId, line_item_url: str, user_id: str | None = None) -> tuple[Result, ...]:
        """What stands, erased grades included as Moodle lists them."""
        self.while_reading(line_item_url)
        with self._lock:
            if self._reading_faults:
                raise self._reading_faults.popleft()
            column = self._column(line_item_url)
            return tuple(
                Result(
                    user, grade.given, column.item.score_maximum if grade.given is not None else None, None, grade.at
                )
                for user, grade in column.grades.items()
                if user_id in (None, user)
            )

    # --- inside

    def _make(self, wish: LineItemWish) -> Column:
        self.made += 1
        url = f"https://lms.example.invalid/lineitems/{self.made}/lineitem?type_id=1"
        column = Column(LineItem(url, wish.label, wish.score_maximum, wish.resource_id, wish.tag, None))
        self.columns[url] = column
        return column

    def _column(self, url: str) -> Column:
        if url not in self.columns:
            raise LineItemGone("line_item_gone")
        return self.columns[url]

    def _fault_before(self) -> PlatformError | None:
        """Raises a fault that comes before anything is stored; returns one that comes after."""
        if not self._faults:
            return None
        error, stored = self._faults.popleft()
        if stored:
            return error
        raise error

    def _apply(self, column: Column, score: Score) -> None:
        if self.enrolled is not None and score.user_id not in self.enrolled:
            raise ScoreRefused("score_refused", status=400)
        if column.locked:
            raise PerhapsLocked("score_perhaps_locked", status=500)
        held = column.grades.get(score.user_id)
        if held is not None and score.timestamp <= held.at:
            raise ScoreOutdated("score_outdated", status=409)
        given = None
        if score.given is not None and score.maximum is not None:
            given = score.given * column.item.score_maximum / score.maximum
        column.grades[score.user_id] = Grade(given, score.comment or None, score.timestamp)


def plain_comment(facts: ScoreFacts, locale: str) -> str:
    """A CommentWriter whose text shows which facts it was given."""
    return f"{locale} {facts.code} {facts.level} {facts.state} {facts.attained}/{facts.indicators}"


def seconds(number: float) -> timedelta:
    """Reads better in a test than timedelta(seconds=…)."""
    return timedelta(seconds=number)
