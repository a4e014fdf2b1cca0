"""The way out against servers that misbehave; all of them on this machine."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lti_tool.errors import PlatformUnavailable
from lti_tool.outbound import AddressRefused, AnswerUnreadable, Outbound
from tests.factories.certificate import make_certificate

Talk = Callable[[socket.socket, bytes], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Server:
    """A TCP server that reads a request's head and then does what the test says."""

    def __init__(self, talk: Talk, context: ssl.SSLContext | None = None) -> None:
        self.talk = talk
        self.context = context
        self.heads: list[bytes] = []
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def url(self, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}/x"

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                while head := _head(connection):
                    self.heads.append(head)
                    self.talk(connection, head)
        except OSError:
            return


def _head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(65536)
        if not part:
            return b""
        head += part
    return head


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(talk: Talk, context: ssl.SSLContext | None = None) -> Server:
        servers.append(Server(talk, context))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def saying(raw: bytes) -> Talk:
    return lambda connection, head: connection.sendall(raw)


def dripping(start: bytes) -> Talk:
    def talk(connection: socket.socket, head: bytes) -> None:
        connection.sendall(start)
        for _ in range(100):
            time.sleep(0.05)
            connection.sendall(b"x")

    return talk


def ending(raw: bytes) -> Talk:
    def talk(connection: socket.socket, head: bytes) -> None:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)

    return talk


def resetting(raw: bytes) -> Talk:
    def talk(connection: socket.socket, head: bytes) -> None:
        connection.sendall(raw)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()

    return talk


def test_an_answer_comes_with_status_reason_headers_and_body(serve: Callable[..., Server]) -> None:
    server = serve(saying(b"HTTP/1.1 409 Too old\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\n[]"))

    answer = Outbound(allow_private=True).request("GET", server.url())

    assert (answer.status, answer.reason, answer.body) == (409, "Too old", b"[]")
    assert answer.headers.get("retry-after") == "7"


def test_a_message_goes_out_as_it_is(serve: Callable[..., Server]) -> None:
    server = serve(saying(OK))

    Outbound(allow_private=True).request("POST", server.url(), headers={"Accept": "*/*"}, data=b'{"a":1}')

    assert server.heads[0].startswith(b"POST /x HTTP/1.1\r\n")
    assert server.heads[0].endswith(b'{"a":1}') or b"Content-Length: 7" in server.heads[0]
    assert b"User-Agent: lti-tool" in server.heads[0]


def test_connections_are_kept_for_the_next_call(serve: Callable[..., Server]) -> None:
    server = serve(saying(OK))
    outbound = Outbound(allow_private=True)

    for _ in range(3):
        assert outbound.get_json(server.url()) == {}

    assert server.connections == 1


def test_a_kept_connection_that_the_server_closed_is_not_used_again(serve: Callable[..., Server]) -> None:
    server = serve(ending(OK))
    outbound = Outbound(allow_private=True)

    for _ in range(3):
        assert outbound.get_json(server.url()) == {}
        time.sleep(0.05)

    assert server.connections == 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_answers_and_never_followed(serve: Callable[..., Server], status: int) -> None:
    elsewhere = serve(saying(OK))
    head = f"HTTP/1.1 {status} Go\r\nLocation: {elsewhere.url()}\r\nContent-Length: 0\r\n\r\n"
    server = serve(saying(head.encode()))

    answer = Outbound(allow_private=True).request("GET", server.url())

    assert answer.status == status
    assert elsewhere.connections == 0


@pytest.mark.parametrize(
    "start",
    [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"],
    ids=["status line", "headers", "body", "body without length"],
)
def test_a_server_that_drips_is_left_at_the_deadline(serve: Callable[..., Server], start: bytes) -> None:
    server = serve(dripping(start))
    began = time.monotonic()

    with pytest.raises(PlatformUnavailable) as refused:
        Outbound(allow_private=True).request("GET", server.url(), timeout=0.3)

    assert refused.value.code == "platform_timeout"
    assert 0.25 < time.monotonic() - began < 1.5


def test_a_server_that_says_nothing_is_left_at_the_deadline(serve: Callable[..., Server]) -> None:
    server = serve(lambda connection, head: time.sleep(2))

    with pytest.raises(PlatformUnavailable) as refused:
        Outbound(allow_private=True).request("GET", server.url(), timeout=0.2)

    assert refused.value.code == "platform_timeout"


def test_a_kept_connection_has_a_deadline_of_its_own_for_each_call(serve: Callable[..., Server]) -> None:
    server = serve(saying(OK))
    outbound = Outbound(allow_private=True)
    outbound.request("GET", server.url(), timeout=0.2)
    time.sleep(0.3)

    assert outbound.request("GET", server.url(), timeout=0.2).status == 200


@pytest.mark.parametrize(
    "talk",
    [resetting(b""), ending(b""), saying(b"HTTP/1.1 Oh no\r\n\r\n"), saying(b"\x16\x03garbage\r\n\r\n")],
    ids=["reset", "closed", "broken status line", "no HTTP"],
)
def test_a_broken_exchange_is_an_outage(serve: Callable[..., Server], talk: Talk) -> None:
    server = serve(talk)

    with pytest.raises(PlatformUnavailable):
        Outbound(allow_private=True).request("GET", server.url(), timeout=2)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{}",
    ],
)
def test_half_a_body_is_told_from_a_whole_one(serve: Callable[..., Server], raw: bytes) -> None:
    server = serve(ending(raw))

    with pytest.raises(AnswerUnreadable) as refused:
        Outbound(allow_private=True).request("GET", server.url(), timeout=2)

    assert refused.value.facts["status"] == 200


