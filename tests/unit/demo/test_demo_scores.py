"""The whole recorded conversation about scores is replayed, and leaves the same results as in Moodle."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from lti_tool.demo.gradebook import Column
from lti_tool.demo.lms import DemoLms
from tests.unit.demo.conftest import Replay, same_answer

ON_AN_ACTIVITY = [
    "success",
    "same-timestamp-again",
    "older-timestamp",
    "comment",
    "no-comment-after-comment",
    "rescaled",
    "over-maximum",
    "negative",
    "zero",
    "pending-manual",
    "full-again",
    "not-ready",
    "full-again2",
    "clear",
    "older-after-clear",
    "future-timestamp",
    "now-after-future",
    "microseconds",
    "z-suffix",
    "naive-timestamp",
    "bad-timestamp",
    "epoch-timestamp",
    "given-without-maximum",
    "maximum-zero",
    "string-score",
    "bad-score",
    "unknown-user",
    "suspended-user",
    "teacher-user",
    "nonnumeric-user",
    "no-user",
    "no-activity-progress",
    "no-grading-progress",
    "no-timestamp",
    "unknown-progress-values",
    "integer-user",
    "content-type-json",
    "content-type-charset",
    "bad-token",
    "unknown-lineitem",
    "submission-extension",
    "refused-but-200-pretty-printed-body",
    "line-item-under-another-course-url",
]

STANDALONE = ["success", "rescaled", "over-maximum", "older", "pending", "after-pending", "zero", "clear", "max-half"]
SCORE = {"userId": "6", "activityProgress": "Completed", "gradingProgress": "FullyGraded"}
HEADERS = {"Content-Type": "application/vnd.ims.lis.v1.score+json"}


def test_every_recorded_score_is_answered_as_moodle_did(replay: Replay, columns: tuple[Column, Column]) -> None:
    for name in ON_AN_ACTIVITY:
        same_answer(*replay(f"ags/scores/score-{name}"))


def test_the_recorded_scores_leave_moodles_results(replay: Replay, columns: tuple[Column, Column]) -> None:
    for name in ON_AN_ACTIVITY[:-2]:
        replay(f"ags/scores/score-{name}")

    same_answer(*replay("ags/results/results-get"))


def test_a_standalone_column_answers_and_ends_as_moodles(replay: Replay, columns: tuple[Column, Column]) -> None:
    for name in STANDALONE:
        same_answer(*replay(f"ags/scores/score-uncoupled-{name}"))

    same_answer(*replay("ags/results/results-get-uncoupled"))


@pytest.mark.parametrize("name", ["results-get-accept-json", "results-get-user-no-grade"])
def test_results_are_asked_for_by_moodles_rules(name: str, replay: Replay, columns: tuple[Column, Column]) -> None:
    same_answer(*replay(f"ags/results/{name}"))


def test_a_limit_on_results_breaks_moodle(replay: Replay, columns: tuple[Column, Column]) -> None:
    response, moodle = replay("ags/results/results-get-limit2")

    assert (response.status_code, response.mimetype) == (moodle["status"], "text/html")


@pytest.fixture
def post(client: FlaskClient, bearer: dict[str, str], columns: tuple[Column, Column]) -> object:
    """Send a score for column 4 at a second of a minute."""

    def send(second: int, **more: object) -> int:
        score = {**SCORE, "timestamp": f"2026-11-22T21:40:{second:02}+00:00", **more}
        url = "/mod/lti/services.php/2/lineitems/4/lineitem/scores?type_id=1"
        return client.post(url, data=json.dumps(score), headers={**HEADERS, **bearer}).status_code

    return send


def test_a_teachers_override_stands_against_later_scores(post: object, lms: DemoLms) -> None:
    assert callable(post)
    post(10, scoreGiven=40, scoreMaximum=100)
    lms.gradebook.override("4", "6", 88, "Teacher override")
    stands = lms.gradebook.grade("4", "6")

    assert stands is not None
    stands.time = 0
    assert post(30, scoreGiven=20, scoreMaximum=100, comment="tool") == 200
    assert (stands.final, stands.feedback, stands.raw) == (Decimal(88), "Teacher override", Decimal(20))


def test_an_override_moves_the_time_so_that_an_older_score_conflicts(post: object, lms: DemoLms) -> None:
    assert callable(post)
    lms.gradebook.override("4", "6", 88)
    moved = lms.gradebook.grade("4", "6")

    assert moved is not None
    moved.time = 2_000_000_000
    assert post(10, scoreGiven=1, scoreMaximum=1) == 409


def test_a_locked_grade_and_a_locked_column_answer_500(post: object, lms: DemoLms) -> None:
    assert callable(post)
    lms.gradebook.lock("4", "6")
    assert post(10, scoreGiven=1, scoreMaximum=1) == 500
    lms.gradebook.lock("4")

    assert post(11, userId="7", scoreGiven=1, scoreMaximum=1) == 500


def test_a_person_who_is_not_enrolled_is_refused_like_a_malformed_score(post: object, lms: DemoLms) -> None:
    assert callable(post)
    lms.enrolments = [one for one in lms.enrolments if one.person_id != "11"]

    assert post(10, userId="11", scoreGiven=1, scoreMaximum=1) == 400


def test_a_suspended_participant_can_still_be_graded(post: object, lms: DemoLms) -> None:
    assert callable(post)
    lms.suspend("2", "6")

    assert post(10, scoreGiven=1, scoreMaximum=2) == 200
    assert lms.final_grades()["Graded link"] == {"6": Decimal(50)}


def test_a_comment_in_kyrgyz_survives_the_status_line_of_a_refusal(post: object) -> None:
    assert callable(post)
    assert post(10, userId="99999", scoreGiven=1, scoreMaximum=1, comment="Өмүрбек") == 400


def test_not_a_number_is_refused(post: object) -> None:
    assert callable(post)
    assert post(10, scoreGiven=float("nan"), scoreMaximum=1) == 400
