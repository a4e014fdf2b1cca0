"""All stored versions as values, held in memory: the public pages and documents are read often and change seldom.

Whether a version has been added is asked anew for each request; what a version says never changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from lti_tool.catalogue.case import Edition, Exchange, exchange
from lti_tool.catalogue.queries import StoredVersion, stored_versions
from lti_tool.competency import publishing
from lti_tool.competency.framework import Framework
from lti_tool.errors import NotFound


@dataclass(frozen=True, eq=False)
class Volume:
    """One version on the shelf. `file` is what `lti-tool framework export` writes."""

    framework: Framework
    imported_at: datetime
    file: bytes


@dataclass(frozen=True, eq=False)
class Bookshelf:
    """Every stored version, the newest import first. There is one of it for each set of versions."""

    volumes: tuple[Volume, ...]

    def volume(self, framework: str | None = None, version: str | None = None) -> Volume:
        """The newest that fits; anything left open fits. Raises NotFound("framework_version_unknown")."""
        for each in self.volumes:
            if framework in (None, each.framework.framework) and version in (None, each.framework.version):
                return each
        raise NotFound("framework_version_unknown", framework=framework, version=version)

    @cached_property
    def editions(self) -> tuple[Edition, ...]:
        """The newest version of each edition: a second number (1.0, 1.1) only betters the texts of the first."""
        newest: dict[tuple[str, str], Edition] = {}
        for each in self.volumes:
            number = edition_of(each.framework.version)
            edition = Edition(each.framework, number, each.imported_at)
            newest.setdefault((each.framework.framework, number), edition)
        return tuple(newest.values())


def edition_of(version: str) -> str:
    """The first number of a version: what is asked of teachers changes with it alone (docs/catalogue.md)."""
    return version.partition(".")[0]


@lru_cache(maxsize=4)
def exchange_of(shelf: Bookshelf, base_url: str) -> Exchange:
    """Everything of these versions as CASE, for addresses under `base_url`."""
    return exchange(shelf.editions, base_url)


_held: WeakKeyDictionary[Engine, tuple[Sequence[StoredVersion], Bookshelf]] = WeakKeyDictionary()


def bookshelf(session: Session) -> Bookshelf:
    """What is stored now, read once in a process for each set of versions."""
    engine, stored = session.get_bind().engine, stored_versions(session)
    held = _held.get(engine)
    if held is not None and held[0] == stored:
        return held[1]
    made = Bookshelf(tuple(_volume(session, each) for each in stored))
    _held[engine] = (stored, made)
    return made


def _volume(session: Session, stored: StoredVersion) -> Volume:
    return Volume(
        publishing.open_framework(session, stored.id), stored.imported_at, publishing.exported(session, stored.id)
    )
