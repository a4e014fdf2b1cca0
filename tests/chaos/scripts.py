"""Bad days of an LMS by name: what its services answer instead of doing their work (lti-security, section 4)."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from email.utils import formatdate
from threading import Lock
from typing import Any

from flask import Request

from lti_tool.demo.faults import Fault, FaultScript

PAGE = "<html><body>Maintenance</body></html>"


def _is_score(request: Request) -> bool:
    return request.path.endswith("/scores")


def busy(share: float, locked: float = 0.0) -> FaultScript:
    """502, 503 and 504 in turn with this share; 500 now and then, at most twice running for one score."""
    dice, running = random.Random(1), Counter[str]()  # noqa: S311  a script, not a secret
    lock = Lock()

    def script(request: Request) -> Fault | None:
        if not _is_score(request):
            return None
        with lock:
            drawn, key = dice.random(), f"{request.path}{request.get_json()['userId']}"
            if drawn < share:
                return Fault(dice.choice([502, 503, 504]), body=PAGE)
            if drawn < share + locked and running[key] < 2:
                running[key] += 1
                return Fault(500, body="[]")
            running[key] = 0
            return None

    return script


def throttled(every: int, seconds: int, as_date: bool) -> FaultScript:
    """Each so-many-th score meets 429 with Retry-After; what comes before its time is over gets 429 too."""
    lock, seen, closed_until = Lock(), 0, 0.0

    def script(request: Request) -> Fault | None:
        nonlocal seen, closed_until
        if not _is_score(request):
            return None
        with lock:
            seen += 1
            now = time.time()
            if now < closed_until:
                request.environ["chaos.early"] = closed_until - now
            elif seen % every == 0:
                closed_until = now + seconds
            else:
                return None
            told = formatdate(closed_until + 1, usegmt=True) if as_date else str(seconds)
            return Fault(429, {"Retry-After": told})

    return script


def hanging(seconds: float, of: int = 0) -> FaultScript:
    """Nobody answers for so long; with `of`, only the first so many scores meet that."""
    met = Counter[str]()

    def script(request: Request) -> Fault | None:
        met["scores"] += _is_score(request)
        return Fault(504, delay=seconds) if _is_score(request) and (not of or met["scores"] <= of) else None

    return script


def dripping(of: int) -> FaultScript:
    """The first so many answers come letter by letter, one a second, and take a minute."""
    met = Counter[str]()

    def script(request: Request) -> Fault | None:
        met["scores"] += _is_score(request)
        return Fault(200, body=" " * 60, drip=1.0) if _is_score(request) and met["scores"] <= of else None

    return script


def cut(share: float) -> FaultScript:
    """The score is stored, and the connection is cut before the answer."""
    dice = random.Random(2)  # noqa: S311

    def script(request: Request) -> Fault | None:
        return Fault(cut=True, after_work=True) if _is_score(request) and dice.random() < share else None

    return script


def odd() -> FaultScript:
    """2xx with a list, a page or half a body, whether or not the score was stored."""
    dice = random.Random(3)  # noqa: S311
    bodies = ["[]", PAGE, '{"resul', "", "{}"]

    def script(request: Request) -> Fault | None:
        if not _is_score(request):
            return None
        body = dice.choice(bodies)
        # What means "accepted" must only be said of what is stored.
        stored = body in {"", "{}"} or dice.random() < 0.5
        return Fault(dice.choice([200, 201, 204]) if not body else 200, body=body, after_work=stored)

    return script


def no_tokens() -> FaultScript:
    """The token endpoint is down."""
    return lambda request: Fault(503, body=PAGE) if request.path.endswith("token.php") else None


def forbidding() -> FaultScript:
    """The tool's scope was taken away."""
    return lambda request: Fault(403, body="{}") if _is_score(request) else None


def slow(seconds: float, prefix: str | None = None) -> FaultScript:
    """Every score (of one platform, by its prefix) takes so long, and is then treated as it should be."""

    def script(request: Request) -> Fault | None:
        if _is_score(request) and prefix in {None, request.root_path}:
            time.sleep(seconds)
        return None

    return script


SCRIPTS: dict[str, Callable[..., FaultScript]] = {
    script.__name__: script
    for script in (
        busy,
        throttled,
        hanging,
        dripping,
        cut,
        odd,
        no_tokens,
        forbidding,
        slow,
    )
}


def script_named(name: str, arguments: dict[str, Any]) -> FaultScript:
    """The script with its arguments."""
    return SCRIPTS[name](**arguments)
