"""Templates that every application of a test run shares: compiling them takes longer than most pages."""

from __future__ import annotations

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache


class _Remembered(BytecodeCache):
    """What was compiled once in this process; Jinja asks by the source's checksum, so that an edit is seen."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if kept := self._kept.get(bucket.key):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_REMEMBERED = _Remembered()


def share_templates(app: Flask) -> Flask:
    """The same application, which compiles no template that another one of this process has compiled."""
    app.jinja_env.bytecode_cache = _REMEMBERED
    return app
