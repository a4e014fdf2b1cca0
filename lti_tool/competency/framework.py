"""The requirements as a value: what pages, rules and labels read, without a database and without a JSON path.

Kyrgyz is the official text; Russian and English are unofficial translations, and a reader is always told which of
the two they see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from lti_tool.competency.model import FrameworkShape, IndicatorPlace
from lti_tool.errors import NotFound
from lti_tool.ids import CompetencyId, FrameworkVersionId, IndicatorId

OFFICIAL_LANGUAGE = "ky"
LANGUAGES = ("ky", "ru", "en")

_Thing = TypeVar("_Thing")


def is_official(language: str) -> bool:
    """Whether a text in this language is the requirements' own wording and not a translation."""
    return language == OFFICIAL_LANGUAGE


@dataclass(frozen=True, slots=True)
class Localized:
    """One text in its languages; the official one is always there, a missing translation falls back to it."""

    ky: str
    ru: str = ""
    en: str = ""

    def text(self, language: str) -> str:
        """The text in this language, else the official one; empty where a text that may be missing is."""
        return self.by_language().get(self.served(language), "")

    def served(self, language: str) -> str:
        """The language in which `text(language)` really is: for `lang` attributes and the mark "unofficial"."""
        return language if self.by_language().get(language) else OFFICIAL_LANGUAGE

    def by_language(self) -> dict[str, str]:
        """Language code → text, without the missing ones; as the tables keep it."""
        return {name: text for name, text in (("ky", self.ky), ("ru", self.ru), ("en", self.en)) if text}


@dataclass(frozen=True, slots=True)
class Indicator:
    """One observable action by which a level of a competency is shown; `code` like 4.1.1.a."""

    id: IndicatorId
    code: str
    competency: str
    """The competency's code."""
    level: int
    texts: Localized
    is_key: bool = False

    def text(self, language: str) -> str:
        """The wording in this language, else the official one."""
        return self.texts.text(language)


@dataclass(frozen=True, slots=True)
class Competency:
    """One of the competencies of an aspect; `code` like 4.1."""

    id: CompetencyId
    code: str
    aspect: int
    texts: Localized
    short_titles: Localized
    """Ours in every language, at most 60 characters; never the official text."""
    indicators: tuple[Indicator, ...]

    def text(self, language: str) -> str:
        """The wording in this language, else the official one."""
        return self.texts.text(language)

    def short_title(self, language: str) -> str:
        """What labels of columns and heads of tables say."""
        return self.short_titles.text(language)

    def of_level(self, level: int) -> tuple[Indicator, ...]:
        """The indicators of one level; empty where the requirements have none there."""
        return tuple(indicator for indicator in self.indicators if indicator.level == level)


@dataclass(frozen=True, slots=True)
class Aspect:
    """One of the aspects of a teacher's work."""

    number: int
    titles: Localized
    competencies: tuple[Competency, ...]

    def title(self, language: str) -> str:
        """The title in this language, else the official one."""
        return self.titles.text(language)


@dataclass(frozen=True, slots=True)
class Level:
    """One of the levels, 1 the lowest."""

    number: int
    names: Localized
    subtitles: Localized
    descriptions: Localized

    def name(self, language: str) -> str:
        """Like "Базалык деңгээл"."""
        return self.names.text(language)

    def subtitle(self, language: str) -> str:
        """Like "Билим алуу"."""
        return self.subtitles.text(language)

    def description(self, language: str) -> str:
        """The paragraph that says what a teacher on this level can do."""
        return self.descriptions.text(language)


@dataclass(frozen=True, slots=True)
class GlossaryTerm:
    """A concept with its explanation and where that was taken from."""

    number: int
    terms: Localized
    definitions: Localized
    abbreviations: Localized | None
    source: str
    source_url: str

    def term(self, language: str) -> str:
        """The concept's name in this language, else the official one."""
        return self.terms.text(language)

    def definition(self, language: str) -> str:
        """The explanation in this language, else the official one."""
        return self.definitions.text(language)


@dataclass(frozen=True, slots=True)
class Provision:
    """A numbered paragraph of the general provisions with its points; numbers as printed ("1", "1)")."""

    number: str
    texts: Localized
    items: tuple[Provision, ...] = ()


@dataclass(frozen=True, slots=True)
class NormativeDocument:
    """A law, strategy or standard on which the requirements rest."""

    position: int
    titles: Localized
    year: str
    url: str


@dataclass(frozen=True, slots=True)
class Author:
    """One of the people who drew the requirements up; names are not translated."""

    number: int
    name: str
    posts: Localized


