"""Geometry of the radar of aspects, in units of its picture, with the middle at 0, 0. Pure; the words stand beside.

What is unknown has no point: the outline has a gap there, and its axis is drawn as one of which nothing is known. Level
0 lies on a ring of its own, so that it is neither the middle nor a gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, pi, sin

RADIUS = 44.0
LABEL = 51.0
LEAST_AXES = 3
"""With fewer there is no surface, and a table says the same."""

Levels = Sequence[int | None]
"""One level an axis; None: nothing is known there."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the picture."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Axis:
    """The axis of one aspect, with the place of its number."""

    label: str
    end: Point
    at: Point
    is_known: bool


@dataclass(frozen=True, slots=True)
class Ring:
    """All points of one level."""

    label: str
    points: str
    at: Point


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known, axis by axis: its points, the line through neighbours and the surface under it."""

    line: str
    area: str
    dots: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Radar:
    """The whole picture."""

    axes: tuple[Axis, ...]
    rings: tuple[Ring, ...]
    shown: Outline
    said: Outline | None
    """Self-assessment; None where nothing was said."""


def draw(labels: Sequence[str], shown: Levels, said: Levels, top: int) -> Radar | None:
    """The picture of levels 0 to `top`, one axis a label, clockwise from above; None where there are too few axes."""
    count = len(labels)
    if count < LEAST_AXES:
        return None
    return Radar(
        axes=tuple(
            Axis(label, _point(at, count, RADIUS), _point(at, count, LABEL), shown[at] is not None)
            for at, label in enumerate(labels)
        ),
        rings=tuple(_ring(level, count, top) for level in range(top + 1)),
        shown=_outline(shown, top),
        said=_outline(said, top) if any(level is not None for level in said) else None,
    )


@lru_cache(maxsize=256)
def _point(at: int, count: int, radius: float) -> Point:
    angle = 2 * pi * at / count - pi / 2
    return Point(round(radius * cos(angle), 2), round(radius * sin(angle), 2))


def _radius(level: int, top: int) -> float:
    return RADIUS * (level + 1) / (top + 1)


@lru_cache(maxsize=64)
def _ring(level: int, count: int, top: int) -> Ring:
    corners = [_point(at, count, _radius(level, top)) for at in range(count)]
    return Ring(str(level), " ".join(f"{each.x},{each.y}" for each in corners), corners[0])


def _outline(levels: Levels, top: int) -> Outline:
    count = len(levels)
    points = [None if level is None else _point(at, count, _radius(level, top)) for at, level in enumerate(levels)]
    known = [each for each in points if each is not None]
    if len(known) == count:
        whole = f"{_through(known)} Z"
        return Outline(whole, whole, tuple(known))
    runs = [run for run in _runs(points) if len(run) > 1]
    return Outline(
        line=" ".join(_through(run) for run in runs),
        area=" ".join(f"{_through([Point(0, 0), *run])} Z" for run in runs),
        dots=tuple(known),
    )


def _runs(points: Sequence[Point | None]) -> list[list[Point]]:
    """Neighbours that are known, round the circle: begun behind a gap, so that none is cut at the first axis."""
    gap = points.index(None)
    runs: list[list[Point]] = [[]]
    for each in [*points[gap:], *points[:gap]]:
        if each is None:
            runs.append([])
        else:
            runs[-1].append(each)
    return runs


def _through(points: Iterable[Point]) -> str:
    return "M" + " L".join(f"{each.x} {each.y}" for each in points)
