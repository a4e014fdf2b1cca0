"""Templates that every application of a test run shares: compiling them takes longer than most pages."""

from __future__ import annotations

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from lti_tool.web.spoken import SpokenEnvironment


class _Remembered(BytecodeCache):
    """What was compiled once in this process; Jinja asks by the source's checksum, so that an edit is seen."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str | None, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if kept := self._kept.get(_key(bucket)):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[_key(bucket)] = bucket.bytecode_to_string()


def _key(bucket: Bucket) -> tuple[str | None, str]:
    assert isinstance(bucket.environment, SpokenEnvironment)
    return bucket.environment.language, bucket.key


_REMEMBERED = _Remembered()


def share_templates(app: Flask) -> Flask:
    """The same application, which compiles no template that another one of this process has compiled."""
    app.jinja_env.bytecode_cache = _REMEMBERED
    return app
