"""LTI's values as frozen classes, in the words of the specifications; everything else of LTI stays behind them.

`grading/` and `moodle/` may import this module and nothing else of the package.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from lti_tool.ids import PlatformId, PublicId, RegistrationId
from lti_tool.people.model import CourseRole


class MessageType(StrEnum):
    """The messages that the tool answers (LTI core 1.3, deep linking 2.0, submission review 1.0)."""

    RESOURCE_LINK = "LtiResourceLinkRequest"
    DEEP_LINKING = "LtiDeepLinkingRequest"
    SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"


class Scope(StrEnum):
    """Service scopes that the tool asks for (AGS 2.0, NRPS 2.0)."""

    LINE_ITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
    LINE_ITEM_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
    RESULT_READ = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
    SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
    MEMBERSHIP = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"


@dataclass(frozen=True, slots=True)
class Registration:
    """The tool at a platform under one client id, as messages and service calls need it."""

    id: RegistrationId
    platform_id: PlatformId
    issuer: str
    client_id: str
    authorization_url: str
    token_url: str
    token_audience: str | None
    """`aud` of the client assertion where it is not the token URL."""
    jwks_url: str
    scopes: frozenset[str]
    active: bool


@dataclass(frozen=True, slots=True)
class LoginUnderWay:
    """What is remembered between a login and the launch that answers it (OpenID Connect core, section 3.2)."""

    registration_id: RegistrationId
    nonce_hash: str
    browser_hash: str


@dataclass(frozen=True, slots=True)
class StoredKeySet:
    """A platform's key set as last fetched; `document` None where no attempt has succeeded yet."""

    document: dict[str, Any] | None
    fetched_at: datetime | None
    tried_at: datetime


@dataclass(frozen=True, slots=True)
class LaunchGround:
    """What the database knows of the registration that a message is for, read at once."""

    registration: Registration
    knows_deployment: bool
    """Whether the deployment that the message names is one of the registration's."""
    key_set: StoredKeySet | None


@dataclass(frozen=True, slots=True)
class Move:
    """An LMS at another address: what lay below its former issuer lies below the new one, in the same place."""

    former_issuer: str
    issuer: str

    @property
    def former(self) -> str:
        """What moved addresses began with."""
        return self.former_issuer.rstrip("/")

    @property
    def new(self) -> str:
        """What they begin with from now on."""
        return self.issuer.rstrip("/")

    def of(self, url: str) -> str:
        """Where an address leads after the move; one that lay elsewhere stays as it is."""
        below = url == self.former or url.startswith(tuple(self.former + end for end in "/?#"))
        return self.new + url[len(self.former) :] if below else url


class KeyState(StrEnum):
    """What a key of the tool is for: it signs; it no longer signs but is still shown; it is gone."""

    SIGNING = "signing"
    PUBLISHED = "published"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class ToolKey:
    """The public half of a key of the tool."""

    kid: str
    public_jwk: dict[str, Any]
    state: KeyState
    created_at: datetime
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class LaunchedPerson:
    """Who launched, as far as the platform shares it. Absent and empty are both None."""

    sub: str
    name: str | None
    given_name: str | None
    family_name: str | None
    email: str | None
    id_number: str | None


@dataclass(frozen=True, slots=True)
class LaunchedCourse:
    """The context of a launch."""

    context_id: str
    label: str | None
    title: str | None
    history: str | None
    """`$Context.id.history`: context ids that this course was copied from, comma-separated."""
    begins_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class ResourceLink:
    """The link that was opened."""

    id: str
    title: str | None


@dataclass(frozen=True, slots=True)
class Services:
    """What services the platform offers in this context, by its claims. URLs are checked against the platform."""

    line_items_url: str | None = None
    line_item_url: str | None = None
    scopes: frozenset[str] = frozenset()
    memberships_url: str | None = None


@dataclass(frozen=True, slots=True)
class DeepLinkingSettings:
    """What the platform accepts back from a deep-linking request."""

    return_url: str
    accepts_resource_links: bool
    accepts_multiple: bool
    data: str | None


