"""A person's record to be printed: everything that the paper says, in the order in which it says it. Pure; typeset by
`pdf_file`.

All words are ready: nothing is translated or counted from here on. Nothing is said by a colour: what is shaded or drawn
has its words beside it, and survives a black-and-white printer.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from lti_tool.reports.table import Note

MOMENT = ("year", "month", "day", "hour", "minute", "second")


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One competency."""

    code: str
    text: str
    """In the requirements' words."""
    level: int | None
    """None: not established; drawn as no step, and said in words."""
    established: str
    certified: str
    """The certified levels, each with the letter of the course that gave it; a dash in words where there are none."""


@dataclass(frozen=True, slots=True)
class PaperAspect:
    """An aspect with its competencies."""

    title: str
    known: str
    """Its level, and how much of it is known."""
    lines: tuple[PaperLine, ...]


@dataclass(frozen=True, slots=True)
class PaperLevel:
    """What a level means, in the requirements' words."""

    number: int
    name: str
    subtitle: str
    description: str


@dataclass(frozen=True, slots=True)
class PaperCheck:
    """How the paper is checked: the picture for a telephone, and the same address to be typed."""

    picture: str
    """A QR code as SVG."""
    picture_text: str
    """What the picture is, for who does not see it."""
    say: str
    address: str
    shown: tuple[str, str]
    """The address in the two lines in which it is printed."""


@dataclass(frozen=True, slots=True)
class Paper:
    """The whole record."""

    name: str
    """Of the file, without its ending."""
    language: str
    issued_at: datetime
    """So that the same record made again is the same file."""
    issuer: str
    title: str
    whose: Note
    """The name; a text in its place where the LMS shares none."""
    facts: tuple[Note, ...]
    check: PaperCheck
    overall: Note
    overall_why: str
    heads: tuple[str, str, str]
    """Of competency, established level, certified levels."""
    top: int
    """The highest level, so many steps are drawn."""
    aspects: tuple[PaperAspect, ...]
    sources: str
    """Heading of the courses that certified; empty where nothing is certified."""
    source_lines: tuple[Note, ...]
    levels_title: str
    levels: tuple[PaperLevel, ...]
    levels_how: str
    """When a level counts."""
    wording: str
    """Whether the requirements' words here are the official ones or a translation."""
    silent_title: str
    silent: tuple[str, ...]
    """What the record does not say."""
    footer: str

    def as_json(self) -> dict[str, object]:
        """As the typesetter takes it."""
        at = self.issued_at
        return {**asdict(self), "issued_at": {each: getattr(at, each) for each in MOMENT}}
