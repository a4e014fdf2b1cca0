"""The pages of the demonstration LMS: a plain, plausible place from which a newcomer tries the tool in two minutes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.demo import seed
from lti_tool.demo.course_copy import copy_course
from lti_tool.demo.current import current_lms
from lti_tool.demo.exports import WORDS, column_title, gradebook_csv, mapping_csv
from lti_tool.demo.gradebook import Column, Grade
from lti_tool.demo.model import Course, Link, Person, Role
from lti_tool.demo.moods import WORDS as MOODS
from lti_tool.demo.moods import Mood
from lti_tool.demo.registration import invitation_address
from lti_tool.demo.web_service import FUNCTIONS

bp = Blueprint("pages", __name__)

ROLE_NAMES = {Role.TRAINER: "trainer", Role.ASSISTANT: "non-editing teacher", Role.PARTICIPANT: "participant"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One grade as the gradebook page shows it."""

    text: str
    feedback: str
    overridden: bool
    review_url: str | None
    fresh: bool


@bp.get("/")
def home() -> ResponseReturnValue:
    """What this is, and the ways in."""
    lms = current_lms()
    people = [(lms.people[person_id], seed.OUTCOMES[person_id]) for person_id in seed.PARTICIPANT_IDS]
    profile = _links(seed.MAIN_COURSE_ID)[:1]
    return render_template(
        "demo/home.html",
        tool=next(iter(lms.tools.values()), None),
        link=profile[0] if profile else None,
        people=people,
        trainer=lms.people[seed.TRAINER_ID],
        admin=lms.people[seed.ADMIN_ID],
        courses=lms.courses.values(),
    )


@bp.get("/course/<course_id>")
def course(course_id: str) -> ResponseReturnValue:
    """The course with its activities, as one of its people sees it."""
    shown, person = _course(course_id), _person()
    return render_template(
        "demo/course.html",
        course=shown,
        person=person,
        role=_role_name(shown, person),
        links=_links(course_id),
        natives=_native_columns(course_id),
        readings=seed.READINGS if course_id == seed.MAIN_COURSE_ID else (),
        may_add=current_lms().role_in(course_id, person.id) is Role.TRAINER,
        module_names=WORDS["en"].modules,
    )


@bp.post("/course/<course_id>/copy")
def copy(course_id: str) -> ResponseReturnValue:
    """*Copy course*: the same activities and people in a new course."""
    made, person = copy_course(current_lms(), _course(course_id).id), _person()
    return redirect(f"{url_for('pages.course', course_id=made.id)}?{urlencode({'as': person.id})}", 303)


@bp.get("/mod/lti/view.php")
def activity() -> ResponseReturnValue:
    """An external tool activity: the tool in a frame, on another site than the LMS."""
    link = current_lms().links.get(request.args.get("id", "")) or abort(404)
    person = _person()
    query = {"id": link.id, "as": person.id}
    query |= {name: request.args[name] for name in ("action", "user", "learner") if name in request.args}
    return render_template(
        "demo/activity.html",
        title=link.title,
        course=_course(link.course_id),
        person=person,
        frame_url=f"/mod/lti/launch.php?{urlencode(query)}",
        window_url=f"/mod/lti/launch.php?{urlencode({**query, 'window': 1})}",
    )


@bp.get("/course/<course_id>/select-content")
def select_content(course_id: str) -> ResponseReturnValue:
    """*Select content*: the tool's picker in a frame."""
    shown, person = _course(course_id), _person()
    query = urlencode({"course": shown.id, "as": person.id})
    return render_template(
        "demo/activity.html",
        title="Select content",
        course=shown,
        person=person,
        frame_url=f"/mod/lti/contentitem.php?{query}",
        window_url=None,
    )


