"""Finds the terms of the glossary in texts of the requirements, so that they can be explained where they stand.

Pure. Each term is marked once in a text, at its first place; where two begin at one place the longer one is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lti_tool.catalogue.wording import WORD, is_form_of
from lti_tool.competency.framework import GlossaryTerm

_ASIDE = re.compile(r"\s*\([^)]*\)")
_OR = re.compile(r",? (?:же|или|or) ")


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a text; `term` is the number of the term that it names, if any."""

    text: str
    term: int | None = None


@dataclass(frozen=True, slots=True)
class _Name:
    """One way to say a term: its words, or its abbreviation."""

    term: int
    words: tuple[str, ...]
    is_abbreviation: bool


class Marker:
    """Knows how the terms of one glossary are said in one language."""

    def __init__(self, glossary: Iterable[GlossaryTerm], language: str) -> None:
        self.language = language
        # An abbreviation that several terms have means the first of them.
        names: dict[tuple[str, ...], _Name] = {}
        for name in (name for term in glossary for name in _names(term, language)):
            names.setdefault(name.words, name)
        self._names = sorted(names.values(), key=lambda name: -len(name.words))

    def pieces(self, text: str, but: int | None = None) -> tuple[Piece, ...]:
        """The text cut where terms stand; joined again the pieces are the text. The term `but` is left unmarked."""
        words = list(WORD.finditer(text))
        seen = {but}
        pieces: list[Piece] = []
        done = at = 0
        while at < len(words):
            name = self._name_at(words, at, seen)
            if name is None:
                at += 1
                continue
            begin, end = words[at].start(), words[at + len(name.words) - 1].end()
            pieces += [Piece(text[done:begin]), Piece(text[begin:end], name.term)]
            seen.add(name.term)
            done, at = end, at + len(name.words)
        return tuple(piece for piece in (*pieces, Piece(text[done:])) if piece.text)

    def terms_in(self, text: str) -> tuple[int, ...]:
        """The numbers of the terms in a text, in the order in which they stand there."""
        return tuple(piece.term for piece in self.pieces(text) if piece.term is not None)

    def _name_at(self, words: Sequence[re.Match[str]], at: int, seen: set[int | None]) -> _Name | None:
        said = [word.group() for word in words[at : at + 12]]
        return next((name for name in self._names if name.term not in seen and self._says(said, name)), None)

    def _says(self, said: Sequence[str], name: _Name) -> bool:
        if len(said) < len(name.words):
            return False
        if name.is_abbreviation:
            # МКТ, МКТны, МКТнын: the letters stand as they are, an ending follows in small ones.
            rest = said[0].removeprefix(name.words[0])
            return said[0].startswith(name.words[0]) and (not rest or rest.islower()) and len(rest) <= 8
        pairs = zip(said, name.words, strict=False)
        return all(is_form_of(word.lower(), of, self.language) for word, of in pairs)


def _names(term: GlossaryTerm, language: str) -> Iterable[_Name]:
    said = term.terms.by_language().get(language, "")
    short = term.abbreviations.by_language().get(language, "") if term.abbreviations else ""
    for way in _OR.split(_ASIDE.sub("", said)):
        words = tuple(word.lower() for word in WORD.findall(way))
        if words and way.strip() != short:
            yield _Name(term.number, words, False)
    if short:
        yield _Name(term.number, (short,), True)
