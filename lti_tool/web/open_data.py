"""Answers that anybody may read and keep; data among them may be asked for by pages of any origin."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, request

KEEP = 300
"""Seconds for which a cache may give an answer without asking."""


def kept(body: str | bytes, kind: str, *, personal: bool = False) -> Response:
    """A public answer; 304 where who asks has it already. One that depends on a session is `personal`: it is kept by
    that browser alone, and asked for each time.

    The ETag is weak: compressed, the same content has other bytes.
    """
    data = body.encode() if isinstance(body, str) else body
    answer = Response(data, content_type=kind)
    answer.headers["Cache-Control"] = "private, no-cache" if personal else f"public, max-age={KEEP}"
    answer.set_etag(hashlib.sha256(data).hexdigest()[:32], weak=True)
    answer.make_conditional(request)
    return answer


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
