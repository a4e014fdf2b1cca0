"""The words of Moodle's export in three languages."""

from __future__ import annotations

import pytest

from lti_tool.moodle.gradebook_words import (
    Display,
    Profile,
    display_of,
    is_total,
    profile_of,
    split_header,
    split_item,
)


@pytest.mark.parametrize(
    ("header", "profile"),
    [
        ("ID number", Profile.ID_NUMBER),
        ("Индивидуальный номер", Profile.ID_NUMBER),
        ("ID номери", Profile.ID_NUMBER),
        ("Email address", Profile.EMAIL),
        ("Адрес электронной почты", Profile.EMAIL),
        ("Электрондук почта дареги", Profile.EMAIL),
        ("E-MAIL\u00a0address", Profile.EMAIL),
        ("Last downloaded from this course", Profile.DOWNLOADED),
        ("Последние загруженные из этого курса", Profile.DOWNLOADED),
        ("Учреждение (организация)", Profile.OTHER),
        ("Фамилия", Profile.OTHER),
        ("Фамилиясы", Profile.OTHER),
        ("Аймак", None),
    ],
)
def test_profile_columns_are_known_in_three_languages(header: str, profile: Profile | None) -> None:
    assert profile_of(header) is profile


@pytest.mark.parametrize(
    ("word", "display"),
    [
        ("Real", Display.REAL),
        ("Значение", Display.REAL),
        ("Чыныгы", Display.REAL),
        ("Percentage", Display.PERCENTAGE),
        ("Проценты", Display.PERCENTAGE),
        ("Пайыз", Display.PERCENTAGE),
        ("Letter", Display.LETTER),
        ("Буква", Display.LETTER),
        ("Тамга", Display.LETTER),
        ("Feedback", Display.FEEDBACK),
        ("Отзыв", Display.FEEDBACK),
        ("Пикир", Display.FEEDBACK),
        ("Ранг", None),
    ],
)
def test_displays_are_known_in_three_languages(word: str, display: Display | None) -> None:
    assert display_of(word) is display


@pytest.mark.parametrize(
    ("printed", "module", "name"),
    [
        ("Quiz: Week 1 quiz", "quiz", "Week 1 quiz"),
        ("Тест: Week 1 quiz", "quiz", "Week 1 quiz"),
        ("Внешний инструмент: Портфолио: 1-бөлүк", "lti", "Портфолио: 1-бөлүк"),
        ("Тапшырма: Иш", "assign", "Иш"),
        ("Пакет SCORM: A", "scorm", "A"),
        ("H5P: A", "h5pactivity", "A"),
        ("База данных: A", "data", "A"),
        ("Видеоконференция BigBlueButton: A", "bigbluebuttonbn", "A"),
        ("Unc scores", None, "Unc scores"),
        ("Part 2: Report", None, "Part 2: Report"),
        ("Quiz:", None, "Quiz:"),
    ],
)
def test_items_are_split_into_module_and_name(printed: str, module: str | None, name: str) -> None:
    assert split_item(printed) == (module, name)


@pytest.mark.parametrize(
    ("header", "parts"),
    [
        ("Quiz: Week 1 quiz (Real)", ("Quiz: Week 1 quiz", "Real")),
        ("Quiz: Part (1) (Real)", ("Quiz: Part (1)", "Real")),
        ("A (Real)", ("A", "Real")),
        ("Quiz: Week 1 quiz", None),
        ("(Real)", None),
        ("Quiz: A ()", None),
    ],
)
def test_headers_are_split_at_their_last_brackets(header: str, parts: tuple[str, str] | None) -> None:
    assert split_header(header) == parts


@pytest.mark.parametrize(
    ("item", "total"),
    [
        ("Course total", True),
        ("Category total", True),
        ("Module 1 total", True),
        ("Итоговая оценка за курс", True),
        ("Итого в категории «Модуль 1»", True),
        ("Курстун жыйынтыгы", True),
        ("Quiz: Week total", False),
        ("Assignment: Course total", False),
        ("Totals", False),
    ],
)
def test_totals_are_told_from_activities(item: str, total: bool) -> None:
    assert is_total(item) is total
