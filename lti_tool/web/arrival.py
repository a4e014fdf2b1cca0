"""What a verified launch sets off: who and where are noted, the session begins, and the right page opens.

The launch itself was checked in `lti/`; here its values go to the packages that keep them. A learner is never stopped
by what a trainer set up wrongly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.audit import recording
from lti_tool.audit.model import Action, Actor, ActorKind, Event
from lti_tool.competency.rules import begin_rules
from lti_tool.errors import LaunchRefused
from lti_tool.grading import delivery, gradebook, jobs
from lti_tool.ids import PersonId
from lti_tool.lti import courses as lti_courses
from lti_tool.lti import languages, picking
from lti_tool.lti.model import Launch, MessageType
from lti_tool.people import activities, courses, queries, roster
from lti_tool.people.courses import SeenCourse
from lti_tool.people.model import Activity, ActivityKind, ActivitySource, Arrival, Course, CourseRole, Person
from lti_tool.people.sessions import Beginning
from lti_tool.web import activity_pages, auth
from lti_tool.web.database import db

GRADEBOOK_PREFIX = "External tool: "
"""How Moodle's gradebook prints the name of an LTI link (in English; other languages are recognised on import)."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Arrived:
    """Who came, where to, and by which link."""

    launch: Launch
    person: Person
    course: Course | None
    activity: Activity | None


def arrive(launch: Launch, *, new_tab: bool) -> ResponseReturnValue:
    """Notes everything that the launch tells, begins the session and leads to the page that was asked for."""
    now = clock.now()
    arrived = _note(replace(launch, locale=languages.locale_for(db(), launch)), now)
    if launch.message is MessageType.DEEP_LINKING and launch.role is not CourseRole.TRAINER:
        raise LaunchRefused("deep_linking_not_allowed", status=403)
    auth.begin_session(_beginning(arrived, new_tab))
    _record_session(arrived, now)
    log.info(
        "launched",
        message=launch.message.value,
        platform_id=launch.platform_id,
        course_id=arrived.course.id if arrived.course else None,
        person_id=arrived.person.id,
        role=launch.role.value if launch.role else None,
        is_admin=launch.is_admin,
    )
    return redirect(_destination(arrived, now), 303)


def _record_session(arrived: Arrived, now: datetime) -> None:
    """Sessions that may read the records of others, or change a course, are in the record; a participant's is not."""
    launch, person, course = arrived.launch, arrived.person, arrived.course
    if launch.is_admin or launch.role is CourseRole.TRAINER:
        actor, what = Actor(ActorKind.PERSON, person.public_id), "admin" if launch.is_admin else "trainer"
        place = course.public_id if course else None
        event = Event(Action.SESSION_BEGUN, actor, launch.platform_id, course=place, detail={"what": what})
        recording.record(db(), event, now)


def _note(launch: Launch, now: datetime) -> Arrived:
    told = launch.person
    arrival = Arrival(
        sub=told.sub,
        name=told.name,
        given_name=told.given_name,
        family_name=told.family_name,
        email=told.email,
        id_number=told.id_number,
        locale=launch.locale,
        role=launch.role,
        groups=launch.groups,
    )
    person = roster.note_person(db(), launch.platform_id, arrival, now)
    if launch.course is None:
        return Arrived(launch, person, None, None)
    seen = SeenCourse(
        context_id=launch.course.context_id,
        label=launch.course.label,
        title=launch.course.title,
        history=launch.course.history,
        begins_at=launch.course.begins_at,
        ends_at=launch.course.ends_at,
    )
    course = courses.note_course(db(), launch.platform_id, seen, now)
    # A course begins its rules here, in a request that may write; pages that only read find them.
    begin_rules(db(), course, now)
    if lti_courses.note_services(db(), course.id, launch, now):
        delivery.resume(db(), launch.platform_id, course.id, now)
    _note_member(launch, course, person, now)
    return Arrived(launch, person, course, _note_activity(launch, course, person.id, now))


def _note_member(launch: Launch, course: Course, person: Person, now: datetime) -> None:
    if launch.role is None:
        return
    joins = roster.note_arrival(db(), course.id, person.id, launch.role, launch.groups, now)
    if launch.role is CourseRole.TRAINER:
        courses.settle_locale(db(), course.id, launch.locale)
    elif joins:
        gradebook.welcome(db(), course.id, [person.id], now=now)


def _note_activity(launch: Launch, course: Course, by: PersonId, now: datetime) -> Activity | None:
    """The link as an activity of the course; its declared mapping is taken over the first time."""
    if launch.resource_link is None or launch.message is MessageType.DEEP_LINKING:
        return None
    title = launch.resource_link.title or course.title
    activity, is_new = activities.note_activity(
        db(),
        course.id,
        _kind(launch.custom.get("activity")),
        ActivitySource.LTI,
        launch.resource_link.id,
        (GRADEBOOK_PREFIX + title)[:400],
        now,
    )
    uid = launch.custom.get("uid", "")[:40].replace("\0", "")
    if uid:
        picking.note_placed(db(), course.id, uid, activity.id)
    declared = launch.custom.get("indicators")
    if declared and not activities.is_settled(db(), activity.id, declared):
        # A launch into a large course waits for nobody's levels but its own.
        gradebook.accept_declaration(db(), activity, declared, is_new=is_new, by=by, now=now, follow=jobs.compute_anew)
    column = launch.services.line_item_url
    if column and gradebook.adopt_column(db(), activity, column, now) is None:
        log.warning("line_item_refused", course_id=course.id, activity_id=activity.id)
    return activity


def _kind(named: str | None) -> ActivityKind:
    """The kind that the custom parameter names; *profile* where it is absent or unknown (design, the contract)."""
    own = {kind.value: kind for kind in ActivityKind if kind is not ActivityKind.NATIVE}
    return own.get(named or "", ActivityKind.PROFILE)


def _beginning(arrived: Arrived, new_tab: bool) -> Beginning:
    return Beginning(
        person=arrived.person,
        is_admin=arrived.launch.is_admin,
        # What somebody has chosen on a page goes before what their LMS says.
        locale=languages.own_or(db(), arrived.launch.platform_id, arrived.person.locale, arrived.launch.locale),
        return_url=arrived.launch.return_url,
        new_tab=new_tab,
        course_id=arrived.course.id if arrived.course else None,
        role=arrived.launch.role,
    )


def _destination(arrived: Arrived, now: datetime) -> str:
    launch, course = arrived.launch, arrived.course
    if course is None or (launch.role is None and not launch.is_admin):
        return url_for("home.home")
    if launch.message is MessageType.DEEP_LINKING:
        request = picking.begin(db(), launch, arrived.person.id, course.id, now)
        return url_for("deep_linking.picker", course=course.public_id, request_id=request)
    reviewing = launch.message is MessageType.SUBMISSION_REVIEW and launch.role is not CourseRole.PARTICIPANT
    own = activity_pages.page_of(arrived.activity, course, launch.role)
    if own and not reviewing:
        return own
    if launch.role is CourseRole.PARTICIPANT:
        return url_for("participant.me", course=course.public_id)
    if reviewing and launch.for_user:
        reviewed = queries.person_of_course_by_sub(db(), course.id, launch.for_user)
        if reviewed is not None:
            return url_for("participant.somebody", course=course.public_id, person=reviewed.public_id)
    return url_for("trainer.group", course=course.public_id)
