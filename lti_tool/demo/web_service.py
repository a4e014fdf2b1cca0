"""Moodle's REST web service for one token: grade items, contents, completion, people, and who the site is.

As in Moodle nearly everything comes with status 200, errors too; names are escaped, and numbers of people, courses and
links are those of LTI. Recorded: fixtures `webservice/*`. What the service is told to suffer (`Mood`) it suffers here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from html import escape

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from lti_tool.demo import seed
from lti_tool.demo.current import current_lms
from lti_tool.demo.gradebook import Column
from lti_tool.demo.lms import DemoLms
from lti_tool.demo.model import Course, Person, Role
from lti_tool.demo.moods import Mood

SERVER = "/webservice/rest/server.php"
FIRST_MODULE, FIRST_READING = 100, 900
"""Where the numbers of course modules begin: those of columns' activities, and of what is only read."""
MAINTENANCE = "<!DOCTYPE html>\n<html><head><title>Site maintenance</title></head><body>Back soon.</body></html>\n"

bp = Blueprint("web_service", __name__)


class Refused(Exception):
    """An error as Moodle tells it: exception, errorcode and message, with status 200."""

    def __init__(self, errorcode: str, message: str, exception: str = "core\\exception\\moodle_exception") -> None:
        super().__init__(errorcode)
        self.body = {"exception": exception, "errorcode": errorcode, "message": message}


@bp.post(SERVER)
def call() -> ResponseReturnValue:
    """One function of the service, by the form's `wsfunction`."""
    lms = current_lms()
    spoiled = _spoiled(lms)
    if spoiled is not None:
        return spoiled
    try:
        return _json(_answer(lms, request.form))
    except Refused as refused:
        return _json(refused.body)


def _spoiled(lms: DemoLms) -> Response | None:
    mood = lms.moods.suffered()
    if mood is Mood.ERROR:
        return Response("<html><body>Internal Server Error</body></html>", 500, content_type="text/html")
    if mood is Mood.MAINTENANCE:
        return Response(MAINTENANCE, content_type="text/html; charset=utf-8")
    if mood is Mood.REFUSED:
        return _json(Refused("requireloginerror", "Course or activity not accessible. (Not enrolled)").body)
    return None


def _json(body: object) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), content_type="application/json")


def _answer(lms: DemoLms, form: Mapping[str, str]) -> object:
    if form.get("wstoken") != lms.web_service_token:
        raise Refused("invalidtoken", "Invalid token - token not found")
    function = FUNCTIONS.get(form.get("wsfunction", ""))
    if function is None:
        raise Refused("accessexception", "Access control exception", "webservice_access_exception")
    with lms.lock:
        return function(lms, form)


# --- the functions


def _site(lms: DemoLms, _form: Mapping[str, str]) -> object:
    functions = [{"name": name, "version": "2025100603"} for name in FUNCTIONS]
    return {"sitename": "Demonstration LMS", "siteurl": lms.url, "lang": "en", "functions": functions}


def _grades(lms: DemoLms, form: Mapping[str, str]) -> object:
    course = _course(lms, form)
    columns = lms.gradebook.columns(course.id)
    people = [one for one in lms.participants(course.id) if form.get("userid", "0") in {"0", one.id}]
    if not people:
        raise Refused("usernotenrolled", "User is not enrolled")
    return {"usergrades": [_of_person(course, person, columns) for person in people], "warnings": []}


def _of_person(course: Course, person: Person, columns: list[Column]) -> dict[str, object]:
    return {
        "courseid": int(course.id),
        "userid": int(person.id),
        "userfullname": escape(person.name),
        "useridnumber": person.id_number,
        "gradeitems": [*(_graded(column, person) for column in columns), _total(columns, person)],
    }


def _graded(column: Column, person: Person) -> dict[str, object]:
    grade = column.grades.get(person.id)
    final = grade.final if grade else None
    return {
        "id": int(column.id),
        "itemname": escape(column.label),
        "itemtype": "mod" if column.module else "manual",
        "itemmodule": column.module or None,
        "iteminstance": int(_instance(column)) if column.module else None,
        "cmid": FIRST_MODULE + int(column.id) if column.module else None,
        "scaleid": None,
        "graderaw": None if final is None else _number(final),
        "gradedategraded": grade.time if grade else None,
        "gradehiddenbydate": False,
        "gradeneedsupdate": False,
        "gradeishidden": column.hidden,
        "gradeislocked": column.locked or bool(grade and grade.locked),
        "gradeisoverridden": bool(grade and grade.overridden),
        "grademin": 0,
        "grademax": _number(column.maximum),
        "feedback": escape(grade.feedback) if grade else "",
    }


