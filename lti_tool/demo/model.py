"""The LMS's own nouns as plain values, so that seed, services and pages speak of the same things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a person is in a course; the site admin has no role in any."""

    TRAINER = "trainer"
    ASSISTANT = "assistant"
    """Moodle's non-editing teacher: Instructor at launch, Learner on the roster."""
    PARTICIPANT = "participant"


@dataclass(frozen=True, slots=True)
class Person:
    """An account of the LMS; empty strings where a profile says nothing."""

    id: str
    username: str
    given_name: str
    family_name: str
    id_number: str
    email: str
    locale: str
    is_admin: bool = False

    @property
    def name(self) -> str:
        """Given name first, as Moodle shows it by default."""
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True)
class Course:
    """A course; times are ISO 8601 in UTC, as the launch sends them."""

    id: str
    label: str
    title: str
    id_number: str
    summary: str
    begins_at: str
    ends_at: str
    history: str = ""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A person in a course; suspended ones stay, inactive."""

    course_id: str
    person_id: str
    role: Role
    active: bool = True


@dataclass(frozen=True, slots=True)
class NativeActivity:
    """A quiz or an assignment of the LMS itself, which no LTI service ever shows."""

    module: str
    name: str
    maximum: int


@dataclass(frozen=True, slots=True)
class SeedLink:
    """A resource link that stands in a course from the start."""

    course_id: str
    title: str
    description: str
    custom: Mapping[str, str] = field(default_factory=dict)
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A placed external tool activity; `url` empty means the tool's own target."""

    id: str
    course_id: str
    tool_id: str
    title: str
    description: str = ""
    url: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tool:
    """A registered tool; in Moodle tool, client and deployment are one record, `id` is the deployment."""

    id: str
    client_id: str
    name: str
    description: str
    domain: str
    login_url: str
    target_url: str
    deep_linking_url: str
    redirect_urls: tuple[str, ...]
    jwks_url: str
    logo_url: str
    custom: Mapping[str, str]
    scopes: frozenset[str]
    shares_names: bool
    shares_email: bool
    active: bool = False


class MessageType(StrEnum):
    """The three messages that Moodle sends."""

    RESOURCE_LINK = "LtiResourceLinkRequest"
    DEEP_LINKING = "LtiDeepLinkingRequest"
    SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"


@dataclass(frozen=True, slots=True)
class Launch:
    """A launch that was begun; it waits for the tool's authorization request under a one-time hint."""

    message: MessageType
    tool_id: str
    person_id: str
    course_id: str
    link_id: str | None = None
    for_person_id: str | None = None
    in_frame: bool = True
    as_learner: bool = False
    """Moodle's "switch role to student": Learner with the person's own id."""
