"""What differs between the gradebook and what was sent, on pages: when it was compared, and what can be decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.grading import drift_queries, queries
from lti_tool.grading.choosing import Differing
from lti_tool.grading.delivery_queries import Found, standing_of
from lti_tool.grading.drift import Decision
from lti_tool.grading.drift_queries import ComparisonView, Difference
from lti_tool.grading.model import DeliveryState
from lti_tool.grading.queries import DeliveryView, LineItemView
from lti_tool.ids import DeliveryId, LineItemId
from lti_tool.people.model import Course
from lti_tool.web import delivery_words as words
from lti_tool.web import paging
from lti_tool.web.dates import moment
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext
from lti_tool.web.page_data import ProgressView

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
COMPARISON = "comparison"
"""Beside the kinds of errands: a comparison, which has a state of its own for each column."""


@dataclass(frozen=True, slots=True)
class ComparisonPanel:
    """When the gradebook was compared with what was sent, and what came of it."""

    progress: ProgressView
    """How far a comparison under way is, or what the last one came to."""
    unread: str
    """How many columns could not be read; empty where all could."""
    action: str | None
    """Where *compare now* posts to; None where it is not allowed, or under way."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be decided, about one grade or about many."""

    value: str
    label: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Deciding:
    """The buttons of one grade."""

    action: str
    seen: str
    """What is decided about; what is found later is not."""
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class DecidingPage:
    """Before much is decided at once."""

    action: str
    seen: str
    options: tuple[Choice, ...]
    back: str


# --- when it was compared


def panel(
    course: Course,
    columns: Sequence[LineItemView],
    read: Mapping[LineItemId, ComparisonView],
    differing: int,
    *,
    may_edit: bool,
) -> ComparisonPanel | None:
    """How the comparing of a course stands; None where no column of it stands in the gradebook yet."""
    told = _ready(columns, read)
    if not told:
        return None
    unread = sum(each is not None and each.fault is not None for each in told)
    waiting = any(each is not None and each.waits for each in told)
    return ComparisonPanel(
        progress=_progress(course, told, differing),
        unread=ngettext(
            "%(num)d column could not be read: that says nothing about its grades. The reason stands below.",
            "%(num)d columns could not be read: that says nothing about their grades. The reasons stand below.",
            unread,
        )
        if unread
        else "",
        action=url_for("drift.compare", course=course.public_id) if may_edit and not waiting else None,
    )


def progress_of(session: Session, course: Course, _now: datetime) -> ProgressView:
    """How far the comparing of a course is, or what it came to."""
    columns, read = queries.line_items_of(session, course.id), drift_queries.comparisons_of(session, course.id)
    return _progress(course, _ready(columns, read), undecided(drift_queries.differences_of(session, course.id)))


def undecided(differences: Mapping[DeliveryId, Difference]) -> int:
    """How many grades differ and wait for a decision."""
    return sum(each.decision is None for each in differences.values())


def _ready(
    columns: Sequence[LineItemView], read: Mapping[LineItemId, ComparisonView]
) -> tuple[ComparisonView | None, ...]:
    return tuple(read.get(column.id) for column in columns if column.ready_at is not None)


def _progress(course: Course, told: Sequence[ComparisonView | None], differing: int) -> ProgressView:
    waiting = sum(each is not None and each.waits for each in told)
    if waiting:
        done, total = len(told) - waiting, len(told)
        numbers = _("%(done)d of %(total)d columns have been read.", done=done, total=total)
        url = url_for("following.progress", course=course.public_id, errand=COMPARISON)
        return ProgressView(_("The gradebook is being compared with what was sent."), numbers, done, total, url=url)
    times = [each.compared_at for each in told if each is not None and each.compared_at is not None]
    if not times:
        return ProgressView(
            _("The gradebook has not been compared with what was sent yet."), after=_outcome(differing, alike="")
        )
    whole = len(times) == len(told) and not any(each is not None and each.fault is not None for each in told)
    alike = _("All that was compared is alike.") if whole else _("What could be compared so far is alike.")
    return ProgressView(
        _("Last compared: %(time)s.", time=moment(max(times))),
        kind="warn" if differing else "good" if whole else "info",
        after=_outcome(differing, alike),
    )


