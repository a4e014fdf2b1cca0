"""A call: by which token, to what. It is admitted here, and what it reads can be written down here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import g, request
from sqlalchemy.orm import Session

from lti_tool import clock
from lti_tool.accounts import tokens
from lti_tool.accounts.allowance import Allowances, Allowed
from lti_tool.accounts.token_model import ApiToken
from lti_tool.audit.model import Action, Actor, ActorKind, Event, Subject, SubjectKind
from lti_tool.ids import PlatformId
from lti_tool.people import paging_queries
from lti_tool.people.paging_queries import CourseEntry, PersonEntry
from lti_tool.web.api.problems import Refused
from lti_tool.web.database import db
from lti_tool.web.i18n import current_locale
from lti_tool.web.tool import tool

REALM = 'Bearer realm="lti-tool"'
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is admitted: what it may read is the token's platform, and nothing else."""

    token: ApiToken
    endpoint: str
    now: datetime
    course: CourseEntry | None = None
    person: PersonEntry | None = None

    @property
    def platform_id(self) -> PlatformId:
        """The platform whose data may be read."""
        return self.token.platform_id

    @property
    def session(self) -> Session:
        """The request's session, which reads."""
        return db()

    @property
    def locale(self) -> str:
        """The language of texts."""
        return current_locale()


def admit(allowances: Allowances) -> None:
    """Lets this request's call in. Raises Refused: not-acceptable, unauthorized, too-many-calls."""
    if request.accept_mimetypes and request.accept_mimetypes.best_match([JSON]) is None:
        raise Refused("not-acceptable")
    now = clock.now()
    token = _token(now)
    allowed = g.api_allowed = allowances.spend(token, now)
    if not allowed.granted:
        raise Refused("too-many-calls", headers={"Retry-After": str(allowed.seconds)})
    g.api_admitted = (token, now)


def located(endpoint: str, named: dict[str, str]) -> Call:
    """The admitted call, with the course or person that its address names. Raises Refused("not-found").

    What belongs to another platform is not found, as if it did not exist.
    """
    token, now = g.api_admitted
    course = paging_queries.course_of_platform(db(), token.platform_id, named["course"]) if "course" in named else None
    person = paging_queries.person_of_platform(db(), token.platform_id, named["person"]) if "person" in named else None
    if ("course" in named and course is None) or ("person" in named and person is None):
        raise Refused("not-found")
    return Call(token, endpoint, now, course, person)


OF_PEOPLE = frozenset({"deliveries", "gradebook", "person", "persons"})
"""Endpoints that tell of people; what the others tell is recorded nowhere."""


def note_read(call: Call) -> None:
    """Records whose records were read, and with which token."""
    if call.endpoint not in OF_PEOPLE:
        return
    course = call.course.public_id if call.course else None
    subject = Subject(SubjectKind.PERSON, call.person.public_id) if call.person else None
    if subject is None and course is not None:
        subject = Subject(SubjectKind.COURSE, course)
    actor = Actor(ActorKind.TOKEN, call.token.public_id)
    event = Event(Action.READ_API, actor, call.platform_id, subject, course, {"page": f"api.{call.endpoint}"})
    tool().reads.note(call.session, tool().sessions, event, call.now)


def limit_headers(allowed: Allowed) -> dict[str, str]:
    """What is left of the minute (draft-ietf-httpapi-ratelimit-headers)."""
    return {
        "RateLimit-Policy": f'"minute";q={allowed.limit};w=60',
        "RateLimit": f'"minute";r={allowed.left};t={allowed.seconds}',
    }


def _token(now: datetime) -> ApiToken:
    brought = request.authorization
    if brought is None or brought.type != "bearer" or not brought.token:
        raise Refused("unauthorized", headers={"WWW-Authenticate": REALM})
    found = tokens.find(db(), brought.token, now)
    if found is None:
        raise Refused("unauthorized", headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'})
    return found
