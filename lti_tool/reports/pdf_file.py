"""A report, or any table, as a PDF file: typeset by a program of its own that ends with it.

The typesetter needs 40 MB, and for a thousand people 250 MB and some seconds: a web process neither keeps the one nor
waits for the other (`web/exports.py` has a worker do it).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO

from lti_tool.errors import ToolError
from lti_tool.reports.paper import Paper
from lti_tool.reports.report import Cell, LevelCell, PrintedColumn, PrintedTable, Report, Section
from lti_tool.reports.table import Column, Kind, Row, Table, Value, text_of

CONTENT_TYPE = "application/pdf"
TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
RECORD = Path(__file__).parent / "templates" / "record.typ"
PROGRAM = Path(__file__).parent / "typesetting.py"
LONGEST_SECONDS = 300
BEAT_SECONDS = 5
LANDSCAPE_COLUMNS = 6
SIGNS = "–○◐●□■"
"""For words that have no room, in the order in which they come."""
Beat = Callable[[], object]
"""Called now and then while the typesetter works: who waits may be told, or give up by raising."""


class NotTypeset(ToolError):
    """The typesetter failed or took too long."""


def write(printed: Report | Table, file: IO[bytes], beat: Beat = lambda: None) -> None:
    """Writes the document. Raises NotTypeset."""
    report = printed if isinstance(printed, Report) else of_table(printed)
    _typeset(TEMPLATE, asdict(report), file, beat)


def write_record(paper: Paper, file: IO[bytes]) -> None:
    """Writes a person's record; the same record is the same file. Raises NotTypeset."""
    _typeset(RECORD, paper.as_json(), file, lambda: None)


def _typeset(template: Path, data: Mapping[str, object], file: IO[bytes], beat: Beat) -> None:
    asked = json.dumps({"template": str(template), "data": json.dumps(data)})
    with tempfile.TemporaryFile() as task, tempfile.TemporaryFile() as complaints:
        task.write(asked.encode())
        task.seek(0)
        # -I: nothing of the surroundings is imported.
        command = [sys.executable, "-I", str(PROGRAM)]
        with subprocess.Popen(command, stdin=task, stdout=file, stderr=complaints) as child:  # noqa: S603  our own program
            try:
                _wait(child, beat)
            finally:
                child.kill()
        if child.returncode != 0:
            complaints.seek(0)
            said = complaints.read().decode(errors="replace").splitlines()
            raise NotTypeset("not_typeset", status=child.returncode, said=said[-1:])


def _wait(child: subprocess.Popen[bytes], beat: Beat) -> None:
    for _ in range(LONGEST_SECONDS // BEAT_SECONDS):
        try:
            child.wait(BEAT_SECONDS)
        except subprocess.TimeoutExpired:
            beat()
        else:
            return
    raise NotTypeset("not_typeset", status=None, said=["took too long"])


def of_table(table: Table) -> Report:
    """Any table as a document: its notes above it, its head on every page.

    Where many columns share the width, levels that are not established are signs, and heads are short; what either
    means is said beside the table.
    """
    narrow = len(table.columns) > LANDSCAPE_COLUMNS
    signs: dict[str, str] = {}
    rows = tuple(
        tuple(_cell(value, column, table, signs if narrow else None) for value, column in _cells(row, table))
        for row in table.rows
    )
    shortened = [each for each in table.columns if narrow and each.short]
    # Columns that share a short head are alike: the first one says what it means.
    legend: dict[str, str] = {}
    for each in shortened:
        legend.setdefault(each.short, each.title)
    return Report(
        name=table.name,
        language=table.language,
        kicker="",
        title=table.title,
        facts=table.notes,
        sections=(
            Section(
                "",
                table=PrintedTable(tuple(_columns(table, rows, narrow=narrow)), rows),
                below="   ".join(
                    [f"{sign} {word}" for word, sign in signs.items()]
                    + [_explained(short, title) for short, title in legend.items()]
                ),
            ),
        ),
        footer=table.title,
        landscape=narrow,
    )


_ALIGN = {Kind.TEXT: "left", Kind.MOMENT: "left", Kind.LEVEL: "center"}
_WEIGHT = {Kind.MOMENT: 1.5, Kind.TEXT: 3.0}
LETTERS = 8
"""So many letters of text on average are as wide as a number."""
HEAD_LETTERS = 6
"""So many letters of a head, which is bold: its longest word must not reach into the next column."""


def _explained(short: str, title: str) -> str:
    """What a short head means; a title that begins with it says it once."""
    return title if title.startswith(short) else f"{short} {title}"


def _cells(row: Row, table: Table) -> Iterator[tuple[Value, Column]]:
    return zip(row, table.columns, strict=True)


def _columns(table: Table, rows: Sequence[Sequence[Cell]], *, narrow: bool) -> Iterator[PrintedColumn]:
    for place, column in enumerate(table.columns):
        weight = _WEIGHT.get(column.kind, 1)
        if column.kind is Kind.TEXT and rows:
            letters = sum(len(str(row[place])) for row in rows) / len(rows)
            weight = min(max(letters / LETTERS, 2.0), 3 * weight)
        title = column.short if narrow and column.short else column.title
        weight = max(weight, max(map(len, title.split()), default=0) / HEAD_LETTERS)
        # A short head must not be broken, so its column takes what it needs.
        as_needed = bool(column.short) and column.kind is Kind.WHOLE
        yield PrintedColumn(title, 0 if as_needed else weight, _ALIGN.get(column.kind, "right"))


def _cell(value: Value, column: Column, table: Table, signs: dict[str, str] | None) -> Cell:
    said = text_of(value, column, table.zone)
    if column.kind is not Kind.LEVEL:
        return said
    if not isinstance(value, str):
        return LevelCell(said, None if value is None else int(said))
    if signs is not None and said not in signs and len(signs) < len(SIGNS):
        signs[said] = SIGNS[len(signs)]
    return LevelCell(said if signs is None else signs.get(said, said), None)
