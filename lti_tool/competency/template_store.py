"""Loads and saves mapping templates, which a platform's courses share, and what is settled of a course's origin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competency.tables import CourseOriginRow, MappingTemplateRow
from lti_tool.competency.template import Template
from lti_tool.ids import CourseId, PersonId, PlatformId
from lti_tool.people.tables import PersonRow


@dataclass(frozen=True, slots=True)
class SavedTemplate:
    """A template as lists show it."""

    public_id: str
    name: str
    by: str | None
    author: PersonId | None
    created_at: datetime
    template: Template


def saved_templates(session: Session, platform_id: PlatformId) -> tuple[SavedTemplate, ...]:
    """The templates of a platform, by name."""
    query = (
        select(MappingTemplateRow, PersonRow.name)
        .outerjoin(PersonRow, PersonRow.id == MappingTemplateRow.created_by)
        .where(MappingTemplateRow.platform_id == platform_id)
        .order_by(MappingTemplateRow.name)
    )
    return tuple(
        SavedTemplate(
            public_id=row.public_id,
            name=row.name,
            by=name or None,
            author=None if row.created_by is None else PersonId(row.created_by),
            created_at=row.created_at,
            template=Template.from_json(row.content),
        )
        for row, name in session.execute(query)
    )


def insert_template(
    session: Session, platform_id: PlatformId, name: str, template: Template, by: PersonId, now: datetime
) -> bool:
    """Stores a template; False where the platform has one of this name already."""
    named = MappingTemplateRow.platform_id == platform_id, MappingTemplateRow.name == name
    if session.scalar(select(MappingTemplateRow.id).where(*named)) is not None:
        return False
    row = MappingTemplateRow(platform_id=platform_id, name=name, content=template.to_json())
    row.created_at, row.created_by = now, by
    session.add(row)
    session.flush()
    return True


def delete_template(session: Session, platform_id: PlatformId, public_id: str, by: PersonId) -> bool:
    """Deletes a template that this person made; whether there was one."""
    row = session.scalar(
        select(MappingTemplateRow).where(
            MappingTemplateRow.platform_id == platform_id,
            MappingTemplateRow.public_id == public_id,
            MappingTemplateRow.created_by == by,
        )
    )
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return True


def origin_is_settled(session: Session, course_id: CourseId) -> bool:
    """Whether somebody has said that what came over from the course's origin is as it should be."""
    return session.get(CourseOriginRow, course_id) is not None


def settle_origin(session: Session, course_id: CourseId, by: PersonId, now: datetime) -> None:
    """Keeps who said so; the first to say so is kept."""
    if session.get(CourseOriginRow, course_id) is None:
        session.add(CourseOriginRow(course_id=course_id, settled_at=now, settled_by=by))
        session.flush()
