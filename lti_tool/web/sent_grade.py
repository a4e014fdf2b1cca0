"""What the LMS's gradebook has from this tool for one competency of one person, in words for that person."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_decimal
from sqlalchemy.orm import Session

from lti_tool.grading import queries
from lti_tool.grading.queries import DeliveryView
from lti_tool.ids import CompetencyId, CourseId, PersonId
from lti_tool.web.dates import moment
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import SentGrade


def of(session: Session, course_id: CourseId, person_id: PersonId, competency_id: CompetencyId) -> SentGrade | None:
    """The grade of one competency as it is wanted and as it was sent; None where nothing was ever to be sent."""
    columns = {
        column.id for column in queries.line_items_of(session, course_id) if column.competency_id == competency_id
    }
    for delivery in queries.deliveries_of(session, course_id, person_id=person_id):
        if delivery.line_item_id in columns and (delivery.wanted is not None or delivery.sent_at is not None):
            return SentGrade(_wanted(delivery), _sent(delivery))
    return None


def _wanted(delivery: DeliveryView) -> str:
    if delivery.wanted is None:
        return _("For the gradebook: no grade.")
    return _("For the gradebook: %(score)s.", score=_score(delivery.wanted, delivery.wanted_maximum))


def _sent(delivery: DeliveryView) -> str:
    if delivery.sent_at is None:
        return _("Not sent yet.")
    if delivery.sent is None or delivery.sent_maximum is None:
        return _("The grade sent before was withdrawn on %(when)s.", when=moment(delivery.sent_at))
    score = _score(delivery.sent, delivery.sent_maximum)
    return _("Last sent: %(score)s, %(when)s.", score=score, when=moment(delivery.sent_at))


def _score(given: Decimal, maximum: Decimal) -> str:
    return _("%(given)s of %(maximum)s", given=_number(given), maximum=_number(maximum))


def _number(value: Decimal) -> str:
    return format_decimal(value, format="0.##", locale=current_locale())