@pytest.mark.parametrize(("size", "allowed"), [(1000, True), (1001, False), (3_000_000, False)])
def test_an_answer_is_capped(serve: Callable[..., Server], size: int, allowed: bool) -> None:
    server = serve(saying(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size))
    outbound = Outbound(allow_private=True)

    if allowed:
        assert len(outbound.request("GET", server.url(), max_bytes=1000).body) == size
    else:
        with pytest.raises(AnswerUnreadable) as refused:
            outbound.request("GET", server.url(), max_bytes=1000)
        assert refused.value.code == "answer_too_large"


def test_a_closed_port_is_an_outage() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(PlatformUnavailable) as refused:
        Outbound(allow_private=True).request("GET", f"http://127.0.0.1:{port}/")

    assert refused.value.code == "platform_unreachable"


def test_an_unknown_name_is_an_outage() -> None:
    def nowhere(host: str, port: int) -> list[str]:
        raise socket.gaierror("no such host")

    with pytest.raises(PlatformUnavailable) as refused:
        Outbound(resolve=nowhere).request("GET", "https://gone.example.invalid/")

    assert refused.value.facts["reason"] == "no_such_host"


def test_the_second_address_is_tried_where_the_first_is_dead(serve: Callable[..., Server]) -> None:
    server = serve(saying(OK))
    outbound = Outbound(allow_private=True, resolve=lambda host, port: ["::1", "127.0.0.1"])

    assert outbound.get_json(server.url("lms.example.invalid")) == {}


@pytest.mark.parametrize(
    "body", [b"<html>", b"", b'{"a":', b"[" * 100_000], ids=["page", "empty", "half", "nested without end"]
)
def test_what_is_not_json_is_refused_without_its_text(serve: Callable[..., Server], body: bytes) -> None:
    server = serve(saying(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body))

    with pytest.raises(AnswerUnreadable) as refused:
        Outbound(allow_private=True).get_json(server.url())

    assert "html" not in str(refused.value)


def test_json_of_an_error_is_refused(serve: Callable[..., Server]) -> None:
    server = serve(saying(b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n{}"))

    with pytest.raises(AnswerUnreadable) as refused:
        Outbound(allow_private=True).get_json(server.url())

    assert refused.value.facts["status"] == 500


def test_a_name_that_changes_its_mind_gains_nothing(serve: Callable[..., Server]) -> None:
    server = serve(saying(OK))
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    outbound = Outbound(resolve=lambda host, port: next(answers))
    url = server.url("rebinding.example.invalid", "https")
    outbound.check(url)

    with pytest.raises(AddressRefused):
        outbound.request("GET", url)

    assert server.connections == 0


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return make_certificate(tmp_path / "lms.pem", "lms.example.invalid")


def over_tls(certificate: Path, host: str, serve: Callable[..., Server], trusted: bool = True) -> tuple[Server, str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = serve(saying(OK), context)
    trust = ssl.create_default_context(cafile=str(certificate) if trusted else None)
    outbound = Outbound(allow_private=True, resolve=lambda name, port: ["127.0.0.1"], ssl_context=trust)
    outbound.request("GET", server.url(host, "https"))
    return server, host


def test_the_name_stays_the_host_for_tls_and_header(certificate: Path, serve: Callable[..., Server]) -> None:
    server, host = over_tls(certificate, "lms.example.invalid", serve)

    assert f"Host: {host}:{server.port}".encode() in server.heads[0]


@pytest.mark.parametrize(("host", "trusted"), [("other.example.invalid", True), ("lms.example.invalid", False)])
def test_a_certificate_that_does_not_fit_is_refused(
    certificate: Path, serve: Callable[..., Server], host: str, trusted: bool
) -> None:
    with pytest.raises(PlatformUnavailable) as refused:
        over_tls(certificate, host, serve, trusted)

    assert refused.value.code == "platform_certificate"
