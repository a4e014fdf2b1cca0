"""Brings the translation files up to date with the sentences in the code: `python -m lti_tool.web.messages`.

What it leaves: every id in all three files, English filled by itself, nothing fuzzy, nothing stale. What it names on
stdout still needs a translator; a test fails until it is done.
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from lti_tool.web.assets import WEB_ROOT
from lti_tool.web.sentences import LOCALE_FOLDER, LOCALES

SOURCE = "en"
"""The language of the ids."""
WIDTH = 110
HEADER = """msgid ""
msgstr ""
"Language: {locale}\\n"
"Plural-Forms: {plurals}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def messages_in_code(folder: Path = WEB_ROOT) -> Catalog:
    """Every sentence that Python and templates ask for."""
    with (LOCALE_FOLDER / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]  # Babel leaves this one untyped
    catalogue = Catalog()
    for _file, _line, message, comments, context in extract_from_dir(
        folder, methods, options, comment_tags=("Translators:",), strip_comment_tags=True
    ):
        catalogue.add(message, auto_comments=comments, context=context)
    return catalogue


def po_file(locale: str) -> Path:
    """Where the sentences of a language are."""
    return LOCALE_FOLDER / locale / "LC_MESSAGES" / "messages.po"


def read(locale: str) -> Catalog:
    """The sentences of a language as they stand; an empty catalogue where there is no file yet."""
    if not po_file(locale).exists():
        return Catalog(locale=locale)
    with po_file(locale).open("rb") as file:
        return read_po(file, locale=locale)


def missing(catalogue: Catalog) -> list[str]:
    """Ids without a full translation, or with one that only may fit."""
    return [_name(message.id) for message in catalogue if message.id and (message.fuzzy or not _is_complete(message))]


def _is_complete(message: object) -> bool:
    given = message.string  # type: ignore[attr-defined]  # babel's Message; the annotation is not exported
    return all(given) if isinstance(given, (tuple, list)) else bool(given)


def _name(identity: str | tuple[str, ...] | list[str]) -> str:
    return identity if isinstance(identity, str) else identity[0]


def update(locale: str, wanted: Catalog) -> Catalog:
    """The catalogue of a language with exactly the wanted ids; nothing is guessed from similar ones."""
    catalogue = read(locale)
    catalogue.update(wanted, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    if locale == SOURCE:
        for message in catalogue:
            if message.id:
                message.string = message.id if isinstance(message.id, str) else tuple(message.id)
    return catalogue


def _write(locale: str, catalogue: Catalog) -> None:
    """Babel's own header carries dates that change at every run; ours says only what a reader of the file needs."""
    header = HEADER.format(locale=locale, plurals=catalogue.plural_forms)
    with po_file(locale).open("wb") as file:
        file.write(header.encode())
        write_po(file, catalogue, width=WIDTH, no_location=True, sort_output=True, omit_header=True)


def main() -> int:
    """Updates all files; tells what is still to be translated, and answers 1 where something is."""
    wanted = messages_in_code()
    open_ones = 0
    for locale in LOCALES:
        catalogue = update(locale, wanted)
        po_file(locale).parent.mkdir(parents=True, exist_ok=True)
        _write(locale, catalogue)
        for message in missing(catalogue):
            open_ones += 1
            sys.stdout.write(f"{locale}: {message}\n")
    return 1 if open_ones else 0


if __name__ == "__main__":
    sys.exit(main())
