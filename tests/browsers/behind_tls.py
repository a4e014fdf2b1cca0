"""The tool and the small LMS as browsers meet them in earnest: two sites, both behind TLS.

Without TLS WebKit keeps no cookie of the tool. What stands before the tool notes what it is asked for, so that a launch
that goes in circles is seen whatever the browser tells.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
import requests
from werkzeug.datastructures import EnvironHeaders
from werkzeug.serving import WSGIRequestHandler, make_server

from lti_tool.demo.lms import DemoLms
from lti_tool.demo.platform import application
from lti_tool.demo.registration import register_with
from tests.chaos.rig_web import free_port
from tests.factories.certificate import make_certificate
from tests.journeys.cookie_blocking import inner_or_frame
from tests.journeys.visits import Demonstration
from tests.moodle.told import Told
from tests.moodle.tool import running_tool

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
OF_ONE_HOP = {"connection", "keep-alive", "transfer-encoding", "server", "date"}
SECRET_PARTS = re.compile(r"(?<=/continue/).+|(?<=^/c/)[^/]+")


@dataclass
class Front:
    """Stands before the tool as nginx does, and keeps what the tool is asked for, but for files."""

    tool: str
    asked: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        if not path.startswith("/static/") and path != "/favicon.ico":
            self.asked.append(f"{environ['REQUEST_METHOD']} {SECRET_PARTS.sub('…', path)}")
        headers = {**EnvironHeaders(environ), "X-Forwarded-Proto": "https", "X-Forwarded-For": environ["REMOTE_ADDR"]}
        with requests.Session() as http:
            http.trust_env = False
            answer = http.request(
                environ["REQUEST_METHOD"],
                f"{self.tool}{quote(path.encode('latin-1'))}{'?' if query else ''}{query}",
                headers=headers,
                data=environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)),
                allow_redirects=False,
                stream=True,
            )
            kept = [pair for pair in answer.raw.headers.iteritems() if pair[0].lower() not in OF_ONE_HOP]
            start(f"{answer.status_code} {answer.reason}", kept)
            return [answer.raw.read(decode_content=False)]


class _Silent(WSGIRequestHandler):
    def log(self, *_args: object) -> None:
        """Nothing."""


@contextmanager
def served(app: Wsgi, host: str, folder: Path) -> Iterator[str]:
    """The application at an address of this host with TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder, host))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent, ssl_context=context)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://{host}:{server.port}"
    server.shutdown()
    server.server_close()


def certificate(folder: Path, host: str) -> Path:
    """A certificate for this host, made once."""
    file = folder / f"{host}.pem"
    return file if file.exists() else make_certificate(file, host)


@contextmanager
def telling(folder: Path) -> Iterator[str]:
    """The address of a page of one site that frames one of another, which tells which cookies of its own come back."""
    places: dict[str, str] = {}

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        headers, body = inner_or_frame(environ["PATH_INFO"], environ.get("HTTP_COOKIE", ""), places["inner"])
        start("200 OK", [("Content-Type", "text/html"), *headers])
        return [body.encode()]

    with served(app, "localhost", folder) as inner, served(app, "127.0.0.1", folder) as outer:
        places["inner"] = f"{inner}/inner"
        yield outer


@contextmanager
def running(folder: Path) -> Iterator[tuple[Demonstration, Front]]:
    """Tool, worker and LMS, registered with each other; ended when the block is left."""
    port = free_port()
    front = Front(f"http://127.0.0.1:{port}")
    trusted = folder / "trusted.pem"
    trusted.write_text("".join(certificate(folder, host).read_text() for host in ("localhost", "127.0.0.1")))
    lms = DemoLms("", "")
    with (
        pytest.MonkeyPatch.context() as patch,
        served(front, "localhost", folder) as tool_url,
        served(application(lms), "127.0.0.1", folder) as lms_url,
    ):
        patch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
        lms.url, lms.tool_url = lms_url, tool_url
        data = folder / "tool"
        data.mkdir()
        told = Told(lms_url, "", "", str(trusted), tool_url, port)
        with running_tool(told, data) as tool:
            register_with(lms, tool.run("platform", "invite"))
            yield Demonstration(tool_url, lms_url, data), front
