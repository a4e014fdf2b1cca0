"""How a process of ours takes memory from its system."""

from __future__ import annotations

import ctypes

_ARENA_MAX = -8
"""`M_ARENA_MAX` of glibc's <malloc.h>."""


def share_one_heap() -> bool:
    """All threads take memory from one heap; before any is started. False where the C library is not glibc.

    glibc gives each thread a heap of its own, so that they need not wait for each other, and each keeps what its
    largest page once took. Python's threads take turns anyway.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(_ARENA_MAX, 1))
