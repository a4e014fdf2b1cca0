"""What can be said of who read or changed what: closed sets of words and opaque ids, so that no name can slip in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from lti_tool.errors import RuleBroken
from lti_tool.ids import PlatformId

FOLD = timedelta(minutes=10)
"""Who reads the same again within this time is told of once."""
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WORD = re.compile(r"[a-z][a-z0-9_.-]{0,39}")
_CODE = re.compile(r"[0-9]{1,2}(\.[0-9]{1,2}){1,2}(\.[a-z]{1,2})?")


class ActorKind(StrEnum):
    """Who did it, by the door they came through."""

    PERSON = "person"
    """Somebody who came from the LMS."""
    ACCOUNT = "account"
    """Somebody with an account of this tool."""
    TOKEN = "token"  # noqa: S105  a kind of actor, not a secret
    """A program with a token of the API."""
    OPERATOR = "operator"
    """Somebody at the machine's own command line."""
    WORKER = "worker"
    """Nobody: it was due."""
    LMS = "lms"
    """The platform itself, by a registration."""
    STRANGER = "stranger"
    """Somebody who has not entered."""


class SubjectKind(StrEnum):
    """What it was done to."""

    PERSON = "person"
    COURSE = "course"
    PLATFORM = "platform"
    REGISTRATION = "registration"
    ACCOUNT = "account"
    TOKEN = "token"  # noqa: S105  a kind of subject, not a secret
    KEY = "key"
    FRAMEWORK = "framework"


class Action(StrEnum):
    """What was done. What begins with `read.` changes nothing."""

    READ_RECORD = "read.record"
    READ_WORK = "read.work"
    READ_GRADE = "read.grade"
    READ_COURSE = "read.course"
    READ_DATA = "read.data"
    READ_AUDIT = "read.audit"
    READ_EXPORT = "read.export"
    READ_API = "read.api"
    READ_PEOPLE = "read.people"
    MARKS_TAKEN = "marks.taken"
    OBSERVED = "observation.stored"
    ASSESSED = "work.assessed"
    EVIDENCE_VOIDED = "evidence.voided"
    JUDGED = "judgement.made"
    JUDGEMENT_WITHDRAWN = "judgement.withdrawn"
    DISPUTE_DECIDED = "dispute.decided"
    COURSE_CLOSING = "course.closing"
    COURSE_MOVED = "course.moved"
    EXPORT_ASKED = "export.asked"
    SITE_CHANGED = "site.changed"
    CASE_SETTLED = "case.settled"
    MAPPING_DRAFTED = "mapping.drafted"
    MAPPING_PUBLISHED = "mapping.published"
    RULES_CHANGED = "rules.changed"
    TEMPLATE_CHANGED = "template.changed"
    TASK_CHANGED = "task.changed"
    RUBRIC_CHANGED = "rubric.changed"
    ACTIVITY_CHANGED = "activity.changed"
    LEAD_NAMED = "lead.named"
    ROSTER_READ = "roster.read"
    MARKS_CHOSEN = "marks.chosen"
    MARKS_READ = "marks.read"
    CONNECTION_CHANGED = "connection.changed"
    GRADES_SENT = "grades.sent"
    GRADES_COMPARED = "grades.compared"
    GRADES_DECIDED = "grades.decided"
    WORK_SAVED = "work.saved"
    SELF_ASSESSED = "self.assessed"
    SESSION_BEGUN = "session.begun"
    SESSIONS_ENDED = "sessions.ended"
    ENTRY_REFUSED = "entry.refused"
    ENTRY_THROTTLED = "entry.throttled"
    CREDENTIAL_MADE = "credential.made"
    CREDENTIAL_CHANGED = "credential.changed"
    CREDENTIAL_REVOKED = "credential.revoked"
    PERSON_ERASED = "person.erased"
    RETENTION_CHANGED = "retention.changed"
    RETENTION_APPLIED = "retention.applied"
    REGISTRATION_CHANGED = "registration.changed"
    KEYS_CHANGED = "keys.changed"
    FRAMEWORK_CHANGED = "framework.changed"
    ACCOUNTS_CHANGED = "accounts.changed"
    TOKENS_CHANGED = "tokens.changed"
    SETTINGS_CHANGED = "settings.changed"

    @property
    def is_read(self) -> bool:
        """Whether nothing was changed by it."""
        return self.value.startswith("read.")

    @property
    def folds(self) -> bool:
        """Whether the same, again within `FOLD`, is told of once: reads, drafts that are stored at every stop, and what
        strangers can do as often as they like."""
        drafts = {Action.WORK_SAVED, Action.MAPPING_DRAFTED, Action.SELF_ASSESSED}
        return self.is_read or self in drafts | {Action.ENTRY_REFUSED, Action.ENTRY_THROTTLED}


def _check_id(found: str | None) -> None:
    if found is not None and not _ID.fullmatch(found):
        raise RuleBroken("audit_not_opaque", key="id")


def _is_plain(key: str, value: str | int) -> bool:
    if key == "count":
        return isinstance(value, int)
    shape = {"page": _WORD, "format": _WORD, "what": _WORD, "code": _CODE}.get(key)
    return shape is not None and isinstance(value, str) and shape.fullmatch(value) is not None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it."""

    kind: ActorKind
    id: str | None = None
    """A public id; None for the operator, the worker, the LMS and a stranger."""

    def __post_init__(self) -> None:
        _check_id(self.id)


@dataclass(frozen=True, slots=True)
class Subject:
    """What it was done to."""

    kind: SubjectKind
    id: str

    def __post_init__(self) -> None:
        _check_id(self.id)


OPERATOR = Actor(ActorKind.OPERATOR)
WORKER = Actor(ActorKind.WORKER)
LMS = Actor(ActorKind.LMS)
STRANGER = Actor(ActorKind.STRANGER)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the record. Raises RuleBroken `audit_not_opaque` where something could be more than an id or word."""

    action: Action
    actor: Actor
    platform_id: PlatformId | None = None
    """None: it concerns all of them."""
    subject: Subject | None = None
    course: str | None = None
    """Public id of the course in which it happened."""
    detail: Mapping[str, str | int] = field(default_factory=lambda: MappingProxyType({}))
    """`page`, `format`, `what` (words), `code` (of a competency or indicator), `count` (whole numbers)."""

    def is_like(self, other: Event) -> bool:
        """Whether both tell of the same, whatever the page was on which it happened."""
        return replace(self, detail={}) == replace(other, detail={})

    def __post_init__(self) -> None:
        _check_id(self.course)
        for key, value in self.detail.items():
            if not _is_plain(key, value):
                raise RuleBroken("audit_not_opaque", key=key)
