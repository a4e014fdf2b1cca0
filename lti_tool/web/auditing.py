"""Writes into the record what a request read or changed, before its answer leaves.

A change goes into the request's own transaction: it is committed with its line or not at all. A read takes a short
transaction of its own, so that reading pages still wait for no writer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Flask, Response, g, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import ServiceUnavailable

from lti_tool import clock
from lti_tool.audit import recording
from lti_tool.audit.model import Actor, ActorKind, Event, Subject, SubjectKind
from lti_tool.grading import delivery_queries
from lti_tool.ids import CourseId, PublicId
from lti_tool.tasks import queries as task_queries
from lti_tool.web.audited import CHANGES, READS, Noted
from lti_tool.web.auth import Visit
from lti_tool.web.database import READING, db, has_written
from lti_tool.web.tool import tool

RETRY_AFTER = 30
THINGS = {
    "account": SubjectKind.ACCOUNT,
    "course": SubjectKind.COURSE,
    "registration": SubjectKind.REGISTRATION,
    "token": SubjectKind.TOKEN,
}
"""What is no person, by its name in addresses."""
Whose = Callable[[Session, CourseId, str], PublicId | None]
WHOSE: Mapping[str, Whose] = {
    "submission": task_queries.whose_submission,
    "file": task_queries.whose_file,
    "delivery": delivery_queries.whose_delivery,
}


def install(app: Flask) -> None:
    """To be called after `database.install`: what is registered later acts before the commit."""

    @app.before_request
    def _refuse_unrecorded() -> None:
        if request.endpoint in READS and tool().reads.is_full and not tool().reads.store_waiting(tool().sessions):
            raise ServiceUnavailable(retry_after=RETRY_AFTER)

    @app.after_request
    def _note(response: Response) -> Response:
        here: Visit | None = g.get("visit")
        if here is not None and response.status_code < 400:
            _note_request(here)
        return response


def _note_request(here: Visit) -> None:
    noted = (READS if request.method in READING else CHANGES).get(request.endpoint or "")
    changes = request.method not in READING
    if noted is None or (changes and not has_written()):
        return
    event = _event(noted, here)
    if changes:
        recording.record(db(), event, clock.now())
    elif event.subject is None or event.subject.id != event.actor.id:
        tool().reads.note(db(), tool().sessions, event, clock.now())


def _event(noted: Noted, here: Visit) -> Event:
    return Event(
        action=noted.action,
        actor=_actor(here),
        platform_id=here.login.person.platform_id if here.login.person else None,
        subject=_subject(noted, here),
        course=here.course.public_id if here.course else None,
        detail={"page": request.endpoint or ""},
    )


def _actor(here: Visit) -> Actor:
    """Who is here: the account where there is one, whoever stands for it among the platform's people."""
    if here.account is not None:
        return Actor(ActorKind.ACCOUNT, here.account.public_id)
    return Actor(ActorKind.PERSON, here.person.public_id)


def _subject(noted: Noted, here: Visit) -> Subject | None:
    named = (request.view_args or {}).get(noted.about)
    if named is None:
        return None
    if noted.about in THINGS:
        return Subject(THINGS[noted.about], named)
    whose = WHOSE.get(noted.about)
    person = whose(db(), here.course.id, named) if whose and here.course else named
    return Subject(SubjectKind.PERSON, person) if person else None
