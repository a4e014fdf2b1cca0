"""A report to be printed: everything it says, in the order in which it says it. Pure; typeset by `pdf_file`.

All words and numbers are ready: nothing is translated, counted or rounded from here on. Colours never speak alone: each
cell that has one has its text too.
"""

from __future__ import annotations

from dataclasses import dataclass

from lti_tool.reports.table import Note


@dataclass(frozen=True, slots=True)
class LevelCell:
    """A level, shaded by its height."""

    text: str
    level: int | None
    """None: not established, no shade."""


@dataclass(frozen=True, slots=True)
class ShareCell:
    """A share as a short bar with its number."""

    text: str
    share: float | None
    """From 0 to 1; None: unknown, no bar."""


@dataclass(frozen=True, slots=True)
class StackCell:
    """How many stand at which level, as one bar in parts; the numbers stand in cells beside it."""

    stack: tuple[float, ...]
    """Shares of levels 0 to 3 and of "not established", in this order."""


Cell = str | LevelCell | ShareCell | StackCell


@dataclass(frozen=True, slots=True)
class PrintedColumn:
    """A column as it is printed."""

    title: str
    weight: float = 1
    """How much of the width it gets, against the others; 0: no more than it needs."""
    align: str = "left"
    """left | center | right"""
    shade: int | None = None
    """Its head carries the colour of this level, 4 for "not established": a legend for bars."""


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A table whose head is repeated on every page."""

    columns: tuple[PrintedColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def cells(self) -> int:
        """How many cells it has."""
        return len(self.columns) * len(self.rows)


@dataclass(frozen=True, slots=True)
class Section:
    """A part with a heading."""

    title: str
    paragraphs: tuple[str, ...] = ()
    table: PrintedTable | None = None
    below: str = ""
    """A remark under the table: what its signs mean."""
    landscape: bool = False
    """On pages of its own that lie across, after all others and after the signatures."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A line to sign on."""

    role: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report."""

    name: str
    """Of the file, without its ending."""
    language: str
    kicker: str
    """What stands small above the title."""
    title: str
    facts: tuple[Note, ...]
    sections: tuple[Section, ...]
    footer: str
    """At the foot of every page: as of when."""
    signatures: tuple[Signature, ...] = ()
    landscape: bool = False

    @property
    def cells(self) -> int:
        """How many cells its tables have: decides whether somebody has to wait for it."""
        return sum(section.table.cells for section in self.sections if section.table)
