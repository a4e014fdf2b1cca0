"""The crosswalk between two stored versions: proposed, drafted, confirmed.

A draft counts for nobody. What is confirmed stands and never changes; a newer one takes its place, but not while
courses stand where it has brought them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency import moving_store, version_store
from lti_tool.competency.crosswalk import Crosswalk, Fault, Line, faults_of, in_order, to_json
from lti_tool.competency.framework import Framework
from lti_tool.competency.proposing import propose
from lti_tool.competency.version_store import StoredCrosswalk
from lti_tool.competency.version_tables import CrosswalkRow
from lti_tool.errors import Conflict, RuleBroken
from lti_tool.ids import PersonId, PlatformId

MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class Drafted:
    """What an institute has between two versions, to look at and to change."""

    lines: Crosswalk
    revision: int
    """0: nobody has changed anything yet, this is what stands or what is proposed."""
    faults: tuple[Fault, ...]
    stands: StoredCrosswalk | None
    """What the institute goes by now: its own, else the operator's."""
    moved: int
    """How many courses stand where that has brought them."""


def drafted(session: Session, platform_id: PlatformId, old: Framework, new: Framework) -> Drafted:
    """The draft; where there is none what stands, and where nothing stands what is proposed."""
    stands = version_store.crosswalk_of(session, platform_id, old.id, new.id)
    draft = version_store.crosswalk_of(session, platform_id, old.id, new.id, confirmed=False)
    begun = draft or stands
    lines = propose(old, new) if begun is None else begun.lines
    return Drafted(
        lines=lines,
        revision=draft.revision if draft else 0,
        faults=faults_of(lines, old, new),
        stands=stands,
        moved=moving_store.courses_moved_by(session, stands.id, platform_id) if stands else 0,
    )


def save_draft(
    session: Session,
    platform_id: PlatformId,
    old: Framework,
    new: Framework,
    lines: Sequence[Line],
    *,
    seen: int,
    by: PersonId | None,
    now: datetime,
) -> tuple[Fault, ...]:
    """Keeps these lines as the draft, faulty ones too; what is wrong with them.

    Raises RuleBroken("crosswalk_too_long"), Conflict("crosswalk_changed_meanwhile") where the draft is not the revision
    that was `seen`; then nothing is stored.
    """
    if len(lines) > MOST_LINES:
        raise RuleBroken("crosswalk_too_long", most=MOST_LINES)
    held = version_store.crosswalk_of(session, platform_id, old.id, new.id, confirmed=False)
    if seen != (held.revision if held else 0):
        raise Conflict("crosswalk_changed_meanwhile")
    row = version_store.crosswalk_row(session, held.id) if held else _row(platform_id, old, new, 0)
    row.lines, row.revision, row.changed_at, row.changed_by = (
        to_json(in_order(lines, old, new)),
        row.revision + 1,
        now,
        by,
    )
    version_store.save_crosswalk(session, row)
    return faults_of(lines, old, new)


def confirm(
    session: Session,
    platform_id: PlatformId,
    old: Framework,
    new: Framework,
    *,
    seen: int,
    by: PersonId | None,
    now: datetime,
) -> None:
    """What is drafted, or proposed, stands from now on for this institute.

    Raises Conflict("crosswalk_changed_meanwhile"), RuleBroken (`crosswalk_faulty` with faults, `crosswalk_in_use` where
    courses stand where the one that stands has brought them).
    """
    here = drafted(session, platform_id, old, new)
    if here.revision != seen:
        raise Conflict("crosswalk_changed_meanwhile")
    held = version_store.crosswalk_of(session, platform_id, old.id, new.id, confirmed=False)
    if held is None:
        store_confirmed(session, platform_id, old, new, here.lines, by, now)
        return
    _check(here, old, new)
    row = version_store.crosswalk_row(session, held.id)
    row.confirmed_at, row.changed_by = now, by
    version_store.save_crosswalk(session, row)


def store_confirmed(
    session: Session,
    platform_id: PlatformId | None,
    old: Framework,
    new: Framework,
    lines: Sequence[Line],
    by: PersonId | None,
    now: datetime,
) -> None:
    """These lines stand from now on; `platform_id` None: for all that have none of their own. Raises as `confirm`."""
    stands = version_store.crosswalk_of(session, platform_id, old.id, new.id)
    ordered = in_order(lines, old, new)
    if stands is not None and stands.lines == ordered and stands.own == (platform_id is not None):
        return
    moved = moving_store.courses_moved_by(session, stands.id, platform_id) if stands else 0
    _check(Drafted(ordered, 0, faults_of(ordered, old, new), stands, moved), old, new)
    row = _row(platform_id, old, new, 1)
    row.lines, row.changed_at, row.changed_by, row.confirmed_at = to_json(ordered), now, by, now
    version_store.save_crosswalk(session, row)


def _check(here: Drafted, old: Framework, new: Framework) -> None:
    if old.id == new.id or old.framework != new.framework:
        raise RuleBroken("crosswalk_of_others", old=old.version, new=new.version)
    if here.faults:
        raise RuleBroken("crosswalk_faulty", faults=here.faults)
    if here.moved:
        raise RuleBroken("crosswalk_in_use", courses=here.moved)


def _row(platform_id: PlatformId | None, old: Framework, new: Framework, revision: int) -> CrosswalkRow:
    row = CrosswalkRow(platform_id=platform_id, from_version_id=old.id, to_version_id=new.id, revision=revision)
    row.confirmed_at = None
    return row
