"""Making a badge of a certified level, and ending one: what the person does, and what the institute may do.

A badge is signed once, when it is made, and given out as it was signed. How it stands is asked of the certified level
at each reading (`model.py`), so neither closing a course nor deciding a case has to know of badges.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.catalogue.bookshelf import edition_of
from lti_tool.competency import publishing
from lti_tool.competency.decisions import check_reason
from lti_tool.credentials import badge, badge_queries, queries, store
from lti_tool.credentials.badge import Issuer, Place, Statement, Words
from lti_tool.credentials.badge_queries import CertifiedLevel
from lti_tool.credentials.keyring import CredentialKeys
from lti_tool.credentials.model import Credential, Kind, NewCredential, Standing, StatusPlace
from lti_tool.errors import NotFound
from lti_tool.ids import PersonId, PlatformId, new_unguessable_id
from lti_tool.people.model import Person


@dataclass(frozen=True, slots=True)
class BadgeFacts:
    """What a badge states, as it is kept beside the signed form: for pages, in any language."""

    framework: str
    version: str
    competency: str
    """The competency's code."""
    level: int
    certified_at: datetime
    course: str
    """The course's title then."""
    issuer: str
    """Who certified, as they were called then."""
    by_email: bool
    """Whether a salted hash of the person's e-mail address is inside."""

    def to_json(self) -> dict[str, Any]:
        """Ready to be stored."""
        return {
            "framework": self.framework,
            "version": self.version,
            "competency": self.competency,
            "level": self.level,
            "certified_at": self.certified_at.isoformat(),
            "course": self.course,
            "issuer": self.issuer,
            "by_email": self.by_email,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> BadgeFacts:
        """What `to_json` wrote."""
        return cls(**{**stored, "certified_at": datetime.fromisoformat(stored["certified_at"])})


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to carry away, and how."""

    certified_level: str
    """Its public id."""
    locale: str
    shows_name: bool
    by_email: bool


@dataclass(frozen=True, slots=True)
class Signing:
    """What a badge is made with: keys, addresses, and the sentences of its language."""

    keys: CredentialKeys
    base_url: str
    issuer: Issuer
    words: Callable[[Place], Words]


def make(session: Session, person: Person, wish: Wish, signing: Signing, now: datetime) -> str:
    """Makes a badge; its public id. One that stands and says the same is that one; any other for the same certified
    level is replaced.

    Raises NotFound: `person_unknown` (erased meanwhile), `certified_level_unknown` (never certified, ended, expired).
    """
    if not store.take_person(session, person.id):
        raise NotFound("person_unknown")
    level = badge_queries.certified_level(session, person.id, wish.certified_level)
    if level is None or not level.holds(now):
        raise NotFound("certified_level_unknown")
    place = _place(session, level, wish, signing.base_url)
    facts = _facts(place, level, signing.issuer, by_email=wish.by_email and bool(person.email))
    for each in queries.of_person(session, person.id, Kind.BADGE):
        if each.certified_level == level.public_id and _says_the_same(each, wish, facts, now):
            store.set_shows_name(session, each.public_id, shows=wish.shows_name)
            return each.public_id
    status = store.free_status_place(session)
    statement = _statement(level, status, person.email if facts.by_email else None, now)
    claims = badge.claims(place, signing.words(place), signing.issuer, statement)
    new = NewCredential(
        platform_id=person.platform_id,
        person_id=person.id,
        kind=Kind.BADGE,
        locale=wish.locale,
        shows_name=wish.shows_name,
        facts=facts.to_json(),
        course_id=level.course_id,
        certified_level=level.public_id,
        signed=signing.keys.sign(signing.keys.signing_key(session, now), claims),
        status_place=status,
        expires_at=level.expires_at,
        public_id=statement.public_id,
    )
    made = store.add(session, new, now)
    store.supersede_badges(session, level.public_id, made)
    return made


def _statement(level: CertifiedLevel, status: StatusPlace, email: str | None, now: datetime) -> Statement:
    return Statement(
        public_id=new_unguessable_id(),
        issued_at=now,
        awarded_at=level.certified_at,
        expires_at=level.expires_at,
        status=status,
        email=email,
        salt=secrets.token_hex(16),
    )


def _place(session: Session, level: CertifiedLevel, wish: Wish, base_url: str) -> Place:
    framework = publishing.open_framework(session, level.framework_version_id)
    return Place(
        base_url=base_url,
        framework=framework,
        edition=edition_of(framework.version),
        competency=framework.competency_by_id(level.competency_id),
        level=framework.level(level.level),
        language=wish.locale,
    )


def _facts(place: Place, level: CertifiedLevel, issuer: Issuer, *, by_email: bool) -> BadgeFacts:
    return BadgeFacts(
        framework=place.framework.framework,
        version=place.framework.version,
        competency=place.competency.code,
        level=level.level,
        certified_at=level.certified_at,
        course=level.course_title,
        issuer=issuer.name,
        by_email=by_email,
    )


def _says_the_same(made: Credential, wish: Wish, facts: BadgeFacts, now: datetime) -> bool:
    same = made.locale == wish.locale and made.facts == facts.to_json()
    return same and made.standing(now) is Standing.VALID


def of_holder(session: Session, person_id: PersonId, public_id: str) -> Credential:
    """A badge of this person. Raises NotFound("credential_unknown")."""
    found = queries.find(session, public_id)
    if found is None or found.kind is not Kind.BADGE or found.person_id != person_id:
        raise NotFound("credential_unknown")
    return found


def show_name(session: Session, person_id: PersonId, public_id: str, *, shows: bool) -> None:
    """The person decides whether the check of a badge names them. Raises NotFound("credential_unknown")."""
    store.set_shows_name(session, of_holder(session, person_id, public_id).public_id, shows=shows)


def withdraw(session: Session, person_id: PersonId, public_id: str, now: datetime) -> None:
    """The person wants a badge no more. Raises NotFound("credential_unknown")."""
    store.withdraw(session, of_holder(session, person_id, public_id).public_id, now)


def revoke(
    session: Session, platform_id: PlatformId, public_id: str, because: str, *, by: PersonId, now: datetime
) -> Credential:
    """Somebody of the institute revokes what was issued, badge or record; as it stood before.

    Raises NotFound("credential_unknown"), RuleBroken("reason_length"); then nothing is stored.
    """
    found = queries.find(session, public_id)
    if found is None or found.platform_id != platform_id or found.person_id is None:
        raise NotFound("credential_unknown")
    check_reason(because)
    store.revoke(session, public_id, because.strip(), by, now)
    return found
