"""What changed links offer, in words: which indicators they would add to their row of the mapping, and which drop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency.framework import Framework
from lti_tool.competency.model import Mapping
from lti_tool.competency.offers import Offer, offers_of
from lti_tool.competency.rules import rules_of
from lti_tool.ids import CourseId
from lti_tool.web.cell_text import in_words, written
from lti_tool.web.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class OfferLine:
    """One changed link."""

    public_id: str
    name: str
    changes: tuple[str, ...]
    """Like "4.1.1.a: nothing → required, weight 2"."""


def offer_lines(session: Session, course_id: CourseId, now: datetime) -> tuple[OfferLine, ...]:
    """Every link of a course that says something else than it did."""
    found = offers_of(session, course_id, now)
    if not found:
        return ()
    framework = rules_of(session, course_id, now).framework
    return tuple(OfferLine(each.activity.public_id, each.activity.name, _changes(each, framework)) for each in found)


def _changes(offer: Offer, framework: Framework) -> tuple[str, ...]:
    before = {cell.indicator: cell for cell in offer.stands}
    after = {cell.indicator: cell for cell in offer.cells}
    lines = [
        _said(each.code, before.get(each.id), after.get(each.id))
        for each in framework.indicators
        if written(before.get(each.id)) != written(after.get(each.id))
    ]
    lines += [_("“%(part)s” names no indicator here and is left out.", part=part) for part in offer.unreadable]
    return tuple(lines) or (_("The same as the mapping says already."),)


def _said(code: str, before: Mapping | None, after: Mapping | None) -> str:
    return _("%(code)s: %(before)s → %(after)s", code=code, before=in_words(before), after=in_words(after))
