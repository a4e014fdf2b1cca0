"""The table of tokens by which other systems read the API."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db.base import Base, Key, Public


class ApiTokenRow(Base):
    """A token for the API of one platform. Rows are never deleted: a record of reads names them."""

    __tablename__ = "api_token"
    __table_args__ = (Index(None, "platform_id", "id"),)

    id: Mapped[Key]
    public_id: Mapped[Public]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    name: Mapped[str] = mapped_column(Text)
    """What it is for, in the words of who made it."""
    start: Mapped[str] = mapped_column(String(16))
    """Its first characters, to recognise it by."""
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the whole token, which is random and long: a stolen table opens nothing."""
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Empty: an operator, by a command, or somebody without a record as a person."""
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    """Its last use, to about a minute."""
    rate: Mapped[int] = mapped_column(SmallInteger, default=600, server_default="600")
    """How many calls a minute."""
    minute: Mapped[int] = mapped_column(default=0, server_default="0")
    """The minute, counted since 1970, that `taken` is about."""
    taken: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    """How many calls of that minute the processes have taken, used or not."""
