"""The public check page: how a credential stands and what it states, and of its person only the name they let show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import request, url_for
from sqlalchemy.orm import Session

from lti_tool.catalogue.bookshelf import bookshelf
from lti_tool.credentials import queries
from lti_tool.credentials.model import Credential, Kind, Revocation, Standing
from lti_tool.credentials.record_facts import RecordFacts
from lti_tool.lti import queries as lti_queries
from lti_tool.web import record_words
from lti_tool.web.dates import day
from lti_tool.web.explain import sentences
from lti_tool.web.i18n import LOCALES, current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import FrameworkText, Link
from lti_tool.web.participant_pages import framework_text
from lti_tool.web.record_words import RecordWords


@dataclass(frozen=True, slots=True)
class Verdict:
    """How it stands, said first and largest."""

    kind: str
    """good | info | warn: icon and border; the words say the same."""
    headline: str
    text: str


@dataclass(frozen=True, slots=True)
class BadgeWords:
    """What a badge states."""

    code: str
    text: FrameworkText
    level: str
    course: str
    certified: str
    until: str
    """Empty: it does not expire."""
    requirements: FrameworkText
    version: str


@dataclass(frozen=True, slots=True)
class CheckPage:
    """What the check says."""

    title: str
    verdict: Verdict
    whose: str
    """The name, or that it is not shown; empty where nothing is confirmed any more."""
    facts: tuple[tuple[str, str], ...]
    record: RecordWords | None
    """None: it is none, or is confirmed no longer, so nothing of it is said."""
    badge: BadgeWords | None
    """The same of a badge."""


def build(session: Session, credential: Credential, now: datetime) -> CheckPage:
    """The page of a credential."""
    standing = credential.standing(now)
    is_record, shown = credential.kind is Kind.RECORD, standing is not Standing.REVOKED
    return CheckPage(
        title=_("Record of ICT competencies") if is_record else _("Badge for one level of one ICT competency"),
        verdict=_verdict(credential, standing, is_record=is_record),
        whose=_whose(session, credential) if shown else "",
        facts=tuple(_facts(session, credential)) if shown else (),
        record=_record(session, credential, now) if shown and is_record else None,
        badge=_badge(session, credential) if shown and not is_record else None,
    )


def languages() -> tuple[tuple[str, Link], ...]:
    """The ways to this page in each language."""
    here, asked = request.endpoint or "", dict(request.view_args or {})
    return tuple(
        (code, Link(name, url_for(here, **asked, lang=code), code == current_locale()))
        for code, name in LOCALES.items()
    )


def _verdict(credential: Credential, standing: Standing, *, is_record: bool) -> Verdict:
    words = (_of_record if is_record else _of_badge)(credential, day(credential.issued_at))
    kind = {Standing.VALID: "good", Standing.REVOKED: "warn"}.get(standing, "info")
    return Verdict(kind, *words[standing])


def _of_record(credential: Credential, issued: str) -> Mapping[Standing, tuple[str, str]]:
    return {
        Standing.VALID: (
            _("This record is valid"),
            _("It was issued on %(day)s and says what stands below. The paper must say the same.", day=issued),
        ),
        Standing.EXPIRED: (_("This record has expired"), _("It was issued on %(day)s.", day=issued)),
        Standing.SUPERSEDED: (
            _("A newer record has taken the place of this one"),
            _("What stands below was so on %(day)s. Ask its holder for the newer one.", day=issued),
        ),
        Standing.REVOKED: (
            _("This record is confirmed no longer"),
            sentences(_since(credential), _("Nothing that a paper with this number says is confirmed.")),
        ),
    }


def _of_badge(credential: Credential, issued: str) -> Mapping[Standing, tuple[str, str]]:
    until = day(credential.expires_at) if credential.expires_at else ""
    return {
        Standing.VALID: (_("This badge is valid"), _("It was issued on %(day)s for what stands below.", day=issued)),
        Standing.EXPIRED: (
            _("This badge has expired"),
            _("It was issued on %(day)s and was valid until %(until)s.", day=issued, until=until),
        ),
        Standing.SUPERSEDED: (
            _("A newer badge has taken the place of this one"),
            _("The newer one is for the same level. Ask its holder for it."),
        ),
        Standing.REVOKED: (
            _("This badge is confirmed no longer"),
            sentences(_since(credential), _("Nothing that it says is confirmed.")),
        ),
    }


def _since(credential: Credential) -> str:
    """Of somebody who was erased not even the day is said."""
    if credential.ended_at is None or credential.ended_as is Revocation.ERASED:
        return _("It was withdrawn.")
    return _("It was withdrawn on %(day)s.", day=day(credential.ended_at))


def _whose(session: Session, credential: Credential) -> str:
    return queries.shown_name(session, credential) or _(
        "Not shown here: its holder decides that. This page confirms what the record says, not who shows it."
    )


def _facts(session: Session, credential: Credential) -> list[tuple[str, str]]:
    issuer = credential.facts.get("issuer") or lti_queries.platform_name(session, credential.platform_id)
    return [
        (_("Issued by"), str(issuer)),
        (_("Date of issue"), day(credential.issued_at)),
        (_("Number"), credential.public_id),
    ]


def _record(session: Session, credential: Credential, now: datetime) -> RecordWords:
    facts = RecordFacts.from_json(credential.facts)
    framework = bookshelf(session).volume(facts.framework, facts.version).framework
    return record_words.words_of(facts, framework, now)


def _badge(session: Session, credential: Credential) -> BadgeWords:
    stated = credential.facts
    framework = bookshelf(session).volume(stated["framework"], stated["version"]).framework
    competency, level = framework.competency(stated["competency"]), framework.level(stated["level"])
    language = current_locale()
    return BadgeWords(
        code=competency.code,
        text=framework_text(competency.texts, language),
        level=f"{level.name(language)} ({level.subtitle(language)})",
        course=stated["course"],
        certified=day(datetime.fromisoformat(stated["certified_at"])),
        until=day(credential.expires_at) if credential.expires_at else "",
        requirements=framework_text(framework.titles, language),
        version=framework.version,
    )
