"""Static files under addresses that carry a hash of their content, compressed once: slow links load each file once.

A file's address changes with its content, so browsers may keep it for a year without asking. Everything is read at
start; nothing outside the folder can be named by a request.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import NotFound as NoSuchFile

from lti_tool.web import compression
from lti_tool.web.addresses import url_for
from lti_tool.web.auth import Permission, requires

WEB_ROOT = Path(__file__).parent
"""Where `templates/`, `static/` and `locale/` lie."""

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""What is served; licences and notes that lie beside the files are not."""

NOT_SERVED = frozenset({"vendor/bootstrap/bootstrap.min.css"})
"""What `trimming.py` takes a part of."""

_FOR_AUTHORS = re.compile(rb"/\*(?!!).*?\*/|(?<=\n)[ \n]+", re.DOTALL)
"""What only authors need of a stylesheet: comments (but not those that say whose it is), indentation, empty lines."""

FOR_A_YEAR = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent."""

    name: str
    """Path under `static/`, like `vendor/htmx/htmx.min.js`."""
    digest: str
    kind: str
    body: bytes
    compressed: bytes

    @property
    def address(self) -> str:
        """The path under `/static/` that stands for exactly this content."""
        return f"{self.digest}/{self.name}"


def read_assets(folder: Path) -> dict[str, Asset]:
    """All files of the folder that are served, by name."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix in TYPES)
    named = ((path.relative_to(folder).as_posix(), path) for path in found)
    return {name: _read(path, name) for name, path in named if name not in NOT_SERVED}


def _read(path: Path, name: str) -> Asset:
    body = path.read_bytes()
    if path.suffix == ".css":
        body = _FOR_AUTHORS.sub(b"", body)
    return Asset(
        name=name,
        digest=hashlib.sha256(body).hexdigest()[:12],
        kind=TYPES[path.suffix],
        body=body,
        compressed=gzip.compress(body, 9, mtime=0),
    )


def install(app: Flask) -> None:
    """Serves the static files and offers `asset(name)` to the templates; pages are compressed too."""
    assets = read_assets(WEB_ROOT / "static")
    app.extensions["assets"] = assets
    app.jinja_env.globals["asset"] = asset_url
    # Flask's own rule and endpoint `static` stay; what they answer is ours.
    app.view_functions["static"] = _serve
    compression.install(app)


def asset_url(name: str) -> str:
    """The address of a static file. Raises KeyError for one that does not exist: a template's slip, not a user's."""
    return url_for("static", filename=_assets()[name].address)


def _assets() -> Mapping[str, Asset]:
    assets: Mapping[str, Asset] = current_app.extensions["assets"]
    return assets


@requires(Permission.PUBLIC)
def _serve(filename: str) -> Response:
    digest, _, name = filename.partition("/")
    exact = _assets().get(name)
    if exact is not None and exact.digest == digest:
        return _answer(exact, FOR_A_YEAR)
    # An address of another release, or without a hash: today's content, but not to be kept under that address.
    current = exact or _assets().get(filename)
    if current is None:
        raise NoSuchFile()
    return _answer(current, ASK_FIRST)


def _answer(asset: Asset, keep: str) -> Response:
    packed = request.accept_encodings.quality("gzip") > 0
    answer = Response(asset.compressed if packed else asset.body, content_type=asset.kind)
    answer.headers["Cache-Control"] = keep
    answer.headers["Vary"] = "Accept-Encoding"
    answer.set_etag(asset.digest + ("-gzip" if packed else ""))
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.make_conditional(request)
    return answer
