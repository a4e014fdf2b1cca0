"""The words by which a person is found: parts of the name, ID number, e-mail; a search gives their beginnings. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lti_tool.people.alphabet import sorting_key

LONGEST = 80
MOST = 6
_PART = re.compile(r"[^\s,;()\"]+")


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody as the LMS names them."""

    person: int
    platform_id: int
    name: str
    family_name: str | None
    email: str | None
    id_number: str | None


def words_of(named: Named) -> list[str]:
    """What finds them, the word that lists are sorted by first: the family name where it is told."""
    name = _words(named.name)
    family = _words(named.family_name or "")
    others = [*_words(named.id_number or ""), *_words(named.email or "")]
    return list(dict.fromkeys([*family[:1], *name, *family[1:], *others])) or [sorting_key("—")]


def asked_for(text: str) -> list[str]:
    """The beginnings of words that a search gives, the longest first; at most six."""
    return sorted(dict.fromkeys(_words(text)), key=len, reverse=True)[:MOST]


def _words(text: str) -> list[str]:
    return [sorting_key(part)[:LONGEST] for part in _PART.findall(text)]
