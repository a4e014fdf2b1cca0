"""A rule set is written down and read back exactly, or refused."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from lti_tool.competency.rule_set import Aggregation, RuleSet
from lti_tool.errors import RuleBroken


def test_the_defaults_are_those_of_the_rules() -> None:
    rules = RuleSet()

    assert (rules.aggregation, rules.pass_mark, rules.min_coverage) == ("mean", Fraction(3, 5), Fraction(1, 2))
    assert (rules.validity_months, rules.overall_needed, rules.missing_is_zero) == (None, 9, False)


def test_only_what_differs_from_the_defaults_is_written_down() -> None:
    assert RuleSet().to_options() == {}
    assert RuleSet(pass_mark=Fraction(2, 3)).to_options() == {"pass_mark": "2/3"}


@pytest.mark.parametrize(
    "rules",
    [
        RuleSet(),
        RuleSet(Aggregation.N_OF_M, 2, Fraction(1, 3), Fraction(2, 3), 60, 11, True),
        RuleSet(aggregation=Aggregation.LATEST, validity_months=12),
    ],
)
def test_a_rule_set_survives_json(rules: RuleSet) -> None:
    assert RuleSet.from_options(json.loads(json.dumps(rules.to_options()))) == rules


def test_a_decimal_text_is_an_exact_fraction() -> None:
    assert RuleSet.from_options({"pass_mark": "0.60"}) == RuleSet()


def test_the_encoding_beside_the_rules_is_not_the_rules_business() -> None:
    assert RuleSet.from_options({"encoding": "pass", "target_level": 2}) == RuleSet()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"pass_mark": 0.6}, "option_faulty"),
        ({"pass_mark": "a lot"}, "option_faulty"),
        ({"pass_mark": "1/0"}, "option_faulty"),
        ({"pass_mark": "1.01"}, "option_outside"),
        ({"min_coverage": -1}, "option_outside"),
        ({"aggregation": "median"}, "option_faulty"),
        ({"n": 0}, "option_outside"),
        ({"n": True}, "option_faulty"),
        ({"validity_months": 0}, "option_outside"),
        ({"validity_months": "12"}, "option_faulty"),
        ({"overall_needed": None}, "option_faulty"),
        ({"missing_is_zero": 1}, "option_faulty"),
        ({"passmark": "0.5"}, "option_unknown"),
    ],
)
def test_an_impossible_option_is_refused(options: dict[str, Any], code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        RuleSet.from_options(options)

    assert refused.value.code == code
