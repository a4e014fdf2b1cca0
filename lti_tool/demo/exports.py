"""The files that a visitor takes from the LMS to the tool: the gradebook's plain text export, and a mapping for it.

The export has Moodle's own shape (fixture `webservice/gradebook-export.csv`) in the words of its language packs. The
Kyrgyz pack translates little, so that its headers are a mixture.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO

from lti_tool.demo import seed
from lti_tool.demo.gradebook import Column, Grade
from lti_tool.demo.lms import DemoLms
from lti_tool.demo.model import NativeActivity, Person


@dataclass(frozen=True, slots=True)
class Words:
    """The language pack's strings that an export is made of."""

    person: tuple[str, ...]
    """First name, last name, ID number, institution, department, e-mail address."""
    modules: dict[str, str]
    real: str
    percentage: str
    feedback: str
    total: str
    exported: str


WORDS = {
    "en": Words(
        ("First name", "Last name", "ID number", "Institution", "Department", "Email address"),
        {"quiz": "Quiz", "assign": "Assignment", "lti": "External tool"},
        "Real",
        "Percentage",
        "Feedback",
        "Course total",
        "Last downloaded from this course",
    ),
    "ru": Words(
        ("Имя", "Фамилия", "Индивидуальный номер", "Учреждение (организация)", "Отдел", "Адрес электронной почты"),
        {"quiz": "Тест", "assign": "Задание", "lti": "Внешний инструмент"},
        "Значение",
        "Проценты",
        "Отзыв",
        "Итоговая оценка за курс",
        "Последние загруженные из этого курса",
    ),
    "ky": Words(
        ("Аты", "Фамилиясы", "ID number", "Institution", "Department", "Email address"),
        {"quiz": "Тест", "assign": "Тапшырма", "lti": "External tool"},
        "Real",
        "Percentage",
        "Feedback",
        "Course total",
        "Last downloaded from this course",
    ),
}


def column_title(column: Column | NativeActivity, words: Words) -> str:
    """The name as Moodle's gradebook prints it: an activity with its module before it, a standalone column plain."""
    label = column.name if isinstance(column, NativeActivity) else column.label
    return f"{words.modules[column.module]}: {label}" if column.module else label


def gradebook_csv(lms: DemoLms, course_id: str, language: str = "en", percentage: bool = False) -> str:
    """Grades > Export > Plain text file, for all active participants, as of now."""
    words, columns = WORDS.get(language, WORDS["en"]), lms.gradebook.columns(course_id)
    kind = words.percentage if percentage else words.real
    titles = [column_title(column, words) for column in columns] + [words.total]
    header = [*words.person, *(f"{title} ({part})" for title in titles for part in (kind, words.feedback))]
    rows = [_row(lms, person, columns, percentage) for person in lms.participants(course_id)]
    return _written([[*header, words.exported], *rows])


def mapping_csv(language: str = "en") -> str:
    """Which native activity shows which indicators, with the activities' maxima."""
    words = WORDS.get(language, WORDS["en"])
    rows = [["activity", "indicator", "weight", "role", "pass_mark", "max"]]
    for activity, entries in seed.MAPPING:
        for entry in entries:
            code, weight, role = (*entry.split(":"), "", "")[:3]
            title = column_title(activity, words)
            rows.append([title, code, weight or "1", role or "supporting", "", str(activity.maximum)])
    return _written(rows)


def _row(lms: DemoLms, person: Person, columns: Sequence[Column], percentage: bool) -> list[str]:
    cells = [person.given_name, person.family_name, person.id_number, "", "", person.email]
    grades = [(column, column.grades.get(person.id)) for column in columns]
    for column, grade in grades:
        cells += [_shown(column, grade, percentage), grade.feedback if grade else ""]
    total = sum((grade.final for _, grade in grades if grade and grade.final is not None), Decimal(0))
    return [*cells, "-" if percentage else f"{total:.2f}", "", str(int(lms.now()))]


def _shown(column: Column, grade: Grade | None, percentage: bool) -> str:
    if grade is None or grade.final is None:
        return "-"
    return f"{grade.final * 100 / column.maximum:.2f} %" if percentage else f"{grade.final:.2f}"


def _written(rows: Iterable[Sequence[str]]) -> str:
    """PHP's fputcsv quotes what holds a space; commas and quotes need it, and a single word goes bare."""
    return "".join(",".join(_quoted(cell) for cell in row) + "\n" for row in rows)


def _quoted(cell: str) -> str:
    if " " not in cell:
        out = StringIO()
        csv.writer(out, lineterminator="").writerow([cell, ""])
        return out.getvalue()[:-1]
    return '"' + cell.replace('"', '""') + '"'
