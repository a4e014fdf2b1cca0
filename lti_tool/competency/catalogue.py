"""From a catalogue file to a `Framework`: the one place that knows the file's keys, and what makes a file faulty.

The format is that of the published catalogue (docs/catalogue.md): texts as `<name>_ky`, `<name>_ru`, `<name>_en`.
A block `edition` before it is the tool's own: which framework and version this is, short titles, key indicators.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from lti_tool.competency.framework import (
    LANGUAGES,
    OFFICIAL_LANGUAGE,
    Aspect,
    Author,
    Competency,
    Framework,
    GlossaryTerm,
    Indicator,
    Level,
    Localized,
    NormativeDocument,
    Provision,
)
from lti_tool.competency.json_tree import Place, parse_json
from lti_tool.errors import RuleBroken
from lti_tool.ids import CompetencyId, FrameworkVersionId, IndicatorId

__all__ = ["EDITION", "SHORT_TITLE", "Framework", "RowIds", "parse", "parse_json", "without_edition"]

EDITION = "edition"
SHORT_TITLE = 60
"""Longest short title: with the code it fits a line item's label of 100 characters in every language."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,39}")
_COMPETENCY_CODE = re.compile(r"([1-9][0-9]?)\.[1-9][0-9]?")
_INDICATOR_CODE = re.compile(r"([1-9][0-9]?\.[1-9][0-9]?)\.([1-9])\.[a-z]")
_EMPTY = Localized("")
_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class RowIds:
    """The row ids of a stored version, by code."""

    version: FrameworkVersionId
    competencies: Mapping[str, CompetencyId]
    indicators: Mapping[str, IndicatorId]


def without_edition(document: Mapping[str, Any]) -> dict[str, Any]:
    """The published catalogue alone, as exports give it; everything else of the document in its order."""
    return {key: value for key, value in document.items() if key != EDITION}


def parse(document: Mapping[str, Any], ids: RowIds | None = None) -> Framework:
    """The framework of a catalogue document.

    Without `ids` (a file that is not stored) competencies and indicators carry their position in the document, from 1.
    Raises RuleBroken("framework_faulty", faults=[…]) with every fault as "path: what is wrong".
    """
    root = Place(dict(document))
    root.check_characters()
    framework = _Reading(root, ids).framework()
    if root.faults:
        raise RuleBroken("framework_faulty", faults=root.faults)
    return framework


@dataclass
class _Reading:
    """One pass over one document: what has been seen so far, to notice repetitions and wrong references."""

    root: Place
    ids: RowIds | None
    competency_codes: list[str] = field(default_factory=list)
    indicator_codes: list[str] = field(default_factory=list)
    level_numbers: list[int] = field(default_factory=list)
    aspect_numbers: list[int] = field(default_factory=list)
    keys: frozenset[str] = frozenset()

    def framework(self) -> Framework:
        """Reads everything; what is faulty stands in `root.faults` afterwards."""
        head, edition = self.root.at("framework"), self.root.at(EDITION)
        head.is_object()
        edition.is_object()
        if head.has("original_language") and head.at("original_language").value != OFFICIAL_LANGUAGE:
            head.at("original_language").fault(f"only {OFFICIAL_LANGUAGE} is supported")
        self.keys = frozenset(_codes(edition.at("key_indicators")))
        levels = tuple(self._level(place) for place in self.root.at("levels").each())
        aspects = tuple(self._aspect(place) for place in self.root.at("aspects").each())
        made = Framework(
            id=self.ids.version if self.ids else FrameworkVersionId(1),
            framework=_matching(edition.at("framework"), _NAME),
            version=_matching(edition.at("version"), _VERSION),
            titles=_localized(head, "title"),
            levels=levels,
            aspects=aspects,
            glossary=_several(self.root, "glossary", _term),
            provisions=_several(self.root, "general_provisions", _provision),
            normative_documents=_several(self.root, "normative_documents", _normative),
            equipment=_several(self.root, "equipment", lambda place: _localized(place, "text")),
            authors=_several(self.root, "authors", _author),
        )
        self._check_edition(edition)
        self._check_counts(head.at("counts"), made)
        return made

    def _level(self, place: Place) -> Level:
        number = place.at("number").number(1, 9)
        if number != len(self.level_numbers) + 1:
            place.at("number").fault(f"level {len(self.level_numbers) + 1} is expected here, not {number}")
        self.level_numbers.append(number)
        return Level(
            number=number,
            names=_localized(place, "name"),
            subtitles=_localized(place, "subtitle", required=False),
            descriptions=_localized(place, "description", required=False),
        )

    def _aspect(self, place: Place) -> Aspect:
        number = place.at("number").number(1, 99)
        _once(place.at("number"), number, self.aspect_numbers)
        return Aspect(
            number=number,
            titles=_localized(place, "title"),
            competencies=tuple(self._competency(each, number) for each in place.at("competencies").each()),
        )

    def _competency(self, place: Place, aspect: int) -> Competency:
        code = _matching(place.at("code"), _COMPETENCY_CODE)
        if code and code.partition(".")[0] != str(aspect):
            place.at("code").fault(f"{code} stands under aspect {aspect}")
        _once(place.at("code"), code, self.competency_codes)
        position = CompetencyId(len(self.competency_codes))
        texts = _localized(place, "text")
        return Competency(
            id=self.ids.competencies[code] if self.ids else position,
            code=code,
            aspect=aspect,
            texts=texts,
            short_titles=self._short_titles(code, texts),
            indicators=tuple(self._indicator(each, code) for each in place.at("indicators").each()),
        )

    def _short_titles(self, code: str, texts: Localized) -> Localized:
        given = self.root.at(EDITION).at("short_titles")
        if not given.has(code):
            return Localized(_shortened(texts.ky), _shortened(texts.ru), _shortened(texts.en))
        titles = given.at(code)
        if not titles.is_object():
            return _EMPTY
        ky, ru, en = (
            titles.at(language).text(required=language == OFFICIAL_LANGUAGE, longest=SHORT_TITLE)
            for language in LANGUAGES
        )
        return Localized(ky, ru, en)

    def _indicator(self, place: Place, competency: str) -> Indicator:
        code = _matching(place.at("code"), _INDICATOR_CODE)
        level = place.at("level").number(1, 9)
        self._check_level(place, code, level)
        if code and not code.startswith(f"{competency}."):
            place.at("code").fault(f"{code} stands under competency {competency}")
        _once(place.at("code"), code, self.indicator_codes)
        return Indicator(
            id=self.ids.indicators[code] if self.ids else IndicatorId(len(self.indicator_codes)),
            code=code,
            competency=competency,
            level=level,
            texts=_localized(place, "text"),
            is_key=code in self.keys,
        )

    def _check_level(self, place: Place, code: str, level: int) -> None:
        if level not in self.level_numbers:
            place.at("level").fault(f"there is no level {level}")
        elif code and code.split(".")[2] != str(level):
            place.at("level").fault(f"{level} does not agree with the code {code}")

    def _check_edition(self, edition: Place) -> None:
        titles = edition.at("short_titles")
        if titles.value is not None and titles.is_object():
            for code in sorted(set(titles.value) - set(self.competency_codes)):
                titles.at(code).fault("there is no such competency")
        for code in sorted(self.keys - set(self.indicator_codes)):
            edition.at("key_indicators").fault(f"there is no indicator {code}")

    def _check_counts(self, counts: Place, made: Framework) -> None:
        found = {
            "aspects": len(made.aspects),
            "competencies": len(self.competency_codes),
            "levels": len(made.levels),
            "indicators": len(self.indicator_codes),
            "glossary_terms": len(made.glossary),
            "normative_documents": len(made.normative_documents),
            "authors": len(made.authors),
        }
        for name, number in found.items():
            if counts.has(name) and counts.at(name).value != number:
                counts.at(name).fault(f"says {counts.at(name).value}, the document has {number}")


