"""*My competencies*: a participant's own standing, and the same view of one person for those who teach them."""

from __future__ import annotations

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency import person_record, profile, self_assessing
from lti_tool.errors import NotFound
from lti_tool.ids import CourseId
from lti_tool.people import queries as people
from lti_tool.people.model import Person
from lti_tool.tasks import my_queries
from lti_tool.web import aspects_page, exports, my_record, record_page, self_page, sent_grade, what_next_page
from lti_tool.web.addresses import url_for
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.competency_page import competency_page
from lti_tool.web.database import db
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link
from lti_tool.web.participant_pages import Surroundings, profile_page
from lti_tool.web.rendering import page

bp = Blueprint("participant", __name__, url_prefix="/c/<course>")


@bp.get("/me")
@requires(Permission.OWN_RECORD)
def me(course: str) -> ResponseReturnValue:
    """The own competencies in this course."""
    who, now = visit().person, clock.now()
    new = my_queries.number_of_new(db(), _course_id(), who.id, now)
    return _profile(who, _own_surroundings(course), new)


@bp.route("/me.<kind>", methods=["GET", "POST"])
@requires(Permission.OWN_RECORD)
def my_file(course: str, kind: str) -> ResponseReturnValue:
    """The own competencies as a file."""
    return exports.answer("own record", kind, person=visit().person.public_id)


@bp.get("/me/<code>")
@requires(Permission.OWN_RECORD)
def my_competency(course: str, code: str) -> ResponseReturnValue:
    """One of the own competencies, down to the marks."""
    return _competency(visit().person, code, _own_surroundings(course))


@bp.get("/people/<person>")
@requires(Permission.COURSE_READ)
def somebody(course: str, person: str) -> ResponseReturnValue:
    """One person's competencies in this course, for those who may read it."""
    found = _person(person)
    return _profile(found, _surroundings_of(found, course))


@bp.route("/people/<person>.<kind>", methods=["GET", "POST"])
@requires(Permission.COURSE_READ)
def somebodys_file(course: str, person: str, kind: str) -> ResponseReturnValue:
    """One person's competencies as a file."""
    return exports.answer("record", kind)


@bp.get("/people/<person>/<code>")
@requires(Permission.COURSE_READ)
def somebodys_competency(course: str, person: str, code: str) -> ResponseReturnValue:
    """One competency of one person, down to the marks."""
    found = _person(person)
    return _competency(found, code, _surroundings_of(found, course))


def _profile(person: Person, around: Surroundings, new: int = 0) -> str:
    course, now = _course_id(), clock.now()
    found = profile.profile_of(db(), course, person.id, now)
    said = self_assessing.views_of(db(), course, person.id, found.framework)
    # What this course says of single indicators is shown beside a self-assessment only, and where others say more.
    of = person_record.sources_of if said else person_record.sources_beside
    sources = of(db(), course, found.framework, person.id, now)
    return page(
        "participant/profile.html",
        profile=profile_page(found, around),
        aspects=aspects_page.build(found, said, around.locale),
        self_lines=self_page.beside(said, sources.states_in(course), found.framework, around.address),
        new_in_tasks=new,
        across=record_page.across(found, sources, course, around),
    )


def _competency(person: Person, code: str, around: Surroundings) -> str:
    why = profile.explain(db(), _course_id(), person.id, code, clock.now())
    grade = sent_grade.of(db(), _course_id(), person.id, why.competency.id)
    views = self_assessing.views_of(db(), _course_id(), person.id, why.framework)
    said = self_page.said_in(views, why.competency)
    following = what_next_page.panel(db(), course_here(), why, person.id, own=person.id == visit().person.id)
    shown = competency_page(why, around, grade)
    return page("participant/competency.html", competency=shown, said=said, what_next=following)


def _course_id() -> CourseId:
    return course_here().id


def _person(public_id: str) -> Person:
    found = people.person_of_course(db(), _course_id(), public_id)
    if found is None:
        raise NotFound("person_unknown")
    return found


def _own_surroundings(course: str) -> Surroundings:
    return Surroundings(
        title=_("My competencies"),
        person_name=visit().person.name,
        locale=current_locale(),
        address=lambda code: url_for("participant.my_competency", course=course, code=code),
        overview=url_for("participant.me", course=course),
        beside=my_record.ways(course),
    )


def _surroundings_of(person: Person, course: str) -> Surroundings:
    name = person.name or _("Name not shared")
    above = (Link(_("Group"), url_for("trainer.group", course=course)),)
    return Surroundings(
        title=name,
        person_name=name,
        locale=current_locale(),
        address=lambda code: url_for(
            "participant.somebodys_competency", course=course, person=person.public_id, code=code
        ),
        overview=url_for("participant.somebody", course=course, person=person.public_id),
        decide=lambda code: url_for("judging.indicator", course=course, person=person.public_id, indicator=code),
        crumbs=above if "trainer.group" in current_app.view_functions else (),
    )
