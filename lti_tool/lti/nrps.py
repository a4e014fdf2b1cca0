"""Names and Role Provisioning Services 2.0: who is in a course, as the platform tells it.

A roster is whole or not at all: who is missing from it is taken to have left, so a list that loops, never ends or
leads to another host is refused instead of being cut. NRPS alone says too little of staff (Moodle calls a non-editing
teacher a learner, and lists no managers); `people.model.is_staff` merges it with launches.
"""

from __future__ import annotations

from collections.abc import Iterator

from lti_tool.errors import CourseForbids, Permanent, Retryable
from lti_tool.ids import CourseId
from lti_tool.lti.answers import json_of, service_error, text_of
from lti_tool.lti.claim_schema import EMAIL_LENGTH, ID_LENGTH, NAME_LENGTH, cleaned, is_clean
from lti_tool.lti.claims import role_of
from lti_tool.lti.model import CourseServices, Member, Scope
from lti_tool.lti.services import Call, Services, Trail
from lti_tool.outbound import Answer
from lti_tool.people.errands import Tell, tell_nobody

MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
MOST_MEMBERS = 20_000
PAGE_BYTES = 20_000_000
"""20,000 members in one answer: Moodle sends all where no `limit` is asked for."""
_GONE = {"inactive", "deleted"}


class RosterReader:
    """Reads rosters of all platforms; one object serves all threads of a process."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def members(self, course_id: CourseId, tell: Tell = tell_nobody) -> tuple[Member, ...]:
        """Everybody who is active in the course, in the platform's order; names only as far as they are shared.

        `tell` hears of each page: one more answer, and how many people it named.

        Raises CourseForbids where there is no such service, Permanent where the course is gone or larger than
        20,000, Retryable for a list that cannot be read to its end, and what Services raises.
        """
        course = self._services.of(course_id)
        if course.memberships_url is None:
            raise CourseForbids("memberships_unknown")
        found: dict[str, Member] = {}
        for row in self._rows(course, course.memberships_url, tell):
            member = _member(row)
            if member is not None:
                found[member.user_id] = member
            if len(found) > MOST_MEMBERS:
                raise Permanent("roster_too_large", most=MOST_MEMBERS)
        return tuple(found.values())

    def _rows(self, course: CourseServices, first: str, tell: Tell) -> Iterator[object]:
        trail, following = Trail(first), first
        while following:
            call = Call("GET", following, frozenset({Scope.MEMBERSHIP}), MEMBERS, max_bytes=PAGE_BYTES)
            answer = self._services.answer(course, call)
            rows = self._page(answer)
            yield from rows
            tell(1, len(rows), None)
            following = trail.next(answer) or ""

    def _page(self, answer: Answer) -> list[object]:
        if answer.status == 404:
            raise Permanent("roster_gone", status=404)
        if not 200 <= answer.status < 300:
            raise service_error(answer, self._services.now())
        container = json_of(answer.body)
        rows = container.get("members") if isinstance(container, dict) else None
        if not isinstance(rows, list):
            raise Retryable("roster_unreadable", status=answer.status)
        return rows


def _member(row: object) -> Member | None:
    if not isinstance(row, dict) or str(row.get("status", "")).lower() in _GONE:
        return None
    user_id = text_of(row.get("user_id"))
    if user_id is None or len(user_id) > ID_LENGTH or not is_clean(user_id):
        return None
    roles = row.get("roles")
    roles = roles if isinstance(roles, list) else []
    return Member(
        user_id=user_id,
        role=role_of([role for role in roles if isinstance(role, str)])[0],
        name=_line(row.get("name"))[:NAME_LENGTH] or None,
        given_name=_line(row.get("given_name"))[:NAME_LENGTH] or None,
        family_name=_line(row.get("family_name"))[:NAME_LENGTH] or None,
        email=_whole(row.get("email"), EMAIL_LENGTH),
        id_number=_whole(row.get("lis_person_sourcedid"), ID_LENGTH),
    )


def _line(value: object) -> str:
    return cleaned(value) if isinstance(value, str) else ""


def _whole(value: object, most: int) -> str | None:
    """What people are matched by: a cut one might be somebody else's, so it is taken whole or not at all."""
    text = _line(value)
    return text if text and len(text) <= most else None
