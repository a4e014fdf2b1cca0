"""Finds the person that a gradebook means: by Moodle's own number, ID number, then e-mail address, never by name.

Pure. Names are alike and change; a mark on the wrong person is worse than a row that is reported.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lti_tool.ids import PersonId
from lti_tool.moodle.grade_items import PersonGrades
from lti_tool.moodle.gradebook_file import GradebookRow
from lti_tool.people.model import Person


class PersonFault(StrEnum):
    """Why a row was not taken."""

    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    """Several persons of the course have this ID number or address."""
    NOTHING_TO_MATCH = "nothing_to_match"
    """The row has neither an ID number nor an address."""


@dataclass(frozen=True, slots=True)
class UnmatchedPerson:
    """A row that belongs to nobody known in the course, and what it had. For the report only, never for a log."""

    line: int
    id_number: str | None
    email: str | None
    reason: PersonFault


class PersonIndex:
    """The persons of a course by what a file may call them."""

    def __init__(self, persons: Iterable[Person]) -> None:
        self._by_number: dict[str, list[Person]] = defaultdict(list)
        self._by_email: dict[str, list[Person]] = defaultdict(list)
        for person in persons:
            if person.id_number and person.id_number.strip():
                self._by_number[person.id_number.strip()].append(person)
            if person.email and person.email.strip():
                self._by_email[person.email.strip().casefold()].append(person)

    def find(self, row: GradebookRow) -> Person | UnmatchedPerson:
        """The one person of the row, or why there is none.

        Who shares an ID number with others is told apart by the address, if that is possible.
        """
        if not row.id_number and not row.email:
            return UnmatchedPerson(row.line, None, None, PersonFault.NOTHING_TO_MATCH)
        by_number = self._by_number.get(row.id_number or "", [])
        if len(by_number) == 1:
            return by_number[0]
        by_email = self._by_email.get((row.email or "").casefold(), [])
        if by_number:
            by_email = [person for person in by_email if person in by_number]
        if len(by_email) == 1:
            return by_email[0]
        reason = PersonFault.AMBIGUOUS if by_number or by_email else PersonFault.UNKNOWN
        return UnmatchedPerson(row.line, row.id_number, row.email, reason)


def match_users(
    users: Sequence[PersonGrades], known: Sequence[Person], emails: Mapping[str, str]
) -> dict[str, PersonId]:
    """The persons by the user ids of a web service; Moodle's user id is the `sub` of its launches.

    Who is not known by it is looked for among those whom no id names; two users who come out as one are neither.
    """
    by_sub = {person.sub: person.id for person in known}
    named = {user.user_id for user in users}
    found = {user.user_id: by_sub[user.user_id] for user in users if user.user_id in by_sub}
    rest = PersonIndex(person for person in known if person.sub not in named)
    others: dict[PersonId, list[str]] = defaultdict(list)
    for user in users:
        if user.user_id not in found:
            person = rest.find(GradebookRow(0, user.id_number, emails.get(user.user_id), None, ()))
            if isinstance(person, Person):
                others[person.id].append(user.user_id)
    return found | {ids[0]: person for person, ids in others.items() if len(ids) == 1}
