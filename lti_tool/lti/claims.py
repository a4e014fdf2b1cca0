"""What a platform says in a signed message, read totally: either it becomes a `Launch`, or it is refused by name.

LTI core 1.3 section 5.3, deep linking 2.0 section 4.4, submission review 1.0, AGS 2.0 and NRPS 2.0, with Moodle's ways
(moodle-lti-facts, section 2): empty text and unexpanded `$Variables` are absent, locales have underscores. Nothing here
is believed because it is signed: addresses must be the platform's own, ids must be ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from lti_tool.errors import LaunchRefused
from lti_tool.lti.addresses import host_of, is_web_address
from lti_tool.lti.model import (
    DeepLinkingSettings,
    Launch,
    LaunchedCourse,
    LaunchedPerson,
    MessageType,
    Registration,
    ResourceLink,
    Services,
)
from lti_tool.people.model import CourseRole

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
MESSAGE_TYPE = CLAIM + "message_type"
VERSION = CLAIM + "version"
DEPLOYMENT_ID = CLAIM + "deployment_id"
ROLES = CLAIM + "roles"
TARGET = CLAIM + "target_link_uri"
RESOURCE_LINK = CLAIM + "resource_link"
FOR_USER = CLAIM + "for_user"
MIGRATION = CLAIM + "lti1p1"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
REQUIRED = (MESSAGE_TYPE, VERSION, DEPLOYMENT_ID, ROLES, TARGET, "sub")

VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2/"
ADMIN_ROLES = frozenset({VOCABULARY + "institution/person#Administrator", VOCABULARY + "system/person#Administrator"})
TRAINER_ROLES = frozenset(
    {VOCABULARY + "membership#Instructor", VOCABULARY + "membership#Administrator", "Instructor", "Administrator"}
)
LEARNER_ROLES = frozenset({VOCABULARY + "membership#Learner", "Learner"})

LOCALES = frozenset({"ky", "ru", "en"})
DEFAULT_LOCALE = "ky"
ID_LENGTH = 255
"""LTI core 1.3, sections 5.3.1 and 5.4.1; also the width of the columns."""
NAME_LENGTH = 255
EMAIL_LENGTH = 320

_BREAKS = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")
# Control characters, halves of surrogate pairs (no database takes them), and marks that turn the text after them round.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


def cleaned(text: str) -> str:
    """One line of text that every database and page can take; markup in it is text and stays."""
    return _UNFIT.sub("", _BREAKS.sub(" ", text)).strip()


def is_clean(text: str) -> bool:
    """Whether an id can be looked up as it is: PostgreSQL takes neither NUL nor halves of surrogate pairs."""
    return cleaned(text) == text


def _text(value: object) -> object:
    return (cleaned(value) or None) if isinstance(value, str) else value


def _name(value: object) -> object:
    return (cleaned(value)[:NAME_LENGTH].rstrip() or None) if isinstance(value, str) else value


def _id(value: object) -> object:
    # An id is taken as it is or not at all: a cleaned one would be somebody else's.
    if isinstance(value, str) and not is_clean(value):
        raise ValueError("an id with control characters or blanks around it")
    return value


def _optional_id(value: object) -> object:
    return (cleaned(value) or None) if isinstance(value, str) else value


def _opaque(value: object) -> object:
    # Goes back as it came, so it cannot be cleaned; no database keeps a NUL.
    if isinstance(value, str) and "\0" in value:
        raise ValueError("text with NUL")
    return value


_Text = Annotated[str | None, BeforeValidator(_text)]
_Name = Annotated[str | None, BeforeValidator(_name)]
_Id = Annotated[str, BeforeValidator(_id), Field(min_length=1, max_length=ID_LENGTH)]
_OptionalId = Annotated[
    Annotated[str, Field(max_length=ID_LENGTH)] | None, BeforeValidator(_optional_id), Field(default=None)
]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Context(_Part):
    id: _Id
    label: _Name = None
    title: _Name = None


class _Link(_Part):
    id: _Id
    title: _Name = None


class _Lis(_Part):
    person_sourcedid: _OptionalId = None


class _Presentation(_Part):
    locale: _Text = None
    return_url: _Text = None


class _Ags(_Part):
    scope: list[str] = []
    lineitems: _Text = None
    lineitem: _Text = None


class _Nrps(_Part):
    context_memberships_url: _Text = None


class _ForUser(_Part):
    user_id: _Id


class _DeepLinking(_Part):
    deep_link_return_url: str
    accept_types: list[str]
    accept_multiple: object = False
    data: Annotated[str | None, BeforeValidator(_opaque)] = None


class _Claims(_Part):
    """The claims that the tool reads; what else a message holds is ignored."""

    sub: _Id
    message_type: MessageType = Field(alias=MESSAGE_TYPE, strict=False)
    version: Literal["1.3.0"] = Field(alias=VERSION)
    deployment_id: _Id = Field(alias=DEPLOYMENT_ID)
    roles: list[str] = Field(alias=ROLES)
    target: str = Field(alias=TARGET)
    name: _Name = None
    given_name: _Name = None
    family_name: _Name = None
    email: _Text = None
    context: _Context | None = Field(alias=CLAIM + "context", default=None)
    link: _Link | None = Field(alias=RESOURCE_LINK, default=None)
    lis: _Lis | None = Field(alias=CLAIM + "lis", default=None)
    presentation: _Presentation | None = Field(alias=CLAIM + "launch_presentation", default=None)
    custom: dict[str, Any] | None = Field(alias=CLAIM + "custom", default=None)
    ags: _Ags | None = Field(alias=AGS, default=None)
    nrps: _Nrps | None = Field(alias=NRPS, default=None)
    for_user: _ForUser | None = Field(alias=FOR_USER, default=None)
    deep_linking: _DeepLinking | None = Field(alias=DEEP_LINKING, default=None)


@dataclass(frozen=True, slots=True)
class Trust:
    """Against what a message is judged: whose it is, where we live, and whether inner networks are allowed."""

    registration: Registration
    base_url: str
    allow_private: bool


def refuse_unless_lti(payload: Mapping[str, Any]) -> None:
    """Refuses (400) an object without a single LTI claim: it is no message, whatever its signature says."""
    if not any(isinstance(name, str) and name.startswith(CLAIM) for name in payload):
        raise LaunchRefused("not_an_lti_message", 400, missing=[_short(name) for name in REQUIRED])


def named_deployment(payload: Mapping[str, Any]) -> str | None:
    """The deployment that an unverified payload names; None where it names none or no possible id."""
    named = payload.get(DEPLOYMENT_ID)
    return named if isinstance(named, str) and named and is_clean(named) and len(named) <= ID_LENGTH else None


def read_launch(payload: Mapping[str, Any], trust: Trust) -> Launch:
    """The launch that a verified payload describes.

    Raises LaunchRefused: 400 with the names of all claims that are missing or faulty, or whose addresses are not the
    platform's; 403 for deep linking by somebody who is no trainer.
    """
    try:
        claims = _Claims.model_validate(payload)
    except ValidationError as error:
        raise _refusal(payload, error) from error
    _refuse_incomplete(claims)
    if host_of(claims.target) != host_of(trust.base_url):
        raise LaunchRefused("target_foreign", 400)
    role, is_admin = role_of(claims.roles)
    if claims.message_type is MessageType.DEEP_LINKING and role is not CourseRole.TRAINER and not is_admin:
        raise LaunchRefused("deep_linking_needs_trainer", 403)
    return _launch(claims, role, is_admin, trust)


def role_of(roles: list[str]) -> tuple[CourseRole | None, bool]:
    """(role in the course, institute admin?) of full and short role names; what we do not know gives nothing.

    A short `Administrator` is a role in the course: LTI core 1.3, section 5.3.7.1, knows short names for these only.
    """
    named = set(roles)
    if named & TRAINER_ROLES:
        role: CourseRole | None = CourseRole.TRAINER
    else:
        role = CourseRole.PARTICIPANT if named & LEARNER_ROLES else None
    return role, bool(named & ADMIN_ROLES)


def locale_of(tag: str | None) -> str:
    """ky, ru or en, by the part of a language tag before `_` or `-`; Kyrgyz where it is another."""
    language = re.split("[_-]", tag or "", maxsplit=1)[0].lower()
    return language if language in LOCALES else DEFAULT_LOCALE


_LAUNCH = TypeAdapter(Launch)


def launch_to_json(launch: Launch) -> dict[str, Any]:
    """A launch as plain data, to be parked."""
    plain: dict[str, Any] = _LAUNCH.dump_python(launch, mode="json")
    return plain


def launch_from_json(plain: dict[str, Any]) -> Launch:
    """The launch that `launch_to_json` made plain data of."""
    return _LAUNCH.validate_python(plain)


def _refusal(payload: Mapping[str, Any], error: ValidationError) -> LaunchRefused:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    names = {str(fault["loc"][0]) for fault in faults}
    absent = {name for name in names if payload.get(name) in (None, "")}
    facts = {"missing": sorted(map(_short, absent)), "faulty": sorted(map(_short, names - absent))}
    if "sub" in absent:
        return LaunchRefused("person_missing", 400, **facts)
    if MESSAGE_TYPE in names - absent:
        return LaunchRefused("message_type_unknown", 400, **facts)
    if VERSION in names - absent:
        return LaunchRefused("version_unsupported", 400, **facts)
    return LaunchRefused("claims_faulty", 400, **facts)


def _refuse_incomplete(claims: _Claims) -> None:
    needed = {
        MessageType.RESOURCE_LINK: (RESOURCE_LINK, claims.link),
        MessageType.DEEP_LINKING: (DEEP_LINKING, claims.deep_linking),
        MessageType.SUBMISSION_REVIEW: (FOR_USER, claims.for_user),
    }
    name, found = needed[claims.message_type]
    if found is None:
        raise LaunchRefused("claims_faulty", 400, missing=[_short(name)], faulty=[])


def _launch(claims: _Claims, role: CourseRole | None, is_admin: bool, trust: Trust) -> Launch:
    custom = _custom(claims.custom or {})
    presentation = claims.presentation or _Presentation()
    return Launch(
        message=claims.message_type,
        platform_id=trust.registration.platform_id,
        registration_id=trust.registration.id,
        deployment_id=claims.deployment_id,
        person=_person(claims),
        role=role,
        is_admin=is_admin,
        course=_course(claims.context, custom),
        resource_link=ResourceLink(claims.link.id, claims.link.title) if claims.link else None,
        locale=locale_of(presentation.locale),
        custom=custom,
        groups=_listed(custom.get("groups", "")),
        return_url=_own_address(presentation.return_url, trust),
        services=_services(claims, trust),
        for_user=claims.for_user.user_id if claims.for_user else None,
        deep_linking=_deep_linking(claims.deep_linking, trust),
    )


def _person(claims: _Claims) -> LaunchedPerson:
    email = claims.email if claims.email and len(claims.email) <= EMAIL_LENGTH else None
    given, family = claims.given_name, claims.family_name
    return LaunchedPerson(
        sub=claims.sub,
        name=claims.name or " ".join(filter(None, [given, family])) or None,
        given_name=given,
        family_name=family,
        email=email,
        id_number=claims.lis.person_sourcedid if claims.lis else None,
    )


def _course(context: _Context | None, custom: Mapping[str, str]) -> LaunchedCourse | None:
    if context is None:
        return None
    return LaunchedCourse(
        context_id=context.id,
        label=context.label,
        title=context.title,
        history=",".join(_listed(custom.get("context_history", ""))) or None,
        begins_at=_moment(custom.get("course_begin")),
        ends_at=_moment(custom.get("course_end")),
    )


def _custom(given: Mapping[str, Any]) -> dict[str, str]:
    """Custom parameters that have a value: platforms leave unknown variables as `$Name`, others empty or null."""
    values = {
        cleaned(name): cleaned(str(value))
        for name, value in given.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }
    return {name: value for name, value in values.items() if name and value and not value.startswith("$")}


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in text.split(","))))


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _services(claims: _Claims, trust: Trust) -> Services:
    ags, nrps = claims.ags or _Ags(), claims.nrps or _Nrps()
    return Services(
        line_items_url=_service_address("lineitems", ags.lineitems, trust),
        line_item_url=_service_address("lineitem", ags.lineitem, trust),
        scopes=frozenset(map(cleaned, ags.scope)),
        memberships_url=_service_address("context_memberships_url", nrps.context_memberships_url, trust),
    )


def _service_address(name: str, url: str | None, trust: Trust) -> str | None:
    """An address that we are to call with our token: on one of the registered hosts, or the launch is refused."""
    if url is not None and _own_address(url, trust) is None:
        raise LaunchRefused("service_address_foreign", 400, claim=name)
    return url


def _own_address(url: str | None, trust: Trust) -> str | None:
    registered = trust.registration
    urls = (registered.issuer, registered.authorization_url, registered.token_url, registered.jwks_url)
    if url is None or not is_web_address(url, trust.allow_private):
        return None
    return url if host_of(url) in {host_of(own) for own in urls} else None


def _deep_linking(settings: _DeepLinking | None, trust: Trust) -> DeepLinkingSettings | None:
    if settings is None:
        return None
    if not is_web_address(settings.deep_link_return_url, trust.allow_private):
        raise LaunchRefused("return_address_refused", 400, claim="deep_link_return_url")
    return DeepLinkingSettings(
        return_url=settings.deep_link_return_url,
        accepts_resource_links="ltiResourceLink" in settings.accept_types,
        accepts_multiple=settings.accept_multiple in (True, "true"),
        data=settings.data,
    )


def _short(name: str) -> str:
    return name.rpartition("/")[2]
