"""The languages of the tool and their sentences, without Flask: a worker writes comments, and holds no pages.

Translations are the `.po` files themselves, read when a language is first needed: a fresh clone needs no compile
step and nothing compiled is committed. English is the language of the message ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LOCALES: Mapping[str, str] = {"ky": "Кыргызча", "ru": "Русский", "en": "English"}
"""Every language with its own name for itself."""
DEFAULT_LOCALE = "ky"
LOCALE_FOLDER = Path(__file__).parent / "locale"

_DAYS = {"ky": "y-'ж'. d-MMMM"}
"""Kyrgyz begins with the year; Russian and English put it last."""


@cache
def translations(locale: str) -> NullTranslations:
    """The sentences of one language."""
    with (LOCALE_FOLDER / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=locale)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def day_pattern(locale: str) -> str:
    """How a language writes a day with its year, like "26 November 2026", as Babel has patterns."""
    return _DAYS.get(locale, "d MMMM y")
