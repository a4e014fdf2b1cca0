"""Gradebook exports: the one recorded from Moodle 5.1, variants of it in other languages, and small made ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

EXPORTS = Path(__file__).parents[2] / "data" / "moodle-5.1" / "webservice"
TIME = "1795384217"


@pytest.fixture
def export() -> Callable[[str], bytes]:
    """The recorded export (""), or its Russian ("-ru") or Kyrgyz ("-ky") variant."""

    def read(variant: str = "") -> bytes:
        return (EXPORTS / f"gradebook-export{variant}.csv").read_bytes()

    return read


@pytest.fixture
def small() -> Callable[..., bytes]:
    """A small English export: items as header → cells, one row a person, all with an ID number and an address."""

    def write(items: dict[str, list[str]], separator: str = ",") -> bytes:
        header = ["ID number", "Email address", *items, "Last downloaded from this course"]
        rows = [
            [f"SIS-{number}", f"p{number}@example.invalid", *cells, TIME]
            for number, cells in enumerate(zip(*items.values(), strict=True), 1)
        ]
        lines = [separator.join(f'"{field}"' for field in row) for row in [header, *rows]]
        return "\n".join(lines).encode()

    return write
