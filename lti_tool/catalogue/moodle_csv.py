"""The requirements as a competency framework of Moodle: the file that its importer `tool_lpimportcsv` takes.

Pure. Moodle's tree is aspect → competency → level → indicator, which its taxonomies call domain, competency, level and
indicator. Moodle compares ID numbers of parents as numbers where they look like numbers (1.1 would be 1.10), so each
begins with a word; those of competencies are the resource ids of the gradebook's columns.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from lti_tool.competency.framework import OFFICIAL_LANGUAGE, Competency, Framework, Level, Localized

HEADER = (
    "Parent ID number",
    "ID number",
    "Short name",
    "Description",
    "Description format",
    "Scale values",
    "Scale configuration",
    "Rule type (optional)",
    "Rule outcome (optional)",
    "Rule config (optional)",
    "Cross-referenced competency ID numbers",
    "Exported ID (optional)",
    "Is framework",
    "Taxonomy",
)
TAXONOMIES = "domain,competency,level,indicator"
SHORT_NAME = 100
"""Characters that Moodle keeps of a short name."""
HTML = "1"
"""Moodle's number for texts in HTML."""


@dataclass(frozen=True, slots=True)
class ScaleWords:
    """The words of the two scales in the file's language: steps of an indicator, and what stands below every level."""

    not_shown: str
    emerging: str
    shown: str
    convincing: str
    below: str


@dataclass(frozen=True, slots=True)
class _Scale:
    """A scale as Moodle reads it; `pass_from` is the first value, counted from 1, that is proficient."""

    values: tuple[str, ...]
    pass_from: int

    @property
    def said(self) -> str:
        """A comma parts the values, so none may stand in one."""
        return ",".join(value.replace(",", ";") for value in self.values)

    @property
    def configuration(self) -> str:
        """Moodle puts the scale's own id in the first place when it imports."""
        chosen = [
            {"id": number, "scaledefault": int(number == self.pass_from), "proficient": 1}
            for number in range(self.pass_from, len(self.values) + 1)
        ]
        return json.dumps([{"scaleid": "0"}, *chosen], separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class _Node:
    """A competency in Moodle's sense: any node of the tree."""

    parent: str
    id: str
    name: str
    description: str
    scale: _Scale | None = None


def moodle_csv(framework: Framework, language: str, words: ScaleWords) -> str:
    """The file: UTF-8 without a mark, commas, one line a node, parents before their children."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(HEADER)
    rows.writerow(_framework_row(framework, language, words))
    for number, node in enumerate(_nodes(framework, language, words), start=1):
        rows.writerow(_row(node, number))
    return out.getvalue()


def _framework_row(framework: Framework, language: str, words: ScaleWords) -> Sequence[str]:
    steps = _Scale((words.not_shown, words.emerging, words.shown, words.convincing), 3)
    name = f"{framework.framework}-{framework.version}"
    version = f" ({framework.version})"
    title = _short(framework.title(language), SHORT_NAME - len(version)) + version
    described = _html(framework.titles, language)
    return ("", name, title, described, HTML, steps.said, steps.configuration, *[""] * 5, "1", TAXONOMIES)


def _row(node: _Node, number: int) -> Sequence[str]:
    scale = (node.scale.said, node.scale.configuration) if node.scale else ("", "")
    named = (node.parent, node.id, _short(node.name, SHORT_NAME), node.description, HTML)
    return (*named, *scale, "", "0", "null", "", str(number), "", "")


def _nodes(framework: Framework, language: str, words: ScaleWords) -> Iterator[_Node]:
    levels = _Scale((words.below, *(level.name(language) for level in framework.levels)), 2)
    for aspect in framework.aspects:
        here = f"aspect:{aspect.number}"
        name = f"{aspect.number} {aspect.title(language)}"
        yield _Node("", here, name, _html(aspect.titles, language), levels)
        for competency in aspect.competencies:
            own = f"competency:{competency.code}"
            name = f"{competency.code} {competency.short_title(language)}"
            yield _Node(here, own, name, _html(competency.texts, language), levels)
            for level in framework.levels:
                yield from _level(own, competency, level, language)


def _level(parent: str, competency: Competency, level: Level, language: str) -> Iterator[_Node]:
    indicators = competency.of_level(level.number)
    if not indicators:
        return
    code = f"{competency.code}.{level.number}"
    yield _Node(parent, f"level:{code}", f"{code} {level.name(language)}", _html(level.descriptions, language))
    for each in indicators:
        name = f"{each.code} {each.text(language)}"
        yield _Node(f"level:{code}", f"indicator:{each.code}", name, _html(each.texts, language))


def _html(texts: Localized, language: str) -> str:
    """The text; under a translation the official one."""
    served = texts.served(language)
    languages = [served] if served == OFFICIAL_LANGUAGE else [served, OFFICIAL_LANGUAGE]
    said = ((each, " ".join(texts.text(each).split())) for each in languages)
    return "".join(f'<p lang="{each}">{escape(text, quote=False)}</p>' for each, text in said if text)


def _short(text: str, longest: int) -> str:
    """At most so many characters, cut between words."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    return text[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:–-(") + "…"
