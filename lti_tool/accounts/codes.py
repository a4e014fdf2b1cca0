"""The second step of entering: codes of an app (RFC 6238), and codes on paper for who has lost it. Pure but for chance.

A code holds for its own 30 seconds and the ones before and after, for clocks differ. Which 30 seconds it was is told,
so that the same code is not taken twice.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import datetime

import pyotp

SECONDS = 30
APART = 1
"""How many steps a clock may be off."""
PAPER_CODES = 10
ISSUER = "lti-tool"
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def new_secret() -> str:
    """A secret of 160 bits, as apps take it (base 32)."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """What the app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def step_of(secret: str, typed: str, now: datetime) -> int | None:
    """In which 30 seconds since 1970 this is the code; None where it is none of those around `now`."""
    typed = re.sub(r"\s", "", typed)
    if not re.fullmatch(r"[0-9]{6}", typed):
        return None
    here = int(now.timestamp()) // SECONDS
    one = pyotp.TOTP(secret)
    found = [step for step in range(here - APART, here + APART + 1) if hmac.compare_digest(_code(one, step), typed)]
    return found[-1] if found else None


def _code(one: pyotp.TOTP, step: int) -> str:
    return one.generate_otp(step)


def new_paper_codes() -> tuple[str, ...]:
    """Ten codes of 79 bits to be kept on paper, each good once."""
    return tuple("-".join(_letters(4) for _ in range(4)) for _ in range(PAPER_CODES))


def _letters(count: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(count))


def paper_hash(typed: str) -> str:
    """What is stored of a code on paper: it is long and by chance, so nothing slower is needed."""
    return hashlib.sha256(re.sub(r"[^a-z0-9]", "", typed.lower()).encode()).hexdigest()
