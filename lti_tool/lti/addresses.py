"""Which addresses in a message may be followed at all, judged by their text; `outbound` judges where they lead.

Pure: no name is looked up here.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

# Control characters, blanks and backslashes are read differently by different parsers; no letter of an address lies
# outside ASCII (RFC 3986), and addresses go into headers.
_ODD = re.compile(r"[^\x21-\x7e]|\\")
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
_PORTS = {"http": 80, "https": 443}


def host_of(url: str) -> str | None:
    """`host:port` of an address, in lower case and with the scheme's port filled in; None where it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return f"{parts.hostname}:{port}" if parts.hostname else None


def is_web_address(url: str, allow_private: bool) -> bool:
    """Whether this is an absolute https address without credentials whose host does not name an inner network.

    `allow_private` admits inner hosts, and plain http.
    """
    if host_of(url) is None or _ODD.search(url):
        return False
    parts = urlsplit(url)
    host = str(parts.hostname)
    if "@" in parts.netloc or parts.scheme not in _PORTS or not _HOST.fullmatch(host):
        return False
    return allow_private or (parts.scheme == "https" and not _names_inner_host(host))


def _names_inner_host(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
