"""Tables of credentials: what was issued, and the public halves of the keys that sign badges."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Integer, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db.base import Base, Key
from lti_tool.ids import new_unguessable_id


class CredentialRow(Base):
    """A badge or a paper record that somebody carried away; never deleted, so that a check always has an answer.

    What it leads to but its person, its course and who revoked it are public ids: the level that a badge states, and
    the credential that has taken its place.
    """

    __tablename__ = "credential"
    __table_args__ = (UniqueConstraint("status_list", "status_index"),)

    id: Mapped[Key]
    public_id: Mapped[str] = mapped_column(String(26), unique=True, default=new_unguessable_id)
    """Stands in the address of the public check: whoever knows it may ask."""
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """Empty once the person was erased."""
    kind: Mapped[str] = mapped_column(String(10))
    """`model.Kind`"""
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"), index=True)
    """Where the level of a badge was certified, or where a record was asked for."""
    certified_level: Mapped[str | None] = mapped_column(String(16), index=True)
    locale: Mapped[str] = mapped_column(String(2))
    shows_name: Mapped[bool] = mapped_column(Boolean)
    """Whether the check shows the name; the person may change it at any time."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What is stated, without a name; never changed, but emptied when the person is erased."""
    signed: Mapped[str | None] = mapped_column(Text)
    """Of a badge: the signed credential (VC-JWT) as it was issued and is given out, byte for byte."""
    status_list: Mapped[int | None] = mapped_column(SmallInteger)
    status_index: Mapped[int | None] = mapped_column(Integer)
    """Place in a published list of what was revoked; drawn by lot, so it tells nothing of order or number."""
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revocation: Mapped[str | None] = mapped_column(String(12))
    """`model.Revocation`"""
    revoked_because: Mapped[str] = mapped_column(Text, default="", server_default="")
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    superseded_by: Mapped[str | None] = mapped_column(String(26))


class CredentialKeyRow(Base):
    """A key pair that signs badges; the private half is the file KEYS_DIR/credentials/<kid>.pem.

    The public half is shown for ever: a badge that it signed must stay verifiable after the key was replaced.
    """

    __tablename__ = "credential_key"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    """Since when it signs no more."""
