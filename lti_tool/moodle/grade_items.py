"""The answers of Moodle's web service as values: grade items, grades, completion. Its words end here.

Pure: parsed JSON in, values out. What is malformed is refused whole, as AnswerUnreadable would be; what is only strange
(a column without a full mark, a hidden grade) is kept apart by name. Totals are never evidence, ungraded and hidden
marks neither; a scale of n words is a mark from 1 to n, the number of the word (moodle-lti-facts, section 6; rules,
section 1).
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from lti_tool.competency.delimited import plain
from lti_tool.errors import Retryable
from lti_tool.moodle.gradebook_file import EARLIEST, LATEST, MARK_STEP

NAME_LENGTH = 400
LARGEST = Decimal(10) ** 9
HIGHEST = LARGEST - MARK_STEP
"""The highest mark that can be kept; a full mark beyond it is told as this one, and cannot be chosen."""
GROUP_NAME = 254
"""Letters of a group's name that Moodle itself keeps."""
COMPLETION_MARKS = {1: Decimal(1), 2: Decimal(1), 3: Decimal(0)}
"""Moodle's states "complete", "complete with a pass" and "with a fail"; 0 is incomplete, 4 a fail that is hidden."""

_MODULE = re.compile("[a-z][a-z0-9_]{0,59}")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_IDS = range(2**63)

PRINTED_TYPES = {
    "assign": "Assignment",
    "quiz": "Quiz",
    "lti": "External tool",
    "forum": "Forum",
    "lesson": "Lesson",
    "workshop": "Workshop",
    "scorm": "SCORM package",
    "h5pactivity": "H5P",
    "hvp": "Interactive Content",
    "data": "Database",
    "glossary": "Glossary",
    "feedback": "Feedback",
    "bigbluebuttonbn": "BigBlueButton",
    "attendance": "Attendance",
    "page": "Page",
    "resource": "File",
    "url": "URL",
    "book": "Book",
    "choice": "Choice",
}


class MoodleAnswerOdd(Retryable):
    """An answer of the web service that has not the form that Moodle documents."""


class ItemFault(StrEnum):
    """Why a column of the gradebook cannot be chosen."""

    SCALE = "scale"
    """A scale of which no number can be made: of a single word, or counted otherwise than from 1."""
    NO_MAXIMUM = "no_maximum"
    """No grade, or a full mark that is not above the least mark."""
    OWN_COLUMN = "own_column"
    """Made by this tool."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something of the course that can give marks. `key` tells it from all others of its course, for good."""

    key: str
    name: str
    """As Moodle's gradebook prints it in English: "Quiz: Week 1"."""
    module: str | None
    """None for a column that belongs to no activity."""
    instance: str | None
    minimum: Decimal
    maximum: Decimal
    fault: ItemFault | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """What one item says of one person; `mark` None: no grade that counts (none, or hidden)."""

    mark: Decimal | None
    graded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonGrades:
    """A person as Moodle calls them, with what their items say; an item that is being computed says nothing."""

    user_id: str
    id_number: str | None
    grades: Mapping[str, Grade]


@dataclass(frozen=True, slots=True)
class Gradebook:
    """All columns that may be evidence, and everyone's grades in them."""

    items: tuple[Item, ...]
    persons: tuple[PersonGrades, ...]


def parse_gradebook(answer: object) -> Gradebook:
    """The answer of `gradereport_user_get_grade_items`. Raises MoodleAnswerOdd."""
    try:
        items: dict[str, Item] = {}
        persons = [_person(each, items) for each in _listed(_dict(answer)["usergrades"])]
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise MoodleAnswerOdd("moodle_answer_odd", function="gradereport_user_get_grade_items") from error
    return Gradebook(tuple(items.values()), tuple(persons))


def parse_completable(answer: object) -> tuple[Item, ...]:
    """What can be completed in a course, by `core_course_get_contents`: 1 of 1 when it is. Raises MoodleAnswerOdd."""
    try:
        modules = [each for section in _listed(answer) for each in _listed(_dict(section)["modules"])]
        listed = [_completable(each) for each in modules if each.get("completion")]
        # One that stands there twice is one.
        return tuple({item.key: item for item in listed}.values())
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MoodleAnswerOdd("moodle_answer_odd", function="core_course_get_contents") from error


def parse_completion(answer: object) -> dict[str, Grade]:
    """One person's completion, by `core_completion_get_activities_completion_status`. Raises MoodleAnswerOdd."""
    try:
        states = [_dict(each) for each in _listed(_dict(answer)["statuses"])]
        return {
            f"completion:{_id(each['cmid'])}": Grade(
                COMPLETION_MARKS.get(_id(each["state"])), _time(each.get("timecompleted"))
            )
            for each in states
        }
    except (KeyError, TypeError, ValueError) as error:
        function = "core_completion_get_activities_completion_status"
        raise MoodleAnswerOdd("moodle_answer_odd", function=function) from error


