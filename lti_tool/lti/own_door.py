"""The tool's own address, asked as a browser would ask: whether it leads here, and what is lost on the way.

Between browsers and the tool stand a name in DNS, a certificate and a proxy, none of which the tool sees by itself.
Nothing secret is sent: the key set and the page for signing in are everybody's, and /metrics is asked without a token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lti_tool.errors import PlatformError, Retryable
from lti_tool.lti.reaching import SECONDS
from lti_tool.outbound import Outbound

COOKIE = "__Host-session"
FLAGS = ("Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned")
"""Without any of these browsers keep no session in a frame of an LMS, or keep it where others reach it."""


@dataclass(frozen=True, slots=True)
class Door:
    """What was met at the tool's own address."""

    fault: PlatformError | None = None
    """Why nobody of us was met; then nothing else is known."""
    kids: frozenset[str] = frozenset()
    """The keys of who answered."""
    lost_flags: tuple[str, ...] | None = ()
    """Flags of the session's cookie that did not arrive; None: no such cookie arrived."""
    shows_figures: bool = False
    """/metrics was shown to somebody without a token: the proxy does not say for whom it asks."""


def look(outbound: Outbound, base_url: str) -> Door:
    """Asks three addresses, each for at most five seconds."""
    try:
        kids = _kids(outbound.get_json(f"{base_url}/lti/jwks", timeout=SECONDS))
        signing_in = outbound.request("GET", f"{base_url}/account/login", timeout=SECONDS)
        figures = outbound.request("GET", f"{base_url}/metrics", timeout=SECONDS)
    except PlatformError as error:
        return Door(error)
    return Door(None, kids, _lost_flags(signing_in.headers.get("Set-Cookie", "")), figures.status == 200)


def _kids(document: object) -> frozenset[str]:
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise Retryable("not_a_key_set")
    return frozenset(str(key.get("kid")) for key in keys if isinstance(key, dict))


def _lost_flags(cookies: str) -> tuple[str, ...] | None:
    found = re.search(rf"{COOKIE}=[^;,]*((?:;[^,]*)?)", cookies)
    if found is None:
        return None
    arrived = {flag.strip().casefold() for flag in found[1].split(";")}
    return tuple(flag for flag in FLAGS if flag.casefold() not in arrived)
