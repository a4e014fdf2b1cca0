"""Answers that anybody may read and keep; data among them may be asked for by pages of any origin."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache

from flask import Blueprint, Response, request

KEEP = 300
"""Seconds for which a cache may give an answer without asking."""


def kept(body: str | bytes, kind: str, *, personal: bool = False) -> Response:
    """A public answer; 304 where who asks has it already. One that depends on a session is `personal`: it is kept by
    that browser alone, and asked for each time.

    The ETag is weak: compressed, the same content has other bytes.
    """
    tag, plain, packed = _prepared(body.encode() if isinstance(body, str) else body)
    takes_gzip = request.accept_encodings.quality("gzip") > 0
    answer = Response(packed if takes_gzip else plain, content_type=kind)
    if takes_gzip:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Cache-Control"] = "private, no-cache" if personal else f"public, max-age={KEEP}"
    answer.set_etag(tag, weak=True)
    answer.make_conditional(request)
    return answer


@lru_cache(maxsize=256)
def _prepared(data: bytes) -> tuple[str, bytes, bytes]:
    """The ETag, and both forms of the body. It holds no secret, so its length may tell what it is."""
    return hashlib.sha256(data).hexdigest()[:32], data, gzip.compress(data, 9, mtime=0)


def open_to_any_origin(blueprint: Blueprint) -> None:
    """Lets scripts of any page read what this blueprint answers; it knows no session and nothing of a person."""

    @blueprint.after_request
    def _open(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "ETag, Link, X-Total-Count"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
            response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
            response.headers["Access-Control-Max-Age"] = "86400"
        return response
