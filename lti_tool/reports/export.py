"""A file that somebody asked for and a worker makes: what is wanted, and how far it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lti_tool.ids import CourseId, PlatformId, PublicId

KEPT = timedelta(hours=1)
"""How long a file waits for who asked for it."""
LEASE = timedelta(seconds=60)
"""How long a worker that says nothing is waited for."""
MOST_TRIES = 3
"""So many workers may die over a file; then it is given up, or it would end them all."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for; the same asked twice is one file."""

    platform_id: PlatformId
    course_id: CourseId | None
    asked_by: str
    """Who, as an opaque key ("person:17"): nobody else gets the file."""
    source: str
    """The page, by the name of its table."""
    kind: str
    language: str
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    """The page's address: `values`, `query`."""


@dataclass(frozen=True, slots=True)
class Export:
    """A file that was asked for."""

    public_id: PublicId
    wanted: Wanted
    asked_at: datetime
    is_under_way: bool
    done: int
    total: int | None
    ended_at: datetime | None
    failure: str | None
    file_name: str | None
    shelf_name: str | None

    @property
    def is_ready(self) -> bool:
        """Whether the file can be had."""
        return self.shelf_name is not None

    @property
    def kept_until(self) -> datetime | None:
        """Until when it can be had; None before it is there."""
        return self.ended_at + KEPT if self.ended_at and self.is_ready else None


@dataclass(frozen=True, slots=True)
class Held:
    """A file in the hands of a worker, under a token that nobody else has."""

    id: int
    token: str
    export: Export
    tries: int

    @property
    def is_hopeless(self) -> bool:
        """Whether it has ended so many workers that it must not end another."""
        return self.tries > MOST_TRIES