def _several(root: Place, key: str, read: Callable[[Place], _Part]) -> tuple[_Part, ...]:
    return tuple(read(place) for place in root.at(key).each(required=False))


def _localized(place: Place, name: str, *, required: bool = True) -> Localized:
    ky, ru, en = (
        place.at(f"{name}_{language}").text(required=required and language == OFFICIAL_LANGUAGE)
        for language in LANGUAGES
    )
    return Localized(ky, ru, en)


def _matching(place: Place, pattern: re.Pattern[str]) -> str:
    value = place.text()
    if value.strip() and not pattern.fullmatch(value):
        place.fault(f"{value[:60]!r} does not have the form {pattern.pattern}")
        return ""
    return value.strip()


def _once(place: Place, value: _Part, seen: list[_Part]) -> None:
    if value and value in seen:
        place.fault(f"{value} stands twice")
    seen.append(value)


def _codes(place: Place) -> Iterable[str]:
    if place.value is None:
        return
    if not isinstance(place.value, list) or not all(isinstance(code, str) for code in place.value):
        place.fault("a list of indicator codes is expected")
        return
    yield from place.value


def _shortened(text: str) -> str:
    if len(text) <= SHORT_TITLE:
        return text
    return text[: SHORT_TITLE - 1].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"


def _term(place: Place) -> GlossaryTerm:
    given = place.at("abbreviation")
    short = Localized(*(given.at(each).text(required=each == "ky") for each in LANGUAGES)) if given.value else None
    return GlossaryTerm(
        number=place.at("number").number(1, 999),
        terms=_localized(place, "term"),
        definitions=_localized(place, "definition"),
        abbreviations=short,
        source=place.at("source").text(required=False),
        source_url=_address(place.at("source_url")),
    )


def _provision(place: Place) -> Provision:
    return Provision(
        number=place.at("number").text(),
        texts=_localized(place, "text"),
        items=tuple(_provision(each) for each in place.at("items").each(required=False)),
    )


def _normative(place: Place) -> NormativeDocument:
    return NormativeDocument(
        position=place.at("position").number(1, 999),
        titles=_localized(place, "title"),
        year=place.at("year").text(required=False),
        url=_address(place.at("url")),
    )


def _address(place: Place) -> str:
    """An http(s) address or nothing: it becomes a link on a page, so no other scheme may come in here."""
    value = place.text(required=False)
    if value and not value.startswith(("https://", "http://")):
        place.fault(f"{value[:60]!r} is not an http address")
    return value


def _author(place: Place) -> Author:
    ky = place.at("post").text()
    return Author(
        number=place.at("number").number(1, 999),
        name=place.at("name").text(),
        posts=Localized(ky, place.at("post_ru").text(required=False), place.at("post_en").text(required=False)),
    )
