"""Browsers that block cookies as they do today, and a page that tells which ones come back.

The demonstration's LMS is at 127.0.0.1 and the tool at localhost: two sites. What is blocked stands in the profile of a
whole Chromium, where its own settings page writes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

OTHER_SITES = "of other sites"
ALL_IN_FRAMES = "all in frames"
_OF_OTHER_SITES = {"cookie_controls_mode": 1, "block_third_party_cookies": True}
_ALL_IN_FRAMES = {
    **_OF_OTHER_SITES,
    "content_settings": {"exceptions": {"cookies": {"localhost,127.0.0.1": {"setting": 2}}}},
}
"""None of the tool's where the page at the top is the LMS's: partitioned ones neither."""
PREFERENCES = {OTHER_SITES: _OF_OTHER_SITES, ALL_IN_FRAMES: _ALL_IN_FRAMES}
NAMES = ("plain", "partitioned")


def write_profile(folder: Path, blocked: str) -> Path:
    """A profile of Chromium in which this is blocked."""
    (folder / "Default").mkdir(parents=True)
    (folder / "Default" / "Preferences").write_text(json.dumps({"profile": PREFERENCES[blocked]}))
    return folder


class _Teller(BaseHTTPRequestHandler):
    """`/inner` sets a cookie of each kind and tells which came; every other page frames it."""

    def do_GET(self) -> None:
        came = self.headers.get("Cookie", "")
        names = " ".join(name for name in NAMES if f"{name}=1" in came) or "none"
        inner = f"http://localhost:{self.server.server_address[1]}/inner"  # type: ignore[str-bytes-safe]
        body = names if self.path == "/inner" else f'<iframe src="{inner}"></iframe>'
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        if self.path == "/inner":
            self.send_header("Set-Cookie", "plain=1; Path=/; Secure; SameSite=None")
            self.send_header("Set-Cookie", "partitioned=1; Path=/; Secure; SameSite=None; Partitioned")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_args: object) -> None:
        """Nothing."""


@contextmanager
def teller() -> Iterator[int]:
    """The port of a server that tells which cookies come."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Teller)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()
