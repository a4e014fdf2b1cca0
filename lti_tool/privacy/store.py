"""Takes a person out of the tables: what goes is deleted, what stays no longer says who."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.credentials import store as credential_store
from lti_tool.db.base import Base
from lti_tool.grading.tables import DeliveryRow
from lti_tool.ids import CourseId, PersonId, PlatformId, PublicId, new_public_id
from lti_tool.lti.tables import ParkedLaunchRow
from lti_tool.people.tables import MembershipRow, PersonRow
from lti_tool.privacy.holding_queries import owned, table_of
from lti_tool.privacy.holdings import DELETED_FIRST, HOLDINGS, Fate, Holding
from lti_tool.tasks.tables import FileRow, SubmissionRow

ERASED = "erased:"
"""How a `sub` begins that no platform has given to anybody."""


def person(session: Session, public_id: str) -> PersonRow | None:
    """Somebody who is not erased, by the id that pages show."""
    query = select(PersonRow).where(PersonRow.public_id == PublicId(public_id), PersonRow.erased_at.is_(None))
    return session.scalar(query)


def take_person(session: Session, person_id: PersonId) -> PersonRow | None:
    """The person, taken until the end of the transaction: launches of theirs wait. None where somebody erased them."""
    query = select(PersonRow).where(PersonRow.id == person_id, PersonRow.erased_at.is_(None)).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


def courses_of(session: Session, person_id: PersonId) -> list[CourseId]:
    """Where they are or were, in the order in which courses are taken."""
    query = select(MembershipRow.course_id).where(MembershipRow.person_id == person_id)
    return [CourseId(each) for each in session.scalars(query.order_by(MembershipRow.course_id))]


def stop_deliveries(session: Session, person_id: PersonId) -> dict[int, datetime]:
    """Nothing of theirs is sent from now on; what is in somebody's hands is let finish. Tells what was due when."""
    due = (DeliveryRow.person_id == person_id, DeliveryRow.due_at.is_not(None))
    query = select(DeliveryRow.id, DeliveryRow.due_at).where(*due).order_by(DeliveryRow.id).with_for_update()
    stopped = {delivery_id: due_at for delivery_id, due_at in session.execute(query) if due_at is not None}
    session.execute(update(DeliveryRow).where(DeliveryRow.id.in_(stopped)).values(due_at=None))
    return stopped


def resume_deliveries(session: Session, stopped: Mapping[int, datetime]) -> None:
    """What was stopped is due again, but for what has been settled meanwhile."""
    for delivery_id, due_at in stopped.items():
        waiting = (DeliveryRow.id == delivery_id, DeliveryRow.due_at.is_(None), DeliveryRow.state.in_(("due", "held")))
        session.execute(update(DeliveryRow).where(*waiting).values(due_at=due_at))


def is_sending(session: Session, person_id: PersonId, now: datetime) -> bool:
    """Whether a grade of theirs is on its way to the LMS; all of them are taken until the end of the transaction."""
    query = select(DeliveryRow.lease_until).where(DeliveryRow.person_id == person_id).order_by(DeliveryRow.id)
    leases = session.scalars(query.with_for_update()).all()
    return any(until is not None and until > now for until in leases)


def shelf_names(session: Session, person_id: PersonId) -> list[str]:
    """Under which names the files of their submissions lie."""
    query = select(FileRow.shelf_name).join(SubmissionRow, SubmissionRow.id == FileRow.submission_id)
    return list(session.scalars(query.where(SubmissionRow.person_id == person_id)))


def delete_holdings(session: Session, person_id: PersonId, now: datetime) -> None:
    """Deletes what goes, revokes what was carried away and empties what forgets; twice does no harm."""
    for table in DELETED_FIRST:
        for each in (each for each in HOLDINGS if each.table == table and each.is_about):
            _delete(session, each, person_id)
    for each in (each for each in HOLDINGS if each.fate is Fate.EMPTIED):
        emptied = update(table_of(each)).where(owned(each, person_id)).values({each.column: None})
        session.execute(emptied)
    credential_store.forget(session, person_id, now)


def _delete(session: Session, holding: Holding, person_id: PersonId) -> None:
    theirs, table = owned(holding, person_id), table_of(holding)
    if holding.fate is Fate.DELETED:
        session.execute(delete(table).where(theirs))
    elif holding.drafts:
        session.execute(delete(table).where(theirs, table.c[holding.drafts].is_(None)))
    else:
        # Below a draft, which goes.
        parent = next(each for each in HOLDINGS if each.table == holding.through and each.is_about)
        drafts = select(_id(parent)).where(owned(parent, person_id), table_of(parent).c[parent.drafts].is_(None))
        session.execute(delete(table).where(table.c[holding.column].in_(drafts)))


def _id(holding: Holding) -> ColumnElement[int]:
    return table_of(holding).c.id


def forget_parked(session: Session, platform_id: PlatformId, sub: str) -> None:
    """Deletes launches of theirs that wait to go on in another tab."""
    for row in session.scalars(select(ParkedLaunchRow)):
        told = row.launch.get("person") or {}
        if told.get("sub") == sub and row.launch.get("platform_id") == platform_id:
            session.delete(row)
    session.flush()


def make_nameless(session: Session, row: PersonRow, now: datetime) -> None:
    """Empties the person's row, which stays for what counts under ids that stand nowhere else."""
    known = MembershipRow.person_id == row.id
    session.execute(update(MembershipRow).where(known).values(erased=True, launched_at=None))
    row.public_id, row.sub = new_public_id(), ERASED + new_public_id()
    row.name, row.given_name, row.family_name, row.email = "", None, None, None
    row.id_number, row.locale, row.chosen_locale = None, None, None
    row.created_at = row.updated_at = row.erased_at = now
    session.flush()


def erased_since(session: Session, moment: datetime) -> list[PersonId]:
    """Who was erased since then."""
    query = select(PersonRow.id).where(PersonRow.erased_at >= moment).order_by(PersonRow.id)
    return [PersonId(each) for each in session.scalars(query)]


def mentions(session: Session, person_id: PersonId, words: Collection[str]) -> int:
    """In how many texts about others, in their courses, one of these words stands."""
    courses = courses_of(session, person_id)
    return sum(_mentions(session, table, column, courses, person_id, words) for table, column in _TEXTS) if words else 0


_TEXTS = (("judgement", "reason"), ("regrade_case", "reason"), ("assessment", "comment"), ("task", "instructions"))


def _mentions(
    session: Session, name: str, column: str, courses: Collection[int], person_id: PersonId, words: Collection[str]
) -> int:
    table = Base.metadata.tables[name]
    theirs = [~owned(each, person_id) for each in HOLDINGS if each.table == name and each.is_about]
    named = or_(*(table.c[column].contains(word, autoescape=True) for word in words))
    query = select(func.count()).select_from(table).where(table.c.course_id.in_(courses), named, *theirs)
    return session.execute(query).scalar_one()
