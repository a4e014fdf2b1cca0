"""The page of grades sent: what waits comes first, since when, why, and what to do; narrowed and leafed by address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.grading import delivery_queries, drift_queries, queries
from lti_tool.grading.choosing import STUCK, WAITING, Choice, Differing, Stuck
from lti_tool.grading.delivery_queries import Found, Tally
from lti_tool.grading.drift_queries import ComparisonView
from lti_tool.grading.model import DeliveryState
from lti_tool.grading.queries import DeliveryView, LineItemView
from lti_tool.people.model import Course
from lti_tool.web import delivery_words as words
from lti_tool.web import drift_page, paging
from lti_tool.web.dates import moment
from lti_tool.web.drift_page import ComparisonPanel, Deciding, DecidingPage
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import EmptyState, Link, Mark
from lti_tool.web.paging import Pages

LONGEST = 100
AT_A_TIME = 500
NOT_THERE = "waiting"
"""The choice of all that has not arrived."""
Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """A column of the LMS's gradebook that is ours."""

    label: str
    maximum: str
    mark: Mark
    note: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many grades are in a state, with the way to them."""

    mark: Mark
    number: str
    url: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to, and can be."""

    state: str
    column: str
    text: str
    states: Options
    columns: Options

    @property
    def narrows(self) -> bool:
        """Whether some grades may be left out."""
        return bool(self.state or self.column or self.text)

    @property
    def query(self) -> str:
        """As an address carries it; empty where nothing is narrowed."""
        return urlencode(_without_empty({"state": self.state, "column": self.column, "text": self.text}))


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One person × column."""

    person: str
    url: str
    column: str
    wanted: str
    sent: str
    shown: str
    """What the LMS shows, as it was read last."""
    mark: Mark
    since: str
    why: str
    next_try: str
    history: str
    send_again: str | None
    """Where the button posts to; None where sending again cannot help or is not allowed."""
    deciding: Deciding | None
    """What can be decided about a grade that differs; None where nothing is, or it is not allowed."""


@dataclass(frozen=True, slots=True)
class DeliveriesPage:
    """The whole page."""

    columns: tuple[ColumnLine, ...]
    counts: tuple[Count, ...]
    oldest: str
    """Since when the oldest waits, as a sentence; empty where nothing waits."""
    filters: Filters
    lines: tuple[DeliveryLine, ...]
    pages: Pages
    again: Link | None
    """To *send all of these again*; None where none of them is stuck, or it is not allowed."""
    decide: Link | None
    """To decide about all of these; None where there is nothing to decide, or it is not allowed."""
    comparison: ComparisonPanel | None
    """When the gradebook was compared with what was sent; None where it has no column yet."""
    alert: words.PauseWords | None
    """Why nothing goes to the LMS at all now."""
    empty: EmptyState | None


@dataclass(frozen=True, slots=True)
class AskingPage:
    """Before many grades are sent again."""

    question: str
    """Empty where there is nothing to send."""
    newer: str
    """How many of them would go over something newer; empty where none would."""
    action: str
    back: str


def build(
    session: Session, course: Course, asked: Mapping[str, str], *, may_edit: bool, now: datetime
) -> DeliveriesPage:
    """The page of a course; how many grades there are changes neither its size nor its number of queries."""
    columns = queries.line_items_of(session, course.id)
    tally = delivery_queries.tally_of(session, course.id)
    pause = words.pause_in_words(queries.pause_of(session, course.platform_id), now)
    filters = _filters(asked, columns)
    found = delivery_queries.find(session, course.id, _choice(filters, columns))
    ids, pages = paging.cut(asked, found.ids, lambda page: address(course, filters, page))
    read = drift_queries.comparisons_of(session, course.id)
    around = _Around(course, filters, found, may_edit=may_edit, paused=pause is not None, now=now)
    return DeliveriesPage(
        columns=tuple(_column(view, read.get(view.id)) for view in columns),
        counts=_counts(course, tally, found),
        oldest=_("The oldest has waited since %(time)s.", time=moment(tally.oldest)) if tally.oldest else "",
        filters=filters,
        lines=tuple(_line(view, read.get(view.line_item_id), around) for view in delivery_queries.shown(session, ids)),
        pages=pages,
        again=_again(course, filters, found) if may_edit else None,
        decide=_decide(course, filters, found) if may_edit else None,
        comparison=drift_page.panel(course, columns, read, drift_page.undecided(found.differences), may_edit=may_edit),
        alert=pause,
        empty=None if columns or any(tally.counts.values()) else _empty(course),
    )


def every_line(
    session: Session, course: Course, asked: Mapping[str, str], *, now: datetime
) -> tuple[int, Iterator[DeliveryLine], Filters]:
    """All grades of a choice, for a file: how many, each as the page shows it, and the choice."""
    columns = queries.line_items_of(session, course.id)
    filters = _filters(asked, columns)
    found = delivery_queries.find(session, course.id, _choice(filters, columns))
    read = drift_queries.comparisons_of(session, course.id)
    paused = words.pause_in_words(queries.pause_of(session, course.platform_id), now) is not None
    around = _Around(course, filters, found, may_edit=False, paused=paused, now=now)
    parts = (found.ids[begin : begin + AT_A_TIME] for begin in range(0, len(found.ids), AT_A_TIME))
    views = (view for part in parts for view in delivery_queries.shown(session, part))
    return len(found.ids), (_line(view, read.get(view.line_item_id), around) for view in views), filters


def choose(session: Session, course: Course, asked: Mapping[str, str]) -> tuple[Found, Filters]:
    """The grades of a choice, to be decided about."""
    columns = queries.line_items_of(session, course.id)
    filters = _filters(asked, columns)
    return delivery_queries.find(session, course.id, _choice(filters, columns)), filters


def back(session: Session, course: Course, asked: Mapping[str, str]) -> str:
    """The list as it was narrowed where something was decided about one of its grades."""
    return address(course, _filters(asked, queries.line_items_of(session, course.id)))


def deciding(session: Session, course: Course, asked: Mapping[str, str]) -> DecidingPage:
    """What shall become of all grades of a choice that differ."""
    found, filters = choose(session, course, asked)
    action = _with(url_for("drift.decide_all", course=course.public_id), filters.query)
    return drift_page.ask(found, action, address(course, filters))


def ask(session: Session, course: Course, asked: Mapping[str, str]) -> AskingPage:
    """Whether all that is stuck of a choice shall go again."""
    columns = queries.line_items_of(session, course.id)
    filters = _filters(asked, columns)
    found = delivery_queries.find(session, course.id, _choice(filters, columns))
    some = found.stuck or found.newer
    stuck, newer = paging.count(len(found.stuck)), paging.count(len(found.newer))
    return AskingPage(
        question=_("Held back or given up, to be sent again: %(count)s.", count=stuck) if some else "",
        newer=_("Also where something newer stands in the gradebook (%(count)s): it is overwritten.", count=newer)
        if found.newer
        else "",
        action=_with(url_for("trainer.ask_again", course=course.public_id), filters.query),
        back=address(course, filters),
    )


def chosen(session: Session, course: Course, asked: Mapping[str, str], *, over_newer: bool) -> Stuck:
    """What is stuck of a choice, to be sent again."""
    columns = queries.line_items_of(session, course.id)
    found = delivery_queries.find(session, course.id, _choice(_filters(asked, columns), columns))
    return Stuck(course.id, ids=found.stuck + found.newer, over_newer=over_newer)


# --- what is chosen


def _filters(asked: Mapping[str, str], columns: Sequence[LineItemView]) -> Filters:
    states = (
        (NOT_THERE, _("Not in the gradebook yet")),
        (Differing.OPEN.value, words.differing(Differing.OPEN).label),
        (Differing.ACCEPTED.value, words.differing(Differing.ACCEPTED).label),
        *((each.value, words.mark(each).label) for each in DeliveryState),
    )
    labels = tuple((column.public_id, column.label) for column in columns)
    state, column = asked.get("state", ""), asked.get("column", "")
    return Filters(
        state=state if state in dict(states) else "",
        column=column if column in {each for each, _label in labels} else "",
        text=" ".join(asked.get("text", "")[:LONGEST].replace("\0", "").split()),
        states=states,
        columns=labels,
    )


def _choice(filters: Filters, columns: Sequence[LineItemView]) -> Choice:
    states, differing = tuple(DeliveryState), None
    if filters.state in {*Differing}:
        differing = Differing(filters.state)
    elif filters.state:
        states = WAITING if filters.state == NOT_THERE else (DeliveryState(filters.state),)
    column = next((each.id for each in columns if each.public_id == filters.column), None)
    return Choice(states, column, filters.text, differing)


def _without_empty(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _with(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address


def address(course: Course, filters: Filters, page: int = 1) -> str:
    """The list narrowed so."""
    query = "&".join(part for part in (filters.query, f"page={page}" if page > 1 else "") if part)
    return _with(url_for("trainer.deliveries", course=course.public_id), query)


# --- what is shown


def _counts(course: Course, tally: Tally, found: Found) -> tuple[Count, ...]:
    here = url_for("trainer.deliveries", course=course.public_id)
    standings = Counter(delivery_queries.standing_of(each) for each in found.differences.values())
    differing = [(words.differing(each), standings[each], each.value) for each in Differing]
    states = [(words.mark(state), count, state.value) for state, count in tally.counts.items()]
    return tuple(
        Count(mark, paging.count(count), f"{here}?state={value}")
        for mark, count, value in [*differing, *states]
        if count
    )


def _again(course: Course, filters: Filters, found: Found) -> Link | None:
    some = len(found.stuck) + len(found.newer)
    if some < 2:
        return None
    label = _("Send all of these again: %(count)s", count=paging.count(some))
    return Link(label, _with(url_for("trainer.ask_again", course=course.public_id), filters.query))


def _decide(course: Course, filters: Filters, found: Found) -> Link | None:
    some = drift_page.decidable(found)
    if some < 2:
        return None
    label = _("Decide about all of these: %(count)s", count=paging.count(some))
    return Link(label, _with(url_for("drift.ask", course=course.public_id), filters.query))


def _empty(course: Course) -> EmptyState:
    return EmptyState(
        title=_("No grades to send yet"),
        why=_(
            "A grade is sent as soon as somebody has an established level in a competency that this course assesses."
        ),
        link=Link(_("Open the group"), url_for("trainer.group", course=course.public_id)),
    )


def _column(view: LineItemView, read: ComparisonView | None) -> ColumnLine:
    if not view.targeted:
        mark, note = Mark("not_assessable", _("Switched off"), "not_assessable"), _("its grades are withdrawn")
    elif view.ready_at is not None:
        mark, note = Mark("sent", _("In the gradebook"), "met"), drift_page.read_note(read)
    else:
        mark = Mark("due", _("To be made"), "in_progress")
        note = words.why(view.answer) if view.answer else _("the worker makes it in a moment")
    return ColumnLine(view.label, words.number(view.score_maximum), mark, note)


@dataclass(frozen=True, slots=True)
class _Around:
    """What all lines of a list have in common."""

    course: Course
    filters: Filters
    found: Found
    may_edit: bool
    paused: bool
    now: datetime


def _line(view: DeliveryView, read: ComparisonView | None, around: _Around) -> DeliveryLine:
    course, paused, now = around.course, around.paused, around.now
    differs = around.found.differences.get(view.id)
    standing = delivery_queries.standing_of(differs)
    stuck = view.state in STUCK and standing is None
    again = url_for("trainer.send_again", course=course.public_id, delivery=view.public_id)
    return DeliveryLine(
        person=view.person_name or _("Name not shared"),
        url=url_for("participant.somebody", course=course.public_id, person=view.person),
        column=view.label,
        wanted=words.score(view.wanted, view.wanted_maximum),
        sent=words.score(view.sent, view.sent_maximum) if view.sent_at else _("nothing yet"),
        shown=drift_page.shown(view, differs, read),
        mark=words.differing(standing) if standing else words.mark(view.state),
        since=words.since(differs) if differs and standing else _since(view),
        why=words.difference(differs, view) if differs and standing else words.reason(view, paused=paused),
        next_try="" if standing else words.next_try(view, now, paused=paused),
        history=url_for("trainer.delivery", course=course.public_id, delivery=view.public_id),
        send_again=again if stuck and around.may_edit else None,
        deciding=drift_page.deciding(course, view, differs, onward=_onward(around.filters))
        if around.may_edit
        else None,
    )


def _onward(filters: Filters) -> str:
    return "&".join(part for part in ("list=1", filters.query) if part)


def _since(view: DeliveryView) -> str:
    if view.state in WAITING:
        return _("waits since %(time)s", time=moment(view.since))
    return moment(view.since)
