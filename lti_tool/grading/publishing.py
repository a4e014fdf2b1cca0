"""What a trainer publishes after having seen what it changes: a drafted mapping, rules.

Large courses are computed anew by the worker (`jobs`); the change itself counts from now on.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.competency import mapping_draft
from lti_tool.competency.mapping import MappingChange
from lti_tool.competency.rules import CourseRules, rules_of
from lti_tool.errors import Conflict
from lti_tool.grading import gradebook
from lti_tool.grading.jobs import compute_anew
from lti_tool.ids import CourseId, PersonId
from lti_tool.people import roster


def publish_draft(
    session: Session, course_id: CourseId, seen: str, *, by: PersonId | None, now: datetime
) -> MappingChange:
    """The course's drafted mapping becomes its mapping; nothing is drafted any more.

    `seen` is the fingerprint of the draft whose consequences were shown. Raises Conflict where it is another now, by
    an edit or by something else that was published; then nothing is stored.
    """
    roster.take_courses(session, course_id, None)
    draft = mapping_draft.draft_of(session, course_id)
    if draft.fingerprint != seen:
        raise Conflict("draft_changed_meanwhile")
    change = gradebook.accept_mapping(session, course_id, draft.wanted, by=by, now=now, follow=compute_anew)
    mapping_draft.discard(session, course_id)
    return change


def publish_rules(
    session: Session, course_id: CourseId, options: dict[str, Any], seen: str, *, by: PersonId | None, now: datetime
) -> CourseRules:
    """A new version of the course's rules. `seen` is the number of the version that they were chosen instead of.

    Raises Conflict where another is in force by now, RuleBroken as `gradebook.accept_rules` does; then nothing is
    stored.
    """
    roster.take_courses(session, course_id, None)
    if seen != str(rules_of(session, course_id, now).version):
        raise Conflict("rules_changed_meanwhile")
    return gradebook.accept_rules(session, course_id, options, by=by, now=now, follow=compute_anew)
