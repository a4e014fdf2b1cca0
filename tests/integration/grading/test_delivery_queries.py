"""What lists of deliveries show, on both databases."""

from __future__ import annotations

from lti_tool.errors import ScoreRefused
from lti_tool.grading import delivery_queries, undelivered_queries
from lti_tool.grading.choosing import Choice, Stuck
from lti_tool.grading.model import Answer, DeliveryState
from tests.factories.desk import Desk


def test_what_waits_comes_first_and_is_counted(desk: Desk) -> None:
    for person in range(2):
        desk.want(1, person)
    desk.work()
    desk.want(2, 1)
    desk.lms.fail_next(ScoreRefused("refused"))
    desk.work()

    with desk.sessions() as session:
        tally = delivery_queries.tally_of(session, desk.course_id)
        found = delivery_queries.find(session, desk.course_id, Choice())
        views = delivery_queries.shown(session, found.ids)
        undelivered = undelivered_queries.undelivered_of(session, desk.platform_id, {})
        listed = list(delivery_queries.listed(session, Stuck(platform_id=desk.platform_id)))

    assert (tally.counts[DeliveryState.SENT], tally.counts[DeliveryState.HELD], tally.oldest) == (1, 1, desk.now)
    assert [view.person_id for view in views] == [desk.people[1], desk.people[0]]
    ((group,), (behind,)) = undelivered.groups, undelivered.courses.values()
    assert (group.answer, group.count, behind.stuck, behind.due, len(listed)) == (Answer.REFUSED, 1, 1, 0, 1)
