"""Crosswalks of any kind between two small versions, and a course of the packaged requirements that can move."""

from __future__ import annotations

from hypothesis import strategies as st

from lti_tool.competency.crosswalk import Crosswalk, Kind, Line
from tests.factories.catalogues import small_catalogue

OLD_SHAPE, NEW_SHAPE = ((3, 2, 1),), ((4, 2, 2), (1,))
OLD = [
    each["code"]
    for competency in small_catalogue(OLD_SHAPE)["aspects"][0]["competencies"]
    for each in competency["indicators"]
]
NEW = [
    each["code"]
    for competency in small_catalogue(NEW_SHAPE)["aspects"][0]["competencies"]
    for each in competency["indicators"]
]


@st.composite
def crosswalks(draw: st.DrawFn) -> Crosswalk:
    """A whole crosswalk from the small framework of the worked examples to a next version of it."""
    olds, news = list(draw(st.permutations(OLD))), list(draw(st.permutations(NEW)))
    lines = []
    while olds or news:
        kind = draw(st.sampled_from(_possible(len(olds), len(news))))
        old = [olds.pop() for _ in range({Kind.NEW: 0, Kind.MERGED: 2}.get(kind, 1))]
        new = [news.pop() for _ in range({Kind.REMOVED: 0, Kind.SPLIT: 2}.get(kind, 1))]
        several = {Kind.SPLIT: new, Kind.MERGED: old}.get(kind, [])
        carries = [each for each in several if draw(st.booleans())]
        lines.append(Line(kind, tuple(old), tuple(new), tuple(carries)))
    return tuple(lines)


def _possible(olds: int, news: int) -> list[Kind]:
    needs = {Kind.REWORDED: (1, 1), Kind.SPLIT: (1, 2), Kind.MERGED: (2, 1), Kind.NEW: (0, 1), Kind.REMOVED: (1, 0)}
    return [kind for kind, (old, new) in needs.items() if old <= olds and new <= news]
