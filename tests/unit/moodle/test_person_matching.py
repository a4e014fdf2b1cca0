"""Whom a row of a gradebook export means."""

from __future__ import annotations

import pytest

from lti_tool.ids import PersonId, PlatformId, PublicId
from lti_tool.moodle.gradebook_file import GradebookRow
from lti_tool.moodle.person_matching import PersonFault, PersonIndex, UnmatchedPerson
from lti_tool.people.model import Person


def person(number: int, id_number: str | None = None, email: str | None = None) -> Person:
    return Person(
        id=PersonId(number),
        public_id=PublicId(str(number)),
        platform_id=PlatformId(1),
        sub=str(number),
        name="Айгүл Асанова",
        email=email,
        id_number=id_number,
        locale=None,
    )


def row(id_number: str | None = None, email: str | None = None) -> GradebookRow:
    return GradebookRow(line=2, id_number=id_number, email=email, downloaded=None, cells=())


PERSONS = (
    person(1, "SIS-1", "a@example.invalid"),
    person(2, "SIS-2", "b@example.invalid"),
    person(3, None, "c@example.invalid"),
    person(4, " ", None),
    person(5, "SHARED", "d@example.invalid"),
    person(6, "SHARED", "e@example.invalid"),
    person(7, "SIS-7", "family@example.invalid"),
    person(8, "SIS-8", "family@example.invalid"),
)


@pytest.mark.parametrize(
    ("id_number", "email", "found"),
    [
        ("SIS-1", None, 1),
        ("SIS-1", "b@example.invalid", 1),
        (None, "C@Example.Invalid", 3),
        ("SIS-99", "c@example.invalid", 3),
        ("SHARED", "e@example.invalid", 6),
        ("SIS-7", "family@example.invalid", 7),
    ],
)
def test_a_person_is_found_by_number_then_by_address(id_number: str | None, email: str | None, found: int) -> None:
    matched = PersonIndex(PERSONS).find(row(id_number, email))

    assert isinstance(matched, Person)
    assert matched.id == found


@pytest.mark.parametrize(
    ("id_number", "email", "reason"),
    [
        (None, None, PersonFault.NOTHING_TO_MATCH),
        ("sis-1", None, PersonFault.UNKNOWN),
        (None, "nobody@example.invalid", PersonFault.UNKNOWN),
        ("SHARED", None, PersonFault.AMBIGUOUS),
        ("SHARED", "c@example.invalid", PersonFault.AMBIGUOUS),
        (None, "family@example.invalid", PersonFault.AMBIGUOUS),
    ],
)
def test_who_cannot_be_told_is_reported(id_number: str | None, email: str | None, reason: PersonFault) -> None:
    assert PersonIndex(PERSONS).find(row(id_number, email)) == UnmatchedPerson(2, id_number, email, reason)
