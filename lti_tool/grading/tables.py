"""Tables of line items and of the deliveries that keep the platform's gradebook equal to ours."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    and_,
    literal,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db.base import Base, Key, Public


class LineItemRow(Base):
    """A column of the platform's gradebook that is ours: one per targeted competency, or an own activity's."""

    __tablename__ = "line_item"
    __table_args__ = (
        UniqueConstraint("course_id", "resource_id"),
        Index(None, "url"),
        # What the worker claims by, again and again: most columns stand for years and are never due.
        Index(
            "ix_line_item_due",
            "due_at",
            postgresql_where=text("due_at IS NOT NULL"),
            sqlite_where=text("due_at IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[Public]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    competency_id: Mapped[int | None] = mapped_column(ForeignKey("competency.id"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"))
    resource_id: Mapped[str] = mapped_column(String(255))
    """`competency:<code>`: what the column is found by before it is made; `activity:<row id>`, known to us alone."""
    tag: Mapped[str] = mapped_column(String(255))
    label: Mapped[str] = mapped_column(String(255))
    score_maximum: Mapped[Decimal]
    targeted: Mapped[bool] = mapped_column(Boolean, default=True)
    """Switched off by the trainer, or no longer assessable: the column stays, its grades are withdrawn."""
    url: Mapped[str | None] = mapped_column(Text)
    """The platform's id of the column; empty until it is found or made."""
    ready_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_answer: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime]


class DeliveryRow(Base):
    """Desired state: what (line item, person) should show in the platform's gradebook, and what was confirmed.

    `wanted_version` rises with each changed wish, `sent_version` is the version that the platform confirmed.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("course_id", "line_item_id", "person_id"),
        # What the worker claims by: a platform's rows to be tried, held ones with their daily try included.
        Index(
            "ix_delivery_due",
            "platform_id",
            "due_at",
            postgresql_where=text("due_at IS NOT NULL"),
            sqlite_where=text("due_at IS NOT NULL"),
        ),
        # What has not arrived, counted at every look at the figures without touching the many rows that have.
        Index(
            "ix_delivery_unsettled",
            "platform_id",
            "state",
            "last_answer",
            "due_at",
            "wanted_at",
            postgresql_where=text("state <> 'sent'"),
            sqlite_where=text("state <> 'sent'"),
        ),
        # What the API pages by.
        Index(None, "platform_id", "state", "wanted_at", "public_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[Public]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_item.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    wanted_given: Mapped[Decimal | None]
    """Empty = nothing shall stand there: withdraw what was sent."""
    wanted_maximum: Mapped[Decimal]
    wanted_facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What the comment is made from when the score is sent, in the person's language of that day."""
    wanted_version: Mapped[int] = mapped_column(default=1)
    wanted_at: Mapped[datetime]
    sent_given: Mapped[Decimal | None]
    sent_maximum: Mapped[Decimal | None]
    sent_facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    sent_version: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    last_timestamp: Mapped[datetime | None]
    """Whole seconds; every later score of this row carries a later one."""
    state: Mapped[str] = mapped_column(String(8))
    """due | sent | held | dead | detached"""
    due_at: Mapped[datetime | None]
    """The next try, whatever the state; empty = none by itself."""
    lease_owner: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    first_failed_at: Mapped[datetime | None]
    last_answer: Mapped[str | None] = mapped_column(String(60))
    """Class of the last answer: a code of `grading.model`, never the platform's text."""


# Written out, not bound: a partial index serves a statement only where its condition can be read in it.
UNSETTLED = and_(
    DeliveryRow.state != literal("sent", literal_execute=True),
    DeliveryRow.state != literal("detached", literal_execute=True),
)
"""What has not arrived and shall; `ix_delivery_unsettled` has it, beside the few that are detached."""


class DeliveryAttemptRow(Base):
    """One try to send a score, for the history of a delivery."""

    __tablename__ = "delivery_attempt"

    id: Mapped[Key]
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    given: Mapped[Decimal | None]
    tried_at: Mapped[datetime] = mapped_column(index=True)
    answer: Mapped[str] = mapped_column(String(60))


