"""One line of a crosswalk changed by hand, so that it stays whole: what it takes leaves other lines. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lti_tool.competency.crosswalk import Crosswalk, Kind, Line, in_order, wording
from lti_tool.competency.framework import Framework
from lti_tool.errors import RuleBroken


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody wants to be one line; its kind follows from how many indicators it has on each side."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    carries: tuple[str, ...] = ()


def edited(lines: Sequence[Line], number: int, wanted: Edit, old: Framework, new: Framework) -> Crosswalk:
    """The crosswalk with its line of this number (from 1) become this.

    Indicators that it names leave the lines where they stood; those that it named before and does no more are removed
    ones, or new ones. Raises RuleBroken: `crosswalk_line_unknown`, `crosswalk_codes_unknown` (codes),
    `crosswalk_several_both` (several old ones have become several new ones: that are several lines).
    """
    if not 1 <= number <= len(lines):
        raise RuleBroken("crosswalk_line_unknown", line=number)
    strangers = [each for each in wanted.old if not old.has_indicator(each)]
    strangers += [each for each in wanted.new if not new.has_indicator(each)]
    strangers += [each for each in wanted.carries if each not in wanted.old + wanted.new]
    if strangers:
        raise RuleBroken("crosswalk_codes_unknown", codes=", ".join(strangers)[:200])
    before = lines[number - 1]
    asked = Edit(_once(wanted.old), _once(wanted.new), _once(wanted.carries))
    rest = [_without(each, asked, old, new) for at, each in enumerate(lines, start=1) if at != number]
    left = [
        *(Line(Kind.REMOVED, (code,)) for code in before.old if code not in asked.old),
        *(Line(Kind.NEW, (), (code,)) for code in before.new if code not in asked.new),
    ]
    kept = [line for part in rest for line in part]
    return in_order([*kept, *left, *_lines(asked, old, new)], old, new)


def _once(codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))


def _without(line: Line, taken: Edit, old: Framework, new: Framework) -> list[Line]:
    olds = tuple(code for code in line.old if code not in taken.old)
    news = tuple(code for code in line.new if code not in taken.new)
    if (olds, news) == (line.old, line.new):
        return [line]
    carries = tuple(code for code in line.carries if code in olds + news)
    return _lines(Edit(olds, news, carries), old, new)


def _lines(wanted: Edit, old: Framework, new: Framework) -> list[Line]:
    if not wanted.new:
        return [Line(Kind.REMOVED, (code,)) for code in wanted.old]
    if not wanted.old:
        return [Line(Kind.NEW, (), (code,)) for code in wanted.new]
    kind = _kind(wanted, old, new)
    line = Line(kind, wanted.old, wanted.new)
    carries = tuple(code for code in wanted.carries if code in line.several)
    return [Line(kind, wanted.old, wanted.new, carries)]


def _kind(wanted: Edit, old: Framework, new: Framework) -> Kind:
    match len(wanted.old) > 1, len(wanted.new) > 1:
        case True, True:
            raise RuleBroken("crosswalk_several_both")
        case True, False:
            return Kind.MERGED
        case False, True:
            return Kind.SPLIT
        case _:
            same = wording(old.indicator(wanted.old[0])) == wording(new.indicator(wanted.new[0]))
            return Kind.SAME if same else Kind.REWORDED