@bp.get("/grades")
def grades() -> ResponseReturnValue:
    """The gradebook: participants × columns; the page looks again every two seconds."""
    lms, shown = current_lms(), _course(request.args.get("course", seed.MAIN_COURSE_ID))
    columns = lms.gradebook.columns(shown.id)
    rows = [(person, [_cell(column, person) for column in columns]) for person in lms.participants(shown.id)]
    titles = [column_title(column, WORDS["en"]) for column in columns]
    heads = [(title, f"{column.maximum:g}", column.tool_id) for title, column in zip(titles, columns, strict=True)]
    return render_template(
        "demo/grades.html",
        course=shown,
        heads=heads,
        rows=rows,
        of_tools=[(column.id, title) for column, title in zip(columns, titles, strict=True) if column.tool_id],
        problem=request.args.get("problem", ""),
    )


@bp.post("/grades/override")
def override() -> ResponseReturnValue:
    """A teacher types a grade over the tool's, or gives it back by an empty field."""
    shown, gradebook = _course(request.args.get("course", seed.MAIN_COURSE_ID)), current_lms().gradebook
    column = next((each for each in gradebook.columns(shown.id) if each.id == request.form.get("column")), None)
    person = current_lms().people.get(request.form.get("person", ""))
    if column is None or person is None:
        abort(404)
    try:
        mark = _typed_mark(column, person.id, {f"{column.id}-{person.id}": request.form.get("mark", "")})
    except ValueError as error:
        return redirect(url_for("pages.grades", course=shown.id, problem=str(error)), 303)
    if mark is None:
        gradebook.end_override(column.id, person.id)
    else:
        gradebook.override(column.id, person.id, mark)
    return redirect(url_for("pages.grades", course=shown.id), 303)


@bp.get("/grades.csv")
def grades_file() -> ResponseReturnValue:
    """The plain text export; `lang` en, ru or ky, `display=percentage` instead of real marks."""
    shown = _course(request.args.get("course", seed.MAIN_COURSE_ID))
    percentage = request.args.get("display") == "percentage"
    text = gradebook_csv(current_lms(), shown.id, request.args.get("lang", "en"), percentage)
    return _file(text, f"{shown.label} Grades.csv")


@bp.get("/mapping.csv")
def mapping_file() -> ResponseReturnValue:
    """A mapping of the native activities onto indicators."""
    return _file(mapping_csv(request.args.get("lang", "en")), "mapping.csv")


@bp.get("/samples")
def samples() -> ResponseReturnValue:
    """Sample results and mapping, to save or to copy."""
    language = request.args.get("lang", "en")
    return render_template(
        "demo/samples.html",
        language=language,
        languages=tuple(WORDS),
        results=gradebook_csv(current_lms(), seed.MAIN_COURSE_ID, language),
        mapping=mapping_csv(language),
    )


@bp.get("/marks")
def marks() -> ResponseReturnValue:
    """The marks of the native activities, to change or to take back."""
    columns = _native_columns()
    typed = {
        f"{column.id}-{person_id}": _mark(column.grades.get(person_id))
        for column in columns
        for person_id in seed.PARTICIPANT_IDS
    }
    typed |= {f"hidden-{column.id}": "1" for column in columns if column.hidden}
    return _marks_page(columns, typed, "")


@bp.post("/marks")
def change_marks() -> ResponseReturnValue:
    """Store all marks of the table, or none if one of them is no mark."""
    columns, typed = _native_columns(), request.form.to_dict()
    try:
        wanted = {
            (column.id, who): _typed_mark(column, who, typed) for column in columns for who in seed.PARTICIPANT_IDS
        }
    except ValueError as error:
        return Response(_marks_page(columns, typed, str(error)), 400)
    gradebook = current_lms().gradebook
    for (column_id, who), mark in wanted.items():
        if _mark(gradebook.grade(column_id, who)) != _plain(mark):
            gradebook.set_mark(column_id, who, mark)
    for column in columns:
        gradebook.hide(column.id, f"hidden-{column.id}" in typed)
    return redirect(url_for("pages.marks", saved=1), 303)


@bp.get("/web-service")
def web_service() -> ResponseReturnValue:
    """Address and token of the web service, and how it is today."""
    lms = current_lms()
    return render_template(
        "demo/web_service.html",
        address=lms.url,
        token=lms.web_service_token,
        functions=FUNCTIONS,
        moods=MOODS,
        now=lms.moods.now,
    )


