"""What templates receive: frozen values with every sentence, number and address ready. No rows, no arithmetic.

A template that shows something lays these out and decides nothing; what is said about a person is decided in Python,
where it is typed and tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lti_tool.catalogue.terms import Piece


@dataclass(frozen=True, slots=True)
class Link:
    """A way to somewhere; `current` is the page that shows it."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class ProgressView:
    """How far a worker is with something that people wait for, or how it ended."""

    state: str
    """A sentence that stays the same while the numbers change."""
    numbers: str = ""
    done: int = 0
    total: int = 0
    """0: nobody knows how much there is, and no bar is drawn."""
    kind: str = "info"
    """info | good | warn"""
    url: str = ""
    """Where to ask how far it is by now; empty: it has ended."""
    after: str = ""
    """Where it has ended: another sentence, what the numbers were."""
    file: Link | None = None
    """The file that was made, where that is what people waited for."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page of a session: whose it is, where, and the ways out."""

    person_name: str
    role: str
    course_title: str
    return_url: str | None
    """Back to the course in the LMS, where the LMS named the way."""
    here: str
    """Path of this page, to come back to after the language was changed."""
    framed: bool
    """Shown inside another page: the LMS's own head is above, ours is smaller."""
    tabs: tuple[Link, ...] = ()
    beside: tuple[Link, ...] = ()
    """The pages of the tab that is open, where it has several."""
    closed_at: datetime | None = None
    """Since when the course is closed."""
    offered: tuple[str, ...] = ("ky", "ru", "en")
    """The languages between which one may switch."""
    under_way: ProgressView | None = None
    """How far the course's levels are computed anew; None where nothing is under way."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A state as it is shown: `key` chooses icon, colour and border, `label` says it in words."""

    key: str
    label: str
    icon: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A line of the legend."""

    mark: Mark
    meaning: str


@dataclass(frozen=True, slots=True)
class FrameworkText:
    """A text of the requirements in the page's language, in pieces: those that name a term lead to its explanation.

    `original` is the official Kyrgyz wording, where the text is an unofficial translation of it; else None.
    """

    pieces: tuple[Piece, ...]
    lang: str
    original: str | None = None

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def is_official(self) -> bool:
        """Whether it is the requirements' own wording."""
        return self.original is None


@dataclass(frozen=True, slots=True)
class TermView:
    """A term of the glossary with its explanation."""

    number: int
    name: str
    abbreviation: str
    lang: str
    definition: FrameworkText
    official_name: str
    source: str
    source_url: str


@dataclass(frozen=True, slots=True)
class Step:
    """One of the three steps of the small picture of a standing; `x` in units of its view box."""

    key: str
    """met | held | part | out | open"""
    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class LevelCell:
    """One competency at one level in the grid."""

    level: str
    mark: Mark
    count: str
    """Like "7 of 9"; empty where nothing is counted."""
    flags: tuple[Mark, ...] = ()
    """Established, held, taken from other courses."""


@dataclass(frozen=True, slots=True)
class CompetencyLine:
    """One row of the grid."""

    code: str
    title: str
    url: str
    standing: str
    is_known: bool
    """Whether a level is established, be it 0."""
    steps: tuple[Step, ...]
    cells: tuple[LevelCell, ...]

    @property
    def same_of_all(self) -> Mark | None:
        """The state of every level, where that is all there is to say of each; else None."""
        told = {(each.mark, each.count, each.flags) for each in self.cells}
        mark, count, flags = told.pop()
        return None if told or count or flags else mark


@dataclass(frozen=True, slots=True)
class AspectGroup:
    """The rows of one aspect with its own level."""

    number: int
    title: FrameworkText
    level: str
    lines: tuple[CompetencyLine, ...]


@dataclass(frozen=True, slots=True)
class EmptyState:
    """What is shown where there is nothing yet: why, and what comes next."""

    title: str
    why: str
    next_steps: tuple[str, ...] = ()
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """*My competencies*: one person in one course."""

    title: str
    person_name: str
    summary: str
    why: str
    level_names: tuple[str, ...]
    groups: tuple[AspectGroup, ...]
    legend: tuple[Explained, ...]
    framework_title: FrameworkText
    computed_at: datetime | None
    empty: EmptyState | None = None
    crumbs: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One mark behind an indicator."""

    activity: str
    score: str
    """Rounded down, like "63.3 %"; "–" where nothing is there yet."""
    mark: str
    """As the source gave it, like "18 of 20"; empty where nothing is there yet."""
    weight: int
    role: str
    pass_mark: str
    worked_at: datetime | None
    source: str
    """Where it came from, with who assessed or when it arrived; empty where nothing is there yet."""
    note: str
    """Why it does not count, or what it missed; else empty."""
    counts: bool


@dataclass(frozen=True, slots=True)
class JudgementLine:
    """A trainer's judgement that has neither ended nor been withdrawn."""

    said: str
    by: str
    at: datetime
    reason: str
    until: datetime | None
    note: str = ""
    """Whether it is the one that counts, among several."""


@dataclass(frozen=True, slots=True)
class ElsewhereLine:
    """What another course says of an indicator, where a level rests on that."""

    course: str
    mark: Mark
    value: str
    """Rounded down; empty where there are no marks behind it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that has a name and a value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class IndicatorItem:
    """One indicator of a level with everything behind its state."""

    code: str
    text: FrameworkText
    is_key: bool
    mark: Mark
    value: str
    why: str
    evidence: tuple[EvidenceLine, ...]
    judgements: tuple[JudgementLine, ...] = ()
    elsewhere: tuple[ElsewhereLine, ...] = ()
    """Other courses; only where the level is read from the person's record."""
    decide: str = ""
    """Address of the page where it is judged; empty for who may not."""


@dataclass(frozen=True, slots=True)
class LevelSection:
    """One level of a competency, opened."""

    number: int
    name: str
    mark: Mark
    flags: tuple[Mark, ...]
    why: str
    indicators: tuple[IndicatorItem, ...]
    now: str = ""
    """In a closed course what the marks have come to say since; empty where that is the same."""


@dataclass(frozen=True, slots=True)
class SentGrade:
    """What the gradebook of the LMS has from this tool for one competency."""

    wanted: str
    sent: str


@dataclass(frozen=True, slots=True)
class CompetencyPage:
    """One competency of one person, down to the marks."""

    code: str
    title: str
    text: FrameworkText
    person_name: str
    summary: str
    steps: tuple[Step, ...]
    levels: tuple[LevelSection, ...]
    grade: SentGrade | None
    rules: str
    """How levels come about here, in one sentence."""
    facts: tuple[Fact, ...]
    """The rules in force with their version, each option with its value."""
    crumbs: tuple[Link, ...]
    previous: Link | None = None
    following: Link | None = None
