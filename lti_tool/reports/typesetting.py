"""Typesets one document and ends: what it took of memory goes with it.

Run as a program of its own (`pdf_file` does): reads {"template": path, "data": text} from standard input, writes a
tagged PDF (PDF/UA-1) to standard output. Knows nothing of the tool, so that it starts at once; the fonts are those
that the typesetter carries, so that every machine prints alike.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import typst

NOT_IN_THE_FONT = re.compile(
    r"[^\t\n -~\u00a0-\u017f\u0400-\u052f\u2010-\u2027\u2030-\u203a\u20ac\u20bd\u2116\u2190-\u2193"
    r"\u2212\u2260-\u2265\u25a0-\u25cf]"
)
"""What the text font may lack; a document that says how it is to be read aloud may hold no such letter."""
STAND_IN = "\u25a1"


def typeset(template: Path, data: str) -> bytes:
    """The document as PDF/UA-1. A letter that the font lacks is shown as an empty box, rather than no document."""
    try:
        return _compiled(template, data)
    except typst.TypstError:
        # Escapes of JSON are ASCII, so only what stands in texts is replaced.
        return _compiled(template, json.dumps(_printable(json.loads(data))))


def _printable(value: object) -> object:
    if isinstance(value, str):
        return NOT_IN_THE_FONT.sub(STAND_IN, value)
    if isinstance(value, list):
        return [_printable(each) for each in value]
    return {name: _printable(each) for name, each in value.items()} if isinstance(value, dict) else value


def _compiled(template: Path, data: str) -> bytes:
    compiler = typst.Compiler(
        str(template), root=str(template.parent), ignore_system_fonts=True, sys_inputs={"data": data}
    )
    made = compiler.compile(format="pdf", pdf_standards="ua-1")
    if not isinstance(made, bytes):
        raise TypeError("no document")
    return made


def main() -> None:
    """From standard input to standard output."""
    asked = json.load(sys.stdin)
    sys.stdout.buffer.write(typeset(Path(asked["template"]), asked["data"]))


if __name__ == "__main__":
    main()
