"""Tables of the readiness checklist: training sites, and what was found there."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db.base import Base, Key, Public


class TrainingSiteRow(Base):
    """A place where an institute holds its courses."""

    __tablename__ = "training_site"
    __table_args__ = (UniqueConstraint("platform_id", "name"),)

    id: Mapped[Key]
    public_id: Mapped[Public]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)


class SiteCheckRow(Base):
    """What was found of one item of the equipment list at one site; without a row it is not checked."""

    __tablename__ = "site_check"
    __table_args__ = (CheckConstraint("state IN ('present', 'partly', 'missing')", name="state"),)

    site_id: Mapped[int] = mapped_column(ForeignKey("training_site.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(32), primary_key=True)
    """`readiness_model.item_key` of its official wording, which outlasts a version that says the same."""
    state: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(500), default="")
    checked_on: Mapped[date] = mapped_column(Date)
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    changed_at: Mapped[datetime]
