"""What differs between the gradebook and what was sent, on pages: when it was compared, and what can be decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import url_for

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
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ComparisonPanel:
    """When the gradebook was compared with what was sent, and what came of it."""

    when: str
    outcome: str
    good: bool
    """All are alike."""
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
    differences: Mapping[DeliveryId, Difference],
    *,
    may_edit: bool,
) -> ComparisonPanel | None:
    """How the comparing of a course stands; None where no column of it stands in the gradebook yet."""
    ready = [column.id for column in columns if column.ready_at is not None]
    if not ready:
        return None
    told = [read.get(each) for each in ready]
    waiting = sum(each is not None and each.waits for each in told)
    times = [each.compared_at for each in told if each is not None and each.compared_at is not None]
    unread = sum(each is not None and each.fault is not None for each in told)
    differing = sum(each.decision is None for each in differences.values())
    whole = len(times) == len(ready) and not unread
    return ComparisonPanel(
        when=_when(times, waiting, len(ready)),
        outcome=_outcome(differing, times, whole=whole),
        good=whole and not differing,
        unread=ngettext(
            "%(num)d column could not be read: that says nothing about its grades. The reason stands below.",
            "%(num)d columns could not be read: that says nothing about their grades. The reasons stand below.",
            unread,
        )
        if unread
        else "",
        action=url_for("drift.compare", course=course.public_id) if may_edit and not waiting else None,
    )


def _when(times: Sequence[datetime], waiting: int, total: int) -> str:
    if waiting:
        return _(
            "Being compared: %(done)d of %(total)d columns have been read. Load the page again to see more.",
            done=total - waiting,
            total=total,
        )
    if not times:
        return _("The gradebook has not been compared with what was sent yet.")
    return _("Last compared: %(time)s.", time=words.moment(max(times)))


def _outcome(differing: int, times: Sequence[datetime], *, whole: bool) -> str:
    if differing:
        return ngettext(
            "%(num)d grade differs and waits for a decision. Nothing goes over it until then.",
            "%(num)d grades differ and wait for a decision. Nothing goes over them until then.",
            differing,
        )
    if not times:
        return ""
    return _("All that was compared is alike.") if whole else _("What could be compared so far is alike.")


def read_note(read: ComparisonView | None) -> str:
    """What a column says about its comparing."""
    if read is None or (read.fault is None and read.compared_at is None):
        return _("not compared yet")
    if read.fault is not None:
        return words.unread(read.fault)
    return _("compared %(time)s", time=words.moment(read.compared_at)) if read.compared_at else ""


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
