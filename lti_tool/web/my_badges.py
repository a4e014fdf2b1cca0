"""*Badges to carry away*: a participant's certified levels, and the badges that they made of them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.credentials import badges
from lti_tool.credentials.badges import Wish
from lti_tool.web import badge_words, my_badges_page
from lti_tool.web.auth import Permission, requires, visit
from lti_tool.web.database import db
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.rendering import page
from lti_tool.web.sentences import LOCALES

bp = Blueprint("my_badges", __name__, url_prefix="/c/<course>/me/credentials")


@bp.get("")
@requires(Permission.OWN_RECORD)
def show(course: str) -> ResponseReturnValue:
    """What is certified, and what was made of it."""
    built = my_badges_page.overview(db(), visit().person, course, clock.now())
    return page("participant/badges.html", badges=built)


@bp.get("/new/<certified>")
@requires(Permission.OWN_RECORD)
def ask(course: str, certified: str) -> ResponseReturnValue:
    """What can be decided before a badge is made."""
    built = my_badges_page.choices(db(), visit().person, course, certified, clock.now())
    return page("participant/new_badge.html", asked=built)


@bp.post("/new/<certified>")
@requires(Permission.OWN_RECORD)
def make(course: str, certified: str) -> ResponseReturnValue:
    """Makes the badge."""
    wanted = request.form.get("language", "")
    wish = Wish(
        certified_level=certified,
        locale=wanted if wanted in LOCALES else current_locale(),
        shows_name=request.form.get("name") == "shown",
        by_email=request.form.get("email") == "hashed",
    )
    made = badges.make(db(), visit().person, wish, badge_words.signing(visit().platform_id), clock.now())
    flash(_("The badge is made. Take it along below."), "good")
    return redirect(url_for("my_badges.one", course=course, badge=made), 303)


@bp.get("/<badge>")
@requires(Permission.OWN_RECORD)
def one(course: str, badge: str) -> ResponseReturnValue:
    """One badge: its files, its check page, and what others see there."""
    found = badges.of_holder(db(), visit().person.id, badge)
    return page("participant/badge.html", badge=my_badges_page.one(db(), found, visit().person, course, clock.now()))


@bp.post("/<badge>/name")
@requires(Permission.OWN_RECORD)
def name(course: str, badge: str) -> ResponseReturnValue:
    """Lets the check page show the name, or no longer."""
    shows = request.form.get("name") == "shown"
    badges.show_name(db(), visit().person.id, badge, shows=shows)
    shown, hidden = _("The check page shows your name now."), _("The check page does not show your name any more.")
    flash(shown if shows else hidden, "good")
    return redirect(url_for("my_badges.one", course=course, badge=badge), 303)


@bp.get("/<badge>/withdraw")
@requires(Permission.OWN_RECORD)
def ask_withdraw(course: str, badge: str) -> ResponseReturnValue:
    """What withdrawing would do; nothing happens yet."""
    found = badges.of_holder(db(), visit().person.id, badge)
    built = my_badges_page.one(db(), found, visit().person, course, clock.now())
    return page("participant/withdraw_badge.html", badge=built)


@bp.post("/<badge>/withdraw")
@requires(Permission.OWN_RECORD)
def withdraw(course: str, badge: str) -> ResponseReturnValue:
    """Whoever checks the badge is told from now on that it is revoked."""
    badges.withdraw(db(), visit().person.id, badge, clock.now())
    flash(_("The badge is withdrawn. Whoever checks it is told so."), "good")
    return redirect(url_for("my_badges.show", course=course), 303)
