"""The words of Moodle's gradebook export in Kyrgyz, Russian and English: headers are printed in the teacher's language.

English and Russian are those of Moodle's language packs (`moodle`, `grades`, `gradeexport_txt`, `modulename` of each
activity module), older wordings included. Moodle's Kyrgyz pack translates little and falls back to English, so the
Kyrgyz words here are the likely ones; what is not among them is never guessed: the caller is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from lti_tool.competency.delimited import plain


class Profile(StrEnum):
    """What a column tells of the person or of the file; only three of them are used."""

    ID_NUMBER = "id_number"
    EMAIL = "email"
    DOWNLOADED = "downloaded"
    """When the file was made: seconds since 1970, Moodle's last column."""
    OTHER = "other"
    """Known and not needed: names, institution, department …"""


class Display(StrEnum):
    """What a column shows of its item (the word in brackets)."""

    REAL = "real"
    PERCENTAGE = "percentage"
    LETTER = "letter"
    FEEDBACK = "feedback"


def _by_word(words: Mapping[str, str]) -> dict[str, str]:
    return {word.strip(): meaning for meaning, listed in words.items() for word in listed.split("|")}


PROFILE_WORDS = _by_word(
    {
        Profile.ID_NUMBER: "id number|idnumber|индивидуальный номер|идентификационный номер|номер id|id номер|id-номер"
        "|id номери|id номуру|ид номери|идентификациялык номер|идентификациялык номери|жеке номер|жеке номери",
        Profile.EMAIL: "email address|e-mail address|email|e-mail|адрес электронной почты|электронная почта|эл. почта"
        "|электрондук почта|электрондук почтасы|электрондук почта дареги|электрондук дарек|электрондук дареги"
        "|email дареги|e-mail дареги",
        Profile.DOWNLOADED: "last downloaded from this course|последние загруженные из этого курса"
        "|последняя загрузка из этого курса|бул курстан акыркы жүктөлгөн|бул курстан акыркы жүктөө"
        "|бул курстан акыркы жолу жүктөлгөн|бул курстан акыркы жүктөп алуу|бул курстан акыркы жүктөлүп алынган",
        Profile.OTHER: "first name|last name|surname|username|institution|department|suspended|phone|mobile phone"
        "|city/town|country|имя|фамилия|логин|учреждение (организация)|учреждение|организация|отдел|приостановлено"
        "|телефон|город|страна|аты|ысымы|фамилиясы|мекеме|мекемеси|уюм|уюму|бөлүм|бөлүмү|өлкө|шаар",
    }
)

DISPLAY_WORDS = _by_word(
    {
        Display.REAL: "real|значение|реальная|балл|баллы|чыныгы|чыныгы баа|чыныгы маани|анык|мааниси|маани|балл менен",
        Display.PERCENTAGE: "percentage|проценты|процент|пайыз|пайызы|пайыздар|пайыз менен|пайыздык",
        Display.LETTER: "letter|буква|тамга|тамгасы|тамга менен",
        Display.FEEDBACK: "feedback|отзыв|комментарий|обратная связь|пикир|кайтарым байланыш|сын-пикир|кайтарым пикир",
    }
)

MODULE_WORDS = _by_word(
    {
        "quiz": "quiz|тест|викторина",
        "assign": "assignment|задание|тапшырма",
        "lti": "external tool|внешний инструмент|внешнее средство|тышкы курал|тышкы аспап|сырткы курал|сырткы аспап"
        "|тышкы инструмент",
        "forum": "forum|форум",
        "lesson": "lesson|лекция|урок|сабак",
        "workshop": "workshop|семинар|устакана|практикум",
        "scorm": "scorm package|пакет scorm|scorm пакети|scorm топтому",
        "h5pactivity": "h5p",
        "hvp": "interactive content|интерактивный контент|интерактивдүү мазмун",
        "data": "database|база данных|маалымат базасы|маалыматтар базасы|берилиштер базасы",
        "glossary": "glossary|глоссарий",
        "feedback": "feedback|обратная связь|пикир|кайтарым байланыш",
        "bigbluebuttonbn": "bigbluebutton|bigbluebuttonbn|видеоконференция bigbluebutton",
        "attendance": "attendance|посещаемость|катышуу",
    }
)

_TOTAL_WORDS = _by_word(
    {
        "course": "course total|итоговая оценка за курс|итог курса|итого за курс|курстун жыйынтыгы"
        "|курс боюнча жыйынтык|курстун жалпы баасы|курс боюнча жалпы баа",
        "category": "category total|итог категории|категориянын жыйынтыгы",
    }
)
_TOTAL_FORMS = re.compile(
    r".+ total|итого в категории [«\"].+|[«\"].+[»\"] категориясы боюнча жыйынтык|.+ категориясынын жыйынтыгы"
)
_BRACKETED = re.compile(r"(?P<item>.*\S) \((?P<word>[^()]+)\)")
_TYPED = re.compile(r"(?P<type>[^:]+):\s*(?P<name>.+)")


def word(text: str) -> str:
    """A word as it is looked up: without differences of case, spaces and ё."""
    return plain(text).casefold().replace("ё", "е")


def profile_of(header: str) -> Profile | None:
    """What a column tells of the person or file, or None where the header is not known."""
    meaning = PROFILE_WORDS.get(word(header))
    return Profile(meaning) if meaning else None


def split_header(header: str) -> tuple[str, str] | None:
    """Item and bracketed word of "Quiz: Week 1 (Real)"; None for a header without brackets at its end."""
    found = _BRACKETED.fullmatch(plain(header))
    return (found["item"], found["word"]) if found else None


def display_of(bracketed: str) -> Display | None:
    """What the bracketed word says the column shows, or None where the word is not known."""
    meaning = DISPLAY_WORDS.get(word(bracketed))
    return Display(meaning) if meaning else None


def split_item(name: str) -> tuple[str | None, str]:
    """Module and bare name of "Quiz: Week 1" in any of the three languages; no module for a manual item."""
    found = _TYPED.fullmatch(plain(name))
    module = MODULE_WORDS.get(word(found["type"])) if found else None
    return (module, found["name"]) if found and module else (None, plain(name))


def is_total(name: str) -> bool:
    """Whether an item is the course's or a category's total, which is never evidence (what it sums up is)."""
    module, bare = split_item(name)
    return module is None and (word(bare) in _TOTAL_WORDS or _TOTAL_FORMS.fullmatch(word(bare)) is not None)
