"""After a database was brought back from a backup: grades that were under way then, and newer ones that went since.

The database knows nothing of what it sent after the backup, and would send what it had in hand with a time of now: an
older grade over a newer one. So before a worker starts, the gradebooks are read; what cannot be shown to be the newest
is held, and a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import ToolError
from lti_tool.grading import overtaken_store as store
from lti_tool.grading.model import Answer, ScoreSender
from lti_tool.grading.overtaken_store import UnderWay
from lti_tool.grading.retry import stands
from lti_tool.ids import CourseId, DeliveryId
from lti_tool.lti.model import Result


def hold_overtaken(sessions: SessionFactory, sender: ScoreSender, course_id: CourseId) -> int:
    """Holds the course's grades under way but for those whose place in the gradebook nobody has touched since.

    A column that cannot be read, or was not known yet, holds all of its grades. How many are held now. No database is
    held while the platform answers.
    """
    with unit_of_work(sessions, writes=False) as session:
        waiting = store.under_way(session, course_id)
    held: list[DeliveryId] = []
    for url in dict.fromkeys(each.url for each in waiting):
        held += _overtaken([each for each in waiting if each.url == url], _read(sender, course_id, url))
    with unit_of_work(sessions) as session:
        store.hold(session, course_id, held, Answer.NEWER_THERE)
    return len(held)


def _read(sender: ScoreSender, course_id: CourseId, url: str | None) -> Sequence[Result] | None:
    if url is None:
        return None
    try:
        return sender.results(course_id, url)
    except ToolError:
        return None


def _overtaken(waiting: Iterable[UnderWay], results: Sequence[Result] | None) -> list[DeliveryId]:
    if results is None:
        return [each.id for each in waiting]
    shown = {result.user_id: result for result in results}
    return [each.id for each in waiting if is_overtaken(each, shown.get(each.user_id))]


def is_overtaken(waiting: UnderWay, shown: Result | None) -> bool:
    """Whether the gradebook shows something that was put there later than all that we know to have sent."""
    if shown is None or stands(shown, waiting.given, waiting.maximum):
        return False
    if not shown.readable:
        return True
    if shown.timestamp is None:
        return shown.given is not None
    return waiting.last_timestamp is None or shown.timestamp > waiting.last_timestamp
