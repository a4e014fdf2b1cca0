"""What an institute admin reads over all courses: overview, maps of levels, people, and the rows behind each figure."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.web import (
    exports,
    indicator_page,
    levels_map_page,
    overview_page,
    people_page,
    rows_page,
    statistics_view,
)
from lti_tool.web.auth import Permission, requires, visit
from lti_tool.web.database import db
from lti_tool.web.rendering import page

bp = Blueprint("institute", __name__, url_prefix="/institute")


@bp.get("/overview")
@requires(Permission.INSTITUTE)
def overview() -> ResponseReturnValue:
    """Where the institute's people stand, or what the courses of a period have brought about."""
    return page("admin/overview.html", overview=overview_page.build(db(), visit().platform_id, request.args))


@bp.route("/overview.pdf", methods=["GET", "POST"])
@requires(Permission.INSTITUTE)
def report() -> ResponseReturnValue:
    """The institute's report for print."""
    return exports.answer("institute report", "pdf", page="institute.overview")


@bp.route("/overview/<part>.<kind>", methods=["GET", "POST"])
@requires(Permission.INSTITUTE)
def overview_file(part: str, kind: str) -> ResponseReturnValue:
    """A part of the overview as a file."""
    statistics_view.part_of(part)
    return exports.answer("institute statistics", kind, page="institute.overview")


@bp.get("/levels")
@requires(Permission.INSTITUTE)
def levels() -> ResponseReturnValue:
    """Months or courses by competencies: the share that has reached a level."""
    built = levels_map_page.build(db(), visit().platform_id, request.args, clock.now())
    return page("admin/levels.html", map=built)


@bp.route("/levels.<kind>", methods=["GET", "POST"])
@requires(Permission.INSTITUTE)
def levels_file(kind: str) -> ResponseReturnValue:
    """The map as a file, all of its pages."""
    return exports.answer("map of levels", kind)


@bp.get("/levels/<code>/<level>")
@requires(Permission.INSTITUTE)
def rows(code: str, level: str) -> ResponseReturnValue:
    """The people behind a figure of the overview."""
    return page("admin/rows.html", rows=rows_page.build(db(), visit().platform_id, code, level, request.args))


@bp.route("/levels/<code>/<level>.<kind>", methods=["GET", "POST"])
@requires(Permission.INSTITUTE)
def rows_file(code: str, level: str, kind: str) -> ResponseReturnValue:
    """The same people as a file."""
    rows_page.figure(db(), visit().platform_id, code, level, request.args)
    return exports.answer("rows of a figure", kind)


@bp.get("/indicators/<indicator>")
@requires(Permission.INSTITUTE)
def one_indicator(indicator: str) -> ResponseReturnValue:
    """One indicator, month by month and course by course."""
    built = indicator_page.build(db(), visit().platform_id, indicator, request.args, clock.now())
    return page("admin/indicator.html", indicator=built)


@bp.route("/indicators/<indicator>/table.<kind>", methods=["GET", "POST"])
@requires(Permission.INSTITUTE)
def indicator_file(indicator: str, kind: str) -> ResponseReturnValue:
    """The same as a file."""
    return exports.answer("indicator", kind, page="institute.one_indicator")


@bp.get("/people")
@requires(Permission.INSTITUTE)
def people() -> ResponseReturnValue:
    """People of the platform, found by name, ID number or e-mail."""
    return page("admin/people.html", people=people_page.build(db(), visit().platform_id, request.args))


@bp.route("/people.<kind>", methods=["GET", "POST"])
@requires(Permission.INSTITUTE)
def people_file(kind: str) -> ResponseReturnValue:
    """All who are found, as a file."""
    return exports.answer("people", kind)


@bp.get("/people/<person>")
@requires(Permission.INSTITUTE)
def person(person: str) -> ResponseReturnValue:
    """One person across courses."""
    return page("admin/person.html", person=people_page.build_person(db(), visit().platform_id, person))


@bp.route("/people/<person>.<kind>", methods=["GET", "POST"])
@requires(Permission.INSTITUTE)
def person_file(person: str, kind: str) -> ResponseReturnValue:
    """One person across courses, as a file."""
    people_page.somebody(db(), visit().platform_id, person)
    return exports.answer("person across courses", kind)