@bp.post("/web-service")
def change_mood() -> ResponseReturnValue:
    """The service is well or ill from now on."""
    if request.form.get("mood") in list(Mood):
        current_lms().moods.become(Mood(request.form["mood"]))
    return redirect(url_for("pages.web_service"), 303)


@bp.get("/tools")
def tools() -> ResponseReturnValue:
    """Manage tools: what is registered, and the field for a registration URL."""
    lms = current_lms()
    invitation = request.args.get("invitation", "")
    address = invitation_address(lms, invitation) if invitation.startswith(("http://", "https://")) else None
    return render_template("demo/tools.html", tools=lms.tools.values(), address=address, invitation=invitation)


@bp.post("/tools/<tool_id>/activate")
def activate(tool_id: str) -> ResponseReturnValue:
    """The button on a pending tool's card."""
    if tool_id in current_lms().tools:
        current_lms().activate(tool_id)
    return redirect(url_for("pages.tools"), 303)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """That the LMS answers, and how many tools are registered."""
    return {"status": "ok", "tools": len(current_lms().tools)}


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """200 once a tool can be launched, 503 before: the LMS must listen while the tool registers itself."""
    ready = any(tool.active for tool in current_lms().tools.values())
    return {"status": "ready" if ready else "waiting for the tool"}, 200 if ready else 503


def _course(course_id: str) -> Course:
    return current_lms().course(course_id) or abort(404)


def _person() -> Person:
    """Whom the visitor plays; the trainer when the address does not say."""
    return current_lms().people.get(request.args.get("as", seed.TRAINER_ID)) or abort(404)


def _links(course_id: str) -> list[Link]:
    lms = current_lms()
    with lms.lock:
        return [link for link in lms.links.values() if link.course_id == course_id]


def _role_name(course: Course, person: Person) -> str:
    role = current_lms().role_in(course.id, person.id)
    return ROLE_NAMES[role] if role else ("site admin" if person.is_admin else "visitor")


def _cell(column: Column, person: Person) -> Cell:
    grade = column.grades.get(person.id)
    query = {"id": column.link_id, "as": seed.TRAINER_ID, "action": "gradeReport", "user": person.id}
    review = f"/mod/lti/view.php?{urlencode(query)}" if column.belongs_to_activity else None
    if grade is None or grade.final is None:
        return Cell("–", grade.feedback if grade else "", False, review, False)
    fresh = grade.time is not None and current_lms().now() - grade.time < 20 and column.tool_id is not None
    return Cell(_plain(grade.final), grade.feedback, grade.overridden, review, fresh)


def _native_columns(course_id: str = seed.MAIN_COURSE_ID) -> list[Column]:
    columns = current_lms().gradebook.columns(course_id)
    return [column for column in columns if column.module in ("quiz", "assign")]


def _marks_page(columns: list[Column], typed: dict[str, str], problem: str) -> str:
    heads = [(column.id, column_title(column, WORDS["en"]), f"{column.maximum:g}") for column in columns]
    people = [current_lms().people[person_id] for person_id in seed.PARTICIPANT_IDS]
    saved = "saved" in request.args
    return render_template("demo/marks.html", heads=heads, people=people, typed=typed, problem=problem, saved=saved)


def _typed_mark(column: Column, person_id: str, typed: dict[str, str]) -> Decimal | None:
    """None for an empty field; ValueError with words for the visitor when it holds no mark of this activity."""
    text = typed.get(f"{column.id}-{person_id}", "").strip().replace(",", ".")
    if text in ("", "-"):
        return None
    try:
        mark = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"“{text}” is not a number.") from error
    if not mark.is_finite() or not 0 <= mark <= column.maximum:
        raise ValueError(f"{text} is not between 0 and {column.maximum:g} ({column.label}).")
    return mark


def _mark(grade: Grade | None) -> str:
    return _plain(grade.final if grade else None)


def _plain(mark: Decimal | None) -> str:
    """At most two decimals, none where they are zero."""
    return "" if mark is None else f"{mark:.2f}".rstrip("0").rstrip(".")


def _file(text: str, name: str) -> Response:
    disposition = f'attachment; filename="{name}"'
    return Response(text, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})
