"""What the public pages of the requirements have in common: their addresses, their texts and what surrounds them.

A reader sees one version in one language; the terms that a page uses are explained on that page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from flask import request, url_for

from lti_tool.catalogue.bookshelf import Bookshelf, Volume
from lti_tool.catalogue.searching import Index
from lti_tool.competency.framework import OFFICIAL_LANGUAGE, Framework, Level, Localized
from lti_tool.web.framework_texts import Texts
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import FrameworkText, Link, Step
from lti_tool.web.sentences import LOCALES

STEP_WIDTH, STEP_TOP = 24, 18
"""In units of the picture's view box, as in `parts/states.html`."""


@dataclass(frozen=True, slots=True)
class LevelView:
    """A level as it is drawn and named."""

    number: int
    name: str
    subtitle: str
    lang: str
    steps: tuple[Step, ...]
    url: str


@dataclass
class Reader:
    """One version read in one language."""

    volume: Volume
    language: str
    fixed: bool
    """Whether the address names the version; otherwise it is always the newest."""

    @cached_property
    def texts(self) -> Texts:
        """Its texts, which remember the terms that they have used."""
        return Texts(self.framework, self.language)

    @property
    def framework(self) -> Framework:
        """What is read."""
        return self.volume.framework

    def address(self, endpoint: str, **values: object) -> str:
        """An address of the catalogue in the same version and, where it was asked for, in the same language."""
        if self.fixed:
            values |= {"framework": self.framework.framework, "version": self.framework.version}
        return address(f"catalogue.{endpoint}", **values)

    def part(self, code: object) -> str:
        """The address of an aspect, a competency or an indicator."""
        return self.address("part", part=str(code))

    def wording(self, texts: Localized) -> FrameworkText:
        """A text with its terms marked."""
        return self.texts.of(texts)

    def level(self, level: Level) -> LevelView:
        """A level with its picture: as many steps are filled as it is high."""
        high = len(self.framework.levels)
        steps = tuple(
            Step(
                "met" if each.number <= level.number else "open",
                x=1 + STEP_WIDTH * place,
                y=STEP_TOP - (height := max(4, STEP_TOP * (place + 1) // high)),
                height=height,
            )
            for place, each in enumerate(self.framework.levels)
        )
        lang = level.names.served(self.language)
        url = self.address("level", number=level.number)
        return LevelView(level.number, level.name(self.language), level.subtitle(self.language), lang, steps, url)

    def index(self) -> Index:
        """This version, ready to be searched."""
        return _index(self.volume)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The head and the foot of a public page."""

    home: str
    pages: tuple[Link, ...]
    search: str
    languages: tuple[tuple[str, Link], ...]
    """(code, way to this page in that language)"""
    asked_language: str
    """To be kept by the search form; empty where no language was asked for."""
    version: str
    official: bool
    newest: str
    """Address of the newest version, where an older one is read."""


def surroundings(reader: Reader, shelf: Bookshelf) -> Surroundings:
    """What stands around the page that is asked for."""
    here = request.endpoint
    pages = [
        ("catalogue.overview", _("Requirements")),
        ("catalogue.glossary", _("Glossary")),
        ("catalogue.document", _("About the document")),
    ]
    is_newest = reader.volume is shelf.volume()
    return Surroundings(
        home=reader.address("overview"),
        pages=tuple(Link(label, reader.address(name.partition(".")[2]), name == here) for name, label in pages),
        search=reader.address("search"),
        languages=tuple((code, Link(name, _in(code), code == reader.language)) for code, name in LOCALES.items()),
        asked_language=asked_language().get("lang", ""),
        version=reader.framework.version,
        official=reader.framework.titles.served(reader.language) == OFFICIAL_LANGUAGE,
        newest="" if is_newest else address("catalogue.overview"),
    )


def asked_language() -> dict[str, str]:
    """The language that the address asks for, to be kept in further addresses."""
    asked = request.args.get("lang", "")
    return {"lang": asked} if asked in LOCALES else {}


def address(endpoint: str, **values: object) -> str:
    """An address in the language that was asked for, where one was."""
    return url_for(endpoint, **(asked_language() | values))  # type: ignore[arg-type]


def _in(language: str) -> str:
    asked = {"q": request.args["q"]} if "q" in request.args else {}
    return address(request.endpoint or "", **(asked | (request.view_args or {})), lang=language)


@lru_cache(maxsize=16)
def _index(volume: Volume) -> Index:
    return Index(volume.framework)
