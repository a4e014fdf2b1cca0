"""Decides which columns of a gradebook export are results of which activity, and says why the others are not.

Pure. One column an activity is taken: *Real* where the full mark is known, else *Percentage*. Totals and the columns
that this tool made itself are never evidence; what cannot be told apart is reported, not guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from lti_tool.competency.delimited import plain
from lti_tool.ids import ActivityId
from lti_tool.moodle.activity_names import ActivityNames
from lti_tool.moodle.gradebook_file import HUNDRED, GradebookFile, ItemColumn, shows_words
from lti_tool.moodle.gradebook_words import Display, is_total
from lti_tool.people.model import Activity


class ColumnFault(StrEnum):
    """Why a column of marks was not taken."""

    ACTIVITY_UNKNOWN = "activity_unknown"
    ACTIVITY_AMBIGUOUS = "activity_ambiguous"
    """Several activities of the course have this name."""
    COLUMN_TWICE = "column_twice"
    """Several columns of the file have this header."""
    COLUMN_WITHOUT_MAXIMUM = "column_without_maximum"
    """A *Real* column of an activity whose full mark nobody told."""
    LETTERS_ONLY = "letters_only"
    """Words of a scale or letters; no number is made of them."""
    HEADER_UNKNOWN = "header_unknown"


class Ignored(StrEnum):
    """Why a column is rightly left alone."""

    TOTAL = "total"
    OWN_COLUMN = "own_column"
    FEEDBACK = "feedback"
    OTHER_DISPLAY = "other_display"
    """Another display of the same activity was taken."""


@dataclass(frozen=True, slots=True)
class ChosenColumn:
    """A column whose marks count as results of `activity`; a full mark is `maximum`."""

    column: ItemColumn
    activity: Activity
    maximum: Decimal


@dataclass(frozen=True, slots=True)
class ColumnNote:
    """A column that was not taken, by its header, and why."""

    column: str
    reason: ColumnFault | Ignored


@dataclass(frozen=True, slots=True)
class MatchedColumns:
    """What became of all columns of a file."""

    chosen: tuple[ChosenColumn, ...]
    unmatched: tuple[ColumnNote, ...]
    ignored: tuple[ColumnNote, ...]


def match_columns(
    file: GradebookFile, names: ActivityNames, own_labels: Collection[str], own_maxima: Mapping[ActivityId, Decimal]
) -> MatchedColumns:
    """Sorts the item columns of a file. `own_labels` are the competency columns that the tool made,
    `own_maxima` the full marks of its own activities' columns.
    """
    matching = _Matching(file, names, frozenset(plain(label) for label in own_labels), own_maxima)
    by_item: dict[str, list[ItemColumn]] = defaultdict(list)
    for column in file.items:
        by_item[column.item].append(column)
    for item, columns in by_item.items():
        matching.take_item(item, columns)
    return matching.result()


class _Matching:
    """One pass over the items of one file."""

    def __init__(
        self,
        file: GradebookFile,
        names: ActivityNames,
        own_labels: frozenset[str],
        own_maxima: Mapping[ActivityId, Decimal],
    ) -> None:
        self._file, self._names = file, names
        self._own_labels, self._own_maxima = own_labels, own_maxima
        self._chosen: dict[ActivityId, list[ChosenColumn]] = defaultdict(list)
        self._unmatched = [ColumnNote(header, ColumnFault.HEADER_UNKNOWN) for header in file.unknown]
        self._ignored: list[ColumnNote] = []

    def take_item(self, item: str, columns: list[ItemColumn]) -> None:
        """Chooses among the columns of one grade item."""
        feedback = [column for column in columns if column.display is Display.FEEDBACK]
        marks = [column for column in columns if column.display is not Display.FEEDBACK]
        self._ignore(feedback, Ignored.FEEDBACK)
        if is_total(item):
            self._ignore(marks, Ignored.TOTAL)
        elif item in self._own_labels:
            self._ignore(marks, Ignored.OWN_COLUMN)
        elif len({column.display for column in marks}) < len(marks):
            self._refuse(marks, ColumnFault.COLUMN_TWICE)
        elif marks:
            self._take_marks(item, marks)

    def result(self) -> MatchedColumns:
        """What became of the columns; two items that mean one activity are both refused."""
        chosen = []
        for found in self._chosen.values():
            if len(found) == 1:
                chosen += found
            else:
                self._refuse([each.column for each in found], ColumnFault.COLUMN_TWICE)
        return MatchedColumns(tuple(chosen), tuple(self._unmatched), tuple(self._ignored))

    def _take_marks(self, item: str, marks: list[ItemColumn]) -> None:
        activities = self._names.find(item)
        if len(activities) != 1:
            fault = ColumnFault.ACTIVITY_AMBIGUOUS if activities else ColumnFault.ACTIVITY_UNKNOWN
            self._refuse(marks, fault)
            return
        activity = activities[0]
        by_display = {column.display: column for column in marks}
        maximum = activity.mark_max or self._own_maxima.get(activity.id)
        best = self._best(by_display, maximum)
        if best is None:
            words = [column for column in marks if self._shows_words(column)]
            self._refuse(words, ColumnFault.LETTERS_ONLY)
            rest = [column for column in marks if column not in words]
            self._refuse(rest, ColumnFault.COLUMN_WITHOUT_MAXIMUM)
            return
        self._chosen[activity.id].append(_out_of(best, activity, maximum))
        self._ignore([column for column in marks if column is not best], Ignored.OTHER_DISPLAY)

    def _best(self, by_display: Mapping[Display, ItemColumn], maximum: Decimal | None) -> ItemColumn | None:
        # An activity with a scale has a maximum too (its number of steps), and still prints nothing but words.
        real, percentage = by_display.get(Display.REAL), by_display.get(Display.PERCENTAGE)
        usable = [real if maximum else None, percentage]
        return next((column for column in usable if column and not self._shows_words(column)), None)

    def _shows_words(self, column: ItemColumn) -> bool:
        return column.display is Display.LETTER or shows_words(self._file, column)

    def _refuse(self, columns: list[ItemColumn], fault: ColumnFault) -> None:
        self._unmatched += [ColumnNote(column.header, fault) for column in columns]

    def _ignore(self, columns: list[ItemColumn], why: Ignored) -> None:
        self._ignored += [ColumnNote(column.header, why) for column in columns]


def _out_of(column: ItemColumn, activity: Activity, maximum: Decimal | None) -> ChosenColumn:
    """The column with what a full mark is in it: a percentage is out of 100 whatever the activity's maximum."""
    if column.display is Display.PERCENTAGE or maximum is None:
        return ChosenColumn(column, activity, HUNDRED)
    return ChosenColumn(column, activity, maximum)
