"""The group page: participants × competencies, each cell a level in words, each opening to its why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy.orm import Session

from lti_tool.competency import group_queries, recompute
from lti_tool.competency.framework import Competency, Framework
from lti_tool.competency.standing import CompetencyStanding
from lti_tool.ids import CompetencyId, CourseId, PersonId
from lti_tool.moodle import course_copy
from lti_tool.people import member_queries
from lti_tool.people.member_queries import Member
from lti_tool.people.model import Course
from lti_tool.web import group_choice
from lti_tool.web.addresses import url_for
from lti_tool.web.group_choice import BY_NAME, Choice
from lti_tool.web.group_words import Bar, CellWords, Flags, bars_of, words_of
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import EmptyState, Link

Standings = Mapping[CompetencyId, CompetencyStanding]
AllFlags = Mapping[tuple[PersonId, CompetencyId], Flags]
PERSON = "PERSON"
"""Stands in an address for what differs from row to row: a thousand rows are thousands of addresses."""


@dataclass(frozen=True, slots=True)
class Head:
    """A head that orders the rows when it is followed."""

    url: str
    order: str | None
    """ascending | descending; None: the rows are ordered by something else."""


@dataclass(frozen=True, slots=True)
class Column:
    """A competency that the course targets, with how many of the people shown stand where."""

    code: str
    title: str
    head: Head
    bars: tuple[Bar, ...]
    evaluated: str


@dataclass(frozen=True, slots=True)
class Row:
    """One participant."""

    name: str
    url: str
    detail: str
    """ID number or e-mail, to tell people of one name apart."""
    evaluated: str
    why: str
    """Where the addresses of the reasons begin."""
    cells: tuple[tuple[CellWords, str], ...]
    """Where the person stands in each competency, and how the address of the reason ends."""


@dataclass(frozen=True, slots=True)
class GroupPage:
    """The whole page."""

    title: str
    summary: str
    choice: Choice
    groups: tuple[tuple[str, str], ...]
    """Id and name of each group in which somebody is."""
    by_name: Head
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty: EmptyState | None
    erased: str
    """Who is counted in statistics and listed nowhere; empty where there is nobody."""
    copied_from: Link | None = None
    """The course that this one was copied from, while a trainer is to look at what came over."""


@dataclass(frozen=True, slots=True)
class Group:
    """Who takes part and where they stand, narrowed and ordered as somebody asked: what the page and its files show."""

    choice: Choice
    groups: tuple[tuple[str, str], ...]
    """Id and name of each group in which somebody is."""
    targeted: tuple[Competency, ...]
    people: int
    """How many take part, those included who are left out."""
    shown: tuple[Member, ...]
    standings: group_queries.GroupStandings
    flags: AllFlags
    erased: int
    """How many were erased, who are counted in statistics and listed nowhere."""

    def levels(self, competency: CompetencyId) -> list[int | None]:
        """The established levels of those who are shown."""
        found = (self.standings.get(each.id, {}).get(competency) for each in self.shown)
        return [None if standing is None else standing.established for standing in found]


def read(session: Session, course: Course, asked: Mapping[str, str], now: datetime) -> Group:
    """The group as it stands; the number of queries does not depend on how many take part."""
    scope = recompute.scope_of(session, course.id, now)
    targeted = [scope.rules.framework.competency_by_id(plan.shape.id) for plan in scope.targeted]
    people = [each for each in member_queries.members_of(session, course.id) if each.is_participant(now)]
    groups = group_choice.in_order(group for person in people for group in person.groups)
    named = member_queries.group_names(session, course.id) if groups else {}
    choice = group_choice.read(asked, (each.code for each in targeted), groups)
    standings = group_queries.group_standings(session, course.id)
    return Group(
        choice=choice,
        groups=tuple((group, named.get(group) or _("group %(id)s", id=group)) for group in groups),
        targeted=tuple(targeted),
        people=len(people),
        shown=tuple(_shown(people, choice, targeted, standings)),
        standings=standings,
        flags=_flags(session, course.id, scope.rules.framework),
        erased=len(member_queries.groups_of_erased(session, course.id, now)),
    )


def build(session: Session, course: Course, asked: Mapping[str, str], *, may_edit: bool, now: datetime) -> GroupPage:
    """The group page of a course."""
    found = read(session, course, asked, now)
    cells = _Cells(course, found.targeted, found.flags)
    rows = tuple(_row(cells, person, found.standings.get(person.id, {})) for person in found.shown)
    return GroupPage(
        title=_("Group"),
        summary=summary(found),
        choice=found.choice,
        groups=found.groups,
        by_name=_head(found.choice, BY_NAME),
        columns=tuple(_column(each, found.levels(each.id), found.choice) for each in found.targeted),
        rows=rows,
        empty=_empty(course, has_people=bool(found.people), has_targets=bool(found.targeted), may_edit=may_edit),
        erased=erased_in_words(found.erased),
        copied_from=_copied_from(session, course) if may_edit else None,
    )


def _copied_from(session: Session, course: Course) -> Link | None:
    origin = course_copy.waiting_origin(session, course)
    return Link(origin.title, url_for("copying.show", course=course.public_id)) if origin else None


def _shown(
    people: Sequence[Member], choice: Choice, targeted: Sequence[Competency], standings: group_queries.GroupStandings
) -> list[Member]:
    by = {each.code: each.id for each in targeted}.get(choice.sort)
    kept = [person for person in people if choice.keeps(person)]
    return group_choice.ordered(kept, choice, lambda person: standings.get(person, {}).get(by) if by else None)


def summary(group: Group) -> str:
    """How many are shown."""
    if group.choice.narrows:
        return _("Shown: %(shown)d of %(all)d participants", shown=len(group.shown), all=group.people)
    return ngettext("%(num)d participant", "%(num)d participants", group.people)


def erased_in_words(number: int) -> str:
    """Why statistics count more people than a list has; empty where they do not."""
    said = ngettext(
        "%(num)d person was erased: not in the list, and still counted in the statistics, without a name.",
        "%(num)d people were erased: not in the list, and still counted in the statistics, without names.",
        number,
    )
    return said if number else ""


def _head(choice: Choice, sort: str) -> Head:
    return Head(choice.query_to_sort(sort), choice.order_of(sort))


def _column(competency: Competency, levels: Sequence[int | None], choice: Choice) -> Column:
    known = len(levels) - levels.count(None)
    return Column(
        code=competency.code,
        title=competency.short_title(current_locale()),
        head=_head(choice, competency.code),
        bars=bars_of(levels),
        evaluated=_evaluated(known, len(levels)),
    )


def _evaluated(known: int, of: int) -> str:
    return _("evaluated %(known)d of %(all)d", known=known, all=of)


class _Cells:
    """Puts cells into words, and each words once: of eleven thousand cells most say the same."""

    def __init__(self, course: Course, targeted: Sequence[Competency], flags: AllFlags) -> None:
        self.targeted = targeted
        self.person = url_for("participant.somebody", course=course.public_id, person=PERSON)
        whys = [
            url_for("participant.somebodys_competency", course=course.public_id, person=PERSON, code=each.code)
            for each in targeted
        ]
        self.why = whys[0].partition(PERSON)[0] if whys else ""
        self._columns = tuple((each.id, why.partition(PERSON)[2]) for each, why in zip(targeted, whys, strict=True))
        self._flags = flags
        self._words: dict[object, CellWords] = {}
        self.evaluated = cache(lambda known: _evaluated(known, len(targeted)))

    def of(self, person: PersonId, standings: Standings) -> Iterator[tuple[CellWords, str]]:
        """The cells of a person's row."""
        for competency, end in self._columns:
            yield self._said(standings.get(competency), self._flags.get((person, competency))), end

    def _said(self, standing: CompetencyStanding | None, flags: Flags | None) -> CellWords:
        # The levels of equal standings are one and the same object, as the query gives them.
        key = (standing and (standing.established, id(standing.levels), standing.disputed), flags)
        if key not in self._words:
            self._words[key] = words_of(standing, flags or Flags())
        return self._words[key]


