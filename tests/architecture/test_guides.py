"""The guides say what the pages say: a label that was renamed and a translation that fell behind are seen here."""

from __future__ import annotations

import re
import runpy
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from lti_tool.cli import main
from lti_tool.web import messages

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "lti_tool"
GUIDES = ROOT / "docs" / "guide"
LANGUAGES = {
    "participant": ("en", "ru", "ky"),
    "trainer": ("en", "ru", "ky"),
    "institute-admin": ("en", "ru"),
    "lms-admin": ("en", "ru"),
    "operator": ("en", "ru"),
    "developer": ("en", "ru"),
}
LONGEST = 110
"""Lines of a guide: two screens of text, with tables."""
WRITTEN = [(reader, language) for reader, languages in LANGUAGES.items() for language in languages]
LABEL = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
"""What stands in bold is a label of a page, letter by letter."""
LINK = re.compile(r"\]\(([^)\s]+)\)")
MODULE = re.compile(r"`((?:[\w-]+/)*\w+\.py)(?:: (\w+))?`")
"""A module by its path or the end of it, perhaps with a name that stands in it."""
COMMAND = re.compile(r"lti-tool ([a-z][^`\n|]*)")


def _text(reader: str, language: str) -> str:
    return (GUIDES / f"{reader}.{language}.md").read_text(encoding="utf-8")


def _labels(text: str) -> set[str]:
    return {" ".join(found.split()) for found in LABEL.findall(text)}


@cache
def _of_pages(language: str) -> frozenset[str]:
    """Every text of the pages in a language, singular and plural."""
    said: set[str] = set()
    for message in messages.read(language):
        forms = message.id if language == messages.SOURCE else message.string
        said |= {forms} if isinstance(forms, str) else set(forms or ())
    return frozenset(" ".join(each.split()) for each in said if each)


def test_every_guide_is_there_in_its_languages_and_no_other() -> None:
    wanted = {f"{reader}.{language}.md" for reader, language in WRITTEN}

    assert {path.name for path in GUIDES.glob("*.md")} == wanted | {"README.md"}


@pytest.mark.parametrize(("reader", "language"), WRITTEN)
def test_what_a_guide_quotes_stands_on_a_page_in_its_language(reader: str, language: str) -> None:
    quoted = _labels(_text(reader, language))

    assert quoted - _of_pages(language) == set()


@pytest.mark.parametrize(("reader", "language"), WRITTEN)
def test_a_translation_has_the_same_parts_as_the_english_guide(reader: str, language: str) -> None:
    english, here = (
        re.findall(r"^#+|^\||^\d\.|^- |^```", _text(reader, each), re.MULTILINE) for each in ("en", language)
    )

    assert here == english


@pytest.mark.parametrize(("reader", "language"), WRITTEN)
def test_a_guide_stays_short(reader: str, language: str) -> None:
    assert len(_text(reader, language).splitlines()) <= LONGEST


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_a_guide_uses_no_word_that_the_glossary_rules_out(language: str) -> None:
    table = (ROOT / "docs" / "glossary-ui.md").read_text(encoding="utf-8").partition("## Words that are not used")[2]
    wrong = [row[1] for row in re.findall(r"^\| (ky|ru) \| (.+?) \|", table, re.MULTILINE) if row[0] == language]
    assert len(wrong) > 3

    found = [
        (reader, word)
        for reader, _language in (each for each in WRITTEN if each[1] == language)
        for word in wrong
        if re.search(rf"\b{re.escape(word)}", re.sub(r"«[^»]*»|`[^`]*`", "", _text(reader, language)), re.IGNORECASE)
    ]

    assert found == []


def _documents() -> Iterator[Path]:
    yield from sorted((ROOT / "docs").rglob("*.md"))
    yield from (ROOT / name for name in ("README.md", "CHANGELOG.md"))


def test_every_link_inside_the_documents_leads_somewhere() -> None:
    lost = []
    for document in _documents():
        text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
        for link in LINK.findall(text):
            path, _hash, part = link.partition("#")
            if re.match(r"[a-z]+:", link):
                continue
            target = (document.parent / path).resolve() if path else document
            if not target.exists() or (part and part not in _anchors(target)):
                lost.append((document.relative_to(ROOT).as_posix(), link))

    assert lost == []


def _anchors(document: Path) -> set[str]:
    """The names that headings get as places to link to."""
    heads = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.casefold()).replace(" ", "-") for head in heads}


def test_every_picture_of_the_documents_is_shown_and_small() -> None:
    shown = {
        (document.parent / link).resolve()
        for document in _documents()
        for link in LINK.findall(document.read_text(encoding="utf-8"))
    }

    pictures = [path for path in (ROOT / "docs" / "pictures").iterdir() if path.suffix in {".png", ".svg"}]

    assert [path.name for path in pictures if path not in shown] == []
    assert [path.name for path in pictures if path.name.startswith("guide-") and path.stat().st_size > 60_000] == []


@pytest.mark.parametrize(("reader", "language"), WRITTEN)
def test_the_commands_of_a_guide_are_there_with_their_options(reader: str, language: str) -> None:
    commands = COMMAND.findall(_text(reader, language))

    assert [told for told in commands if not _is_known(shlex.split(told))] == []


def _is_known(words: list[str]) -> bool:
    command: click.Command = main
    while words and isinstance(command, click.Group) and words[0] in command.list_commands(click.Context(command)):
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None
        command = found
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    return not isinstance(command, click.Group) and {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("document", ["architecture.md", "guide/developer.en.md", "guide/developer.ru.md"])
def test_modules_of_which_developers_read_are_there(document: str) -> None:
    named = MODULE.findall((ROOT / "docs" / document).read_text(encoding="utf-8"))
    modules = {f"/{path.as_posix()}": path for place in (PACKAGE, ROOT / "tests") for path in place.rglob("*.py")}
    assert len(named) > 10

    lost = [
        (path, name)
        for path, name in named
        if not any(
            each.endswith(f"/{path}") and (not name or re.search(rf"\b{name}\b", module.read_text(encoding="utf-8")))
            for each, module in modules.items()
        )
    ]

    assert lost == []


def test_the_picture_of_the_architecture_is_the_one_that_its_script_draws() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "pictures" / "architecture.py"))

    for language in script["WORDS"]:
        kept = (ROOT / "docs" / "pictures" / f"architecture.{language}.svg").read_text(encoding="utf-8")
        assert kept == script["drawn"](language)