def parse_emails(answer: object) -> dict[str, str]:
    """E-mail addresses by user id, by `core_enrol_get_enrolled_users`. Raises MoodleAnswerOdd."""
    try:
        people = [_dict(each) for each in _listed(answer)]
        return {str(_id(each["id"])): str(each["email"]) for each in people if each.get("email")}
    except (KeyError, TypeError, ValueError) as error:
        raise MoodleAnswerOdd("moodle_answer_odd", function="core_enrol_get_enrolled_users") from error


def parse_groups(answer: object) -> dict[str, str]:
    """Names of a course's groups by their ids, by `core_group_get_course_groups`. Raises MoodleAnswerOdd."""
    try:
        groups = [_dict(each) for each in _listed(answer)]
        return {str(_id(each["id"])): _line(str(each["name"]))[:GROUP_NAME] for each in groups}
    except (KeyError, TypeError, ValueError) as error:
        raise MoodleAnswerOdd("moodle_answer_odd", function="core_group_get_course_groups") from error


def _person(told: object, items: dict[str, Item]) -> PersonGrades:
    plain_person = _dict(told)
    grades: dict[str, Grade] = {}
    for each in map(_dict, _listed(plain_person["gradeitems"])):
        if each["itemtype"] not in {"mod", "manual"}:
            continue
        item = _item(each)
        items.setdefault(item.key, item)
        if not each.get("gradeneedsupdate"):
            grades[item.key] = _grade(each)
    number = str(plain_person.get("useridnumber") or "").strip()
    return PersonGrades(str(_id(plain_person["userid"])), number or None, grades)


def _item(told: Mapping[str, Any]) -> Item:
    module = _module(told["itemmodule"]) if told["itemtype"] == "mod" else None
    minimum, maximum = _limit(told["grademin"]), _limit(told["grademax"])
    fault = None
    if told.get("scaleid"):
        fault = None if minimum == 1 and 1 < maximum < HIGHEST else ItemFault.SCALE
    elif maximum <= max(minimum, Decimal(0)) or maximum >= HIGHEST:
        fault = ItemFault.NO_MAXIMUM
    instance = None if told.get("iteminstance") is None else str(_id(told["iteminstance"]))
    name = _printed(module, str(told["itemname"] or ""))
    return Item(f"grade:{_id(told['id'])}", name, module, instance, minimum, maximum, fault)


def _grade(told: Mapping[str, Any]) -> Grade:
    raw = told.get("graderaw")
    hidden = told.get("gradeishidden") or told.get("gradehiddenbydate")
    if raw is None or hidden:
        return Grade(None)
    mark = _number(raw)
    if abs(mark) >= LARGEST:
        raise ValueError("not a mark")
    if told.get("scaleid") and not _number(told["grademin"]) <= mark <= _number(told["grademax"]):
        # No word of the scale has this number.
        return Grade(None)
    return Grade(mark, _time(told.get("gradedategraded")))


def _completable(told: Mapping[str, Any]) -> Item:
    module = _module(told["modname"])
    name = _printed(module, str(told["name"]))
    return Item(f"completion:{_id(told['id'])}", name, module, str(_id(told["instance"])), Decimal(0), Decimal(1))


def _printed(module: str | None, name: str) -> str:
    bare = _line(name) or "–"
    kind = PRINTED_TYPES.get(module, module.capitalize()) if module else ""
    return (f"{kind}: {bare}" if kind else bare)[:NAME_LENGTH]


def _line(told: str) -> str:
    """A name in one line, without what no database takes; Moodle writes `&amp;` in it."""
    return plain(_UNSTORABLE.sub("", html.unescape(told)))


def _module(told: object) -> str:
    """The name of a kind of activity, which is a word: "quiz"."""
    if not isinstance(told, str) or not _MODULE.fullmatch(told):
        raise TypeError("not a module")
    return told


def _id(told: object) -> int:
    """A number of Moodle's database, whether it is written as number or text."""
    if isinstance(told, bool) or not isinstance(told, int | str) or (number := int(told)) not in _IDS:
        raise TypeError("not an id")
    return number


def _limit(told: object) -> Decimal:
    """The least mark or the full mark of an item, as far as marks reach here."""
    return max(-HIGHEST, min(_number(told), HIGHEST))


def _number(told: object) -> Decimal:
    """A number of JSON, exact to Moodle's five decimals; True is none."""
    if isinstance(told, bool) or not isinstance(told, int | float | Decimal | str):
        raise TypeError("not a number")
    try:
        number = Decimal(str(told))
    except InvalidOperation as error:
        raise ValueError("not a number") from error
    if not number.is_finite() or abs(number) >= LARGEST * 10:
        raise ValueError("not a mark")
    return number.quantize(MARK_STEP) + 0


def _time(told: object) -> datetime | None:
    if isinstance(told, bool) or not isinstance(told, int) or not 0 < told < LATEST.timestamp():
        return None
    moment = datetime.fromtimestamp(told, UTC)
    return moment if moment >= EARLIEST else None


def _dict(told: object) -> Mapping[str, Any]:
    if not isinstance(told, dict):
        raise TypeError("not an object")
    return told


def _listed(told: object) -> Sequence[Any]:
    if not isinstance(told, list):
        raise TypeError("not a list")
    return told
