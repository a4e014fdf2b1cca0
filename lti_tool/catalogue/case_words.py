"""The few words of CASE documents that the requirements do not have themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ItemType:
    """A kind of item; `hierarchy` says what it stands under."""

    code: str
    hierarchy: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class CaseWords:
    """In one language."""

    types: tuple[ItemType, ...]
    status: str
    """Whether this document is the official text; empty where it is."""

    def type(self, code: str) -> ItemType:
        """The kind with this code."""
        return next(each for each in self.types if each.code == code)


WORDS: Mapping[str, CaseWords] = {
    "ky": CaseWords(
        types=(
            ItemType("aspect", "1", "Аспект", "Мугалимдин ишинин бир жагы."),
            ItemType("competency", "1.1", "Компетенттүүлүк", "Мугалим эмнени билет жана жасай алат."),
            ItemType("indicator", "1.1.1", "Көрсөткүч", "Бир деңгээлдеги бир компетенттүүлүктүн көрсөткүчү."),
            ItemType("level", "2", "Деңгээл", "Компетенттүүлүктүн деңгээли, эң төмөнкүсү биринчи."),
        ),
        status="",
    ),
    "ru": CaseWords(
        types=(
            ItemType("aspect", "1", "Аспект", "Одна из сторон работы учителя."),
            ItemType("competency", "1.1", "Компетенция", "Что учитель знает и умеет."),
            ItemType("indicator", "1.1.1", "Индикатор", "Показатель одного уровня одной компетенции."),
            ItemType("level", "2", "Уровень", "Уровень компетенции, низший первый."),
        ),
        status="Неофициальный перевод. Официальный текст кыргызский.",
    ),
    "en": CaseWords(
        types=(
            ItemType("aspect", "1", "Aspect", "One side of a teacher's work."),
            ItemType("competency", "1.1", "Competency", "What a teacher knows and is able to do."),
            ItemType("indicator", "1.1.1", "Indicator", "What shows one level of one competency."),
            ItemType("level", "2", "Level", "A level of a competency, the lowest first."),
        ),
        status="Unofficial translation. The official text is the Kyrgyz one.",
    ),
}