@dataclass(frozen=True)
class Framework:
    """One version of the requirements. Row ids are the database's once it is stored there (see `catalogue.parse`)."""

    id: FrameworkVersionId
    framework: str
    """Which requirements, like `kg-ict-teachers`."""
    version: str
    titles: Localized
    levels: tuple[Level, ...]
    aspects: tuple[Aspect, ...]
    glossary: tuple[GlossaryTerm, ...] = ()
    provisions: tuple[Provision, ...] = ()
    normative_documents: tuple[NormativeDocument, ...] = ()
    equipment: tuple[Localized, ...] = ()
    authors: tuple[Author, ...] = ()
    _competencies: dict[str, Competency] = field(init=False, repr=False, compare=False)
    _competencies_by_id: dict[CompetencyId, Competency] = field(init=False, repr=False, compare=False)
    _indicators: dict[str, Indicator] = field(init=False, repr=False, compare=False)
    _indicators_by_id: dict[IndicatorId, Indicator] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        competencies = tuple(competency for aspect in self.aspects for competency in aspect.competencies)
        indicators = tuple(indicator for competency in competencies for indicator in competency.indicators)
        # A frozen value may fill its own indexes once, while it is made; nobody sees it before.
        object.__setattr__(self, "_competencies", {each.code: each for each in competencies})
        object.__setattr__(self, "_competencies_by_id", {each.id: each for each in competencies})
        object.__setattr__(self, "_indicators", {each.code: each for each in indicators})
        object.__setattr__(self, "_indicators_by_id", {each.id: each for each in indicators})

    def __hash__(self) -> int:
        # By name and row: what is remembered of a version must not go through all its texts each time.
        return hash((self.framework, self.version, self.id))

    def title(self, language: str) -> str:
        """The title of the requirements in this language, else the official one."""
        return self.titles.text(language)

    @property
    def competencies(self) -> tuple[Competency, ...]:
        """All competencies in the order of the document."""
        return tuple(self._competencies.values())

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        """All indicators in the order of the document."""
        return tuple(self._indicators.values())

    def competency(self, code: str) -> Competency:
        """The competency with this code. Raises NotFound("competency_unknown")."""
        return _found(self._competencies.get(code), "competency_unknown", code)

    def competency_by_id(self, row: CompetencyId) -> Competency:
        """The competency of this row. Raises NotFound("competency_unknown")."""
        return _found(self._competencies_by_id.get(row), "competency_unknown", row)

    def indicator(self, code: str) -> Indicator:
        """The indicator with this code. Raises NotFound("indicator_unknown")."""
        return _found(self._indicators.get(code), "indicator_unknown", code)

    def indicator_by_id(self, row: IndicatorId) -> Indicator:
        """The indicator of this row. Raises NotFound("indicator_unknown")."""
        return _found(self._indicators_by_id.get(row), "indicator_unknown", row)

    def has_indicator(self, code: str) -> bool:
        """Whether this version knows the code: foreign input names codes of its own."""
        return code in self._indicators

    @cached_property
    def indicator_ids(self) -> frozenset[IndicatorId]:
        """The rows of all indicators: what is not among them is of another version."""
        return frozenset(self._indicators_by_id)

    def level(self, number: int) -> Level:
        """The level with this number. Raises NotFound("level_unknown")."""
        return _found(next((each for each in self.levels if each.number == number), None), "level_unknown", number)

    def aspect(self, number: int) -> Aspect:
        """The aspect with this number. Raises NotFound("aspect_unknown")."""
        return _found(next((each for each in self.aspects if each.number == number), None), "aspect_unknown", number)

    def cells(self) -> Iterator[tuple[Competency, Level, tuple[Indicator, ...]]]:
        """Every competency × level with its indicators, as the grid of pages shows them."""
        for competency in self.competencies:
            for level in self.levels:
                yield competency, level, competency.of_level(level.number)

    def shape(self) -> FrameworkShape:
        """This version without its texts, as the rules take it."""
        return self._shape

    @cached_property
    def _shape(self) -> FrameworkShape:
        return FrameworkShape.of(
            (level.number for level in self.levels),
            ((competency.id, competency.aspect) for competency in self.competencies),
            (
                IndicatorPlace(indicator.id, competency.id, indicator.level, indicator.is_key)
                for competency in self.competencies
                for indicator in competency.indicators
            ),
        )


def _found(thing: _Thing | None, code: str, key: object) -> _Thing:
    if thing is None:
        raise NotFound(code, key=key)
    return thing
