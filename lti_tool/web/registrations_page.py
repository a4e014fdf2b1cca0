"""What the pages of registrations show: the list, one opened, and what switching it off or on would mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.ids import PlatformId
from lti_tool.lti import administration_queries as queries
from lti_tool.lti.administration_queries import DeploymentLine, InvitationLine, PlatformLine, RegistrationDetail
from lti_tool.lti.model import Registering
from lti_tool.lti.watch_queries import grants
from lti_tool.people.queries import shared
from lti_tool.web.connection_words import TriedView, service_names
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link

FIELDS = (
    "issuer",
    "client_id",
    "authorization_url",
    "token_url",
    "jwks_url",
    "token_audience",
    "deployment_id",
    "name",
)


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    """A registration in the list."""

    link: Link
    issuer: str
    client_id: str
    active: bool
    deployments: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ListPage:
    """All registrations that may be seen."""

    rows: tuple[RegistrationRow, ...]
    invitations: tuple[InvitationLine, ...]
    platforms: tuple[PlatformLine, ...]
    """Those that an operator may look at."""
    here: PlatformId | None
    """The one that is looked at."""


@dataclass(frozen=True, slots=True)
class DetailPage:
    """One registration."""

    id: str
    platform: str
    detail: RegistrationDetail
    services: tuple[tuple[str, str], ...]
    """Each service, and what is known of whether it is allowed."""
    sharing: tuple[tuple[str, str], ...]
    """Names and e-mail addresses, and what is known of whether they are shared."""
    deployments: tuple[DeploymentLine, ...]
    tried: TriedView | None = None
    refused: str = ""


def build_list(session: Session, scope: PlatformId | None, here: PlatformId | None, now: datetime) -> ListPage:
    """The list; invitations and the choice of a platform are an operator's (`scope` None)."""
    rows = tuple(
        RegistrationRow(
            link=Link(each.platform, url_for("administration.registration", registration=each.public_id)),
            issuer=each.issuer,
            client_id=each.client_id,
            active=each.active,
            deployments=each.deployments,
            created_at=each.created_at,
        )
        for each in queries.registrations(session, scope)
    )
    if scope is not None:
        return ListPage(rows, (), (), here)
    return ListPage(rows, queries.open_invitations(session, now), queries.platforms(session), here)


def build_detail(
    session: Session, detail: RegistrationDetail, tried: TriedView | None = None, refused: str = ""
) -> DetailPage:
    """One registration with what is known of it."""
    return DetailPage(
        id=detail.public_id,
        platform=detail.platform,
        detail=detail,
        services=_services(session, detail),
        sharing=_sharing(session, detail.platform_id),
        deployments=detail.deployments,
        tried=tried,
        refused=refused,
    )


def _services(session: Session, detail: RegistrationDetail) -> tuple[tuple[str, str], ...]:
    known = grants(session)[detail.public_id]
    if not known.courses:
        return tuple((name, _declared(granted, known.declared)) for name, granted in service_names(known.declared))
    counts = {name: 0 for name, _granted in service_names(frozenset())}
    for scope, count in known.allowed.items():
        counts |= {name: count for name, granted in service_names(frozenset({scope})) if granted}
    return tuple(
        (name, _("in %(count)s of %(courses)s courses", count=count, courses=known.courses))
        for name, count in counts.items()
    )


def _declared(granted: bool, declared: frozenset[str]) -> str:
    if not declared:
        return _("not known before the first launch")
    return _("the LMS said so when it registered") if granted else _("not allowed")


def _sharing(session: Session, platform_id: PlatformId) -> tuple[tuple[str, str], ...]:
    found = shared(session, platform_id)

    def of(count: int) -> str:
        if not found.people:
            return _("not known before the first launch")
        if not count:
            return _("not shared")
        return _("known of %(count)s of %(people)s people looked at", count=count, people=found.people)

    return ((_("Names"), of(found.named)), (_("E-mail addresses"), of(found.with_email)))


def registering(form: Mapping[str, str]) -> Registering:
    """What was typed into the form of a registration by hand."""
    typed = {name: form.get(name, "").replace("\0", "").strip() for name in FIELDS}
    return Registering(
        issuer=typed["issuer"],
        client_id=typed["client_id"],
        authorization_url=typed["authorization_url"],
        token_url=typed["token_url"],
        jwks_url=typed["jwks_url"],
        token_audience=typed["token_audience"] or None,
        deployment_id=typed["deployment_id"] or None,
        name=typed["name"][:200],
    )
