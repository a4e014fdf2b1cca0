"""How the group page is narrowed and ordered: by the address alone, so that it works without a script.

Who has no established level comes last, whichever way the rows are ordered: unknown is neither below nor above.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import urlencode

from lti_tool.competency.standing import CompetencyStanding
from lti_tool.ids import PersonId
from lti_tool.people.member_queries import Member

BY_NAME = "name"
UP, DOWN = "ascending", "descending"
LONGEST = 100
StandingOf = Callable[[PersonId], CompetencyStanding | None]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address asks for; what it asks for and there is not, is left out."""

    sort: str = BY_NAME
    """`name`, or a competency's code."""
    direction: str = UP
    group: str = ""
    """A group's id in the LMS; empty: all."""
    text: str = ""

    @property
    def narrows(self) -> bool:
        """Whether some people may be left out."""
        return bool(self.group or self.text)

    def keeps(self, member: Member) -> bool:
        """Whether this person is to be shown."""
        told = f"{member.name} {member.detail}".casefold()
        return (not self.group or self.group in member.groups) and self.text.casefold() in told

    def order_of(self, sort: str) -> str | None:
        """How the rows are ordered by this: ascending, descending; None where they are ordered by something else."""
        return self.direction if sort == self.sort else None

    def query_to_sort(self, sort: str) -> str:
        """The address's query that orders by this, or turns the order round, and narrows as now."""
        turned = DOWN if self.order_of(sort) == UP else UP
        asked = {"sort": sort, "order": turned, "group": self.group, "text": self.text}
        return "?" + urlencode({name: value for name, value in asked.items() if value})


def read(asked: Mapping[str, str], competencies: Iterable[str], groups: Iterable[str]) -> Choice:
    """The choice that an address makes among what there is."""
    sort, order, group = asked.get("sort", ""), asked.get("order", ""), asked.get("group", "")
    return Choice(
        sort=sort if sort in {*competencies} else BY_NAME,
        direction=DOWN if order == DOWN else UP,
        group=group if group in {*groups} else "",
        text=" ".join(asked.get("text", "")[:LONGEST].replace("\0", "").split()),
    )


def ordered(people: Iterable[Member], choice: Choice, standing_of: StandingOf) -> list[Member]:
    """These people, who come by name, in the order that was chosen; equals stay by name."""
    down = choice.direction == DOWN
    if choice.sort == BY_NAME:
        return list(people)[::-1] if down else list(people)

    def place(member: Member) -> tuple[bool, int, Fraction]:
        standing = standing_of(member.id)
        if standing is None:
            return (True, 0, Fraction(0))
        level, progress = standing.established, standing.progress
        return (level is None, -(level or 0) if down else level or 0, -progress if down else progress)

    return sorted(people, key=place)


def in_order(groups: Iterable[str]) -> list[str]:
    """Group ids, each once: numbers by their size, as Moodle gives them, then whatever else."""
    return sorted({*groups}, key=lambda each: (not each.isdecimal(), len(each) if each.isdecimal() else 0, each))
