"""Lays one course's mapping over another: a copied course takes what its origin has, any course takes a saved template.

One mechanism for both: the origin of a copy is a template that nobody had to save. What is taken goes into the draft
of the mapping, so that whose level it changes is seen before it counts; rules are published as on their own page.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency import template_store
from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.mapping_draft import draft_of, draft_whole
from lti_tool.competency.rules import rules_of
from lti_tool.competency.template import Match, Part, Template, lay_over, template_of
from lti_tool.competency.template_store import SavedTemplate
from lti_tool.errors import RuleBroken
from lti_tool.ids import ActivityId, PersonId
from lti_tool.moodle.activity_names import ActivityNames
from lti_tool.people import courses
from lti_tool.people.activities import activities_of, ensure_activity
from lti_tool.people.model import ActivityKind, ActivitySource, Course

NAME_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Source:
    """Where a mapping may be taken from."""

    key: str
    """In addresses and forms."""
    name: str
    """The title of the origin, or the name of the template."""
    origin: Course | None = None
    saved: SavedTemplate | None = None


def sources_of(session: Session, course: Course) -> tuple[Source, ...]:
    """The courses that this one was copied from, the nearest first, then the templates of its platform."""
    origins = courses.origins_of(session, course)
    saved = template_store.saved_templates(session, course.platform_id)
    return (
        *(Source(f"course-{each.public_id}", each.title, origin=each) for each in origins),
        *(Source(f"template-{each.public_id}", each.name, saved=each) for each in saved),
    )


def find_source(session: Session, course: Course, key: str) -> Source:
    """The source with this key. Raises RuleBroken where the course has none such."""
    found = next((each for each in sources_of(session, course) if each.key == key), None)
    if found is None:
        raise RuleBroken("template_gone")
    return found


def told_by(session: Session, source: Source, now: datetime) -> Template:
    """The mapping and the rules of a source; those of an origin as they are published there now."""
    if source.saved is not None:
        return source.saved.template
    if source.origin is None:
        raise RuleBroken("template_gone")
    return _of_course(session, source.origin, now)


def parts_of(session: Session, course: Course, template: Template, now: datetime) -> tuple[Part, ...]:
    """What the template would make of the course's draft, activity by activity."""
    names = ActivityNames(activities_of(session, course.id))
    here = draft_of(session, course.id).wanted
    framework = rules_of(session, course.id, now).framework
    return lay_over(template, lambda name: _ids(names, name), framework, here)


def take(
    session: Session, course: Course, template: Template, chosen: Collection[str], *, by: PersonId, now: datetime
) -> int:
    """Puts the chosen activities of a template into the course's draft, as they stand in the template.

    One that the course does not have is made by its name; without a published mapping it counts for nothing. Returns
    how many activities were taken. Raises RuleBroken where two activities of the course have the name.
    """
    for part in parts_of(session, course, template, now):
        if part.name in chosen and part.match is Match.AMBIGUOUS:
            raise RuleBroken("template_ambiguous", activity=part.name)
        if part.name in chosen and part.match is Match.MISSING:
            ensure_activity(
                session, course.id, ActivityKind.NATIVE, ActivitySource.GRADEBOOK, part.name, part.name, now
            )
    taken = {part.activity: part.wanted for part in parts_of(session, course, template, now) if part.name in chosen}
    kept = [cell for cell in draft_of(session, course.id).wanted if cell.activity not in taken]
    cells = [*kept, *(cell for wanted in taken.values() for cell in wanted)]
    draft_whole(session, course.id, cells, merge=False, by=by, now=now)
    return len(taken)


def save_as_template(session: Session, course: Course, name: str, *, by: PersonId, now: datetime) -> None:
    """Keeps the course's published mapping and rules under a name, for all courses of the platform.

    Raises RuleBroken for a name that is empty, too long or taken, and for a course that maps nothing.
    """
    name = " ".join(name.replace("\0", "").split())
    if not 1 <= len(name) <= NAME_LENGTH:
        raise RuleBroken("template_name_faulty", maximum=NAME_LENGTH)
    template = _of_course(session, course, now)
    if not template.cells:
        raise RuleBroken("template_empty")
    if not template_store.insert_template(session, course.platform_id, name, template, by, now):
        raise RuleBroken("template_name_taken", name=name)


def forget(session: Session, course: Course, source: Source, *, by: PersonId) -> None:
    """Deletes a template; only who made it may. Raises RuleBroken."""
    if source.saved is None or not template_store.delete_template(
        session, course.platform_id, source.saved.public_id, by
    ):
        raise RuleBroken("template_not_yours")


def waiting_origin(session: Session, course: Course) -> Course | None:
    """The course that this one was copied from, while nobody has said that what came over is as it should be."""
    origins = courses.origins_of(session, course)
    return origins[0] if origins and not template_store.origin_is_settled(session, course.id) else None


def settle(session: Session, course: Course, *, by: PersonId, now: datetime) -> None:
    """Nothing more is to be taken from the course's origin; its page stays."""
    template_store.settle_origin(session, course.id, by, now)


def _of_course(session: Session, course: Course, now: datetime) -> Template:
    rules = rules_of(session, course.id, now)
    names = {activity.id: activity.name for activity in activities_of(session, course.id)}
    return template_of(mapping_of(session, course.id), names, rules.framework, rules.options)


def _ids(names: ActivityNames, name: str) -> tuple[ActivityId, ...]:
    return tuple(activity.id for activity in names.find(name))
