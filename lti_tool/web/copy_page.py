"""What a course could take over from the course that it was copied from, or from a template: part by part, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency import preview
from lti_tool.competency.rules import CourseRules, rules_of
from lti_tool.competency.template import CellDifference, Match, Part, Template
from lti_tool.ids import PersonId
from lti_tool.moodle import course_copy
from lti_tool.moodle.course_copy import Source
from lti_tool.people.model import Course
from lti_tool.web import rules_page
from lti_tool.web.cell_text import in_words
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext
from lti_tool.web.page_data import Link
from lti_tool.web.preview_words import PreviewWords
from lti_tool.web.preview_words import in_words as preview_in_words


@dataclass(frozen=True, slots=True)
class SourceLine:
    """Something to take over from."""

    link: Link
    about: str
    forget: str
    """Its key, where the person who looks may delete it; else empty."""


@dataclass(frozen=True, slots=True)
class PartLine:
    """One activity of what could be taken."""

    name: str
    count: str
    differences: tuple[str, ...]
    unknown: str
    """Indicators that this course's requirements do not have, in a sentence; else empty."""


@dataclass(frozen=True, slots=True)
class RulesPart:
    """The rules that could be taken."""

    sentence: str
    words: PreviewWords | None
    """What they would change; None where they are the same."""
    seen: int
    """The version of the rules in force."""
    offered: str
    """The rules that were looked at, to be published as they were seen."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A source laid over the course."""

    key: str
    title: str
    same: tuple[PartLine, ...]
    differing: tuple[PartLine, ...]
    missing: tuple[PartLine, ...]
    ambiguous: tuple[PartLine, ...]
    rules: RulesPart


@dataclass(frozen=True, slots=True)
class CopyPage:
    """The whole page."""

    origins: tuple[SourceLine, ...]
    templates: tuple[SourceLine, ...]
    difference: Difference | None
    waits: bool
    """Nobody has said yet that what came over from the origin is as it should be."""


def build(session: Session, course: Course, key: str, *, viewer: PersonId, now: datetime) -> CopyPage:
    """The page; with the source of this key laid over the course, or the nearest origin while it waits.

    Raises RuleBroken for a key that names no source of the course.
    """
    sources = course_copy.sources_of(session, course)
    waits = course_copy.waiting_origin(session, course) is not None
    if not key and waits:
        key = sources[0].key
    source = course_copy.find_source(session, course, key) if key else None
    lines = [(each, _source(course, each, key, viewer)) for each in sources]
    return CopyPage(
        origins=tuple(line for each, line in lines if each.origin),
        templates=tuple(line for each, line in lines if each.saved),
        difference=None if source is None else _difference(session, course, source, now),
        waits=waits,
    )


def _source(course: Course, source: Source, key: str, viewer: PersonId) -> SourceLine:
    link = Link(source.name, url_for("copying.show", course=course.public_id, source=source.key), source.key == key)
    if source.saved is None:
        return SourceLine(link, _("This course was copied from it."), "")
    activities = len({cell.activity for cell in source.saved.template.cells})
    about = ngettext("%(num)d activity", "%(num)d activities", activities)
    return SourceLine(
        link,
        f"{about}, {source.saved.by or _('Name not shared')}",
        source.key if source.saved.author == viewer else "",
    )


def _difference(session: Session, course: Course, source: Source, now: datetime) -> Difference:
    template = course_copy.told_by(session, source, now)
    lines: dict[Match, list[PartLine]] = {match: [] for match in Match}
    for part in course_copy.parts_of(session, course, template, now):
        lines[part.match].append(_part(part))
    return Difference(
        key=source.key,
        title=source.name,
        same=tuple(lines[Match.SAME]),
        differing=tuple(lines[Match.DIFFERS]),
        missing=tuple(lines[Match.MISSING]),
        ambiguous=tuple(lines[Match.AMBIGUOUS]),
        rules=_rules(session, course, template, now),
    )


def _part(part: Part) -> PartLine:
    return PartLine(
        name=part.name,
        count=ngettext("%(num)d indicator", "%(num)d indicators", part.cells),
        differences=tuple(_cell(each) for each in part.differences),
        unknown=_("Not in this course's requirements: %(codes)s.", codes=", ".join(part.unknown))
        if part.unknown
        else "",
    )


def _cell(difference: CellDifference) -> str:
    return _(
        "%(code)s: %(before)s → %(after)s",
        code=difference.indicator,
        before=in_words(difference.here),
        after=in_words(difference.there),
    )


def _rules(session: Session, course: Course, template: Template, now: datetime) -> RulesPart:
    rules = rules_of(session, course.id, now)
    if template.options == rules.options:
        return RulesPart(_("The rules are the same."), None, rules.version, "")
    seen = preview.of_rules(session, course.id, template.options, now)
    return RulesPart(
        sentence=_told(rules, template.options),
        words=preview_in_words(session, course.id, rules.framework, seen),
        seen=rules.version,
        offered=rules_page.fingerprint(template.options),
    )


def _told(rules: CourseRules, options: Mapping[str, Any]) -> str:
    return _(
        "Here: %(here)s. There: %(there)s.",
        here=rules_page.options_in_words(rules.options),
        there=rules_page.options_in_words(options),
    )
