"""The page on which a person makes, prints again and withdraws paper records of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.catalogue.bookshelf import Bookshelf
from lti_tool.competency.framework import Framework
from lti_tool.credentials import paper_records
from lti_tool.credentials.model import Credential, Standing
from lti_tool.people.model import Person
from lti_tool.web.badge_page import mark_of
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link, Mark
from lti_tool.web.sentences import LOCALES


@dataclass(frozen=True, slots=True)
class PaperEntry:
    """A record that was made."""

    issued_at: datetime
    language: str
    mark: Mark
    """How its check stands."""
    check: str
    """Address of its check."""
    file: str
    """Address of the file; empty where it was withdrawn."""
    name: str
    """Where to change whether its check shows the name; empty where it was withdrawn."""
    shows_name: bool
    withdraw: str
    """Where to withdraw it; empty where it was withdrawn."""


@dataclass(frozen=True, slots=True)
class PaperPage:
    """What can be made, and what was made before."""

    has_name: bool
    """The LMS shares the person's name, so that it can be shown."""
    languages: tuple[tuple[str, str], ...]
    language: str
    """The one that is suggested."""
    newest: PaperEntry | None
    """The one that is valid."""
    older: tuple[PaperEntry, ...]
    crumbs: tuple[Link, ...]


def build(session: Session, person: Person, course: str, now: datetime) -> PaperPage:
    """The page of a person."""
    made = paper_records.of_person(session, person.id)
    entries = [_entry(each, course, now) for each in made]
    valid = bool(made) and made[0].standing(now) is Standing.VALID
    return PaperPage(
        has_name=bool(person.name),
        languages=tuple(LOCALES.items()),
        language=current_locale(),
        newest=entries[0] if valid else None,
        older=tuple(entries[1:] if valid else entries),
        crumbs=(
            Link(_("My competencies"), url_for("participant.me", course=course)),
            Link(_("My record on paper"), "", current=True),
        ),
    )


def _entry(record: Credential, course: str, now: datetime) -> PaperEntry:
    ended = record.ended_as is not None

    def way(to: str) -> str:
        return "" if ended else url_for(f"paper.{to}", course=course, credential=record.public_id)

    return PaperEntry(
        issued_at=record.issued_at,
        language=LOCALES[record.locale],
        mark=mark_of(record.standing(now)),
        check=url_for("verify.show", credential=record.public_id),
        file=way("file"),
        name=way("name"),
        shows_name=record.shows_name,
        withdraw=way("ask_withdraw"),
    )


def framework_of(shelf: Bookshelf, record: Credential) -> Framework:
    """The version of the requirements that a credential speaks of."""
    return shelf.volume(record.facts["framework"], record.facts["version"]).framework
