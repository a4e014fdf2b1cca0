"""Which competency of the version after is which of the one before, by where their indicators went. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lti_tool.competency.crosswalk import Line
from lti_tool.competency.framework import Competency, Framework


@dataclass(frozen=True, slots=True)
class Pair:
    """A competency before and after; one of the two is missing where it was removed, or is new."""

    old: Competency | None
    new: Competency | None

    @property
    def code(self) -> str:
        """As it is called from now on; a removed one as it was called."""
        named = self.new or self.old
        return named.code if named else ""

    @property
    def is_renumbered(self) -> bool:
        """Whether its code is another now: its column in the gradebook is another, too."""
        return self.old is not None and self.new is not None and self.old.code != self.new.code


def pairs_of(lines: Iterable[Line], old: Framework, new: Framework) -> tuple[Pair, ...]:
    """Every competency of either version once: those that share most indicators first, then those of one code."""
    shared: Counter[tuple[str, str]] = Counter(
        (old.indicator(before).competency, new.indicator(after).competency)
        for line in lines
        for before in line.old
        for after in line.new
    )
    ranked = sorted(shared, key=lambda codes: (-shared[codes], codes[0] != codes[1], codes))
    became: dict[str, str] = {}
    for before, after in ranked:
        if before not in became and after not in became.values():
            became[before] = after
    origins = {after: before for before, after in became.items()}
    kept = [
        Pair(old.competency(origins[each.code]) if each.code in origins else None, each) for each in new.competencies
    ]
    return (*kept, *(Pair(each, None) for each in old.competencies if each.code not in became))
