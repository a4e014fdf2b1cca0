"""A crosswalk proposed from the codes and wordings of two versions, for somebody to confirm or mend. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

from lti_tool.competency.crosswalk import Crosswalk, Kind, Line, in_order, wording
from lti_tool.competency.framework import Framework, Indicator
from lti_tool.competency.similarity import contained, likeness

PART = Fraction(3, 5)
"""How much of a part must be in the whole for a split or a merger to be thought of."""
TOGETHER = Fraction(3, 5)
"""How much of the whole the parts must make up together, side by side."""
KEPT_CODE = Fraction(2, 5)
"""How alike the wordings of one code must be to be a rewording."""
OTHER_CODE = Fraction(3, 5)
"""How alike they must be where the code is another."""


def propose(old: Framework, new: Framework) -> Crosswalk:
    """A whole crosswalk: same wording first, then splits and mergers, then rewordings; the rest is removed or new."""
    found = _Finding({each.code: each for each in old.indicators}, {each.code: each for each in new.indicators})
    found.same()
    found.parts()
    found.reworded()
    removed = (Line(Kind.REMOVED, (code,), ()) for code in found.old)
    added = (Line(Kind.NEW, (), (code,)) for code in found.new)
    return in_order([*found.lines, *removed, *added], old, new)


@dataclass
class _Finding:
    """What is not yet accounted for, by code, and the lines so far."""

    old: dict[str, Indicator]
    new: dict[str, Indicator]
    lines: list[Line] = field(default_factory=list)

    def take(self, kind: Kind, old: Iterable[str], new: Iterable[str]) -> None:
        """A line of these, which are accounted for by that."""
        line = Line(kind, tuple(old), tuple(new))
        self.lines.append(line)
        for code in line.old:
            del self.old[code]
        for code in line.new:
            del self.new[code]

    def same(self) -> None:
        """The same wording under the same code, then under another."""
        for code in [each for each in self.old if each in self.new]:
            if wording(self.old[code]) == wording(self.new[code]):
                self.take(Kind.SAME, (code,), (code,))
        for code, indicator in list(self.old.items()):
            alike = [each.code for each in self.new.values() if wording(each) == wording(indicator)]
            if len(alike) == 1:
                self.take(Kind.SAME, (code,), alike)

    def parts(self) -> None:
        """One that stands in several of the other version now, each of which is a part of it; within a competency."""
        for whole in list(self.old.values()):
            parts = _parts_of(whole, self.new.values())
            if len(parts) > 1:
                self.take(Kind.SPLIT, (whole.code,), parts)
        for whole in list(self.new.values()):
            parts = _parts_of(whole, self.old.values())
            if len(parts) > 1:
                self.take(Kind.MERGED, parts, (whole.code,))

    def reworded(self) -> None:
        """The most alike first; the same code needs less."""
        self._pair(KEPT_CODE, lambda before, after: before.code == after.code)
        self._pair(OTHER_CODE, lambda _before, _after: True)

    def _pair(self, least: Fraction, may: Callable[[Indicator, Indicator], bool]) -> None:
        pairs = sorted(
            (-_likeness(before, after), before.code, after.code)
            for before, after in product(self.old.values(), self.new.values())
            if may(before, after) and _likeness(before, after) >= least
        )
        for _alike, before, after in pairs:
            if before in self.old and after in self.new:
                self.take(Kind.REWORDED, (before,), (after,))


def _parts_of(whole: Indicator, others: Iterable[Indicator]) -> list[str]:
    near = [each for each in others if each.competency == whole.competency and each.level == whole.level]
    parts = [each for each in near if contained(wording(each), wording(whole)) >= PART]
    if len(parts) < 2 or any(contained(wording(whole), wording(each)) >= Fraction(9, 10) for each in parts):
        return []
    together = " ".join(wording(each) for each in parts)
    return [each.code for each in parts] if likeness(together, wording(whole)) >= TOGETHER else []


def _likeness(before: Indicator, after: Indicator) -> Fraction:
    return likeness(wording(before), wording(after))
