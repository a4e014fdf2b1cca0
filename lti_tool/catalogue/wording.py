"""Words as people write them: inflected, in capitals, with ё or without, on keyboards that lack ң, ө and ү.

Pure. No dictionary: a word is cut to the part that its forms share, which is enough to find a term of the glossary in a
sentence and a sentence by a word.
"""

from __future__ import annotations

import re
from functools import lru_cache

WORD = re.compile(r"\w+(?:[-’']\w+)*")
SHORTEST = 4
"""Shorter words are compared whole."""
LONGEST_ENDING = 6
_ALIKE = str.maketrans("ёңөү", "еноу")
_ENDINGS = {
    "ky": re.compile(r"(?<![уү])[аеёиоуыөүэюякп]$"),
    "ru": re.compile(
        r"(?:ыми|ими|ами|ями|ого|его|ому|ему|иями|иях|ией|ием|ая|яя|ое|ее|ые|ие|ый|ий|ой|ых|их|ым|им|ую|юю|ов|ев|ей"
        r"|ам|ям|ах|ях|ом|ем|ия|ии|ию|а|я|о|е|ы|и|у|ю|ь|й)$"
    ),
    "en": re.compile(r"(?:ies|es|s|y)$"),
}


def folded(text: str) -> str:
    """The text letter by letter in small letters, ё as е and ң, ө, ү as н, о, у: as long as the text itself."""
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text).translate(_ALIKE)


@lru_cache(8192)
def stem(word: str, language: str) -> str:
    """What the forms of a word have in common; the word itself where it is short."""
    if len(word) < SHORTEST:
        return word
    cut = _ENDINGS[language].sub("", word)
    return cut if len(cut) >= SHORTEST - 1 else word


def is_form_of(word: str, of: str, language: str) -> bool:
    """Whether a word of a text (small letters) can be a form of another."""
    if len(of) < SHORTEST:
        return word == of
    begin = stem(of, language)
    return word.startswith(begin) and len(word) <= max(len(begin), len(of)) + _longest(language)


def _longest(language: str) -> int:
    """Kyrgyz strings endings together (технология-лар-ды), the others have one."""
    return LONGEST_ENDING if language == "ky" else LONGEST_ENDING // 2
