"""The page of everything that is held about one person: grouped, dated, with who has read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.audit import queries as audit_queries
from lti_tool.people import queries as people
from lti_tool.people.model import Person
from lti_tool.privacy import collecting, holding_queries
from lti_tool.privacy.collecting import Kept
from lti_tool.privacy.holdings import Section
from lti_tool.privacy.plain_queries import Value
from lti_tool.web import audit_words, data_words
from lti_tool.web.dates import moment
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link
from lti_tool.web.paging import count
from lti_tool.web.sentences import LOCALES

ROWS = 5
READERS = 25
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is held."""

    when: str
    what: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one kind; of many only the newest are shown."""

    title: str
    count: str
    rows: tuple[Row, ...]
    more: str
    """How many more there are; empty where all are shown."""


@dataclass(frozen=True, slots=True)
class Part:
    """Kinds under one heading."""

    title: str
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who has read the record."""

    when: str
    who: str
    what: str
    course: str


@dataclass(frozen=True, slots=True)
class DataPage:
    """The whole page."""

    title: str
    about: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    readers: tuple[Reader, ...]
    json: str
    zip: str
    erase: str
    """Where an admin erases the person; empty on the own page."""
    crumbs: tuple[Link, ...]
    """Empty on the own page."""


def build(session: Session, person: Person, *, own: bool, ways: tuple[str, str, str]) -> DataPage:
    """The page of a person; `ways`: addresses of the JSON, of the ZIP, and of the erasing page."""
    title = _("My data") if own else _("Data of %(person)s", person=person.name or _("Name not shared"))
    kept = collecting.overview(session, person.id, ROWS)
    parts = ((section, [each for each in kept if each.holding.section is section]) for section in Section)
    return DataPage(
        title=title,
        about=_about(session, person),
        parts=tuple(_part(section, kinds) for section, kinds in parts if kinds),
        readers=_readers(session, person),
        json=ways[0],
        zip=ways[1],
        erase=ways[2],
        crumbs=() if own else (*way_to(person), Link(_("Data"), "", current=True)),
    )


def way_to(person: Person) -> tuple[Link, ...]:
    """The pages above an admin's pages of a person's data."""
    name = person.name or _("Name not shared")
    return (
        Link(_("People"), url_for("institute.people")),
        Link(name, url_for("institute.person", person=person.public_id)),
    )


def _about(session: Session, person: Person) -> tuple[tuple[str, str], ...]:
    row = holding_queries.own_row(session, person.id)
    labels = {
        "name": _("Full name"),
        "given_name": _("Given name"),
        "family_name": _("Family name"),
        "email": _("E-mail"),
        "id_number": _("ID number"),
        "sub": _("Number in the LMS"),
        "public_id": _("ID in this tool"),
        "locale": _("Language"),
    }
    language = LOCALES.get(row.get("locale", ""), "")
    told = {**row, "locale": language or row.get("locale", "")}
    return tuple((label, told[name]) for name, label in labels.items() if told.get(name))


def _part(section: Section, kinds: Sequence[Kept]) -> Part:
    return Part(data_words.section_title(section), tuple(_kind(each) for each in kinds))


def _kind(kept: Kept) -> Kind:
    # Of what they did to others the page says how much; the file says what.
    told = tuple(_row(each) for each in kept.rows) if kept.holding.is_about else ()
    rows = tuple(each for each in told if each.when or each.what or each.facts)
    more = kept.count - len(told)
    return Kind(
        title=data_words.title(kept.holding.table),
        count=count(kept.count),
        rows=rows,
        more=_("%(count)s more in the file", count=count(more)) if more and rows else "",
    )


def _row(row: dict[str, Value]) -> Row:
    at = next((str(row[name]) for name in data_words.TIMES if row.get(name)), "")
    places = [_short(str(row[name])) for name in data_words.PLACES if row.get(name)]
    facts = tuple((label, _short(value)) for label, value in data_words.facts(row))
    return Row(moment(datetime.fromisoformat(at)) if at else "", " · ".join(places), facts)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _readers(session: Session, person: Person) -> tuple[Reader, ...]:
    titles = people.course_titles_of(session, person.id)
    lines = audit_queries.readers_of(session, person.platform_id, person.public_id, titles.keys(), READERS)
    actors = {line.actor_id for line in lines if line.actor_id}
    names = people.names_of(session, person.platform_id, actors)
    return tuple(
        Reader(
            when=moment(line.at),
            who=audit_words.actor(line, names),
            what=audit_words.action(line.action),
            course=titles.get(line.course or "", ""),
        )
        for line in lines
    )
