"""A badge as its address shows it in a browser: what it is, what it states, and what to do with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import request, url_for
from sqlalchemy.orm import Session

from lti_tool.catalogue.bookshelf import bookshelf
from lti_tool.competency.framework import Competency, Level
from lti_tool.credentials.badges import BadgeFacts
from lti_tool.credentials.model import Credential, Standing
from lti_tool.web import badge_words
from lti_tool.web.dates import day
from lti_tool.web.framework_texts import framework_text
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import FrameworkText, Link, Mark
from lti_tool.web.sentences import LOCALES


@dataclass(frozen=True, slots=True)
class Stated:
    """What a badge states, in the page's language."""

    title: str
    text: FrameworkText
    code: str
    level: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PublicBadge:
    """The whole page."""

    stated: Stated
    mark: Mark
    jwt: str
    json: str
    check: str
    requirements: str
    languages: tuple[tuple[str, Link], ...]


def public_page(session: Session, found: Credential, now: datetime) -> PublicBadge:
    """The page of a badge, for whoever follows its address."""
    facts = BadgeFacts.from_json(found.facts)
    return PublicBadge(
        stated=stated(session, found),
        mark=mark_of(found.standing(now)),
        jwt=badge_words.address(found.public_id, "jwt"),
        json=badge_words.address(found.public_id, "json"),
        check=badge_words.check_address(found.public_id),
        requirements=url_for("catalogue.part", framework=facts.framework, version=facts.version, part=facts.competency),
        languages=_languages(),
    )


def stated(session: Session, found: Credential) -> Stated:
    """What a badge states."""
    facts = BadgeFacts.from_json(found.facts)
    competency, level, language = *_place(session, facts), current_locale()
    rows = [
        (_("Certified on"), day(facts.certified_at)),
        (_("Course"), facts.course),
        (_("Valid until"), day(found.expires_at) if found.expires_at else ""),
        (_("Issued on"), day(found.issued_at)),
        (_("Language of the badge"), LOCALES.get(found.locale, found.locale)),
    ]
    return Stated(
        title=_("%(competency)s: %(level)s", competency=competency.short_title(language), level=level.name(language)),
        text=framework_text(competency.texts, language),
        code=competency.code,
        level=level.name(language),
        rows=tuple((label, value) for label, value in rows if value),
    )


def _place(session: Session, facts: BadgeFacts) -> tuple[Competency, Level]:
    framework = bookshelf(session).volume(facts.framework, facts.version).framework
    return framework.competency(facts.competency), framework.level(facts.level)


def mark_of(standing: Standing) -> Mark:
    """How the standing of something that was carried away is shown."""
    return {
        Standing.VALID: Mark("met", _("Valid"), "met"),
        Standing.EXPIRED: Mark("no_evidence", _("Expired"), "no_evidence"),
        Standing.SUPERSEDED: Mark("no_evidence", _("Replaced by a newer one"), "no_evidence"),
        Standing.REVOKED: Mark("not_met", _("Revoked"), "not_met"),
    }[standing]


def _languages() -> tuple[tuple[str, Link], ...]:
    here, asked = request.endpoint or "", dict(request.view_args or {})
    return tuple(
        (code, Link(name, url_for(here, **asked, lang=code), code == current_locale()))
        for code, name in LOCALES.items()
    )
