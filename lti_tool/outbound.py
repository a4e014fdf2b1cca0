"""The only way out: every HTTP call of the tool passes here, so that one place keeps its promises.

Platforms and registrants name the addresses that we call (openid_configuration, token, key set, line items …), so an
address is looked up and judged at the moment of connecting: what was checked is what is connected to, and a name that
changes its mind in between (DNS rebinding) gains nothing. No redirects, a deadline for the whole exchange, a cap on the
answer, and no answer text in errors: it may hold names, marks or tokens (lti-security, sections 1 and 2 row 43).
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from http.client import HTTPException
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationValueError, ProtocolError, SSLError
from urllib3.exceptions import TimeoutError as PoolTimeout

from lti_tool.errors import Permanent, PlatformUnavailable, Retryable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
MAX_BYTES = 1_000_000
USER_AGENT = "lti-tool (LTI 1.3 Advantage)"
POOLED_HOSTS = 50
CONNECTIONS_PER_HOST = 8

Resolve = Callable[[str, int], list[str]]
"""(host, port) → addresses as text; raises OSError where the name does not exist."""


class AddressRefused(Permanent):
    """An address that the tool does not call: not https, or inner, loopback, link-local … (row 43)."""


class AnswerUnreadable(Retryable):
    """An answer that cannot be taken in: cut short, or larger than allowed. `facts['status']` is its status."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `headers` are looked up in any case. `reason` is empty on HTTP/2 and behind many proxies."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes


class _Reach(Enum):
    PUBLIC = "public"
    INNER = "inner"
    NEVER = "never"


def _reach(address: str) -> _Reach:
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        ip = _embedded(ip) or ip
    if ip.is_loopback:
        return _Reach.INNER
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved:
        # Never, not even where inner networks are allowed: cloud metadata lives on link-local addresses.
        return _Reach.NEVER
    return _Reach.PUBLIC if ip.is_global else _Reach.INNER


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    # An IPv4 address in IPv6 clothes is judged as what it leads to.
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def _looked_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


@dataclass(frozen=True, slots=True)
class _Guard:
    """Decides which addresses may be connected to."""

    allow_private: bool
    resolve: Resolve

    def addresses(self, scheme: str, host: str, port: int) -> list[str]:
        """Where `host` leads now; AddressRefused if any of it is not for us, OSError where it does not exist."""
        try:
            found = self.resolve(host, port)
        except UnicodeError as error:
            raise AddressRefused("address_refused", reason="not_a_url") from error
        for address in found:
            if not self._allowed(scheme, _reach(address)):
                raise AddressRefused("address_refused", host=host, reason="inner_address")
        return found

    def _allowed(self, scheme: str, reach: _Reach) -> bool:
        if reach is _Reach.INNER:
            return self.allow_private
        return reach is _Reach.PUBLIC and scheme == "https"


_deadline: ContextVar[float] = ContextVar("outbound_deadline")
"""Monotonic end of the exchange under way in this thread."""


def _time_left() -> float:
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise TimeoutError("deadline of the exchange")
    return left


class _Reader(RawIOBase):
    """Reads from a socket until the deadline: a time-out per read would never stop a server that drips bytes."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        # The socket's own file keeps it open until the answer is read, also after the connection let go of it.
        self._file = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """Reads within what is left of the exchange's time."""
        self._sock.settimeout(_time_left())
        return self._file.readinto(buffer)

    def close(self) -> None:
        """Closes the socket's file too."""
        self._file.close()
        super().close()


