"""Exact arithmetic at the price that a course of a thousand people can pay.

Adding fractions one by one reduces each intermediate sum; a common denominator reduces once and gives the same number.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction
from math import lcm


def weighted_mean(parts: Collection[tuple[int, Fraction]]) -> Fraction:
    """The sum of weight · value over the sum of weights; `parts` must not be empty."""
    if len(parts) == 1:
        return next(value for _, value in parts)
    common = lcm(*(value.denominator for _, value in parts))
    total = sum(weight * value.numerator * (common // value.denominator) for weight, value in parts)
    return Fraction(total, common * sum(weight for weight, _ in parts))


def position(given: Decimal, low: Decimal, high: Decimal) -> Fraction:
    """Where `given` lies between `low` (0) and `high` (1), the two being different: (given - low) / (high - low).

    Without Decimal's own arithmetic, which rounds to 28 digits.
    """
    g, g_under = given.as_integer_ratio()
    a, a_under = low.as_integer_ratio()
    b, b_under = high.as_integer_ratio()
    return Fraction((g * a_under - a * g_under) * b_under, (b * a_under - a * b_under) * g_under)
