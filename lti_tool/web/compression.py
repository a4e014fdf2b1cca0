"""Pages leave compressed: on a slow link the wait is the bytes.

A compressed page that holds a secret (the CSRF token) and text of a stranger's choice tells the secret by its length,
if the length is exact (the BREACH attack). So each answer carries a random number of bytes that mean nothing, in
the gzip header's file name, where decoders skip them.
"""

from __future__ import annotations

import secrets
import struct

from flask import Flask, Response, request
from zlib_ng import zlib_ng as zlib

LEAST = 600
"""Smaller bodies gain nothing."""
LEVEL = 5
"""The bytes of zlib's own level 5, in about half of its time."""
TYPES = frozenset({"text/html", "text/csv", "application/json"})
LONGEST_PADDING = 100


def install(app: Flask) -> None:
    """Compresses what views answer, where the browser takes it."""

    @app.after_request
    def _compress(response: Response) -> Response:
        response.vary.add("Accept-Encoding")
        if _worth_it(response):
            response.set_data(packed(response.get_data()))
            response.headers["Content-Encoding"] = "gzip"
        return response


def _worth_it(response: Response) -> bool:
    return (
        # Nobody reads what a redirection says.
        not response.location
        and not response.is_streamed
        and not response.direct_passthrough
        and response.mimetype in TYPES
        and "Content-Encoding" not in response.headers
        and (response.content_length or 0) >= LEAST
        and request.accept_encodings.quality("gzip") > 0
    )


def packed(body: bytes, padding: int | None = None) -> bytes:
    """The body as a gzip stream (RFC 1952) whose header holds a file name of `padding` bytes, by default a random
    number of them up to 100."""
    padding = secrets.randbelow(LONGEST_PADDING) + 1 if padding is None else padding
    squeezer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    header = b"\x1f\x8b\x08" + bytes([_FILE_NAME]) + b"\x00" * 4 + b"\x00\xff" + b"a" * padding + b"\x00"
    trailer = struct.pack("<LL", zlib.crc32(body), len(body) & 0xFFFFFFFF)
    return header + squeezer.compress(body) + squeezer.flush() + trailer


_FILE_NAME = 0x08
"""Flag "a file name follows" (RFC 1952, section 2.3.1)."""