class ComparisonRow(Base):
    """When a column was read back from the platform and compared with what was sent; it may be wanted anew."""

    __tablename__ = "comparison"
    __table_args__ = (
        Index(
            "ix_comparison_asked_at",
            "asked_at",
            postgresql_where=text("asked_at IS NOT NULL"),
            sqlite_where=text("asked_at IS NOT NULL"),
        ),
    )

    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_item.id", ondelete="CASCADE"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    asked_at: Mapped[datetime | None]
    """Somebody wants it compared from then on; empty: it has its turn by night."""
    taken_until: Mapped[datetime | None]
    """In the hands of a worker, or put off, until then."""
    tried_at: Mapped[datetime | None]
    compared_at: Mapped[datetime | None]
    """When the last reading began that could be compared."""
    fault: Mapped[str | None] = mapped_column(String(60))
    """Why the last reading failed: a class of `grading.model.Answer`; empty after a success."""


class DriftRow(Base):
    """A delivery whose column shows something else than what was sent; gone as soon as they are alike again."""

    __tablename__ = "drift"

    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    """changed | gone | kept"""
    given: Mapped[Decimal | None]
    """What the platform shows; empty = nothing."""
    maximum: Mapped[Decimal | None]
    held_at: Mapped[datetime | None]
    """The time that the platform states for it."""
    found_at: Mapped[datetime]
    decision: Mapped[str | None] = mapped_column(String(8))
    """resend | accept | detach; empty: nobody has decided yet."""


class DriftEventRow(Base):
    """What befell a delivery beside tries to send it: found to differ, alike again, and who decided what."""

    __tablename__ = "drift_event"

    id: Mapped[Key]
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id", ondelete="CASCADE"), index=True)
    what: Mapped[str] = mapped_column(String(8))
    """found | alike | resend | accept | detach | attach | reopen"""
    given: Mapped[Decimal | None]
    """What the platform showed then."""
    maximum: Mapped[Decimal | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Empty: nobody, or an operator."""
    at: Mapped[datetime]


class PlatformChannelRow(Base):
    """How scores may go to a platform now; read and locked at each claim by all workers."""

    __tablename__ = "platform_channel"

    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), primary_key=True)
    paused_until: Mapped[datetime | None]
    """Nothing goes before; afterwards one probe does. Empty: not paused."""
    reason: Mapped[str | None] = mapped_column(String(60))
    paused_since: Mapped[datetime | None]
    concurrency: Mapped[int] = mapped_column(SmallInteger, default=4, server_default="4")
    """How many exchanges at once, by all workers together."""
    rate: Mapped[int | None]
    """Scores a second, by all workers together; empty: as fast as it goes."""
    free_at: Mapped[datetime | None]
    """By the rate, nothing more is claimed before."""
    served_at: Mapped[datetime | None]
    """When somebody claimed here last: the platform that waited longest has its turn first."""
    proven_until: Mapped[datetime | None]
    """It has answered quickly of late; who has not gets one lane while others wait for a thread."""
    failures: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    """Outages in a row without any answer about a row in between."""


class DeliveryLaneRow(Base):
    """A thread of a worker that speaks to a platform now; so many count as its concurrency allows."""

    __tablename__ = "delivery_lane"

    owner: Mapped[str] = mapped_column(String(80), primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    until: Mapped[datetime]


class DeliveryTallyRow(Base):
    """How many tries came to this answer, since ever; what a worker counted in its last second dies with it."""

    __tablename__ = "delivery_tally"

    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), primary_key=True)
    answer: Mapped[str] = mapped_column(String(60), primary_key=True)
    count: Mapped[int]


class JobRow(Base):
    """A course being computed anew after a change, batch by batch; one at a time, begun again by the next change."""

    __tablename__ = "job"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    total: Mapped[int]
    """How many people it is about."""
    done: Mapped[int]
    reached: Mapped[int]
    """The highest person id that is done: people are taken in the order of their ids."""
    began_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)
    failures: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How often in a row its computing broke off."""
    retry_at: Mapped[datetime | None]
    """Set aside until then; None where nothing went wrong."""
    fault: Mapped[str | None] = mapped_column(String(60))
    """Why it broke off last: a refusal's code, or the kind of what nobody foresaw."""
