"""Geometry of charts: stacked bars and paths of growth, in units of their pictures. Pure; the words stand beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

WIDTH = 100
SHADES = 5


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a stacked bar."""

    key: str
    """Chooses its fill: `unknown`, or a level's number."""
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Path:
    """From the entry to the exit, and the level that was shown, on one line; None: nothing is known."""

    entry: float | None
    exit: float | None
    level: float | None


def stacked(counts: Sequence[tuple[str, int]]) -> tuple[Segment, ...]:
    """One bar of these counts, side by side; what is nothing has no part."""
    everything = sum(count for _key, count in counts)
    segments, reached = [], 0
    for key, count in counts:
        if count:
            segments.append(Segment(key, _place(reached, everything), _place(count, everything)))
        reached += count
    return tuple(segments)


def path(entry: Fraction | None, exit_: Fraction | None, level: Fraction | None, top: int) -> Path:
    """Three points of the same scale, 0 to `top`."""
    return Path(*(None if each is None else _place(each, top) for each in (entry, exit_, level)))


def shade(share: Fraction | None) -> int:
    """How dark a cell of a heat map is: 0 for nothing, then 1 to 5."""
    if not share:
        return 0
    return min(SHADES, int(share * SHADES) + 1)


def _place(part: Fraction | int, of: int) -> float:
    return round(float(Fraction(part, 1) * WIDTH / of), 2) if of else 0.0
