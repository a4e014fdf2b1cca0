"""The pages of a participant's badges: what is certified, what was made of it, and what is decided about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency import publishing
from lti_tool.competency.framework import Framework
from lti_tool.credentials import badge_queries, queries
from lti_tool.credentials.badge_queries import CertifiedLevel
from lti_tool.credentials.model import Credential, Kind, Revocation, Standing
from lti_tool.errors import NotFound
from lti_tool.ids import FrameworkVersionId
from lti_tool.people.model import Person
from lti_tool.web import badge_words
from lti_tool.web.badge_page import Stated, mark_of, stated
from lti_tool.web.dates import day
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import EmptyState, Link, Mark
from lti_tool.web.sentences import LOCALES


@dataclass(frozen=True, slots=True)
class LevelLine:
    """A certified level, and the way to its badge or to making one."""

    level: str
    detail: str
    """When, by which course, until when."""
    badge: Link | None
    """The badge that stands."""
    make: str
    """Empty where there is one, and where the level has expired."""


@dataclass(frozen=True, slots=True)
class CompetencyLines:
    """The certified levels of one competency."""

    code: str
    title: str
    lines: tuple[LevelLine, ...]


@dataclass(frozen=True, slots=True)
class PastBadge:
    """A badge that does not stand any more."""

    title: str
    url: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole list."""

    competencies: tuple[CompetencyLines, ...]
    past: tuple[PastBadge, ...]
    empty: EmptyState | None
    crumbs: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be decided before a badge is made."""

    title: str
    detail: str
    action: str
    back: str
    languages: tuple[tuple[str, str], ...]
    language: str
    has_name: bool
    has_email: bool
    crumbs: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class BadgeView:
    """One badge of the person who looks at it."""

    stated: Stated
    mark: Mark
    why: str
    """Why it stands no more, where it does not."""
    is_valid: bool
    jwt: str
    json: str
    check: str
    shows_name: bool
    has_name: bool
    by_email: bool
    name: str
    """Where the person decides about their name."""
    ask_withdraw: str
    withdraw: str
    here: str
    crumbs: tuple[Link, ...]


def overview(session: Session, person: Person, course: str, now: datetime) -> Overview:
    """Everything that is certified to a person, over all courses here."""
    made = queries.of_person(session, person.id, Kind.BADGE)
    standing = {each.certified_level: each for each in made if each.standing(now) is Standing.VALID}
    levels = _newest(badge_queries.certified_levels(session, person.id), standing)
    return Overview(
        competencies=tuple(_grouped(session, levels, standing, course, now)),
        past=tuple(_past(session, each, course, now) for each in made if each.certified_level not in standing),
        empty=None if levels or made else _nothing(course),
        crumbs=_crumbs(course, Link(_("Badges to carry away"), "", current=True)),
    )


def _newest(levels: Iterable[CertifiedLevel], standing: dict[str | None, Credential]) -> list[CertifiedLevel]:
    """Of a level that two courses certified the one with a badge, else the newer."""
    chosen: dict[tuple[int, int], CertifiedLevel] = {}
    for each in levels:
        place = (each.competency_id, each.level)
        if place not in chosen or (each.public_id in standing and chosen[place].public_id not in standing):
            chosen[place] = each
    return list(chosen.values())


def _grouped(
    session: Session,
    levels: Iterable[CertifiedLevel],
    standing: dict[str | None, Credential],
    course: str,
    now: datetime,
) -> list[CompetencyLines]:
    frameworks: dict[FrameworkVersionId, Framework] = {}
    found: dict[int, CompetencyLines] = {}
    for each in levels:
        version = each.framework_version_id
        frameworks[version] = frameworks.get(version) or publishing.open_framework(session, version)
        line = _line(frameworks[version], each, standing.get(each.public_id), course, now)
        competency = frameworks[version].competency_by_id(each.competency_id)
        before = found.get(each.competency_id)
        lines = (*before.lines, line) if before else (line,)
        title = competency.short_title(current_locale())
        found[each.competency_id] = CompetencyLines(competency.code, title, lines)
    return list(found.values())


def _line(
    framework: Framework, level: CertifiedLevel, badge: Credential | None, course: str, now: datetime
) -> LevelLine:
    may_make = badge is None and level.holds(now)
    return LevelLine(
        level=framework.level(level.level).name(current_locale()),
        detail=_detail(level, now),
        badge=Link(_("Open the badge"), _way("one", course, badge)) if badge else None,
        make=url_for("my_badges.ask", course=course, certified=level.public_id) if may_make else "",
    )


def _detail(level: CertifiedLevel, now: datetime) -> str:
    said = _("Certified on %(day)s, %(course)s.", day=day(level.certified_at), course=level.course_title)
    if level.expires_at is None:
        return said
    until = day(level.expires_at)
    ends = _("Valid until %(day)s.", day=until) if level.holds(now) else _("Expired on %(day)s.", day=until)
    return f"{said} {ends}"


def _past(session: Session, badge: Credential, course: str, now: datetime) -> PastBadge:
    return PastBadge(stated(session, badge).title, _way("one", course, badge), mark_of(badge.standing(now)))


def _nothing(course: str) -> EmptyState:
    return EmptyState(
        title=_("No level is certified yet"),
        why=_(
            "Levels are certified when the trainer closes a course at its end. From each certified level you can make "
            "a badge here."
        ),
        link=Link(_("My competencies"), url_for("participant.me", course=course)),
    )


def choices(session: Session, person: Person, course: str, certified: str, now: datetime) -> Choices:
    """What can be decided about a new badge. Raises NotFound("certified_level_unknown")."""
    level = badge_queries.certified_level(session, person.id, certified)
    if level is None or not level.holds(now):
        raise NotFound("certified_level_unknown")
    framework = publishing.open_framework(session, level.framework_version_id)
    competency, name = framework.competency_by_id(level.competency_id), framework.level(level.level)
    locale = current_locale()
    back = url_for("my_badges.show", course=course)
    return Choices(
        title=_("%(competency)s: %(level)s", competency=competency.short_title(locale), level=name.name(locale)),
        detail=_detail(level, now),
        action=url_for("my_badges.make", course=course, certified=certified),
        back=back,
        languages=tuple(LOCALES.items()),
        language=locale,
        has_name=bool(person.name),
        has_email=bool(person.email),
        crumbs=_crumbs(course, Link(_("Badges to carry away"), back), Link(_("Make a badge"), "", current=True)),
    )


def one(session: Session, badge: Credential, person: Person, course: str, now: datetime) -> BadgeView:
    """One badge, for its person."""
    standing, said = badge.standing(now), stated(session, badge)
    back = Link(_("Badges to carry away"), url_for("my_badges.show", course=course))
    return BadgeView(
        stated=said,
        mark=mark_of(standing),
        why=_why(badge, standing),
        is_valid=standing is Standing.VALID,
        jwt=badge_words.address(badge.public_id, "jwt"),
        json=badge_words.address(badge.public_id, "json"),
        check=badge_words.check_address(badge.public_id),
        shows_name=badge.shows_name,
        has_name=bool(person.name),
        by_email=bool(badge.facts.get("by_email")),
        name=_way("name", course, badge),
        ask_withdraw=_way("ask_withdraw", course, badge),
        withdraw=_way("withdraw", course, badge),
        here=_way("one", course, badge),
        crumbs=_crumbs(course, back, Link(said.title, "", current=True)),
    )


def _why(badge: Credential, standing: Standing) -> str:
    if standing is Standing.SUPERSEDED:
        return _("You made this badge anew. The new one has taken its place.")
    if standing is not Standing.REVOKED or badge.ended_at is None:
        return ""
    since = day(badge.ended_at)
    return {
        Revocation.HOLDER: _("You withdrew it on %(day)s.", day=since),
        Revocation.INSTITUTE: _(
            "The institute revoked it on %(day)s: %(reason)s", day=since, reason=badge.revoked_because
        ),
        Revocation.LEVEL_ENDED: _(
            "Since %(day)s this level is certified no longer: marks changed after the course was closed, and it was "
            "decided so.",
            day=since,
        ),
        Revocation.ERASED: "",
        None: "",
    }[badge.ended_as]


def _way(endpoint: str, course: str, badge: Credential) -> str:
    return url_for(f"my_badges.{endpoint}", course=course, badge=badge.public_id)


def _crumbs(course: str, *below: Link) -> tuple[Link, ...]:
    return (Link(_("My competencies"), url_for("participant.me", course=course)), *below)
