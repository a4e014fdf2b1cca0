"""Who is in a course as what, and why: what the platform's list says and what launches say, side by side.

A launch as a trainer wins over the list, for Moodle's list calls a non-editing teacher a learner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency import decision_queries, decisions
from lti_tool.competency.decisions import Who
from lti_tool.lti import queries as lti_queries
from lti_tool.people import member_queries
from lti_tool.people.errand import ErrandKind
from lti_tool.people.member_queries import Member
from lti_tool.people.model import Course, CourseRole
from lti_tool.web import progress
from lti_tool.web.dates import moment
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext
from lti_tool.web.page_data import ProgressView


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person."""

    name: str
    detail: str
    role: str
    why: str
    listed: str
    """What the platform's list calls them; "–" where it does not name them."""
    launched: str
    """As what they last came; "–" where they never did."""
    launched_at: datetime | None
    groups: str


@dataclass(frozen=True, slots=True)
class RosterPage:
    """The whole page."""

    summary: str
    progress: ProgressView
    """How far reading the platform's list is, or how it went last."""
    can_be_read: bool
    """The list is shared, and nobody is at it."""
    lines: tuple[PersonLine, ...]
    lead: LeadPart


@dataclass(frozen=True, slots=True)
class LeadPart:
    """Who leads the course, and whom it can be given to."""

    name: str
    """Empty where nobody does yet."""
    why: str
    may_name: bool
    choices: tuple[tuple[str, str], ...]
    """(public id, name) of the others of the staff."""


def build(session: Session, course: Course, who: Who, now: datetime) -> RosterPage:
    """The page as things stand; its number of queries does not depend on how many people there are."""
    members = member_queries.members_of(session, course.id)
    said = progress_of(session, course, now)
    named = member_queries.group_names(session, course.id)
    taking_part = sum(each.is_participant(now) for each in members)
    return RosterPage(
        summary=ngettext("%(num)d participant", "%(num)d participants", taking_part),
        progress=said,
        can_be_read=lti_queries.roster_state(session, course.id).offered and not said.url,
        lines=_lines(members, named, now),
        lead=_lead(session, course, members, who, now),
    )


def lines(session: Session, course: Course, now: datetime) -> tuple[PersonLine, ...]:
    """Everybody who is or was here."""
    members = member_queries.members_of(session, course.id)
    return _lines(members, member_queries.group_names(session, course.id), now)


def _lines(members: Sequence[Member], named: Mapping[str, str], now: datetime) -> tuple[PersonLine, ...]:
    return tuple(_line(each, named, now) for each in members)


def _lead(session: Session, course: Course, members: Sequence[Member], who: Who, now: datetime) -> LeadPart:
    lead = decision_queries.lead_of(session, course.id)
    found = next((each for each in members if each.id == lead), None)
    return LeadPart(
        name=(found.name or _("Name not shared")) if found else "",
        why=_(
            "Decides disputes, closes the course and decides what later marks do. It is whoever made the first mapping,"
            " until the lead trainer or an institute admin names somebody else."
        ),
        may_name=decisions.may_decide(session, course.id, who),
        choices=tuple(
            (each.public_id, each.name or _("Name not shared"))
            for each in members
            if each.active and each.is_staff(now) and each.id != lead
        ),
    )


def progress_of(session: Session, course: Course, now: datetime) -> ProgressView:
    """How far reading the LMS's list is, or how it went last."""
    state, read_at = lti_queries.roster_state(session, course.id), member_queries.roster_read_at(session, course.id)
    if not state.offered:
        return ProgressView(
            _("The LMS does not share its list of this course. Whoever opens the course is known by that.")
        )
    under_way = progress.errand(session, course, ErrandKind.ROSTER, now)
    if under_way is not None:
        return under_way
    if state.failure is not None and state.tried_at is not None:
        told = _("The list could not be read at %(time)s.", time=moment(state.tried_at))
        return ProgressView(
            f"{told} {_failure(state.failure)}", kind="warn", after=_("Everybody here stays as they are.")
        )
    if read_at is None:
        return ProgressView(_("The list has not been read yet. That happens by itself within the minute."))
    told = _("Last read: %(time)s.", time=moment(read_at))
    if state.joined is None or state.left is None:
        return ProgressView(told, kind="good")
    news = _("New participants: %(joined)d, no longer here: %(left)d.", joined=state.joined, left=state.left)
    return ProgressView(f"{told} {news}", kind="good")


def _failure(code: str) -> str:
    """Why the list could not be read, and what helps."""
    reasons = {
        "memberships_unknown": _("The LMS does not say where the list is. Open the course from the LMS once more."),
        "roster_gone": _("The LMS says that there is no such list. Perhaps the course was deleted there."),
        "roster_too_large": _("The list is longer than this tool reads (20,000 people)."),
        "roster_unreadable": _("The LMS answered something that is no list. It is tried again within the hour."),
    }
    if code == "workers_lost" or not code.islower():
        return progress.own_fault(code)
    other = _("The LMS could not be asked or refused (%(code)s). It is tried again within the hour.", code=code)
    return reasons.get(code, other)


def _line(member: Member, named: Mapping[str, str], now: datetime) -> PersonLine:
    role, why = _role_and_reason(member, now)
    return PersonLine(
        name=member.name or _("Name not shared"),
        detail=member.detail,
        role=role,
        why=why,
        listed=_word(member.roster_role),
        launched=_word(member.launched_role),
        launched_at=member.launched_at,
        groups=", ".join(named.get(group, group) for group in member.groups),
    )


def _role_and_reason(member: Member, now: datetime) -> tuple[str, str]:
    if not member.active:
        return _("left"), _("No longer on the list. Marks and levels stay.")
    if member.is_staff(now):
        return _("staff"), _staff_because(member)
    if member.is_participant(now):
        on_the_list = member.roster_role is CourseRole.PARTICIPANT
        return _("participant"), _("On the LMS's list.") if on_the_list else _("Opened the course as a participant.")
    return _("no part"), _("Was a trainer here more than 180 days ago, and is not on the list.")


def _staff_because(member: Member) -> str:
    if member.roster_role is CourseRole.TRAINER:
        return _("A trainer on the LMS's list.")
    if member.roster_role is CourseRole.PARTICIPANT:
        return _("Opened the course as a trainer. The list calls non-editing teachers learners; the opening counts.")
    return _("Opened the course as a trainer. The list leaves out managers and administrators.")


def _word(role: CourseRole | None) -> str:
    if role is None:
        return "–"
    return _("trainer") if role is CourseRole.TRAINER else _("participant")
