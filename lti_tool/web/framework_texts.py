"""Texts of the requirements as pages show them: in which language, whether official, with the glossary's terms marked.

Every page says once which text it shows, and explains the terms that its texts use at its end: each of its texts notes
here what it used, so whoever builds a page hands nothing on. Nothing is asked of the database, for a version is held
in memory with its glossary.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from flask import Flask, g, has_request_context

from lti_tool.catalogue.terms import Marker, Piece
from lti_tool.competency.framework import OFFICIAL_LANGUAGE, Framework, GlossaryTerm, Localized
from lti_tool.web.page_data import FrameworkText, TermView


@dataclass
class Texts:
    """The texts of one version in one language; remembers which terms they have used so far."""

    framework: Framework
    language: str
    used: set[int] = field(default_factory=set)

    def of(self, texts: Localized, but: int | None = None) -> FrameworkText:
        """A text with its terms marked, but for the one that it explains itself."""
        served = texts.served(self.language)
        pieces = _pieces(self.framework, served, texts.text(self.language), but)
        self.used |= {piece.term for piece in pieces if piece.term is not None}
        return FrameworkText(pieces, served, _official_of(texts, served))

    def term(self, term: GlossaryTerm) -> TermView:
        """A term with its explanation."""
        lang = term.terms.served(self.language)
        return TermView(
            number=term.number,
            name=term.term(self.language),
            abbreviation=term.abbreviations.text(self.language) if term.abbreviations else "",
            lang=lang,
            definition=self.of(term.definitions, term.number),
            official_name="" if lang == OFFICIAL_LANGUAGE else term.terms.ky,
            source=term.source,
            source_url=term.source_url,
        )

    def terms(self) -> tuple[TermView, ...]:
        """The terms that the texts have used, in the order of the glossary; to be asked last."""
        here = [term for term in self.framework.glossary if term.number in self.used]
        return tuple(self.term(term) for term in here)


def install(app: Flask) -> None:
    """Gives every template `terms_here`, the terms to explain at the end of a page."""
    app.jinja_env.globals["terms_here"] = terms_here


def framework_text(texts: Localized, locale: str, of: Framework | None = None) -> FrameworkText:
    """A text of the requirements in the page's language, with the official wording beside a translation.

    Its terms are marked where it is said `of` which version it is: not in headings, and not inside of links.
    """
    found = _texts_here(of, locale) if of is not None else None
    if found is not None:
        return found.of(texts)
    served = texts.served(locale)
    return FrameworkText((Piece(texts.text(locale)),), served, _official_of(texts, served))


def terms_here() -> tuple[TermView, ...]:
    """The terms that the texts of this page use; for its end, once all texts are made."""
    here: Texts | None = g.get("framework_texts")
    return here.terms() if here is not None else ()


def _texts_here(framework: Framework, locale: str) -> Texts | None:
    """The texts of this page. None for those of a further version or language, whose terms may mean something else."""
    if not has_request_context():
        return None
    here: Texts = g.setdefault("framework_texts", Texts(framework, locale))
    return here if (here.framework.id, here.language) == (framework.id, locale) else None


def _official_of(texts: Localized, served: str) -> str | None:
    return None if served == OFFICIAL_LANGUAGE else texts.ky


@lru_cache(maxsize=64)
def _marker(framework: Framework, language: str) -> Marker:
    return Marker(framework.glossary, language)


@lru_cache(maxsize=4096)
def _pieces(framework: Framework, language: str, text: str, but: int | None) -> tuple[Piece, ...]:
    return _marker(framework, language).pieces(text, but)
