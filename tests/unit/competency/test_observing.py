"""What becomes of a cell of a checklist that two trainers fill in."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from lti_tool.competency.model import Mark, ObservationStep
from lti_tool.competency.observing import STEPS, ObservationChange, Observed, decide
from lti_tool.ids import IndicatorId, PersonId

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HERE = (PersonId(1), IndicatorId(7))
SHOWN, EMERGING = ObservationStep.SHOWN, ObservationStep.EMERGING
Score = Fraction | None


def _change(seen: Score, wanted: ObservationStep | None) -> ObservationChange:
    return ObservationChange(*HERE, seen, wanted)


def _stands(score: Score) -> dict[tuple[PersonId, IndicatorId], Observed]:
    return {} if score is None else {HERE: Observed(score, NOW, "Марина")}


def test_each_step_is_known_by_its_score() -> None:
    assert {step: score for score, step in STEPS.items()} == {
        ObservationStep.NOT_SHOWN: 0,
        ObservationStep.EMERGING: Fraction(2, 5),
        ObservationStep.SHOWN: Fraction(7, 10),
        ObservationStep.CONVINCING: 1,
    }
    assert Observed(Mark.observation(SHOWN).score, NOW, None).step is SHOWN
    assert Observed(Fraction(11, 20), NOW, None).step is None


@pytest.mark.parametrize(
    ("stands", "seen", "wanted", "becomes"),
    [
        (None, None, SHOWN, "taken"),
        (Fraction(7, 10), Fraction(7, 10), EMERGING, "taken"),
        (Fraction(7, 10), Fraction(7, 10), None, "taken"),
        (Fraction(11, 20), Fraction(11, 20), SHOWN, "taken"),
        (Fraction(0), None, SHOWN, "clash"),
        (Fraction(0), None, ObservationStep.NOT_SHOWN, "nothing"),
        (None, None, None, "nothing"),
        (None, Fraction(7, 10), None, "nothing"),
        (None, Fraction(7, 10), EMERGING, "clash"),
        (Fraction(2, 5), Fraction(7, 10), None, "clash"),
    ],
)
def test_a_change_is_taken_where_its_author_saw_what_stands(
    stands: Score, seen: Score, wanted: ObservationStep | None, becomes: str
) -> None:
    taken, clashes = decide([_change(seen, wanted)], _stands(stands))

    assert (len(taken), len(clashes)) == {"taken": (1, 0), "clash": (0, 1), "nothing": (0, 0)}[becomes]


def test_a_clash_names_what_stands_and_who_put_it_there() -> None:
    _taken, clashes = decide([_change(None, SHOWN)], _stands(Fraction(2, 5)))

    assert [(each.stands and each.stands.step, each.stands and each.stands.by) for each in clashes] == [
        (EMERGING, "Марина")
    ]


def test_not_shown_is_told_from_not_yet_observed() -> None:
    taken, _clashes = decide([_change(None, ObservationStep.NOT_SHOWN)], {})

    assert len(taken) == 1, "0 is a mark; nothing is none"
