"""The sample institute as data: its people, its courses, their activities and marks, and a mapping that fits them.

The six participants' marks are chosen so that they end in six different ways; `OUTCOMES` says which.
"""

from __future__ import annotations

from decimal import Decimal

from lti_tool.demo.model import Course, Enrolment, NativeActivity, Person, Role, SeedLink

ADMIN_ID = "2"
TRAINER_ID = "3"
ASSISTANT_ID = "4"
MAIN_COURSE_ID = "2"
SECOND_COURSE_ID = "3"

PEOPLE = (
    Person(ADMIN_ID, "admin", "Админ", "Институт", "", "admin@example.invalid", "ru", is_admin=True),
    Person(TRAINER_ID, "gulnara", "Гүлнара", "Мамытова", "T-101", "gulnara@example.invalid", "ky"),
    Person(ASSISTANT_ID, "marina", "Марина", "Ковалёва", "", "marina@example.invalid", "ru"),
    Person("6", "aigul", "Айгүл", "Токтосунова", "KG-1001", "aigul@example.invalid", "ky"),
    Person("7", "omurbek", "Өмүрбек", "Жээнбеков", "KG-1002", "omurbek@example.invalid", "ky"),
    Person("8", "nurgul", "Нургүл", "Асанова", "KG-1003", "nurgul@example.invalid", "ru"),
    Person("9", "bakyt", "Бакыт", "Сыдыков", "", "bakyt@example.invalid", "ky"),
    Person("10", "zhyldyz", "Жылдыз", "Ибраимова", "KG-1005", "", "en"),
    Person("11", "chyngyz", "Чыңгыз", "Эсенов", "KG-1006", "chyngyz@example.invalid", "ru"),
)
"""Бакыт has no ID number, Жылдыз no e-mail address: results must find both all the same."""

PARTICIPANT_IDS = ("6", "7", "8", "9", "10", "11")

OUTCOMES = {
    "6": "strong everywhere",
    "7": "the first level everywhere, the second not yet",
    "8": "a gap below: higher levels shown, but not counted",
    "9": "most marks still missing",
    "10": "below the first level",
    "11": "on the line: exactly 60 %, and just under it",
}

COURSES = (
    Course(
        MAIN_COURSE_ID,
        "ICT-BASE-2026",
        "ИКТ-компетенттүүлүк: базалык курс",
        "INST-ICT-1",
        "Мугалимдердин квалификациясын жогорулатуу курсу",
        "2026-08-31T18:00:00+00:00",
        "2027-06-29T18:00:00+00:00",
    ),
    Course(
        SECOND_COURSE_ID,
        "ICT-PLUS-2026",
        "Санариптик билим берүү ресурстары",
        "INST-ICT-2",
        "Тереңдетилген кыска курс",
        "2026-10-31T18:00:00+00:00",
        "2027-02-27T18:00:00+00:00",
    ),
)

ENROLMENTS = (
    Enrolment(MAIN_COURSE_ID, TRAINER_ID, Role.TRAINER),
    Enrolment(MAIN_COURSE_ID, ASSISTANT_ID, Role.ASSISTANT),
    *(Enrolment(MAIN_COURSE_ID, person_id, Role.PARTICIPANT) for person_id in PARTICIPANT_IDS),
    Enrolment(SECOND_COURSE_ID, TRAINER_ID, Role.TRAINER),
    Enrolment(SECOND_COURSE_ID, "6", Role.PARTICIPANT),
    Enrolment(SECOND_COURSE_ID, "7", Role.PARTICIPANT),
)

LINKS = (
    SeedLink(MAIN_COURSE_ID, "Менин компетенттүүлүктөрүм", "Кайсы деңгээлдемин жана эмне үчүн?"),
    SeedLink(
        MAIN_COURSE_ID,
        "Тапшырма: санариптик жарандык боюнча сабак",
        "Сабактын иштелмесин тапшырыңыз.",
        {"activity": "evidence", "indicators": "4.2.3.a,4.2.3.b"},
        maximum=100,
    ),
    SeedLink(SECOND_COURSE_ID, "Менин компетенттүүлүктөрүм", "Кайсы деңгээлдемин жана эмне үчүн?"),
)

QUIZ_ONE = NativeActivity("quiz", "Week 1 quiz", 20)
LAB_REPORT = NativeActivity("assign", "Lab report", 100)
SAFETY_QUIZ = NativeActivity("quiz", "Санариптик коопсуздук", 10)
LESSON_PLAN = NativeActivity("assign", "Сабактын планы", 50)
GROUP_PROJECT = NativeActivity("assign", "Топтук долбоор", 100)
FINAL_QUIZ = NativeActivity("quiz", "Final quiz", 30)

NATIVE_ACTIVITIES = (QUIZ_ONE, LAB_REPORT, SAFETY_QUIZ, LESSON_PLAN, GROUP_PROJECT, FINAL_QUIZ)
"""Native activities of the main course, in the order of its gradebook."""

READINGS = (("Коопсуздук эрежелери", ("6", "7", "8", "11")),)
"""Pages of the main course that are complete once they are read, and who has read them."""

_MARKS = {
    "6": "18 92 9 46 88 27",
    "7": "15 70 7 20 35 21",
    "8": "9 50 8 40 90 24",
    "9": "14 - - - - -",
    "10": "6 30 3 12 20 9",
    "11": "12 59.99 6 30 - 18",
}


def marks_of(person_id: str) -> tuple[Decimal | None, ...]:
    """The person's marks in the order of NATIVE_ACTIVITIES; None where there is none yet."""
    return tuple(None if mark == "-" else Decimal(mark) for mark in _MARKS[person_id].split())


_LAB, _SAFETY, _PLAN = (
    ("1.1.1.a:2", "2.1.1.a", "4.1.1.a", "4.1.1.b", "4.1.1.c"),
    ("4.1.1.d", "4.1.1.e", "4.1.1.f", "4.2.1.a", "4.2.1.b"),
    ("1.1.2.a::required", "2.1.2.a::required", "4.1.2.d", "4.1.2.e", "4.1.2.f"),
)

MAPPING = (
    (QUIZ_ONE, ("1.1.1.a", "1.1.1.b", "2.1.1.a")),
    (LAB_REPORT, _LAB),
    (SAFETY_QUIZ, _SAFETY),
    (LESSON_PLAN, _PLAN),
    (GROUP_PROJECT, ("2.1.3.a", "4.1.2.a", "4.1.2.b", "4.1.2.c", "4.2.2.a", "4.2.2.b")),
    (FINAL_QUIZ, ("4.1.1.g", "4.1.1.h", "4.1.1.i", "4.1.2.d::optional")),
)
"""Which activity shows which indicators, as `code[:weight[:role]]`; weight 1 and role supporting where left out."""
