"""Versions of the requirements side by side: imported, dated, chosen for new courses, due for review.

A version is imported beside the others and changes nothing for any course; new courses take it once their institute
says so, and a course that has begun stays where it is until somebody moves it (`moving`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from lti_tool.competency import crosswalk_file, crosswalks, publishing, store, version_store
from lti_tool.competency.crosswalk import Crosswalk
from lti_tool.competency.framework import Framework
from lti_tool.competency.proposing import propose
from lti_tool.competency.store import VersionInfo
from lti_tool.competency.validity import AHEAD, Review, Validity, due_on
from lti_tool.errors import NotFound
from lti_tool.ids import FrameworkVersionId, PersonId, PlatformId


@dataclass(frozen=True, slots=True)
class Version:
    """A stored version as one platform has it."""

    info: VersionInfo
    known: Validity
    courses: int
    """How many courses of the platform are on it."""
    closed: int
    """How many of these are closed and stay there."""
    for_new_courses: bool


def versions_of(session: Session, platform_id: PlatformId) -> tuple[Version, ...]:
    """All versions, the newest import first, with what this platform has on each."""
    known, pinned = known_of(session), version_store.courses_on(session, platform_id)
    newest = store.newest_version(session, platform_id)
    return tuple(
        Version(info, known[info.id], *pinned.get(info.id, (0, 0)), for_new_courses=info.id == newest)
        for info in store.list_versions(session)
    )


def version_named(session: Session, public_id: str) -> Framework:
    """The stored version with this public id. Raises NotFound("framework_version_unknown")."""
    for info in store.list_versions(session):
        if info.public_id == public_id:
            return store.load_framework(session, info.id)
    raise NotFound("framework_version_unknown", version=public_id)


def known_of(session: Session) -> dict[FrameworkVersionId, Validity]:
    """What is known of each stored version beside its content."""
    known = version_store.validities(session)
    return {info.id: known.get(info.id, Validity()) for info in store.list_versions(session)}


def standing_lines(session: Session, old: Framework, new: Framework) -> Crosswalk:
    """The operator's crosswalk between two versions, else what is proposed."""
    stands = version_store.crosswalk_of(session, None, old.id, new.id)
    return stands.lines if stands else propose(old, new)


@dataclass(frozen=True, slots=True)
class Import:
    """A file, and what is said with it."""

    data: bytes
    framework: str | None = None
    version: str | None = None
    """For a file that does not say which it is."""
    known: Validity = field(default_factory=Validity)
    crosswalk: bytes | None = None


def take_in(session: Session, given: Import, now: datetime) -> Framework:
    """Imports a version, with its dates, and with the crosswalk from the version that new courses take now.

    A crosswalk is the operator's: it stands for all institutes that have none of their own. Raises RuleBroken as
    `publishing.publish` does, `dates_turned`, and for a faulty crosswalk as `crosswalks.confirm` does; then nothing is
    stored, once the caller takes its transaction back.
    """
    given.known.over(Validity())
    before = store.newest_version(session)
    stored = publishing.publish(session, given.data, now, given.framework, given.version)
    held = version_store.validities(session).get(stored)
    # A version that courses take already is not put aside by importing it again.
    beside = given.known.beside and (stored != before) if held is None else held.beside and given.known.beside
    version_store.save_validity(session, stored, replace(given.known, beside=beside).over(held or Validity()))
    framework = store.load_framework(session, stored)
    if given.crosswalk is not None and before is not None:
        lines = crosswalk_file.read(given.crosswalk)
        crosswalks.store_confirmed(session, None, store.load_framework(session, before), framework, lines, None, now)
    return framework


def date_version(session: Session, version: FrameworkVersionId, known: Validity) -> None:
    """Keeps dates of a version; one that is not given stays as it is. Raises RuleBroken("dates_turned")."""
    held = known_of(session).get(version, Validity())
    version_store.save_validity(session, version, replace(known, beside=held.beside).over(held))


def choose(
    session: Session, platform_id: PlatformId, version: FrameworkVersionId, by: PersonId | None, now: datetime
) -> None:
    """New courses of this platform take this version from now on; all others stay where they are."""
    version_store.save_choice(session, platform_id, version, by, now)


# --- Review ---------------------------------------------------------------------------------------------------------


def reviews(session: Session, today: date) -> Iterator[Review]:
    """The newest version of each framework, where it was approved five years ago or nearly.

    Of a version whose approval nobody dated nothing is said: unknown is not over.
    """
    known = version_store.validities(session)
    seen: set[str] = set()
    for info in store.list_versions(session):
        approved = known.get(info.id, Validity()).approved_on
        if approved is None or info.framework in seen:
            continue
        seen.add(info.framework)
        if due_on(approved) <= today + AHEAD:
            yield Review(info.framework, info.version, approved, due_on(approved))
