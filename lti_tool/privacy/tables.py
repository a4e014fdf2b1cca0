"""Periods after which a platform's data goes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db.base import Base


class RetentionRow(Base):
    """How long a platform keeps one kind of data; without a row the default holds (`retention.py`)."""

    __tablename__ = "retention"

    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    days: Mapped[int]
    active: Mapped[bool] = mapped_column(Boolean)
    """Else nothing is deleted for its age."""
    changed_at: Mapped[datetime]
    swept_at: Mapped[datetime | None]
    """When the worker looked last."""
    deleted: Mapped[int] = mapped_column(default=0, server_default="0")
    """How much went since this period was set."""
