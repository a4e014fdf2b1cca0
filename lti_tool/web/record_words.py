"""What a record states, in words: the same on the paper and on the page that checks it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lti_tool.competency import rollup
from lti_tool.competency.framework import Competency, Framework, Localized
from lti_tool.competency.standing import AspectStanding
from lti_tool.credentials.record_facts import CertifiedFact, CompetencyFact, RecordFacts
from lti_tool.web import explain
from lti_tool.web.dates import day
from lti_tool.web.framework_texts import framework_text
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import FrameworkText

LETTERS = {"en": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
CYRILLIC = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШ"
"""By which courses are named beside the levels that they gave, without letters that are like others."""


@dataclass(frozen=True, slots=True)
class SourceWords:
    """A course that certified levels, as a letter stands for it."""

    letter: str
    text: str
    expired: bool
    """Its levels have expired since."""


@dataclass(frozen=True, slots=True)
class CompetencyWords:
    """One competency."""

    code: str
    text: FrameworkText
    level: int | None
    established: str
    certified: tuple[str, ...]
    """Each level with the letter of its course."""


@dataclass(frozen=True, slots=True)
class AspectWords:
    """An aspect with its competencies."""

    number: int
    title: FrameworkText
    known: str
    lines: tuple[CompetencyWords, ...]


@dataclass(frozen=True, slots=True)
class LevelWords:
    """What a level means."""

    number: int
    name: str
    subtitle: str
    description: FrameworkText


@dataclass(frozen=True, slots=True)
class RecordWords:
    """Everything that a record states."""

    issuer: str
    requirements: FrameworkText
    version: str
    overall: str
    overall_why: str
    aspects: tuple[AspectWords, ...]
    sources: tuple[SourceWords, ...]
    levels: tuple[LevelWords, ...]

    @property
    def wording(self) -> str:
        """Whether the requirements' words are the official ones here."""
        if self.requirements.is_official:
            return _("The competencies and levels stand in the official wording of the requirements.")
        return _(
            "The competencies and levels stand in an unofficial translation of the requirements; their Kyrgyz text is"
            " the official one."
        )


def words_of(facts: RecordFacts, framework: Framework, now: datetime | None = None) -> RecordWords:
    """The statements of a record in the page's language; with a moment, it says too what has expired by then."""
    sources = _sources(facts, now)
    letters = {place: source.letter for place, source in sources.items()}
    told = {each.code: each for each in facts.competencies}
    established = {framework.competency(code).id: each.level for code, each in told.items()}
    standings = {each.aspect: each for each in rollup.aspects(framework.shape(), established)}
    return RecordWords(
        issuer=facts.issuer,
        requirements=_text(framework.titles),
        version=framework.version,
        overall=_overall(facts, framework),
        overall_why=_overall_why(facts),
        aspects=tuple(
            AspectWords(
                number=each.number,
                title=_text(each.titles),
                known=_known(standings[each.number], framework),
                lines=tuple(_line(one, told[one.code], framework, letters) for one in each.competencies),
            )
            for each in framework.aspects
        ),
        sources=tuple(sources.values()),
        levels=tuple(
            LevelWords(
                each.number, each.name(current_locale()), each.subtitle(current_locale()), _text(each.descriptions)
            )
            for each in framework.levels
        ),
    )


def _text(texts: Localized) -> FrameworkText:
    return framework_text(texts, current_locale())


def _level_name(framework: Framework) -> explain.LevelName:
    return lambda number: framework.level(number).name(current_locale())


def _overall(facts: RecordFacts, framework: Framework) -> str:
    if facts.overall is None:
        return _("No level is established yet.")
    return explain.standing_name(facts.overall, _level_name(framework))


def _overall_why(facts: RecordFacts) -> str:
    if facts.overall is None or not facts.provisional:
        return ""
    return _(
        "Provisional: %(assessed)d of %(all)d competencies are assessed, and the lowest of them counts.",
        assessed=facts.assessed,
        all=len(facts.competencies),
    )


def _known(standing: AspectStanding, framework: Framework) -> str:
    return explain.aspect_level(standing, _level_name(framework))


Place = tuple[str, datetime | None, datetime | None]


def _line(
    competency: Competency, fact: CompetencyFact, framework: Framework, letters: dict[Place, str]
) -> CompetencyWords:
    names = _level_name(framework)
    return CompetencyWords(
        code=competency.code,
        text=_text(competency.texts),
        level=fact.level,
        established=explain.standing_name(fact.level, names),
        certified=tuple(f"{names(each.level)} ({letters[_place(each)]})" for each in fact.certified),
    )


def _place(fact: CertifiedFact) -> Place:
    return fact.course, fact.on, fact.until


def _sources(facts: RecordFacts, now: datetime | None) -> dict[Place, SourceWords]:
    """Each course that certified something, in the order in which the competencies name them."""
    named = dict.fromkeys(_place(each) for competency in facts.competencies for each in competency.certified)
    return {
        place: SourceWords(letter, _source(*place), now is not None and place[2] is not None and place[2] <= now)
        for place, letter in zip(named, _letters(len(named)), strict=True)
    }


def _source(course: str, on: datetime | None, until: datetime | None) -> str:
    if on is None:
        return _("certified under another version of the requirements")
    if until is None:
        return _("%(course)s, certified on %(day)s", course=course, day=day(on))
    return _("%(course)s, certified on %(day)s, valid until %(until)s", course=course, day=day(on), until=day(until))


def _letters(count: int) -> Iterable[str]:
    letters = LETTERS.get(current_locale(), CYRILLIC)
    for number in range(count):
        round_, at = divmod(number, len(letters))
        yield letters[at] + (str(round_ + 1) if round_ else "")
