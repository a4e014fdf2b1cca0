"""The record of reads and changes as an institute admin searches it: names are looked up as it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.accounts import account_queries, token_queries
from lti_tool.audit import queries
from lti_tool.audit.model import Action
from lti_tool.audit.queries import Asked, Line, Place
from lti_tool.errors import RuleBroken
from lti_tool.ids import PlatformId
from lti_tool.people import queries as people
from lti_tool.web import audit_words
from lti_tool.web.dates import moment
from lti_tool.web.i18n import TIME_ZONE
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link

SIZE = 50
FIELDS = ("actor", "subject", "course", "action", "since", "until")
DAYS = ("since", "until")
YEARS = range(1900, 9000)
"""Days of others are none: in another zone they may lie outside of time."""
NOBODY = "nobody"
"""Looked for where what was typed is nobody's: it finds nothing, rather than everything."""


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of the record."""

    when: str
    who: Link
    what: str
    about: Link | None
    course: str
    detail: str


@dataclass(frozen=True, slots=True)
class AuditPage:
    """The whole page."""

    lines: tuple[LineView, ...]
    typed: Mapping[str, str]
    wrong: tuple[str, ...]
    """Fields in which what was typed is no day: then nothing is looked for, and the page says so at them."""
    actions: tuple[tuple[str, str], ...]
    older: str
    newest: str
    csv: str
    ndjson: str


def build(session: Session, platform_id: PlatformId, typed: Mapping[str, str]) -> AuditPage:
    """A page of the record."""
    wrong, behind = tuple(name for name in DAYS if not _is_day(_stated(typed, name))), _place(typed.get("behind", ""))
    asked = None if wrong else asked_for(session, platform_id, typed)
    found = queries.found(session, platform_id, asked, SIZE + 1, behind) if asked else ()
    lines, kept = found[:SIZE], {name: typed[name] for name in FIELDS if typed.get(name)}
    last = lines[-1] if len(found) > SIZE else None
    older = {**kept, "behind": f"{last.at.isoformat()}_{last.id}"} if last else None
    return AuditPage(
        lines=_views(session, platform_id, lines),
        typed={name: kept.get(name, "") for name in FIELDS},
        wrong=wrong,
        actions=tuple((each.value, audit_words.action(each.value)) for each in Action),
        older=_with(older) if older else "",
        newest=_with(kept) if behind else "",
        csv=url_for("institute_audit.download_csv") + _query(kept),
        ndjson=url_for("institute_audit.download_ndjson") + _query(kept),
    )


def asked_for(session: Session, platform_id: PlatformId, typed: Mapping[str, str]) -> Asked:
    """What a form asks for; people by id, e-mail or ID number. Raises RuleBroken (`date_unreadable`)."""
    stated = {name: _stated(typed, name) for name in FIELDS}
    until = _day(stated["until"])
    return Asked(
        actor=_whom(session, platform_id, stated["actor"]),
        subject=_whom(session, platform_id, stated["subject"]),
        course=stated["course"] or None,
        action=Action(stated["action"]) if stated["action"] in {*Action} else None,
        since=_day(stated["since"]),
        until=until + timedelta(days=1) if until else None,
    )


def _stated(typed: Mapping[str, str], name: str) -> str:
    return typed.get(name, "").strip().replace("\0", "")[:320]


def _whom(session: Session, platform_id: PlatformId, typed: str) -> str | None:
    if not typed:
        return None
    return people.public_id_of(session, platform_id, typed) or (typed if typed.isalnum() else NOBODY)


def _day(typed: str) -> datetime | None:
    if not typed:
        return None
    try:
        day = datetime.strptime(typed, "%Y-%m-%d").date()  # noqa: DTZ007  a day of the institute's own zone
    except ValueError as error:
        raise RuleBroken("date_unreadable") from error
    if day.year not in YEARS:
        raise RuleBroken("date_unreadable")
    return datetime.combine(day, time(), ZoneInfo(TIME_ZONE))


def _is_day(typed: str) -> bool:
    """Whether a field may stand so: a day, or empty."""
    try:
        _day(typed)
    except RuleBroken:
        return False
    return True


def _place(typed: str) -> Place | None:
    moment_of, _line, number = typed.rpartition("_")
    try:
        told = datetime.fromisoformat(moment_of)
        at = told.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    good = told.tzinfo is not None and number.isascii() and number.isdecimal() and len(number) < 19
    return Place(at, int(number)) if good else None


def _with(asked: Mapping[str, str]) -> str:
    return url_for("institute_audit.show") + _query(asked)


def _query(asked: Mapping[str, str]) -> str:
    return f"?{urlencode(asked)}" if asked else ""


def _views(session: Session, platform_id: PlatformId, lines: Sequence[Line]) -> tuple[LineView, ...]:
    ids = {each for line in lines for each in (line.actor_id, line.subject_id) if each}
    names = people.names_of(session, platform_id, ids)
    names |= account_queries.names_of(session, ids) | token_queries.names_of(session, ids)
    titles = people.titles_of(session, platform_id, {line.course for line in lines if line.course})
    return tuple(_view(line, names, titles) for line in lines)


def _view(line: Line, names: Mapping[str, str], titles: Mapping[str, str]) -> LineView:
    return LineView(
        when=moment(line.at),
        who=Link(audit_words.actor(line, names), _with({"actor": line.actor_id}) if line.actor_id else ""),
        what=audit_words.action(line.action),
        about=_about(line, names),
        course=titles.get(line.course or "", line.course or ""),
        detail=audit_words.detail(line),
    )


def _about(line: Line, names: Mapping[str, str]) -> Link | None:
    if line.subject_id is None or line.subject_kind == "course":
        return None
    address = _with({"subject": line.subject_id})
    if line.subject_kind != "person":
        return Link(names.get(line.subject_id, line.subject_id), address)
    known = names.get(line.subject_id)
    return Link(_("Somebody who is no longer known") if known is None else known or _("Name not shared"), address)
