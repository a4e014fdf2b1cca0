"""Levels, competencies and the whole are explained in sentences that say the facts and nothing else."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from lti_tool.competency.model import LevelState
from lti_tool.competency.standing import AspectStanding, CompetencyStanding, LevelStanding, Profile
from lti_tool.ids import CompetencyId
from lti_tool.web import explain
from tests.unit.web.conftest import Speak

MET = LevelStanding(number=1, state=LevelState.MET, attained=7, mapped=9, total=9, needed=6)
NAMES = {1: "Basic level", 2: "Intermediate level", 3: "Advanced level"}.__getitem__


def _level(state: LevelState, attained: int = 0, mapped: int = 9, number: int = 1) -> LevelStanding:
    return LevelStanding(number=number, state=state, attained=attained, mapped=mapped, total=9, needed=6)


def _standing(established: int | None, *levels: LevelStanding, disputed: bool = False) -> CompetencyStanding:
    return CompetencyStanding(CompetencyId(1), levels, established, Fraction(0), disputed)


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Fraction(5999, 10000), "59.9\N{NO-BREAK SPACE}%"),
        (Fraction(3, 5), "60\N{NO-BREAK SPACE}%"),
        (Fraction(19, 30), "63.3\N{NO-BREAK SPACE}%"),
        (Fraction(0), "0\N{NO-BREAK SPACE}%"),
        (Fraction(1), "100\N{NO-BREAK SPACE}%"),
        (Fraction(9999, 10000), "99.9\N{NO-BREAK SPACE}%"),
    ],
)
def test_a_percentage_is_rounded_down(value: Fraction, shown: str) -> None:
    assert explain.percent(value) == shown


@pytest.mark.parametrize("locale", ["ky", "ru"])
def test_a_percentage_has_the_comma_of_its_language(speak: Speak, locale: str) -> None:
    with speak(locale):
        assert explain.percent(Fraction(19, 30)) == "63,3\N{NO-BREAK SPACE}%"


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Fraction(3, 5), "60\N{NO-BREAK SPACE}%"),
        (Fraction("0.599995"), "59.9995\N{NO-BREAK SPACE}%"),
        (Fraction(1, 3), "1/3"),
        (Fraction(1), "100\N{NO-BREAK SPACE}%"),
    ],
)
def test_what_must_be_reached_is_never_rounded(value: Fraction, shown: str) -> None:
    assert explain.percent_exact(value) == shown


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("level", "said"),
    [
        (MET, "7 of the 9 indicators are attained; needed: 6."),
        (
            _level(LevelState.IN_PROGRESS, attained=4),
            "4 of the 9 indicators are attained; needed: 6. 2 more are missing.",
        ),
        (
            _level(LevelState.IN_PROGRESS, attained=5),
            "5 of the 9 indicators are attained; needed: 6. 1 more is missing.",
        ),
        (
            _level(LevelState.NOT_MET, attained=1),
            (
                "1 of the 9 indicators are attained; needed: 6. With the marks that stand now this number cannot be"
                " reached. A new or better mark can change that."
            ),
        ),
        (_level(LevelState.NO_EVIDENCE), "None of the 9 indicators has been assessed yet; needed: 6."),
        (
            _level(LevelState.NOT_ASSESSABLE, mapped=0),
            "No activity of this course covers an indicator of this level, so it is not assessed here.",
        ),
        (
            _level(LevelState.NOT_ASSESSABLE, mapped=4),
            (
                "The activities of this course cover 4 of the 9 indicators and 6 are needed, so the level cannot be"
                " assessed here."
            ),
        ),
        (
            _level(LevelState.NOT_ASSESSABLE, mapped=8),
            "No activity of this course covers a key indicator of this level, so it cannot be assessed here.",
        ),
        (
            LevelStanding(number=2, state=LevelState.TRANSPARENT, attained=0, mapped=0, total=0, needed=0),
            "The requirements name no indicators for this level.",
        ),
        (replace(MET, certified=True), "The level was certified when a course was closed."),
    ],
)
def test_each_state_of_a_level_has_its_reason(level: LevelStanding, said: str) -> None:
    assert explain.why_level(level) == said


@pytest.mark.usefixtures("in_english")
def test_a_course_counts_what_it_certified_itself_and_names_who_certified_the_rest() -> None:
    own = explain.why_level(replace(MET, certified=True), certified="Certified here.")
    elsewhere = explain.why_level(replace(MET, certified=True, from_record=True), certified="Certified there.")

    assert own == "Certified here. 7 of the 9 indicators are attained; needed: 6."
    assert elsewhere == "Certified there."


@pytest.mark.usefixtures("in_english")
def test_later_marks_do_not_take_a_certified_level_away() -> None:
    regraded = replace(MET, certified=True, from_record=True, attained=0)

    assert explain.why_level(regraded, certified="Certified.").endswith("Later marks do not change that by themselves.")
    assert explain.level_count(regraded) == ""


@pytest.mark.usefixtures("in_english")
def test_key_indicators_are_named_where_they_decide() -> None:
    failed = explain.why_level(_level(LevelState.NOT_MET, attained=6), failed_keys=["1.1.1.a"])
    still_open = explain.why_level(_level(LevelState.IN_PROGRESS, attained=6), open_keys=["1.1.1.a", "1.1.1.b"])

    assert failed.endswith("Without a key indicator the level is not met; not attained: 1.1.1.a.")
    assert still_open.endswith("A key indicator is still open: 1.1.1.a, 1.1.1.b.")


@pytest.mark.usefixtures("in_english")
def test_no_better_mark_is_promised_where_a_trainer_has_decided() -> None:
    level = _level(LevelState.NOT_MET, attained=2)

    by_trainers = explain.why_level(level, judged=4)
    still_open = explain.why_level(level, judged=3)

    assert by_trainers.endswith("No mark changes that; ask the trainer.")
    assert still_open.endswith("A new or better mark can change that.")


def test_held_and_borrowed_levels_say_so() -> None:
    held = explain.why_level(replace(MET, held=True))
    borrowed = explain.why_level(replace(MET, from_record=True))
    nothing_to_borrow = explain.why_level(replace(_level(LevelState.NOT_ASSESSABLE, mapped=0), from_record=True))

    assert "Held: a level below it is not met yet." in held
    assert borrowed.endswith("because this course cannot assess the level.")
    assert "other courses" not in nothing_to_borrow


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (_standing(1, MET), "Established level: Basic level."),
        (
            _standing(0, _level(LevelState.NOT_MET)),
            "Below basic level: the lowest level has been assessed and is not met.",
        ),
        (
            _standing(None, _level(LevelState.NO_EVIDENCE)),
            "No level is established yet: “Basic level” has no evidence yet.",
        ),
        (
            _standing(None, _level(LevelState.IN_PROGRESS)),
            "No level is established yet: “Basic level” is in progress.",
        ),
        (
            _standing(None, _level(LevelState.NOT_ASSESSABLE)),
            "No level is established yet: “Basic level” is not assessed in this course.",
        ),
        (_standing(None), "No level is established yet: the requirements name no indicators here."),
        (
            _standing(1, MET, disputed=True),
            "Established level: Basic level. A judgement is disputed: nothing new is sent until it is decided.",
        ),
    ],
)
def test_unknown_is_told_apart_from_below_basic(standing: CompetencyStanding, said: str) -> None:
    assert explain.competency_summary(standing, NAMES) == said


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (Profile(level=None, provisional=True, assessed=0, total=11), "No level is established yet."),
        (
            Profile(level=1, provisional=True, assessed=5, total=11),
            "Overall: Basic level (provisional, 5 of 11 competencies assessed).",
        ),
        (Profile(level=0, provisional=False, assessed=11, total=11), "Overall: Below basic level."),
    ],
)
def test_the_whole_is_provisional_until_all_is_assessed(profile: Profile, said: str) -> None:
    assert explain.overall(profile, NAMES) == said


@pytest.mark.usefixtures("in_english")
def test_an_aspect_says_how_much_of_it_is_known() -> None:
    assert explain.aspect_level(AspectStanding(4, None, 0, 2), NAMES) == "Not yet established · 0 of 2 assessed"


@pytest.mark.parametrize(
    ("total", "said"),
    [(1, "Подтверждено 1 из 1 индикатора; нужно: 1."), (3, "Подтверждено 1 из 3 индикаторов; нужно: 1.")],
)
def test_russian_takes_the_form_that_the_number_asks_for(speak: Speak, total: int, said: str) -> None:
    level = LevelStanding(number=1, state=LevelState.MET, attained=1, mapped=total, total=total, needed=1)

    with speak("ru"):
        assert explain.why_level(level) == said


def test_kyrgyz_says_the_numbers_in_its_own_order(speak: Speak) -> None:
    with speak("ky"):
        assert explain.why_level(MET) == "9 көрсөткүчтүн ичинен көрсөтүлгөнү: 7, керектүүсү: 6."
