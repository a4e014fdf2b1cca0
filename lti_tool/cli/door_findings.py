"""What `lti-tool doctor` says of the tool's own address: name, certificate, proxy, cookies. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lti_tool.cli.findings import Finding, good, wrong
from lti_tool.errors import PlatformError
from lti_tool.lti.own_door import Door

ALIVE = "do the web service and the proxy run? Where only this machine cannot reach it, name it in /etc/hosts"
OTHERS = "LTI_TOOL_BASE_URL or the proxy leads to somebody else"
_FAULTS = {
    "platform_unreachable": ("nobody answers", ALIVE),
    "platform_timeout": ("no answer within 5 s", ALIVE),
    "platform_reset": ("it breaks off", ALIVE),
    "platform_certificate": (
        "its TLS certificate is not accepted",
        "renew it, serve it with its chain; an authority of your own: docs/operate.md, Install",
    ),
    "address_refused": ("it leads to no address of the internet or of your network", "is LTI_TOOL_BASE_URL right?"),
    "answer_not_json": ("somebody else answers", OTHERS),
    "not_a_key_set": ("somebody else answers", OTHERS),
}
FORWARD = "as deploy/nginx/lti-tool.conf does"


def of_door(door: Door, kid: str | None, trusted_proxies: int) -> Iterator[Finding]:
    """How the tool's own address stands; `kid` signs for this database (None: nothing was started yet)."""
    if door.fault is not None:
        yield wrong("own address", *_fault(door.fault))
        return
    if kid is not None and kid not in door.kids:
        yield wrong("own address", "who answers there has other keys: another tool, or one on another database", OTHERS)
        return
    yield good("own address", "leads here")
    yield _proxy(door, trusted_proxies)
    yield _cookie(door)


def _fault(error: PlatformError) -> tuple[str, str]:
    if error.facts.get("reason") == "no_such_host":
        return "its host does not exist", "give it a name in DNS, or mend LTI_TOOL_BASE_URL"
    if error.facts.get("status") in {502, 503, 504}:
        return (
            "the proxy answers, the web service behind it does not",
            "does it run? Then see its log, and the database",
        )
    if error.code == "answer_not_ok":
        return (
            f"it answers with status {error.facts['status']}",
            f"does the proxy pass all on, {FORWARD}?",
        )
    return _FAULTS.get(error.code, (error.code, "is LTI_TOOL_BASE_URL right?"))


def _proxy(door: Door, trusted_proxies: int) -> Finding:
    if door.shows_figures:
        tells = "the proxy does not say for whom it asks: everybody is taken for this machine, and may read /metrics"
        return wrong("proxy headers", tells, f"let it set X-Forwarded-For, -Proto and -Host, {FORWARD}")
    if not trusted_proxies:
        tells = "TRUSTED_PROXIES is 0, but TLS ends at a proxy: all visitors count as one, the proxy"
        return wrong("proxy headers", tells, "set LTI_TOOL_TRUSTED_PROXIES to the number of proxies, mostly 1")
    return good("proxy headers", f"are sent; {trusted_proxies} believed")


def _cookie(door: Door) -> Finding:
    advice = "let the proxy pass Set-Cookie on as it is: no proxy_cookie_flags, _path or _domain"
    if door.lost_flags is None:
        return wrong("cookie flags", "the page for signing in arrives without its cookie", advice)
    if door.lost_flags:
        return wrong("cookie flags", f"lost on the way: {', '.join(door.lost_flags)}", advice)
    return good("cookie flags", "arrive whole")