@dataclass(frozen=True, slots=True)
class Launch:
    """A verified message: signature, times, nonce, deployment and schema have all been checked."""

    message: MessageType
    platform_id: PlatformId
    registration_id: RegistrationId
    deployment_id: str
    person: LaunchedPerson
    role: CourseRole | None
    """None where the platform named no role that we know: least rights."""
    is_admin: bool
    course: LaunchedCourse | None
    resource_link: ResourceLink | None
    locale: str
    """ky, ru or en."""
    custom: dict[str, str] = field(default_factory=dict)
    """Without absent values (empty, or an unexpanded `$Variable`)."""
    groups: tuple[str, ...] = ()
    return_url: str | None = None
    services: Services = Services()
    for_user: str | None = None
    """`sub` of the person whose work is to be reviewed. Proves nothing: authorise by role and own roster."""
    deep_linking: DeepLinkingSettings | None = None
    tells_locale: bool = True
    """Whether the platform named one of the three; else `locale` is what stands for none."""


@dataclass(frozen=True, slots=True)
class LineItemWish:
    """A column that we want to exist (AGS 2.0, section 3.2)."""

    label: str
    score_maximum: Decimal
    resource_id: str
    tag: str


@dataclass(frozen=True, slots=True)
class LineItem:
    """A column as the platform describes it; `url` is its id."""

    url: str
    label: str
    score_maximum: Decimal
    resource_id: str | None
    tag: str | None
    resource_link_id: str | None


@dataclass(frozen=True, slots=True)
class Score:
    """What we send (AGS 2.0, section 3.4). `given` None withdraws the grade that stands.

    `timestamp` is aware and in whole seconds: Moodle compares whole seconds.
    """

    user_id: str
    given: Decimal | None
    maximum: Decimal | None
    comment: str
    timestamp: datetime

    def __post_init__(self) -> None:
        if self.timestamp.tzinfo is None or self.timestamp.microsecond:
            raise ValueError("a score's time stamp is aware and in whole seconds")
        if self.given is not None and (
            self.maximum is None or self.maximum <= 0 or not 0 <= self.given <= self.maximum
        ):
            raise ValueError("a score lies between 0 and its maximum")


@dataclass(frozen=True, slots=True)
class Result:
    """What the platform holds (AGS 2.0, section 3.3); `given` None = nothing stands there."""

    user_id: str
    given: Decimal | None
    maximum: Decimal | None
    comment: str | None
    timestamp: datetime | None
    readable: bool = True
    """False where a mark was told that is no number: then nobody knows what stands there."""


@dataclass(frozen=True, slots=True)
class Member:
    """A row of the roster (NRPS 2.0)."""

    user_id: str
    role: CourseRole | None
    name: str | None
    given_name: str | None
    family_name: str | None
    email: str | None
    id_number: str | None


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A service token; `expires_at` is when we stop using it, `granted` the scopes that the platform named."""

    value: str = field(repr=False)
    granted: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CourseServices:
    """How to reach a course's services, by the newest launch that named them."""

    registration: Registration
    line_items_url: str | None
    memberships_url: str | None
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Registering:
    """What the tool and a platform agreed on, to be stored as one registration."""

    issuer: str
    client_id: str
    authorization_url: str
    token_url: str
    token_audience: str | None
    jwks_url: str
    name: str = ""
    product: str | None = None
    product_version: str | None = None
    deployment_id: str | None = None
    scopes: tuple[str, ...] = ()
    active: bool = True


@dataclass(frozen=True, slots=True)
class RegistrationSummary:
    """A registration as operators and admins see it."""

    id: PublicId
    platform: str
    issuer: str
    client_id: str
    active: bool
    authorization_url: str
    token_url: str
    jwks_url: str
    deployments: tuple[str, ...]
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Invitation:
    """A permission to register that is still open."""

    holds: bool
    expires_at: datetime
