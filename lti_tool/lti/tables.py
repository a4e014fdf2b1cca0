"""Tables of platforms, registrations, keys, tokens and of messages under way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db.base import Base, Key, Public


class PlatformRow(Base):
    """An LMS, by its issuer."""

    __tablename__ = "platform"

    id: Mapped[Key]
    public_id: Mapped[Public]
    issuer: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text, default="")
    product: Mapped[str | None] = mapped_column(String(60))
    """`product_family_code`: moodle, canvas …"""
    product_version: Mapped[str | None] = mapped_column(String(60))
    locale: Mapped[str | None] = mapped_column(String(8))
    """The institute's language, for who comes with none that is offered; empty: Kyrgyz."""
    locales: Mapped[str | None] = mapped_column(String(40))
    """Languages that are offered, comma-separated; empty: all."""
    created_at: Mapped[datetime]


class RegistrationRow(Base):
    """The tool at a platform under one client id."""

    __tablename__ = "registration"
    __table_args__ = (UniqueConstraint("platform_id", "client_id"),)

    id: Mapped[Key]
    public_id: Mapped[Public]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    client_id: Mapped[str] = mapped_column(String(255))
    authorization_url: Mapped[str] = mapped_column(Text)
    token_url: Mapped[str] = mapped_column(Text)
    token_audience: Mapped[str | None] = mapped_column(Text)
    """`aud` of the client assertion where it is not the token URL."""
    jwks_url: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Scopes that the platform said it granted. Moodle overstates them: a launch's claim or a token tells more."""
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime]


class DeploymentRow(Base):
    """A deployment of a registration."""

    __tablename__ = "deployment"
    __table_args__ = (UniqueConstraint("registration_id", "deployment_id"),)

    id: Mapped[Key]
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    deployment_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What the institute calls it: which site, which category of courses."""
    created_at: Mapped[datetime]


class InvitationRow(Base):
    """A one-time permission to register; it is the approval, so only its hash is kept."""

    __tablename__ = "invitation"

    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    holds: Mapped[bool] = mapped_column(Boolean, default=False)
    """The registration starts inactive until somebody enables it."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"))


class ToolKeyRow(Base):
    """A key pair of the tool; the private half is the file KEYS_DIR/<kid>.pem."""

    __tablename__ = "tool_key"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    """signing | published | retired"""
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class JwksRow(Base):
    """A platform's key set as last fetched."""

    __tablename__ = "jwks"

    url: Mapped[str] = mapped_column(Text, primary_key=True)
    document: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    fetched_at: Mapped[datetime | None]
    tried_at: Mapped[datetime]
    """Last attempt, good or not: at most one refetch in 30 s for an unknown kid."""


class AccessTokenRow(Base):
    """A service token, shared by all processes; kept until 60 s before its end."""

    __tablename__ = "access_token"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True)
    scopes: Mapped[str] = mapped_column(String(500), primary_key=True)
    """Sorted, space-separated: what was asked for."""
    token: Mapped[str] = mapped_column(Text)
    granted: Mapped[str] = mapped_column(Text, default="")
    expires_at: Mapped[datetime]
    asking_until: Mapped[datetime | None]
    """Some process asks the platform for a new one; until then the others wait for its answer."""


class OidcLoginRow(Base):
    """A login under way: state and nonce, to be consumed once."""

    __tablename__ = "oidc_login"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    nonce_hash: Mapped[str] = mapped_column(String(64))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    browser_hash: Mapped[str] = mapped_column(String(64))
    """Hash of the token in the login cookie: the answer must come from the same browser."""
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ParkedLaunchRow(Base):
    """A valid launch of a browser that returned no cookie of ours: goes on in a new tab, under a one-time code."""

    __tablename__ = "parked_launch"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    launch: Mapped[dict[str, Any]] = mapped_column(JSON)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class CourseServiceRow(Base):
    """Which services a platform offers for a course, by the newest launch that named them."""

    __tablename__ = "course_service"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    line_items_url: Mapped[str | None] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    memberships_url: Mapped[str | None] = mapped_column(Text)
    roster_tried_at: Mapped[datetime | None]
    """When the roster was last asked for, with or without success."""
    roster_failure: Mapped[str | None] = mapped_column(String(60))
    """Code of the error that the last attempt ended with; empty after a success."""
    roster_joined: Mapped[int | None]
    """How many became participants by the roster as it was read last; empty before the first."""
    roster_left: Mapped[int | None]
    """How many it did not name any more."""
    seen_at: Mapped[datetime]


class DeepLinkRow(Base):
    """A deep-linking request that waits for the trainer's choice; bound to who was asked and where."""

    __tablename__ = "deep_link"

    id: Mapped[Key]
    public_id: Mapped[Public]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    deployment_id: Mapped[str] = mapped_column(String(255))
    return_url: Mapped[str] = mapped_column(Text)
    accepts_resource_links: Mapped[bool] = mapped_column(Boolean)
    accepts_multiple: Mapped[bool] = mapped_column(Boolean)
    data: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class PickedItemRow(Base):
    """What a trainer placed by deep linking: the platform never tells which link came of it, its `uid` does."""

    __tablename__ = "picked_item"
    __table_args__ = (UniqueConstraint("course_id", "uid"),)

    id: Mapped[Key]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    uid: Mapped[str] = mapped_column(String(40))
    """The custom parameter `uid` of the link."""
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(Text)
    points: Mapped[int | None] = mapped_column(SmallInteger)
    """The full mark that was asked for; empty for an activity without a grade."""
    picked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    picked_at: Mapped[datetime]
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id", ondelete="SET NULL"))
    """The activity that it became, once its link was opened."""
