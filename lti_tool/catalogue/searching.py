"""Searching the requirements: every word that was typed has to be there, in one language or as a code.

Pure. Capitals, ё and the letters that Russian keyboards lack make no difference; where nothing is found, words that
differ by one letter are taken, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lti_tool.catalogue.wording import SHORTEST, WORD, folded, stem
from lti_tool.competency.framework import LANGUAGES, Framework, Localized

LONGEST = 100
"""Characters of a question; what follows is not read."""
MOST_WORDS = 8


class Kind(StrEnum):
    """What was found."""

    ASPECT = "aspect"
    COMPETENCY = "competency"
    LEVEL = "level"
    INDICATOR = "indicator"
    TERM = "term"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be found: its code (a number for aspects, levels and terms) and its text."""

    kind: Kind
    code: str
    texts: Localized
    more: Localized | None = None
    """Read, too, but not shown: the definition of a term, the short title of a competency."""
    level: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A hit: in which language the words stand, and where in its text."""

    entry: Entry
    language: str
    places: tuple[tuple[int, int], ...]
    """Begin and end of what was looked for in `entry.texts.text(language)`."""


@dataclass(frozen=True, slots=True)
class _Read:
    """An entry in one language, folded."""

    entry: Entry
    language: str
    text: str
    words: tuple[str, ...]


class Index:
    """One framework, ready to be searched."""

    def __init__(self, framework: Framework) -> None:
        entries = tuple(_entries(framework))
        self._codes = {entry.code: entry for entry in reversed(entries) if "." in entry.code}
        self._read = {
            language: [_read(entry, language) for entry in entries if language in entry.texts.by_language()]
            for language in LANGUAGES
        }
        self._words = {word for read in self._read.values() for each in read for word in each.words}

    def find(self, asked: str, language: str) -> tuple[tuple[Found, ...], bool]:
        """What was found, what is in `language` first; and whether it was only nearly what was asked for."""
        words = [folded(word) for word in _typed(asked)]
        if not words:
            return (), False
        exact = self._all(words, language)
        if exact:
            return exact, False
        return self._all([self._nearest(word) for word in words], language), True

    def _all(self, words: Sequence[str], language: str) -> tuple[Found, ...]:
        found: dict[tuple[Kind, str], Found] = {}
        for each in (language, *(other for other in LANGUAGES if other != language)):
            for read in self._read[each]:
                hit = _hit(read, words)
                if hit is not None:
                    found.setdefault((read.entry.kind, read.entry.code), hit)
        coded = self._codes.get(" ".join(words))
        first = (Found(coded, coded.texts.served(language), ()),) if coded else ()
        return (*first, *(hit for hit in found.values() if hit.entry is not coded))

    def _nearest(self, word: str) -> str:
        if len(word) < SHORTEST or any(word in known for known in self._words):
            return word
        # One letter off leaves one half as it is: few of all words are worth a closer look.
        half = len(word) // 2
        alike = (known for known in self._words if known.startswith(word[:half]) or word[half:] in known)
        return min((known for known in alike if _one_off(word, known)), default=word)


def _typed(asked: str) -> list[str]:
    """The words of a question; a code stays in one piece."""
    words = [part.strip(".,;:!?()«»\"'") for part in asked[:LONGEST].split()]
    return [word for word in words if word][:MOST_WORDS]


def _hit(read: _Read, words: Sequence[str]) -> Found | None:
    places: list[tuple[int, int]] = []
    for word in words:
        if read.entry.code.startswith(word) and word[:1].isdigit():
            continue
        begin = stem(word, read.language)
        if not any(word in known or known.startswith(begin) for known in read.words):
            return None
        places += _places(read.text, word, begin)
    return Found(read.entry, read.language, _joined(places))


def _places(text: str, word: str, begin: str) -> Iterable[tuple[int, int]]:
    for match in WORD.finditer(text):
        if match.group().startswith(begin):
            yield match.start(), match.end()
        elif word in match.group():
            at = match.start() + match.group().index(word)
            yield at, at + len(word)


def _joined(places: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """In order, without overlaps."""
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(places):
        if joined and begin < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return tuple(joined)


def _one_off(word: str, known: str) -> bool:
    """Whether one letter more, less or other makes one word of the other, or its beginning."""
    for length in {len(word) - 1, len(word), len(word) + 1}:
        if 0 < length <= len(known) and _distance_is_one(word, known[:length]):
            return True
    return False


def _distance_is_one(one: str, other: str) -> bool:
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, others_rest = one[same:], other[same:]
    return rest[1:] == others_rest[1:] or rest[1:] == others_rest or rest == others_rest[1:]


def _read(entry: Entry, language: str) -> _Read:
    text = folded(entry.texts.text(language))
    more = folded(entry.more.by_language().get(language, "")) if entry.more else ""
    return _Read(entry, language, text, tuple(dict.fromkeys(WORD.findall(f"{text} {more}"))))


def _entries(framework: Framework) -> Iterable[Entry]:
    for aspect in framework.aspects:
        yield Entry(Kind.ASPECT, str(aspect.number), aspect.titles)
        for competency in aspect.competencies:
            yield Entry(Kind.COMPETENCY, competency.code, competency.texts, competency.short_titles)
            for indicator in competency.indicators:
                yield Entry(Kind.INDICATOR, indicator.code, indicator.texts, level=indicator.level)
    for level in framework.levels:
        yield Entry(Kind.LEVEL, str(level.number), level.names, level.subtitles, level.number)
    for term in framework.glossary:
        yield Entry(Kind.TERM, str(term.number), term.terms, term.definitions)
