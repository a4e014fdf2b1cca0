"""The comment beside a grade: level and state in words, m of n indicators, date and link, in three languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lti_tool.competency.model import LevelState
from lti_tool.grading.model import CommentWriter, ScoreFacts, WithdrawalReason
from lti_tool.ids import PublicId
from lti_tool.web.comment_words import comment_writer

TOOL = "https://tool.example.invalid"
MET = ScoreFacts(
    course=PublicId("course2345"),
    person=PublicId("person2345"),
    code="4.1",
    level=2,
    state=LevelState.NOT_MET,
    attained=1,
    indicators=3,
    decided_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
)


@pytest.fixture
def write() -> CommentWriter:
    """Writes comments as the worker does."""
    return comment_writer(TOOL)


def test_a_comment_says_level_state_count_date_and_where_to_read_on(write: CommentWriter) -> None:
    assert write(MET, "en") == (
        f"Level 2 is established. Next level: not met, 1 of 3 indicators. 23 November 2026. {TOOL}/c/course2345/me/4.1"
    )


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("ky", ("2-деңгээл аныкталды.", "3 көрсөткүчтүн 1", "2026-ж. 23-ноябрь")),
        ("ru", ("Установлен уровень 2.", "1 из 3", "23 ноября 2026")),
    ],
)
def test_a_comment_is_in_the_readers_language(write: CommentWriter, locale: str, words: tuple[str, ...]) -> None:
    said = write(MET, locale)

    assert [word for word in words if word not in said] == []
    assert "established" not in said


@pytest.mark.parametrize(
    ("change", "beginning"),
    [
        ({"level": None}, "The level is not yet established."),
        ({"level": 0}, "Below the basic level."),
        ({"level": 3}, "Level 3 is established."),
        ({"code": ""}, "Assessed by the indicators of the activity."),
        ({"withdrawn": WithdrawalReason.NOT_TARGETED}, "This course no longer assesses this competency;"),
        ({"withdrawn": WithdrawalReason.NOT_ESTABLISHED}, "The level is not established any more"),
        ({"withdrawn": WithdrawalReason.NOT_ESTABLISHED, "code": ""}, "The activity is not assessed any more;"),
    ],
)
def test_each_situation_has_its_sentence(write: CommentWriter, change: dict[str, object], beginning: str) -> None:
    assert write(replace(MET, **change), "en").startswith(beginning)  # type: ignore[arg-type]  # by name, from a table


def test_a_withdrawal_counts_no_indicators(write: CommentWriter) -> None:
    said = write(replace(MET, withdrawn=WithdrawalReason.NOT_ESTABLISHED), "en")

    assert "of 3" not in said
    assert said.endswith(f"{TOOL}/c/course2345/me/4.1")


def test_the_highest_level_is_counted_where_none_is_above(write: CommentWriter) -> None:
    said = write(replace(MET, level=3, state=LevelState.MET, attained=2, indicators=2), "en")

    assert "Highest level: 2 of 2 indicators." in said


def test_one_indicator_is_one(write: CommentWriter) -> None:
    said = write(replace(MET, state=LevelState.IN_PROGRESS, attained=0, indicators=1), "en")

    assert "0 of 1 indicator." in said


@pytest.mark.parametrize(("indicators", "words"), [(1, "0 из 1 индикатора."), (5, "0 из 5 индикаторов.")])
def test_russian_plurals_are_russian(write: CommentWriter, indicators: int, words: str) -> None:
    assert words in write(replace(MET, attained=0, indicators=indicators), "ru")


def test_the_column_of_an_activity_leads_to_the_whole_page(write: CommentWriter) -> None:
    assert write(replace(MET, code="", indicators=0), "en").endswith(f"{TOOL}/c/course2345/me")


def test_a_comment_is_one_line_of_plain_text(write: CommentWriter) -> None:
    for locale in ("ky", "ru", "en"):
        said = write(MET, locale)
        assert "\n" not in said
        assert "<" not in said
        assert "  " not in said