def _row(cells: _Cells, person: Member, standings: Standings) -> Row:
    return Row(
        name=person.name or _("Name not shared"),
        url=cells.person.replace(PERSON, person.public_id),
        detail=person.detail,
        evaluated=cells.evaluated(evaluated(cells.targeted, standings)),
        why=cells.why + person.public_id,
        cells=tuple(cells.of(person.id, standings)),
    )


def evaluated(targeted: Sequence[Competency], standings: Standings) -> int:
    """In how many of the competencies a person's level is established."""
    return sum(standings[each.id].established is not None for each in targeted if each.id in standings)


def _flags(session: Session, course_id: CourseId, framework: Framework) -> dict[tuple[PersonId, CompetencyId], Flags]:
    """What beside the marks bears on each cell: that of its indicators together."""
    of = {each.id: competency.id for competency in framework.competencies for each in competency.indicators}
    found: dict[tuple[PersonId, CompetencyId], Flags] = defaultdict(Flags)
    for each in group_queries.flagged_indicators(session, course_id):
        if each.indicator in of:
            place = (each.person, of[each.indicator])
            found[place] = found[place].joined(each.by_judgement, each.disputed, each.review_due)
    return found


def _empty(course: Course, *, has_people: bool, has_targets: bool, may_edit: bool) -> EmptyState | None:
    if not has_targets:
        return EmptyState(
            title=_("This course shows no competency yet"),
            why=_("No activity is mapped to enough indicators of a level. Levels follow from that mapping."),
            next_steps=(_("Say in the mapping which activity shows which indicators."),) if may_edit else (),
            link=Link(_("Open the mapping"), url_for("mapping.show", course=course.public_id)) if may_edit else None,
        )
    if not has_people:
        return EmptyState(
            title=_("Nobody takes part yet"),
            why=_("Participants appear as soon as they open the course's link, or when the LMS shares its list."),
        )
    return None
