"""A gradebook with Moodle's habits, which are what makes passing grades back hard.

No HTTP here: the services translate. Recorded from Moodle 5.1.3; times are whole seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from threading import RLock

PLACES = Decimal("0.00001")
"""Moodle stores grades with five decimals."""


class NoSuchColumn(Exception):
    """The column was deleted, or never was."""


class EarlierTimestamp(Exception):
    """A score at or before the time of the stored grade (409)."""


class GradeLocked(Exception):
    """A teacher locked the grade or the column (500)."""


@dataclass(slots=True)
class Grade:
    """What one person has in one column; `final` differs from `raw` after a teacher's override."""

    raw: Decimal | None = None
    final: Decimal | None = None
    feedback: str = ""
    time: int | None = None
    maximum: Decimal = Decimal(100)
    overridden: bool = False
    locked: bool = False


@dataclass(slots=True)
class Column:
    """One column; `module` is quiz, assign, lti, or empty for a standalone one."""

    course_id: str
    label: str
    maximum: Decimal
    module: str = ""
    id: str = ""
    tool_id: str | None = None
    link_id: str | None = None
    resource_id: str = ""
    tag: str = ""
    review: Mapping[str, object] | None = None
    locked: bool = False
    hidden: bool = False
    """Its grades are not shown to participants."""
    grades: dict[str, Grade] = field(default_factory=dict)

    @property
    def belongs_to_activity(self) -> bool:
        """Made with the activity, not posted by the tool."""
        return self.module == "lti"


class Gradebook:
    """All columns of all courses. Every method is safe to call from any thread."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = RLock()
        self._columns: dict[str, Column] = {}
        self._next_id = 1

    def add(self, column: Column) -> Column:
        """Put a column at the right end of its course's gradebook; it is given its id here."""
        with self._lock:
            column.id = str(self._next_id)
            self._next_id += 1
            self._columns[column.id] = column
            return column

    def columns(self, course_id: str) -> list[Column]:
        """The course's columns, oldest first."""
        with self._lock:
            return [column for column in self._columns.values() if column.course_id == course_id]

    def column(self, column_id: str) -> Column:
        """One column; NoSuchColumn when it is gone."""
        with self._lock:
            try:
                return self._columns[column_id]
            except KeyError as error:
                raise NoSuchColumn(column_id) from error

    def remove(self, column_id: str) -> None:
        """A teacher or the tool deletes the column with all its grades."""
        with self._lock:
            self.column(column_id)
            del self._columns[column_id]

    def rescale(self, column_id: str, maximum: Decimal) -> None:
        """Change the maximum: grades go along in proportion, overridden ones do not, and their time becomes now."""
        with self._lock:
            column = self.column(column_id)
            factor = maximum / column.maximum if column.maximum else Decimal(1)
            column.maximum = maximum
            for grade in column.grades.values():
                _rescale(grade, factor, maximum, int(self._now()))

    def set_mark(self, column_id: str, person_id: str, mark: Decimal | None, feedback: str = "") -> None:
        """The activity's own marking (a quiz, an assignment); None withdraws the mark."""
        with self._lock:
            column = self.column(column_id)
            if mark is None:
                column.grades.pop(person_id, None)
                return
            grade = Grade(mark, mark, feedback, int(self._now()), column.maximum)
            column.grades[person_id] = grade

    def take_score(
        self, column_id: str, person_id: str, given: Decimal | None, maximum: Decimal, comment: str, at: int
    ) -> None:
        """Store a tool's score, or erase by `given` None; a comment that is left out deletes the earlier one.

        Raises NoSuchColumn, EarlierTimestamp, GradeLocked.
        """
        with self._lock:
            column = self.column(column_id)
            grade = column.grades.get(person_id)
            if grade is not None and grade.time is not None and grade.time >= at:
                raise EarlierTimestamp(column_id, person_id)
            if column.locked or (grade is not None and grade.locked):
                raise GradeLocked(column_id, person_id)
            grade = column.grades.setdefault(person_id, Grade(maximum=column.maximum))
            _store(column, grade, given, maximum, comment, at)

    def override(self, column_id: str, person_id: str, final: Decimal | int | None, feedback: str = "") -> None:
        """A teacher types a grade over the tool's: it stays final, whatever the tool sends later."""
        with self._lock:
            column = self.column(column_id)
            grade = column.grades.setdefault(person_id, Grade(maximum=column.maximum))
            grade.final = None if final is None else Decimal(final)
            grade.feedback, grade.overridden, grade.time = feedback, True, int(self._now())

    def end_override(self, column_id: str, person_id: str) -> None:
        """A teacher takes the tick from "Overridden": what was sent last is final again."""
        with self._lock:
            grade = self.column(column_id).grades.get(person_id)
            if grade is not None and grade.overridden:
                grade.final, grade.overridden, grade.time = grade.raw, False, int(self._now())

    def erase(self, column_id: str, person_id: str) -> None:
        """The grade and its history are gone, as after a reset of the course."""
        with self._lock:
            self.column(column_id).grades.pop(person_id, None)

    def lock(self, column_id: str, person_id: str | None = None) -> None:
        """A teacher locks the column, or one person's grade in it."""
        with self._lock:
            column = self.column(column_id)
            if person_id is None:
                column.locked = True
            else:
                column.grades.setdefault(person_id, Grade(maximum=column.maximum)).locked = True

    def hide(self, column_id: str, hidden: bool) -> None:
        """A teacher hides the column from participants, or shows it again."""
        with self._lock:
            self.column(column_id).hidden = hidden

    def grade(self, column_id: str, person_id: str) -> Grade | None:
        """What stands for one person, None when nothing ever did."""
        with self._lock:
            return self.column(column_id).grades.get(person_id)


def _store(column: Column, grade: Grade, given: Decimal | None, maximum: Decimal, comment: str, at: int) -> None:
    grade.raw = None if given is None else _scaled(given, maximum, column.maximum)
    if grade.overridden:
        # Seen on 5.1.3: the answer is 200, but final grade, comment and time stay the teacher's.
        return
    grade.final, grade.feedback, grade.maximum = grade.raw, comment, column.maximum
    # The erased grade of an activity loses its time, that of a standalone column keeps it.
    grade.time = None if given is None and column.belongs_to_activity else at


def _scaled(given: Decimal, maximum: Decimal, column_maximum: Decimal) -> Decimal:
    """On the column's scale, between 0 and its maximum; a scoreMaximum of 0 means no scaling."""
    value = given * column_maximum / maximum if maximum else given
    return min(max(value, Decimal(0)), column_maximum).quantize(PLACES)


def _rescale(grade: Grade, factor: Decimal, maximum: Decimal, now: int) -> None:
    grade.maximum = maximum
    if grade.raw is not None:
        grade.raw = (grade.raw * factor).quantize(PLACES)
    if not grade.overridden and grade.final is not None:
        grade.final, grade.time = grade.raw if grade.raw is not None else grade.final, now
