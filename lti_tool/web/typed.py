"""What a form says, in a shape that can be stored: line ends as one sign, and no NUL, which PostgreSQL cannot keep."""

from __future__ import annotations

from flask import request

DIGITS = 8


def text(name: str) -> str:
    """What was typed into a field, without spaces around it; empty where there is no such field."""
    return request.form.get(name, "").replace("\r\n", "\n").replace("\0", "").strip()


def version(name: str = "version") -> int:
    """The version that a form was made from; 0 for anything that is no number."""
    typed = request.form.get(name, "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= DIGITS else 0
