"""*My record on paper*: a PDF to carry away, which others check at its address; made, printed again, withdrawn."""

from __future__ import annotations

import tempfile

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.catalogue.bookshelf import bookshelf
from lti_tool.credentials import paper_records
from lti_tool.credentials.paper_records import Asked
from lti_tool.reports import pdf_file
from lti_tool.reports.paper import Paper
from lti_tool.web import badge_words, paper_document, paper_page
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.badge_words import check_address
from lti_tool.web.database import db
from lti_tool.web.exports import named
from lti_tool.web.i18n import current_locale, speaking
from lti_tool.web.i18n import gettext as _
from lti_tool.web.rendering import page
from lti_tool.web.sentences import LOCALES

bp = Blueprint("paper", __name__, url_prefix="/c/<course>/me/record/paper")


@bp.get("")
@requires(Permission.OWN_RECORD)
def show(course: str) -> ResponseReturnValue:
    """What can be made, and what was made before."""
    return page("participant/paper.html", paper=paper_page.build(db(), visit().person, course, clock.now()))


@bp.post("")
@requires(Permission.OWN_RECORD)
def make(course: str) -> ResponseReturnValue:
    """Makes a record of where the person stands now; it takes the place of the one before."""
    wanted = request.form.get("language", "")
    asked = Asked(
        platform_id=visit().platform_id,
        course_id=course_here().id,
        person_id=visit().person.id,
        issuer=badge_words.issuer(visit().platform_id).name,
        locale=wanted if wanted in LOCALES else current_locale(),
        shows_name=request.form.get("name") == "shown",
    )
    paper_records.make(db(), asked, clock.now())
    flash(_("The record is made. Take it along below."), "good")
    return redirect(url_for("paper.show", course=course), 303)


@bp.get("/<credential>.pdf")
@requires(Permission.OWN_RECORD)
def file(course: str, credential: str) -> ResponseReturnValue:
    """The record as PDF, typeset from what was frozen when it was made."""
    return _printed(_paper(credential))


@bp.post("/<credential>/name")
@requires(Permission.OWN_RECORD)
def name(course: str, credential: str) -> ResponseReturnValue:
    """Lets the check page show the name, or no longer."""
    shows = request.form.get("name") == "shown"
    paper_records.show_name(db(), visit().person.id, credential, shows=shows)
    shown, hidden = _("The check page shows your name now."), _("The check page does not show your name any more.")
    flash(shown if shows else hidden, "good")
    return redirect(url_for("paper.show", course=course), 303)


@bp.get("/<credential>/withdraw")
@requires(Permission.OWN_RECORD)
def ask_withdraw(course: str, credential: str) -> ResponseReturnValue:
    """What withdrawing would do; nothing happens yet."""
    found = paper_records.to_print(db(), visit().person.id, credential)
    back = url_for("paper.show", course=course)
    return page("participant/withdraw_paper.html", issued_at=found.issued_at, credential=credential, back=back)


@bp.post("/<credential>/withdraw")
@requires(Permission.OWN_RECORD)
def withdraw(course: str, credential: str) -> ResponseReturnValue:
    """The check page says from now on that the record is withdrawn."""
    paper_records.withdraw(db(), visit().person.id, credential, clock.now())
    flash(_("The record is withdrawn. Whoever checks it is told so, and nothing else."), "good")
    return redirect(url_for("paper.show", course=course), 303)


def _paper(credential: str) -> Paper:
    person = visit().person
    found = paper_records.to_print(db(), person.id, credential)
    framework = paper_page.framework_of(bookshelf(db()), found)
    with speaking(found.locale):
        return paper_document.document(found, framework, person.name, check_address(found.public_id))


def _printed(paper: Paper) -> Response:
    with tempfile.TemporaryFile() as printed:
        pdf_file.write_record(paper, printed)
        printed.seek(0)
        return named(Response(printed.read(), content_type=pdf_file.CONTENT_TYPE), f"{paper.name}.pdf")
