"""Versions of the requirements as an institute has them: imported, joined by crosswalks, courses moved between them."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency import crosswalk_file, crosswalks, versions
from lti_tool.competency.framework import Framework
from lti_tool.errors import Conflict, NotFound, RuleBroken
from lti_tool.grading import impacts
from lti_tool.web import crosswalk_page, moving_page, requirements_page
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db, undo
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.i18n import gettext as _
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page
from lti_tool.web.uploads import takes_files

bp = Blueprint("requirements", __name__, url_prefix="/institute/requirements")


@bp.get("")
@requires(Permission.INSTITUTE)
def show() -> ResponseReturnValue:
    """All versions, what courses are on each, and which one new courses take."""
    return _versions()


@bp.post("")
@requires(Permission.INSTITUTE)
@takes_files(requirements_page.MOST_BYTES)
def take_in() -> ResponseReturnValue:
    """Imports a version beside the others; a faulty file is told with all its faults, and nothing is stored."""
    try:
        made = versions.take_in(db(), requirements_page.given(request), clock.now())
    except RuleBroken as refused:
        undo()
        return _versions(requirements_page.faults_of(refused)), 422
    flash(_("Version %(version)s is stored. Every course stays on its version.", version=made.version), "good")
    return redirect(url_for("requirements.show"), 303)


@bp.post("/choose")
@requires(Permission.INSTITUTE)
def choose() -> ResponseReturnValue:
    """New courses take this version from now on."""
    try:
        found = versions.version_named(db(), request.form.get("version", "").replace("\0", ""))
    except NotFound:
        return _versions((_("Choose one of the versions."),)), 422
    versions.choose(db(), visit().platform_id, found.id, visit().person.id, clock.now())
    flash(_("New courses take version %(version)s from now on.", version=found.version), "good")
    return redirect(url_for("requirements.show"), 303)


@bp.get("/<old>/<new>")
@requires(Permission.INSTITUTE)
def crosswalk(old: str, new: str) -> ResponseReturnValue:
    """What has become of each indicator between two versions."""
    return _crosswalk(old, new)


@bp.post("/<old>/<new>")
@requires(Permission.INSTITUTE)
@takes_files(requirements_page.MOST_BYTES)
def change_crosswalk(old: str, new: str) -> ResponseReturnValue:
    """Changes one line, takes a file, or confirms what stands on the page."""
    before, after = _ends(old, new)
    try:
        said = crosswalk_page.change(db(), visit(), before, after, request, clock.now())
    except (RuleBroken, Conflict) as refused:
        undo()
        return _crosswalk(old, new, crosswalk_page.faults_in_words(refused)), 422
    flash(said, "good")
    return redirect(url_for("requirements.crosswalk", old=old, new=new), 303)


@bp.get("/<old>/<new>/crosswalk.csv")
@requires(Permission.INSTITUTE)
def download(old: str, new: str) -> ResponseReturnValue:
    """The crosswalk as a table."""
    before, after = _ends(old, new)
    drafted = crosswalks.drafted(db(), visit().platform_id, before, after)
    text = crosswalk_file.write(drafted.lines, before, after, current_locale())
    name = f"crosswalk-{before.version}-{after.version}.csv"
    head = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("\ufeff" + text, mimetype="text/csv", headers=head)


@bp.get("/moves/<new>")
@requires(Permission.INSTITUTE)
def courses(new: str) -> ResponseReturnValue:
    """What moving the courses to this version would do, course by course."""
    version = versions.version_named(db(), new)
    return page("admin/impacts.html", moving=moving_page.build(db(), visit().platform_id, version, new, request.args))


@bp.post("/moves/<new>")
@requires(Permission.INSTITUTE)
def look_or_move(new: str) -> ResponseReturnValue:
    """Has workers look at all courses, or move those that are chosen."""
    version, by, now = versions.version_named(db(), new), visit().person.id, clock.now()
    if request.form.get("step") == "move":
        chosen = request.form.getlist("course")
        count = impacts.ask_moves(db(), visit().platform_id, chosen, by, now)
        said = ngettext("%(num)d course is being moved.", "%(num)d courses are being moved.", count)
    else:
        count = impacts.ask(db(), visit().platform_id, version.id, by, now)
        said = ngettext("%(num)d course is being looked at.", "%(num)d courses are being looked at.", count)
    flash(said if count else _("There is no course for that."), "good" if count else "info")
    return redirect(url_for("requirements.courses", new=new), 303)


@bp.get("/moves/<new>/<course>")
@requires(Permission.INSTITUTE)
def course(new: str, course: str) -> ResponseReturnValue:
    """Who would be affected if this course moved to this version."""
    return _course(new)


@bp.post("/moves/<new>/<course>")
@requires(Permission.INSTITUTE)
def move(new: str, course: str) -> ResponseReturnValue:
    """Moves the course as it was looked at, or back."""
    version, seen = versions.version_named(db(), new), request.form.get("seen", "")
    try:
        impacts.move_now(db(), course_here().id, version.id, seen, visit().person.id, clock.now())
    except (RuleBroken, Conflict) as refused:
        undo()
        return _course(new, told(refused)), 409
    flash(_("The course goes by version %(version)s from now on.", version=version.version), "good")
    return redirect(url_for("requirements.courses", new=new), 303)


def _versions(faults: tuple[str, ...] = ()) -> str:
    built = requirements_page.build(db(), visit().platform_id, clock.now().date())
    return page("admin/requirements.html", requirements=built, faults=faults)


def _crosswalk(old: str, new: str, faults: tuple[str, ...] = ()) -> str:
    before, after = _ends(old, new)
    built = crosswalk_page.build(db(), visit().platform_id, before, after, (old, new), request)
    return page("admin/crosswalk.html", crosswalk=built, faults=faults)


def _course(new: str, refused: str = "") -> str:
    version = versions.version_named(db(), new)
    built = moving_page.look(db(), course_here(), version, clock.now())
    return page("admin/move.html", move=built, refused=refused, new=new)


def _ends(old: str, new: str) -> tuple[Framework, Framework]:
    return versions.version_named(db(), old), versions.version_named(db(), new)
