"""What an operator does by command goes into the record, too, in the transaction of what it changes."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lti_tool import clock
from lti_tool.audit import recording
from lti_tool.audit.model import OPERATOR, Action, Event, Subject, SubjectKind
from lti_tool.ids import PlatformId
from lti_tool.people.model import Course


def note(
    session: Session,
    action: Action,
    *,
    course: Course | None = None,
    platform_id: PlatformId | None = None,
    subject: Subject | None = None,
    what: str = "",
) -> None:
    """Records what the operator does; `course`: in this one, and about it where no subject is named."""
    if course is not None:
        platform_id = course.platform_id
        subject = subject or Subject(SubjectKind.COURSE, course.public_id)
    detail: dict[str, str | int] = {"what": what} if what else {}
    place = course.public_id if course else None
    recording.record(session, Event(action, OPERATOR, platform_id, subject, place, detail), clock.now())


def registration(public_id: str) -> Subject:
    """A registration as what something was done to."""
    return Subject(SubjectKind.REGISTRATION, public_id)
