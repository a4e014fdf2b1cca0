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


def inner_or_frame(path: str, came: str, inner: str) -> tuple[list[tuple[str, str]], str]:
    """`/inner` sets a cookie of each kind and tells which came; every other page frames it: headers and body."""
    if path != "/inner":
        return [], f'<iframe src="{inner}"></iframe>'
    kept = "Path=/; Secure; SameSite=None"
    cookies = [("Set-Cookie", f"plain=1; {kept}"), ("Set-Cookie", f"partitioned=1; {kept}; Partitioned")]
    return cookies, " ".join(name for name in NAMES if f"{name}=1" in came) or "none"


class _Teller(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        inner = f"http://localhost:{self.server.server_address[1]}/inner"  # type: ignore[str-bytes-safe]
        headers, body = inner_or_frame(self.path, self.headers.get("Cookie", ""), inner)
        self.send_response(200)
        for name, value in [("Content-Type", "text/html"), *headers]:
            self.send_header(name, value)
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