def _outcome(differing: int, alike: str) -> str:
    if not differing:
        return alike
    return ngettext(
        "%(num)d grade differs and waits for a decision. Nothing goes over it until then.",
        "%(num)d grades differ and wait for a decision. Nothing goes over them until then.",
        differing,
    )


def read_note(read: ComparisonView | None) -> str:
    """What a column says about its comparing."""
    if read is None or (read.fault is None and read.compared_at is None):
        return _("not compared yet")
    if read.fault is not None:
        return words.unread(read.fault)
    return _("compared %(time)s", time=moment(read.compared_at)) if read.compared_at else ""


def shown(view: DeliveryView, differs: Difference | None, read: ComparisonView | None) -> str:
    """What the LMS shows for one grade, as it was read last."""
    if differs is not None and differs.decision is not Decision.RESEND:
        return words.score(differs.given, differs.maximum or view.wanted_maximum)
    compared = read.compared_at if read else None
    if compared is None or view.sent_at is None or view.sent_at >= compared or differs is not None:
        return _("not read yet")
    return words.score(view.sent, view.sent_maximum)


# --- what can be decided


def deciding(course: Course, view: DeliveryView, differs: Difference | None, onward: str = "") -> Deciding | None:
    """The buttons of a grade that differs or is detached; None where there is nothing to decide.

    In a list `onward` leads back to it; on a page of its own, without it, any grade can be detached.
    """
    choices = _choices(view, differs) or (() if onward else (Decision.DETACH,))
    if not choices:
        return None
    action = url_for("drift.decide", course=course.public_id, delivery=view.public_id)
    return Deciding(
        action=f"{action}?{onward}" if onward else action,
        seen=differs.found_at.isoformat() if differs else "",
        choices=tuple(Choice(each.value, _labels()[each], _meanings()[each]) for each in choices),
    )


def _choices(view: DeliveryView, differs: Difference | None) -> Sequence[Decision]:
    if view.state is DeliveryState.DETACHED:
        return (Decision.ATTACH,)
    return {
        Differing.OPEN: (Decision.RESEND, Decision.ACCEPT, Decision.DETACH),
        Differing.ACCEPTED: (Decision.REOPEN,),
        None: (),
    }[standing_of(differs)]


def _labels() -> Mapping[Decision, str]:
    return {
        Decision.RESEND: _("Send ours again"),
        Decision.ACCEPT: _("Accept the LMS's"),
        Decision.DETACH: _("Detach"),
        Decision.ATTACH: _("Attach again"),
        Decision.REOPEN: _("Undo accepting"),
    }


def _meanings() -> Mapping[Decision, str]:
    return {
        Decision.RESEND: _("Ours is put into the gradebook, over what stands there."),
        Decision.ACCEPT: _(
            "What stands there is right and stays. You are asked again only when ours or theirs changes."
        ),
        Decision.DETACH: _("The tool sends nothing here any more, whatever is worked out, until it is attached again."),
        Decision.ATTACH: _("The tool looks after these grades again; what differs waits for a decision."),
        Decision.REOPEN: _("They wait for a decision again."),
    }


def decidable(found: Found) -> int:
    """How many of these grades something can be decided about."""
    return len(found.differing(Differing.OPEN)) + len(found.differing(Differing.ACCEPTED)) + len(found.detached)


def meant(found: Found, decision: Decision) -> tuple[DeliveryId, ...]:
    """Which of these grades a decision fits."""
    if decision is Decision.ATTACH:
        return found.detached
    return found.differing(Differing.ACCEPTED if decision is Decision.REOPEN else Differing.OPEN)


def ask(found: Found, action: str, back: str) -> DecidingPage:
    """The page before much is decided."""
    counts = [(each, len(meant(found, each))) for each in Decision]
    seen = [found.differences[each].found_at for each in found.ids if each in found.differences]
    return DecidingPage(
        action=action,
        seen=max(seen, default=NEVER).isoformat(),
        options=tuple(
            Choice(each.value, f"{_labels()[each]}: {paging.count(count)}", _meanings()[each])
            for each, count in counts
            if count
        ),
        back=back,
    )


def seen(told: str) -> datetime:
    """Up to which finding somebody had looked; of what cannot be read nothing was seen."""
    try:
        found = datetime.fromisoformat(told)
    except ValueError:
        return NEVER
    return found if found.tzinfo else NEVER
