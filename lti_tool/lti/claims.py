"""What a platform says in a signed message, read totally: either it becomes a `Launch`, or it is refused by name.

LTI core 1.3 section 5.3, deep linking 2.0 section 4.4, submission review 1.0, AGS 2.0 and NRPS 2.0, with Moodle's ways
(moodle-lti-facts, section 2): empty text and unexpanded `$Variables` are absent, locales have underscores. Nothing here
is believed because it is signed: addresses must be the platform's own, ids must be ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lti_tool.errors import LaunchRefused
from lti_tool.lti.addresses import host_of, is_web_address
from lti_tool.lti.claim_schema import (
    CLAIM,
    DEEP_LINKING,
    DEPLOYMENT_ID,
    EMAIL_LENGTH,
    FOR_USER,
    ID_LENGTH,
    MESSAGE_TYPE,
    REQUIRED,
    RESOURCE_LINK,
    VERSION,
    Ags,
    Claims,
    Context,
    DeepLinking,
    Nrps,
    Presentation,
    cleaned,
    is_clean,
)
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

VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2/"
ADMIN_ROLES = frozenset({VOCABULARY + "institution/person#Administrator", VOCABULARY + "system/person#Administrator"})
TRAINER_ROLES = frozenset(
    {VOCABULARY + "membership#Instructor", VOCABULARY + "membership#Administrator", "Instructor", "Administrator"}
)
LEARNER_ROLES = frozenset({VOCABULARY + "membership#Learner", "Learner"})

LOCALES = frozenset({"ky", "ru", "en"})
DEFAULT_LOCALE = "ky"


@dataclass(frozen=True, slots=True)
class Trust:
    """Against what a message is judged: whose it is, where we live, and whether inner networks are allowed."""

    registration: Registration
    base_url: str
    allow_private: bool

    def is_platforms(self, url: str) -> bool:
        """Whether an address lies on one of the hosts that were registered."""
        ours = self.registration
        registered = (ours.issuer, ours.authorization_url, ours.token_url, ours.jwks_url)
        host = host_of(url)
        return is_web_address(url, self.allow_private) and any(host == host_of(known) for known in registered)


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
        claims = Claims.model_validate(payload)
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
    language = _language(tag)
    return language if language in LOCALES else DEFAULT_LOCALE


def _language(tag: str | None) -> str:
    return re.split("[_-]", (tag or "").strip())[0].lower()


_LAUNCH = TypeAdapter(Launch)


def launch_to_json(launch: Launch) -> dict[str, Any]:
    """A launch as plain data, to be parked."""
    plain: dict[str, Any] = _LAUNCH.dump_python(launch, mode="json")
    return plain


def launch_from_json(plain: dict[str, Any]) -> Launch:
    """The launch that `launch_to_json` made plain data of."""
    return _LAUNCH.validate_python(plain)


def _refusal(payload: Mapping[str, Any], error: ValidationError) -> LaunchRefused:
    names = {str(fault["loc"][0]) for fault in error.errors()}
    absent = {name for name in names if payload.get(name) in (None, "")}
    facts = {"missing": sorted(map(_short, absent)), "faulty": sorted(map(_short, names - absent))}
    if "sub" in absent:
        return LaunchRefused("person_missing", 400, **facts)
    if MESSAGE_TYPE in names - absent:
        return LaunchRefused("message_type_unknown", 400, **facts)
    if VERSION in names - absent:
        return LaunchRefused("version_unsupported", 400, **facts)
    return LaunchRefused("claims_faulty", 400, **facts)


def _refuse_incomplete(claims: Claims) -> None:
    needed = {
        MessageType.RESOURCE_LINK: (RESOURCE_LINK, claims.link),
        MessageType.DEEP_LINKING: (DEEP_LINKING, claims.deep_linking),
        MessageType.SUBMISSION_REVIEW: (FOR_USER, claims.for_user),
    }
    name, found = needed[claims.message_type]
    if found is None:
        raise LaunchRefused("claims_faulty", 400, missing=[_short(name)], faulty=[])


def _launch(claims: Claims, role: CourseRole | None, is_admin: bool, trust: Trust) -> Launch:
    custom = _custom(claims.custom or {})
    presentation = claims.presentation or Presentation()
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
        tells_locale=_language(presentation.locale) in LOCALES,
    )


def _person(claims: Claims) -> LaunchedPerson:
    email = claims.email if claims.email and len(claims.email) <= EMAIL_LENGTH else None
    both = claims.given_name and claims.family_name
    return LaunchedPerson(
        sub=claims.sub,
        name=claims.name or (f"{claims.given_name} {claims.family_name}" if both else None),
        given_name=claims.given_name,
        family_name=claims.family_name,
        email=email,
        id_number=claims.lis.person_sourcedid if claims.lis else None,
    )


def _course(context: Context | None, custom: Mapping[str, str]) -> LaunchedCourse | None:
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
        moment = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    # The last hours of year 9999 are no time where the database's own zone is ahead, and stop every later reading.
    return moment if MINYEAR < moment.year < MAXYEAR else None


def _services(claims: Claims, trust: Trust) -> Services:
    ags, nrps = claims.ags or Ags(), claims.nrps or Nrps()
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
    return url if url is not None and trust.is_platforms(url) else None


def _deep_linking(settings: DeepLinking | None, trust: Trust) -> DeepLinkingSettings | None:
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
