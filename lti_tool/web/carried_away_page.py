"""The pages on which an institute admin sees what a person has carried away, and revokes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.credentials import queries
from lti_tool.credentials.model import Credential, Kind, Revocation, Standing
from lti_tool.errors import NotFound
from lti_tool.people.model import Person
from lti_tool.web import badge_words
from lti_tool.web.badge_page import mark_of, stated
from lti_tool.web.data_page import way_to
from lti_tool.web.dates import day
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link, Mark
from lti_tool.web.sentences import LOCALES


@dataclass(frozen=True, slots=True)
class Line:
    """One badge or record."""

    title: str
    issued: str
    mark: Mark
    why: str
    check: str
    revoke: str
    """Empty for what is revoked already."""


@dataclass(frozen=True, slots=True)
class CarriedAway:
    """The whole list."""

    person: str
    lines: tuple[Line, ...]
    crumbs: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be revoked."""

    line: Line
    back: str
    crumbs: tuple[Link, ...]


def build(session: Session, person: Person, now: datetime) -> CarriedAway:
    """All that a person has made, the newest first."""
    found = queries.of_person(session, person.id)
    return CarriedAway(
        person=person.name or _("Name not shared"),
        lines=tuple(_line(session, person, each, now) for each in found),
        crumbs=(*way_to(person), Link(_("Badges and records"), "", current=True)),
    )


def asked(session: Session, person: Person, public_id: str, now: datetime) -> Asked:
    """One of them, before it is revoked. Raises NotFound("credential_unknown")."""
    back = url_for("carried_away.show", person=person.public_id)
    ways = (Link(_("Badges and records"), back), Link(_("Revoke"), "", current=True))
    return Asked(_line(session, person, of(session, person, public_id), now), back, (*way_to(person), *ways))


def of(session: Session, person: Person, public_id: str) -> Credential:
    """A badge or record of this person. Raises NotFound("credential_unknown")."""
    found = queries.find(session, public_id)
    if found is None or found.person_id != person.id:
        raise NotFound("credential_unknown")
    return found


def _line(session: Session, person: Person, each: Credential, now: datetime) -> Line:
    standing = each.standing(now)
    way = url_for("carried_away.ask", person=person.public_id, credential=each.public_id)
    return Line(
        title=_title(session, each),
        issued=day(each.issued_at),
        mark=mark_of(standing),
        why=_why(each) if standing is Standing.REVOKED else "",
        check=badge_words.check_address(each.public_id),
        revoke="" if standing is Standing.REVOKED else way,
    )


def _title(session: Session, each: Credential) -> str:
    if each.kind is Kind.BADGE:
        return _("Badge: %(title)s", title=stated(session, each).title)
    return _("Record on paper, %(language)s", language=LOCALES.get(each.locale, each.locale))


def _why(each: Credential) -> str:
    since = day(each.ended_at) if each.ended_at else ""
    if each.ended_as is Revocation.INSTITUTE:
        return _("By the institute on %(day)s: %(reason)s", day=since, reason=each.revoked_because)
    if each.ended_as is Revocation.HOLDER:
        return _("By the person on %(day)s.", day=since)
    return _("Since %(day)s the level is certified no longer.", day=since)
