"""What a credential states and how it stands: confirmed, expired, replaced, or revoked. Pure.

What is stated is frozen in `facts` and never names anybody: a name is read where it is shown, and only while the person
lets it show. How a credential stands is worked out when somebody asks:

- A newer paper record of a person replaces all older ones. A record that says less does not make an older one false.
- A badge is replaced only by a badge for the very same certified level, made anew. A badge for a higher level of the
  competency replaces nothing: both levels are certified.
- A badge whose level is certified no longer (the case of a later re-grade, a course closed again) is revoked from that
  moment on. Where the level is certified again later, a new badge may be made; the old one stays revoked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from lti_tool.ids import CourseId, PersonId, PlatformId, new_unguessable_id


class Kind(StrEnum):
    """What is carried away."""

    BADGE = "badge"
    """An Open Badges 3.0 credential for one certified level."""
    RECORD = "record"
    """The paper record (PDF) of all that a person has shown."""


class Standing(StrEnum):
    """What the check of a credential says."""

    VALID = "valid"
    EXPIRED = "expired"
    """Was true, and its validity has passed."""
    SUPERSEDED = "superseded"
    """A newer one has taken its place."""
    REVOKED = "revoked"
    """Confirmed no longer."""


class Revocation(StrEnum):
    """Why a credential is confirmed no longer."""

    INSTITUTE = "institute"
    """Somebody of the institute revoked it, with a reason for the record."""
    HOLDER = "holder"
    """Its person wanted it no more."""
    LEVEL_ENDED = "level_ended"
    """The level that a badge states is certified no longer; worked out, never stored."""
    ERASED = "erased"
    """Everything about its person was erased, this credential's content with it."""


@dataclass(frozen=True, slots=True)
class StatusPlace:
    """Where a badge stands in the published lists of what was revoked."""

    list_number: int
    index: int


@dataclass(frozen=True, slots=True)
class CredentialKey:
    """The public half of a key that signs badges, or once did."""

    kid: str
    public_jwk: dict[str, Any]
    created_at: datetime
    retired_at: datetime | None
    """Since when it signs no more; None: it signs."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential as it was issued, and what has become of it."""

    public_id: str
    """Opaque; whoever knows it may check the credential (`/verify/<id>`)."""
    platform_id: PlatformId
    person_id: PersonId | None
    """None: its person was erased."""
    kind: Kind
    course_id: CourseId | None
    certified_level: str | None
    """Of a badge: the public id of the certified level."""
    locale: str
    shows_name: bool
    facts: Mapping[str, Any]
    """What is stated; empty once its person was erased."""
    signed: str | None
    """Of a badge: what was signed, as it is given out."""
    status_place: StatusPlace | None
    issued_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    revocation: Revocation | None
    revoked_because: str
    """Somebody's words, for the record; the public check does not show them."""
    superseded_by: str | None
    """The public id of what has taken its place."""
    level_ended_at: datetime | None
    """Of a badge: since when its level is certified no longer."""

    @property
    def ended_as(self) -> Revocation | None:
        """Why it is confirmed no longer; None: it is not revoked."""
        return self.revocation or (Revocation.LEVEL_ENDED if self.level_ended_at else None)

    @property
    def ended_at(self) -> datetime | None:
        """Since when it is confirmed no longer."""
        return self.revoked_at or self.level_ended_at

    def standing(self, now: datetime) -> Standing:
        """What the check says now: revoked goes before replaced, replaced before expired."""
        if self.ended_as is not None:
            return Standing.REVOKED
        if self.superseded_by is not None:
            return Standing.SUPERSEDED
        if self.expires_at is not None and self.expires_at <= now:
            return Standing.EXPIRED
        return Standing.VALID


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A credential that is to be issued."""

    platform_id: PlatformId
    person_id: PersonId
    kind: Kind
    locale: str
    shows_name: bool
    facts: Mapping[str, Any]
    course_id: CourseId | None = None
    certified_level: str | None = None
    signed: str | None = None
    status_place: StatusPlace | None = None
    expires_at: datetime | None = None
    public_id: str = field(default_factory=new_unguessable_id)
