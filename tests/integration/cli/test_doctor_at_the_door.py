"""`lti-tool doctor` at the tool's own address: the real pages behind TLS and a proxy that may do something wrong."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from werkzeug.serving import make_server

from lti_tool.app import create_app
from lti_tool.cli import main
from lti_tool.cli.context import opened
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.settings import Settings
from tests.factories.certificate import make_certificate

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass
class _Proxy:
    """Stands before the tool as nginx does; what it does wrong, a test says."""

    tool: Wsgi | None = None
    forwards: bool = True
    spoils: Callable[[str], str] = field(default=lambda cookie: cookie)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if self.forwards:
            environ |= {"HTTP_X_FORWARDED_FOR": "192.0.2.7", "HTTP_X_FORWARDED_PROTO": "https"}

        def passed_on(status: str, headers: list[tuple[str, str]], *more: object) -> object:
            told = [(name, self.spoils(value) if name == "Set-Cookie" else value) for name, value in headers]
            return start(status, [each for each in told if each[1]], *more)

        assert self.tool is not None
        return self.tool(environ, passed_on)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls") / "tool.pem", "localhost")


@pytest.fixture
def proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificate: Path) -> Iterator[_Proxy]:
    """A whole installation whose address has TLS, with a certificate that this machine trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    proxy = _Proxy()
    server = make_server("127.0.0.1", 0, proxy, threaded=True, ssl_context=context)
    for name, value in {
        "BASE_URL": f"https://localhost:{server.port}",
        "DATA_DIR": str(tmp_path),
        "KEYS_DIR": str(tmp_path / "keys"),
        "SECRET_KEY": "a secret of the tests, and of nobody else",
        "INSTITUTE_NAME": "Институт",
        "TRUSTED_PROXIES": "1",
    }.items():
        monkeypatch.setenv(f"LTI_TOOL_{name}", value)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    _look_at_certificates_anew()
    with opened() as work:
        proxy.tool = create_app(Settings.load(), work.sessions).wsgi_app
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield proxy
        server.shutdown()
        server.server_close()
    _look_at_certificates_anew()


def _look_at_certificates_anew() -> None:
    # What is trusted is read once for all tests of a process (tests/factories/remembered.py).
    ssl.create_default_context.cache_clear()  # type: ignore[attr-defined]


def _door() -> dict[str, tuple[str, str, str]]:
    """By check: outcome, sentence, advice; of the checks of this file."""
    found = json.loads(CliRunner().invoke(main, ["doctor", "--json"]).stdout)
    checks = ("own address", "proxy headers", "cookie flags")
    return {each["check"]: (each["outcome"], each["tells"], each["to_do"]) for each in found if each["check"] in checks}


def test_where_all_is_well_three_lines_say_so(proxy: _Proxy) -> None:
    assert {check: found[0] for check, found in _door().items()} == {
        "own address": "ok",
        "proxy headers": "ok",
        "cookie flags": "ok",
    }


def test_a_certificate_that_is_not_trusted_is_told(proxy: _Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    _look_at_certificates_anew()

    (outcome, tells, to_do) = _door()["own address"]

    assert (outcome, "certificate" in tells, "authority of your own" in to_do) == ("wrong", True, True)


def test_a_base_url_that_leads_to_nobody_is_told(proxy: _Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTI_TOOL_BASE_URL", "https://localhost:1")

    (outcome, tells, to_do) = _door()["own address"]

    assert (outcome, "nobody answers" in tells, "/etc/hosts" in to_do) == ("wrong", True, True)


def test_a_base_url_that_leads_to_another_tool_is_told(proxy: _Proxy) -> None:
    with opened() as work, unit_of_work(work.sessions) as session:
        session.execute(text("UPDATE tool_key SET kid = 'another'"))
        session.execute(text('UPDATE tool_key SET public_jwk = \'{"kid": "of somebody else"}\''))

    (outcome, tells, _to_do) = _door()["own address"]

    assert (outcome, "other keys" in tells) == ("wrong", True)


@pytest.mark.parametrize("said", ["[]", "{}", '{"keys": "none"}', '"keys"'])
def test_a_base_url_that_leads_to_something_that_has_no_keys_is_told(proxy: _Proxy, said: str) -> None:
    def something(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(said)))])
        return [said.encode()]

    proxy.tool = something

    assert _door()["own address"][0] == "wrong"


def test_a_proxy_with_nobody_behind_it_is_told(proxy: _Proxy) -> None:
    def nobody(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("502 Bad Gateway", [("Content-Length", "0")])
        return []

    proxy.tool = nobody

    (outcome, tells, to_do) = _door()["own address"]

    assert (outcome, "web service behind it" in tells, "does it run" in to_do) == ("wrong", True, True)


def test_a_proxy_that_does_not_say_for_whom_it_asks_is_told(proxy: _Proxy) -> None:
    proxy.forwards = False

    (outcome, tells, to_do) = _door()["proxy headers"]

    assert (outcome, "/metrics" in tells, "X-Forwarded-For" in to_do) == ("wrong", True, True)


def test_a_proxy_that_is_not_trusted_is_told(proxy: _Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTI_TOOL_TRUSTED_PROXIES", "0")

    (outcome, _tells, to_do) = _door()["proxy headers"]

    assert (outcome, "LTI_TOOL_TRUSTED_PROXIES" in to_do) == ("wrong", True)


@pytest.mark.parametrize(
    ("spoils", "words"),
    [
        (lambda cookie: cookie.replace("; Partitioned", ""), "Partitioned"),
        (lambda cookie: cookie.replace("SameSite=None", "SameSite=Lax"), "SameSite=None"),
        (lambda cookie: cookie.replace("; Secure", ""), "Secure"),
        (lambda _cookie: "", "without its cookie"),
    ],
)
def test_cookies_that_a_proxy_spoils_are_told(proxy: _Proxy, spoils: Callable[[str], str], words: str) -> None:
    proxy.spoils = spoils

    (outcome, tells, to_do) = _door()["cookie flags"]

    assert (outcome, words in tells, "proxy_cookie_flags" in to_do) == ("wrong", True, True)