class _BoundedSocket:
    """A connected socket whose answers are read through `_Reader`; everything else is the socket's own."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def makefile(self, *_args: object, **_options: object) -> BufferedReader:
        """The file that http.client reads an answer from."""
        return BufferedReader(_Reader(self._sock))

    def __getattr__(self, name: str) -> object:
        return getattr(self._sock, name)


def _connected(guard: _Guard, scheme: str, host: str, port: int) -> socket.socket:
    try:
        addresses = guard.addresses(scheme, host, port)
    except OSError as error:
        raise PlatformUnavailable("platform_unreachable", host=host, reason="no_such_host") from error
    failure: OSError = OSError("no address")
    for address in addresses:
        try:
            sock = socket.create_connection((address, port), min(CONNECT_SECONDS, _time_left()))
        except OSError as error:
            failure = error
        else:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
    code = "platform_timeout" if isinstance(failure, TimeoutError) else "platform_unreachable"
    raise PlatformUnavailable(code, host=host) from failure


def _pool_classes(guard: _Guard) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """urllib3's pools with connections that ask the guard; the name stays the host for TLS and the Host header."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connected(guard, "http", self.host, self.port)

        def connect(self) -> None:
            super().connect()
            self.sock = cast(socket.socket, _BoundedSocket(self.sock))

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connected(guard, "https", self.host, self.port)

        def connect(self) -> None:
            super().connect()
            self.sock = cast(socket.socket, _BoundedSocket(self.sock))

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class Outbound:
    """Makes HTTP calls; one object serves all threads of a process.

    `allow_private` admits loopback and inner addresses, and plain http for these alone (an on-premise LMS, the demo).
    `resolve` and `ssl_context` are for tests and for institutes with a certificate authority of their own.
    """

    def __init__(
        self,
        allow_private: bool = False,
        *,
        resolve: Resolve = _looked_up,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._guard = _Guard(allow_private, resolve)
        # One context for all: loading the trusted certificates costs tens of milliseconds each time.
        self._pools = urllib3.PoolManager(
            POOLED_HOSTS, maxsize=CONNECTIONS_PER_HOST, ssl_context=ssl_context or ssl.create_default_context()
        )
        self._pools.pool_classes_by_scheme = _pool_classes(self._guard)

    def check(self, url: str) -> None:
        """Raises AddressRefused where `url` must not be called, as it looks and leads now.

        A name that does not resolve passes: it is judged again when it is connected to.
        """
        scheme, host, port = _parsed(url)
        if scheme == "http" and not self._guard.allow_private:
            raise AddressRefused("address_refused", host=host, reason="not_https")
        try:
            self._guard.addresses(scheme, host, port)
        except OSError:
            return

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
        timeout: float | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> Answer:
        """One exchange, whatever its status (3xx too: redirects are never followed).

        `timeout` is for the whole exchange, in seconds (default 15; connecting gets at most 5 of them). Raises
        AddressRefused, PlatformUnavailable (unreachable, time-out, reset, TLS), AnswerUnreadable.
        """
        scheme, host, _port = _parsed(url)
        if scheme == "http" and not self._guard.allow_private:
            raise AddressRefused("address_refused", host=host, reason="not_https")
        token = _deadline.set(time.monotonic() + (timeout or TOTAL_SECONDS))
        try:
            return self._exchange(method, url, {"User-Agent": USER_AGENT, **(headers or {})}, data, max_bytes)
        except LocationValueError as error:
            raise AddressRefused("address_refused", reason="not_a_url") from error
        except (HTTPError, HTTPException, OSError) as error:
            raise _unavailable(error, host) from error
        finally:
            _deadline.reset(token)

    def _exchange(self, method: str, url: str, headers: Mapping[str, str], data: bytes | None, cap: int) -> Answer:
        response = self._pools.request(
            method,
            url,
            body=data,
            headers=headers,
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
            timeout=urllib3.Timeout(connect=min(CONNECT_SECONDS, _time_left()), read=_time_left()),
        )
        try:
            body = _read(response, cap + 1)
        except ProtocolError as error:
            raise AnswerUnreadable("answer_cut_short", status=response.status) from error
        if len(body) > cap:
            response.close()
            raise AnswerUnreadable("answer_too_large", status=response.status, limit=cap)
        response.release_conn()
        return Answer(response.status, response.reason or "", response.headers, body)

    def get_json(self, url: str, *, timeout: float | None = None, headers: Mapping[str, str] | None = None) -> object:
        """The JSON document at `url`. Raises as `request` does, and AnswerUnreadable for anything but 200 with JSON."""
        answer = self.request("GET", url, headers={"Accept": "application/json", **(headers or {})}, timeout=timeout)
        if answer.status != 200:
            raise AnswerUnreadable("answer_not_ok", status=answer.status)
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise AnswerUnreadable("answer_not_json", status=answer.status) from error


_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[0-9a-z._-]+)(:\d{1,5})?", re.IGNORECASE)
"""Host and port, nothing else: no credentials, no letters that a header or another parser reads differently."""


def _read(response: urllib3.BaseHTTPResponse, most: int) -> bytes:
    body = bytearray()
    # One read returns a body that was cut short as if it were whole; the next one tells.
    while len(body) < most and (part := response.read(most - len(body), decode_content=False)):
        body += part
    return bytes(body)


def _parsed(url: str) -> tuple[str, str, int]:
    """(scheme, host, port) of an absolute web address, else AddressRefused."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("address_refused", reason="not_a_url") from error
    odd = any(not "!" <= letter <= "~" or letter == "\\" for letter in url)
    if odd or parts.scheme not in {"http", "https"} or not parts.hostname or not _AUTHORITY.fullmatch(parts.netloc):
        raise AddressRefused("address_refused", reason="not_a_url")
    return parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80)


def _unavailable(error: Exception, host: str) -> PlatformUnavailable:
    code = "platform_unreachable"
    if isinstance(error, (TimeoutError, PoolTimeout)):
        code = "platform_timeout"
    elif isinstance(error, SSLError):
        code = "platform_certificate"
    elif isinstance(error, ProtocolError):
        code = "platform_reset"
    return PlatformUnavailable(code, host=host)
