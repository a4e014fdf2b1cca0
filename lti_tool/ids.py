"""Typed ids: mypy tells a swapped pair of row ids, and public ids are made in one way.

Row ids are integers and never leave the process; what a URL, a file or an API shows is the row's `public_id`.
"""

from __future__ import annotations

import secrets
from typing import NewType

PlatformId = NewType("PlatformId", int)
RegistrationId = NewType("RegistrationId", int)
PersonId = NewType("PersonId", int)
CourseId = NewType("CourseId", int)
ActivityId = NewType("ActivityId", int)
FrameworkVersionId = NewType("FrameworkVersionId", int)
CompetencyId = NewType("CompetencyId", int)
IndicatorId = NewType("IndicatorId", int)
RuleSetId = NewType("RuleSetId", int)
EvidenceId = NewType("EvidenceId", int)
LineItemId = NewType("LineItemId", int)
DeliveryId = NewType("DeliveryId", int)

PublicId = NewType("PublicId", str)

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_LENGTH = 16
_UNGUESSABLE = 26


def new_public_id() -> PublicId:
    """A random id of 16 characters (79 bits) that can be read out: no 0/O, 1/l/i."""
    return PublicId(_drawn(_LENGTH))


def new_unguessable_id() -> str:
    """A random id of 26 characters (128 bits): who knows it may see what it stands for, without a session."""
    return _drawn(_UNGUESSABLE)


def _drawn(length: int) -> str:
    number = secrets.randbelow(len(_ALPHABET) ** length)
    letters = []
    for _ in range(length):
        number, letter = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return "".join(letters)
