"""What a page says, read from its HTML: whether all of it is in its own language, and whether its texts are marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from bs4 import BeautifulSoup, NavigableString, Tag

from lti_tool.web import messages

SILENT = ("script", "style", "template", "code", "pre", "kbd", "samp")
SPEAKING = ("aria-label", "title", "placeholder", "alt")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
WORD = re.compile(r"[A-Za-z]{2,}")
LONG = 4
"""So many words are looked for within a text too; fewer have to be all of it."""


def left_in_english(html: str, locale: str) -> list[str]:
    """Sentences of a page in another language that the catalogue has a translation for, and that it has not taken."""
    if locale == messages.SOURCE:
        return []
    whole, within = _english(locale)
    said = list(_said(BeautifulSoup(html, "html.parser"), locale))
    return [text for text in said if whole.fullmatch(text) or within.search(text)]


def unmarked(html: str) -> list[str]:
    """What a page leaves open about the texts of the requirements on it: which ones they are, and what terms mean."""
    page = BeautifulSoup(html, "html.parser")
    found = []
    if page.select(".quoted") and len(page.select(".which-text")) != 1:
        found.append(f"says {len(page.select('.which-text'))} times which text it shows")
    terms = {str(link["href"]) for link in page.select("a.term")}
    found += [f"{term} is not explained" for term in sorted(terms) if not page.select(term)]
    found += [f"no language: {text}" for text in page.select(".quoted:not([lang])")]
    return found


def _said(page: BeautifulSoup, locale: str) -> Iterator[str]:
    for tag in page.find_all(SILENT):
        tag.decompose()
    for node in page.find_all(string=True):
        if _language(node) == locale and node.strip():
            yield " ".join(node.split())
    for tag in page.find_all(True):
        if _language(tag) == locale:
            names = [*SPEAKING, *(name for name in tag.attrs if name.startswith("data-said"))]
            yield from (str(tag[name]) for name in names if tag.get(name))


def _language(node: NavigableString | Tag) -> str:
    near = node if isinstance(node, Tag) and node.get("lang") else node.find_parent(lang=True)
    return str(near["lang"]) if isinstance(near, Tag) else ""


@cache
def _english(locale: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    whole, within = [], []
    for message in messages.read(locale):
        if not message.id:
            continue
        told = [message.string] if isinstance(message.string, str) else list(message.string)
        forms = [message.id] if isinstance(message.id, str) else list(message.id)
        for form in forms:
            words = WORD.findall(PLACEHOLDER.sub("", form))
            # One word in small letters may be a name to enter with, one in capitals is the same everywhere.
            if form in told or (len(words) < 2 and form.islower()) or all(word.isupper() for word in words):
                continue
            pattern = r".+".join(re.escape(part) for part in PLACEHOLDER.split(form))
            whole.append(pattern)
            if len(words) >= LONG and not PLACEHOLDER.search(form):
                within.append(pattern)
    return re.compile("|".join(whole)), re.compile("|".join(within))
