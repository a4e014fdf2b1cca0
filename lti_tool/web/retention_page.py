"""The page of periods: how long each kind of data is kept, how much would go now, and what has gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.errors import RuleBroken
from lti_tool.ids import PlatformId
from lti_tool.privacy import retention
from lti_tool.privacy.periods import LEAST_DAYS, MOST_COUNTED, Kind
from lti_tool.privacy.retention import Outlook
from lti_tool.web.dates import moment
from lti_tool.web.i18n import gettext as _
from lti_tool.web.paging import count


@dataclass(frozen=True, slots=True)
class PeriodView:
    """One kind of data."""

    kind: str
    title: str
    what: str
    days: str
    least: int
    active: bool
    now: str
    """How much would go now; empty where nobody asked."""
    look: str
    """Where to ask."""
    since: str
    """What has gone, and when the worker looked last; empty before."""


def build(session: Session, platform_id: PlatformId, look: str, now: datetime) -> tuple[PeriodView, ...]:
    """Every kind of data of a platform; of the kind `look` it is counted how much would go now."""
    return tuple(_view(each) for each in retention.outlook(session, platform_id, look, now))


def change(session: Session, platform_id: PlatformId, form: Mapping[str, str], now: datetime) -> None:
    """Sets the period that a form states. Raises RuleBroken (`period_unreadable` and as `retention.set_period`)."""
    kind, days = form.get("kind", ""), form.get("days", "").strip()
    if kind not in {*Kind} or not (days.isascii() and days.isdecimal() and len(days) <= 6):
        raise RuleBroken("period_unreadable")
    active = form.get("active") == "yes"
    retention.set_period(session, platform_id, Kind(kind), int(days), active=active, now=now)


def _view(outlook: Outlook) -> PeriodView:
    period = outlook.period
    title, what = _words(period.kind)
    return PeriodView(
        kind=period.kind.value,
        title=title,
        what=what,
        days=str(period.days),
        least=LEAST_DAYS[period.kind],
        active=period.active,
        now="" if outlook.too_old is None else _how_much(outlook.too_old),
        look=url_for("institute_retention.show", look=period.kind.value),
        since=_since(outlook),
    )


def _how_much(too_old: int) -> str:
    if too_old > MOST_COUNTED:
        return _("More than %(count)s are older now.", count=count(MOST_COUNTED))
    return _("%(count)s are older now.", count=count(too_old)) if too_old else _("Nothing is older now.")


def _since(outlook: Outlook) -> str:
    at = outlook.period.swept_at
    if at is None:
        return ""
    deleted = count(outlook.period.deleted)
    return _("Deleted since it was set: %(count)s. Looked last on %(when)s.", count=deleted, when=moment(at))


def _words(kind: Kind) -> tuple[str, str]:
    return {
        Kind.ATTEMPTS: (
            _("Tries to send grades"),
            _("Counted from the try. What was sent last, and when, stays with the grade."),
        ),
        Kind.FILES: (
            _("Files of evidence tasks"),
            _("Counted from the closing of their course. Texts, links and assessments stay."),
        ),
        Kind.AUDIT: (_("Record of reads and changes"), _("Counted from the line.")),
        Kind.PEOPLE: (
            _("People"),
            _("Erased when they were not here for so long, are in no open course and have no certified level in force.")
            + " "
            + _("What is counted stays, as nobody's."),
        ),
    }[kind]
