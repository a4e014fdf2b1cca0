"""Passwords that cost next to nothing, for tests that are about something else."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from lti_tool.accounts import passwords


def cheapen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes hashing take a moment only, for one test."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    monkeypatch.setattr(passwords, "NOBODYS", cheap.hash("the password of nobody"))
