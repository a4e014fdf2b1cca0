"""Tables of local accounts: who enters without an LMS, their sessions, and how often entering was tried."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db.base import Base, Key, Public


class AccountRow(Base):
    """A local account; never deleted, so that what it did keeps its name."""

    __tablename__ = "account"

    id: Mapped[Key]
    public_id: Mapped[Public]
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(Text)
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("platform.id"), index=True)
    """Whose institute they administer; empty: an operator, of all platforms."""
    password_hash: Mapped[str] = mapped_column(Text)
    """argon2id with its parameters and salt."""
    locale: Mapped[str] = mapped_column(String(8), default="ky")
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    entered_at: Mapped[datetime | None]
    codes_secret: Mapped[str | None] = mapped_column(Text)
    """Secret of the time-based codes, locked (`sealing.py`); empty: none are asked for."""
    codes_offered: Mapped[str | None] = mapped_column(Text)
    """A secret, locked, that was shown and waits for its first code."""
    codes_step: Mapped[int | None]
    """The 30 seconds whose code was used last: neither it nor an earlier one is taken again."""


class RecoveryCodeRow(Base):
    """A code for who has lost their app; each is taken once, and its row goes with it."""

    __tablename__ = "recovery_code"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of 80 random bits."""


class AccountSessionRow(Base):
    """One browser's session of an account. Revoked by deleting the row."""

    __tablename__ = "account_session"

    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("platform.id"))
    """The platform that is looked at; empty until an operator has chosen one."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    """Who stands for the account among that platform's people, so that what it decides has its name."""
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class EntryThrottleRow(Base):
    """How often somebody tried to enter in vain: under one name, from one address, from one known browser."""

    __tablename__ = "entry_throttle"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    free_at: Mapped[datetime]
    """Nobody may try before."""
    forgotten_at: Mapped[datetime] = mapped_column(index=True)