def _total(columns: list[Column], person: Person) -> dict[str, object]:
    grades = [column.grades.get(person.id) for column in columns]
    total = sum((grade.final for grade in grades if grade and grade.final is not None), Decimal(0))
    totals = {"id": 0, "itemname": None, "itemtype": "course", "itemmodule": None, "iteminstance": 1}
    return {**totals, "graderaw": _number(total), "grademin": 0, "grademax": 100}


def _contents(lms: DemoLms, form: Mapping[str, str]) -> object:
    course = _course(lms, form)
    modules = [
        {
            "id": FIRST_MODULE + int(column.id),
            "name": escape(column.label),
            "instance": int(_instance(column)),
            "modname": column.module,
            "completion": 0 if column.module == "lti" else 2,
        }
        for column in lms.gradebook.columns(course.id)
        if column.module
    ]
    readings = [
        {"id": module, "name": escape(name), "instance": module, "modname": "page", "completion": 2}
        for module, name, _done in _readings(course)
    ]
    return [{"id": int(course.id), "name": "General", "section": 0, "modules": [*modules, *readings]}]


def _completion(lms: DemoLms, form: Mapping[str, str]) -> object:
    course, person_id = _course(lms, form), form.get("userid", "")
    if not lms.is_gradable(course.id, person_id):
        raise Refused("accessdenied", "Access denied")
    graded = [
        (FIRST_MODULE + int(column.id), column.module, column.grades.get(person_id))
        for column in lms.gradebook.columns(course.id)
        if column.module not in {"", "lti"}
    ]
    statuses = [
        _status(module, name, bool(grade and grade.final is not None), grade.time if grade else None)
        for module, name, grade in graded
    ]
    read = [_status(module, "page", person_id in done, None) for module, _name, done in _readings(course)]
    return {"statuses": [*statuses, *read], "warnings": []}


def _status(module: int, name: str, is_done: bool, at: int | None) -> dict[str, object]:
    time = (at or 0) if is_done else 0
    return {"cmid": module, "modname": name, "state": int(is_done), "timecompleted": time, "tracking": 2}


def _people(lms: DemoLms, form: Mapping[str, str]) -> object:
    shortnames = {Role.TRAINER: "editingteacher", Role.ASSISTANT: "teacher", Role.PARTICIPANT: "student"}
    return [
        {
            "id": int(person.id),
            "username": person.username,
            "fullname": escape(person.name),
            "idnumber": person.id_number,
            "email": person.email,
            "roles": [{"shortname": shortnames[role]}],
        }
        for person, role in lms.members(_course(lms, form).id)
    ]


def _no_groups(lms: DemoLms, form: Mapping[str, str]) -> object:
    _course(lms, form)
    return []


FUNCTIONS: dict[str, Callable[[DemoLms, Mapping[str, str]], object]] = {
    "core_webservice_get_site_info": _site,
    "gradereport_user_get_grade_items": _grades,
    "core_course_get_contents": _contents,
    "core_completion_get_activities_completion_status": _completion,
    "core_enrol_get_enrolled_users": _people,
    "core_group_get_course_groups": _no_groups,
}


# --- what they share


def _course(lms: DemoLms, form: Mapping[str, str]) -> Course:
    course = lms.course(form.get("courseid", ""))
    if course is None:
        raise Refused("invalidrecordunknown", "Can't find data record in database.", "dml_missing_record_exception")
    return course


def _readings(course: Course) -> list[tuple[int, str, tuple[str, ...]]]:
    """Number, name and finishers of what has no mark in this course."""
    here = seed.READINGS if course.id == seed.MAIN_COURSE_ID else ()
    return [(FIRST_READING + place, name, done) for place, (name, done) in enumerate(here)]


def _instance(column: Column) -> str:
    return column.link_id or column.id


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
