"""The rule set: what a course may choose in the rules, as one versioned value.

A saved change is a new version and every computed level names the version that made it, so the value knows how to
be written down (only what differs from the defaults) and read back, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from fractions import Fraction
from typing import Any

from lti_tool.errors import RuleBroken

ENCODING_OPTIONS = frozenset({"encoding", "target_level"})
"""Stored in the same dictionary, read by `grading.scoring.Encoding`: how levels are sent, not how they are made."""


class Aggregation(StrEnum):
    """How several scores become one value of an indicator (rules, section 2)."""

    MEAN = "mean"
    BEST = "best"
    LATEST = "latest"
    N_OF_M = "n_of_m"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The options of a course, with the defaults of the rules. Refuses impossible values with `RuleBroken`."""

    aggregation: Aggregation = Aggregation.MEAN
    n: int = 1
    """Of *n of m*: how many activities must reach the pass mark."""
    pass_mark: Fraction = Fraction(3, 5)
    """t: what the value of an indicator must reach."""
    min_coverage: Fraction = Fraction(1, 2)
    """How much of the mapped weight must be graded before an indicator can be attained."""
    validity_months: int | None = None
    """For how many months evidence counts; None = for ever."""
    overall_needed: int = 9
    """How many competencies the overall level asks for (section 4); all of them is strict."""
    missing_is_zero: bool = False
    """Whether required and supporting work never handed in counts 0 after the course's closing date (section 1)."""

    def __post_init__(self) -> None:
        for name in ("pass_mark", "min_coverage"):
            if not 0 <= getattr(self, name) <= 1:
                raise RuleBroken("option_outside", option=name, value=getattr(self, name))
        for name in ("n", "validity_months", "overall_needed"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise RuleBroken("option_outside", option=name, value=value)

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> RuleSet:
        """Reads what `to_options` wrote; absent options have their defaults, unknown or faulty ones are refused."""
        chosen = {name: value for name, value in options.items() if name not in ENCODING_OPTIONS}
        unknown = sorted(chosen.keys() - _READERS.keys())
        if unknown:
            raise RuleBroken("option_unknown", options=unknown)
        return cls(**{name: _read(name, value) for name, value in chosen.items()})

    def to_options(self) -> dict[str, Any]:
        """The options that differ from the defaults, ready for JSON; fractions as text ("3/5")."""
        default = RuleSet()
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: str(value) if isinstance(value, (Fraction, StrEnum)) else value
            for name, value in values.items()
            if value != getattr(default, name)
        }


def _read(name: str, value: Any) -> Any:  # noqa: ANN401  JSON may hold anything; that is checked here
    try:
        return _READERS[name](value)
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise RuleBroken("option_faulty", option=name, value=value) from error


def _fraction(value: object) -> Fraction:
    """From "3/5" or "0.60"; a float is refused, since 0.6 is not three fifths."""
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return Fraction(value)
    raise TypeError(value)


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError(value)


def _months(value: object) -> int | None:
    return None if value is None else _whole(value)


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError(value)


_READERS = {
    "aggregation": Aggregation,
    "n": _whole,
    "pass_mark": _fraction,
    "min_coverage": _fraction,
    "validity_months": _months,
    "overall_needed": _whole,
    "missing_is_zero": _flag,
}
