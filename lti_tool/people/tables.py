"""Tables of persons, courses, memberships, activities and login sessions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    Boolean,
    Connection,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    event,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db.base import Base, Key, Public


class PersonRow(Base):
    """A person of one platform: the same `sub` on another platform is somebody else."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("platform_id", "sub"),
        Index(None, "platform_id", "id_number"),
        Index(None, "platform_id", "email"),
        # What the API pages by.
        Index(None, "platform_id", "updated_at", "public_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[Public]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    sub: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(Text, default="")
    """Full name; empty where the platform does not share names."""
    given_name: Mapped[str | None] = mapped_column(Text)
    family_name: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(String(320))
    """Lower case, to be matched with files."""
    id_number: Mapped[str | None] = mapped_column(String(255))
    """LTI `lis.person_sourcedid`, Moodle's "ID number"."""
    locale: Mapped[str | None] = mapped_column(String(8))
    """ky, ru or en: the person's own choice, else the last launch's."""
    chosen_locale: Mapped[str | None] = mapped_column(String(8))
    """What the person has chosen on a page: it goes before what launches say, until they choose another."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    erased_at: Mapped[datetime | None] = mapped_column(index=True)
    """Since when nobody is known by this row: it stays for what counts, and the database refuses to change it."""


class CourseRow(Base):
    """A course (LTI: context) of one platform."""

    __tablename__ = "course"
    __table_args__ = (
        UniqueConstraint("platform_id", "context_id"),
        # What the API pages by.
        Index(None, "platform_id", "created_at", "public_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[Public]
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    context_id: Mapped[str] = mapped_column(String(255))
    label: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text, default="")
    locale: Mapped[str | None] = mapped_column(String(8))
    """The locale of its first trainer launch: the language of its line items."""
    history: Mapped[str | None] = mapped_column(Text)
    """`$Context.id.history`: the courses that this one was copied from, comma-separated."""
    begins_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    roster_synced_at: Mapped[datetime | None]


class MembershipRow(Base):
    """What a person is in a course, by launches and by the roster; `people.model.is_staff` merges the two."""

    __tablename__ = "membership"
    __table_args__ = (
        # Who teaches where, among the hundred times as many who take part.
        Index(
            "ix_membership_staff",
            "person_id",
            "course_id",
            postgresql_where=text("staff_launched_at IS NOT NULL OR roster_role = 'trainer'"),
            sqlite_where=text("staff_launched_at IS NOT NULL OR roster_role = 'trainer'"),
        ),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    launched_role: Mapped[str | None] = mapped_column(String(20))
    """Role of the newest launch: participant or trainer."""
    launched_at: Mapped[datetime | None]
    staff_launched_at: Mapped[datetime | None]
    """When this person last launched as Instructor."""
    roster_role: Mapped[str | None] = mapped_column(String(20))
    """Role in the newest roster (NRPS): participant or trainer."""
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    """False once a roster no longer names the person. Their evidence stays."""
    groups: Mapped[str] = mapped_column(Text, default="")
    """Group ids in the LMS, comma-separated."""
    erased: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Counted and never listed: nobody is known by it."""


class CourseGroupRow(Base):
    """What a group of a course is called in the LMS; launches tell its id only."""

    __tablename__ = "course_group"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(254))


class ActivityRow(Base):
    """Something in a course that can give marks."""

    __tablename__ = "activity"
    __table_args__ = (UniqueConstraint("course_id", "source", "external_id"),)

    id: Mapped[Key]
    public_id: Mapped[Public]
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    kind: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(String(400))
    name: Mapped[str] = mapped_column(Text)
    """As the LMS's gradebook prints it: "Quiz: Week 1 quiz", "External tool: My portfolio"."""
    mark_max: Mapped[Decimal | None]
    """What a full mark is, where known (AGS scoreMaximum, `max` in a mapping file)."""
    declared: Mapped[str] = mapped_column(Text, default="")
    """The `indicators` parameter as it stood when it was last taken over, to show later differences."""
    offered: Mapped[str | None] = mapped_column(Text)
    """A changed `indicators` parameter that waits for the trainer's decision."""
    created_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]
    """When the LMS no longer had it (its evidence counts on, marked "source gone")."""


class LoginSessionRow(Base):
    """One browser's session: who, with which rights beyond membership, until when. Revoked by deleting the row."""

    __tablename__ = "login_session"

    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the random token in the cookie: a stolen table opens nothing."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    is_admin: Mapped[bool] = mapped_column(Boolean, default=False)
    """Institute admin of the platform, for this session only."""
    new_tab: Mapped[bool] = mapped_column(Boolean, default=False)
    """Continued in a tab of its own: ends after 30 idle minutes whatever the setting."""
    browser_hash: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the token that the browser was known by at the login; none where it sent no cookie."""
    return_url: Mapped[str | None] = mapped_column(Text)
    """Where *Back to the course* leads (https or an allowed platform only)."""
    locale: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class SessionRightRow(Base):
    """What a session may do in a course: the role of its own last launch there ("switch role to student" holds)."""

    __tablename__ = "session_right"

    session_id: Mapped[int] = mapped_column(ForeignKey("login_session.id", ondelete="CASCADE"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))


class ErrandRow(Base):
    """Work for a course that waits for a worker or is in one's hands; gone once it has ended (`people/errand.py`)."""

    __tablename__ = "errand"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """None: it became due by itself."""
    asked_at: Mapped[datetime]
    token: Mapped[str | None] = mapped_column(String(16))
    """Known to the worker that does it, and to nobody else; empty: in nobody's hands."""
    free_at: Mapped[datetime | None]
    """Nobody takes it up before: the lease of who has it, or until when its platform is left alone."""
    tries: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    answers: Mapped[int] = mapped_column(default=0, server_default="0")
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    total: Mapped[int | None]


SQLITE = """
CREATE TRIGGER person_erased BEFORE UPDATE ON person WHEN OLD.erased_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an erased person stays erased'); END
"""
POSTGRES = (
    """
CREATE OR REPLACE FUNCTION person_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an erased person stays erased' USING ERRCODE = 'restrict_violation';
END
$$
""",
    """
CREATE TRIGGER person_erased BEFORE UPDATE ON person
FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL) EXECUTE FUNCTION person_refuse()
""",
)


@event.listens_for(PersonRow.__table__, "after_create")
def _keep_erased(_table: object, connection: Connection, **_options: object) -> None:
    # A roster or launch that read the person before may only write afterwards: it fails, and finds nobody next time.
    for statement in (SQLITE,) if connection.dialect.name == "sqlite" else POSTGRES:
        connection.exec_driver_sql(statement)
