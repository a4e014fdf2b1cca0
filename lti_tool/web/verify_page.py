"""The public check page: how a credential stands and what it states, and of its person only the name they let show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import request, url_for
from sqlalchemy.orm import Session

from lti_tool.catalogue.bookshelf import bookshelf
from lti_tool.credentials import queries
from lti_tool.credentials.model import Credential, Kind, Revocation, Standing
from lti_tool.credentials.record_facts import RecordFacts
from lti_tool.web import record_words
from lti_tool.web.badge_page import Stated, stated
from lti_tool.web.dates import day
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link
from lti_tool.web.record_words import RecordWords
from lti_tool.web.sentences import LOCALES


@dataclass(frozen=True, slots=True)
class Verdict:
    """How it stands, said first and largest."""

    kind: str
    """good | info | warn: icon and border; the words say the same."""
    headline: str
    text: str


@dataclass(frozen=True, slots=True)
class CheckPage:
    """What the check says."""

    title: str
    verdict: Verdict
    whose: str
    """The name, or that it is not shown; empty where nothing is confirmed any more."""
    facts: tuple[tuple[str, str], ...]
    record: RecordWords | None
    """None: confirmed no longer, so nothing of it is said, or a badge."""
    badge: Stated | None = None
    """What a badge states, as long as it is confirmed."""


def build(session: Session, credential: Credential, now: datetime) -> CheckPage:
    """The page of a credential."""
    standing, is_badge = credential.standing(now), credential.kind is Kind.BADGE
    shown = standing is not Standing.REVOKED
    return CheckPage(
        title=_("Digital badge (Open Badges 3.0)") if is_badge else _("Record of ICT competencies"),
        verdict=_badge_verdict(credential, standing) if is_badge else _verdict(credential, standing),
        whose=_whose(session, credential) if shown else "",
        facts=tuple(_badge_facts(credential) if is_badge else _facts(credential)) if shown else (),
        record=_record(session, credential, now) if shown and not is_badge else None,
        badge=stated(session, credential) if shown and is_badge else None,
    )


def languages() -> tuple[tuple[str, Link], ...]:
    """The ways to this page in each language."""
    here, asked = request.endpoint or "", dict(request.view_args or {})
    return tuple(
        (code, Link(name, url_for(here, **asked, lang=code), code == current_locale()))
        for code, name in LOCALES.items()
    )


def _verdict(credential: Credential, standing: Standing) -> Verdict:
    issued = day(credential.issued_at)
    match standing:
        case Standing.VALID:
            return Verdict(
                "good",
                _("This record is valid"),
                _("It was issued on %(day)s and says what stands below. The paper must say the same.", day=issued),
            )
        case Standing.EXPIRED:
            return Verdict("info", _("This record has expired"), _("It was issued on %(day)s.", day=issued))
        case Standing.SUPERSEDED:
            return Verdict(
                "info",
                _("A newer record has taken the place of this one"),
                _("What stands below was so on %(day)s. Ask its holder for the newer one.", day=issued),
            )
        case Standing.REVOKED:
            return Verdict("warn", _("This record is confirmed no longer"), _ended(credential))


def _badge_verdict(credential: Credential, standing: Standing) -> Verdict:
    match standing:
        case Standing.VALID:
            told = _("The institute issued it and confirms what stands below. The file must say the same.")
            return Verdict("good", _("This badge is valid"), told)
        case Standing.EXPIRED:
            until = day(credential.expires_at or credential.issued_at)
            return Verdict("info", _("This badge has expired"), _("It was valid until %(day)s.", day=until))
        case Standing.SUPERSEDED:
            told = _("Its holder made it anew: the older file is confirmed no longer. Ask for the newer one.")
            return Verdict("info", _("A newer badge has taken the place of this one"), told)
        case Standing.REVOKED:
            return Verdict("warn", _("This badge is confirmed no longer"), _badge_ended(credential))


def _badge_ended(credential: Credential) -> str:
    """Since when; of somebody who was erased not even that."""
    if credential.ended_at is None or credential.ended_as is Revocation.ERASED:
        return _("It was revoked. Nothing that the file says is confirmed.")
    since = day(credential.ended_at)
    return _("It was revoked on %(day)s. Nothing that the file says is confirmed.", day=since)


def _ended(credential: Credential) -> str:
    """Since when; of somebody who was erased not even that."""
    if credential.ended_at is None or credential.ended_as is Revocation.ERASED:
        return _("It was withdrawn. Nothing that a paper with this number says is confirmed.")
    since = day(credential.ended_at)
    return _("It was withdrawn on %(day)s. Nothing that a paper with this number says is confirmed.", day=since)


def _whose(session: Session, credential: Credential) -> str:
    name = queries.shown_name(session, credential)
    if name or credential.kind is Kind.RECORD:
        return name or _(
            "Not shown here: its holder decides that. This page confirms what the record says, not who shows it."
        )
    return _("Not shown here: its holder decides that. This page confirms what the badge says, not who shows it.")


def _badge_facts(credential: Credential) -> list[tuple[str, str]]:
    return [(_("Who certifies"), str(credential.facts.get("issuer", ""))), (_("Number"), credential.public_id)]


def _facts(credential: Credential) -> list[tuple[str, str]]:
    return [
        (_("Issued by"), str(credential.facts.get("issuer", ""))),
        (_("Date of issue"), day(credential.issued_at)),
        (_("Number"), credential.public_id),
    ]


def _record(session: Session, credential: Credential, now: datetime) -> RecordWords:
    facts = RecordFacts.from_json(credential.facts)
    framework = bookshelf(session).volume(facts.framework, facts.version).framework
    return record_words.words_of(facts, framework, now)
