"""Passwords as they are kept: argon2id, with the salt and the costs beside it.

The costs are OWASP's first choice for servers with little memory: 19 MiB and two passes, about 30 ms. At most two are
worked out at once in a process, so that a flood of tries takes neither its memory nor its cores.
"""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lti_tool.accounts.password_rules import LONGEST, as_password

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_at_once = BoundedSemaphore(2)
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$W+rhDvj1dBA/06OrJOTM/A$Qe9G5vqcMF8MSvjhnLQ9GVytrAlZ1DxnEKVPDCRyMpo"
"""Compared with where there is no such account, so that the answer takes as long; made with the costs above."""


def hashed(password: str) -> str:
    """A password that `password_rules.check` has taken, as it is stored."""
    with _at_once:
        return _hasher.hash(as_password(password))


def matches(stored: str | None, typed: str) -> bool:
    """Whether this is the password; None stands for nobody's and takes as long."""
    try:
        with _at_once:
            right = _hasher.verify(stored or NOBODYS, as_password(typed)[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether it was made with other costs than today's."""
    return _hasher.check_needs_rehash(stored)
