"""Whose level a change would alter, from what to what, in words: for the rules page and for the mapping's preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.competency.framework import Framework
from lti_tool.competency.preview import LevelChange, Preview
from lti_tool.ids import CompetencyId, CourseId, PersonId
from lti_tool.people import roster
from lti_tool.web.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class PreviewWords:
    """What a change would do."""

    summary: str
    changes: tuple[str, ...]
    competencies: tuple[str, ...]
    """Which competencies the course would begin or cease to assess."""


def in_words(session: Session, course_id: CourseId, framework: Framework, seen: Preview) -> PreviewWords:
    """The preview as sentences, people by name."""
    names = {person.id: person.name for person in roster.participants(session, course_id, seen.as_of)}
    return PreviewWords(
        summary=_summary(seen),
        changes=tuple(change_in_words(each, framework, names) for each in seen.changes),
        competencies=(
            *(_gained(framework, each) for each in seen.gained),
            *(_lost(framework, each) for each in seen.lost),
        ),
    )


def _summary(seen: Preview) -> str:
    people = len({change.person for change in seen.changes})
    if not people:
        return _("Nobody's level changes.")
    return _("Participants whose levels change: %(num)d of %(all)d.", num=people, all=seen.persons)


def change_in_words(change: LevelChange, framework: Framework, names: Mapping[PersonId, str]) -> str:
    """One person's change in one competency."""
    return _(
        "%(person)s, %(competency)s: %(before)s → %(after)s",
        person=names.get(change.person) or _("Name not shared"),
        competency=framework.competency_by_id(change.competency).code,
        before=level(change.before),
        after=level(change.after),
    )


def level(number: int | None) -> str:
    """An established level; None where there is none yet."""
    return _("not yet established") if number is None else _("level %(level)d", level=number)


def _gained(framework: Framework, competency: CompetencyId) -> str:
    code = framework.competency_by_id(competency).code
    return _("%(competency)s gets a grade of its own in the gradebook from now on.", competency=code)


def _lost(framework: Framework, competency: CompetencyId) -> str:
    code = framework.competency_by_id(competency).code
    return _("%(competency)s is no longer assessed here: its grades are withdrawn.", competency=code)
