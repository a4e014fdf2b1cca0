"""The table of files that people ask for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db.base import Base, Key, Public


class ExportRow(Base):
    """A file that somebody asked for and a worker makes (`reports/export.py`); gone an hour after it was made."""

    __tablename__ = "export"

    id: Mapped[Key]
    public_id: Mapped[Public]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), index=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"), index=True)
    asked_by: Mapped[str] = mapped_column(String(40), index=True)
    """An opaque key of who may have the file."""
    source: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(2))
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Parts of the page's address, and its query."""
    asked_at: Mapped[datetime]
    token: Mapped[str | None] = mapped_column(String(16))
    """Known to the worker that makes it, and to nobody else."""
    free_at: Mapped[datetime | None]
    """Nobody else takes it up before."""
    tries: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    total: Mapped[int | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    failure: Mapped[str | None] = mapped_column(String(60))
    """A code; None while nothing has failed."""
    shelf_name: Mapped[str | None] = mapped_column(String(32))
    """Under which the file lies; never part of an address."""
    file_name: Mapped[str | None] = mapped_column(String(80))
