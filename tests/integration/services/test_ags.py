"""Grades against what Moodle 5.1 really answered."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from sqlalchemy.orm import Session

from lti_tool.errors import (
    CourseForbids,
    LineItemGone,
    PerhapsLocked,
    Permanent,
    PlatformError,
    PlatformForbids,
    PlatformUnavailable,
    Retryable,
    ScoreOutdated,
    ScoreRefused,
    Unconfirmed,
)
from lti_tool.grading.model import ScoreSender
from lti_tool.ids import CourseId
from lti_tool.lti.model import LineItem, LineItemWish, Scope, Score
from lti_tool.lti.tables import CourseServiceRow, RegistrationRow
from lti_tool.outbound import AddressRefused, Answer, AnswerUnreadable
from tests.factories.course_services import MOODLE, Moodle
from tests.factories.network import RECORDED, Network, answer, recorded

SERVICES = f"{MOODLE}/mod/lti/services.php/2"
COLUMN = f"{SERVICES}/lineitems/4/lineitem?type_id=1"
SCORES = f"{SERVICES}/lineitems/4/lineitem/scores?type_id=1"
RESULTS = f"{SERVICES}/lineitems/4/lineitem/results?type_id=1"
COLUMNS = f"{SERVICES}/lineitems?type_id=1"
AT = datetime(2026, 11, 22, 21, 34, 20, tzinfo=UTC)
WISH = LineItemWish("4.1 Билим берүү саясаты", Decimal(3), "competency:4.1", "competency")

MEANING: dict[int, type[PlatformError] | None] = {
    200: None,
    400: ScoreRefused,
    401: PlatformForbids,
    404: LineItemGone,
    405: ScoreRefused,
    409: ScoreOutdated,
    500: PerhapsLocked,
    502: PlatformUnavailable,
}
"""lti-security, section 3."""


def a_score(given: str | None = "2", comment: str = "2-деңгээл") -> Score:
    maximum = None if given is None else Decimal(3)
    return Score("6", None if given is None else Decimal(given), maximum, comment, AT)


def test_ags_is_what_grading_asks_for(moodle: Moodle) -> None:
    sender: ScoreSender = moodle.ags

    assert sender is moodle.ags


def every_recorded_score() -> list[str]:
    return sorted(path.stem for path in (RECORDED / "ags" / "scores").glob("*.json"))


@pytest.mark.parametrize("name", every_recorded_score())
def test_each_recorded_answer_to_a_score_means_what_it_means(moodle: Moodle, network: Network, name: str) -> None:
    said = recorded(f"ags/scores/{name}")
    network.on("POST", SCORES, said.answer)
    expected = Unconfirmed if said.answer.status == 200 and said.body == [] else MEANING[said.answer.status]

    if expected is None:
        moodle.ags.send(moodle.course, COLUMN, a_score())
    else:
        with pytest.raises(expected):
            moodle.ags.send(moodle.course, COLUMN, a_score())


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"[]", Unconfirmed),
        (200, b"<html>", Unconfirmed),
        (200, b'{"resultUrl":', Unconfirmed),
        (200, b"null", Unconfirmed),
        (204, b" \n", None),
        (201, b'{"resultUrl": "x"}', None),
        (301, b"", PlatformUnavailable),
        (303, b"", PlatformUnavailable),
        (403, b"", PlatformForbids),
        (408, b"", PlatformUnavailable),
        (410, b"", LineItemGone),
        (422, b"", ScoreRefused),
        (429, b"", PlatformUnavailable),
        (503, b"", PlatformUnavailable),
        (504, b"", PlatformUnavailable),
        (521, b"", PlatformUnavailable),
    ],
)
def test_any_other_answer_to_a_score_has_its_meaning(
    moodle: Moodle, network: Network, status: int, body: bytes, expected: type[PlatformError] | None
) -> None:
    network.on("POST", SCORES, answer(status, body))

    if expected is None:
        moodle.ags.send(moodle.course, COLUMN, a_score())
    else:
        with pytest.raises(expected):
            moodle.ags.send(moodle.course, COLUMN, a_score())


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (AnswerUnreadable("answer_cut_short", status=200), Unconfirmed),
        (AnswerUnreadable("answer_too_large", status=500), PerhapsLocked),
        (PlatformUnavailable("platform_timeout"), PlatformUnavailable),
    ],
)
def test_a_score_whose_answer_broke_off_is_never_taken_as_stored(
    moodle: Moodle, network: Network, failure: Exception, expected: type[PlatformError]
) -> None:
    network.on("POST", SCORES, failure)

    with pytest.raises(expected):
        moodle.ags.send(moodle.course, COLUMN, a_score())


def test_a_score_is_one_compact_ascii_line_with_moodles_exact_type(moodle: Moodle, network: Network) -> None:
    network.on("POST", SCORES, answer())

    moodle.ags.send(moodle.course, COLUMN, a_score("2", "Деңгээл 2\nкийинки: 3"))

    [asked] = network.asked_of("POST", "/scores")
    assert asked.data == json.dumps(asked.json, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    assert asked.headers["Content-Type"] == "application/vnd.ims.lis.v1.score+json"
    assert asked.json == {
        "userId": "6",
        "scoreGiven": 2,
        "scoreMaximum": 3,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "comment": "Деңгээл 2\nкийинки: 3",
        "timestamp": "2026-11-22T21:34:20+00:00",
    }


def test_a_withdrawal_carries_no_mark_and_an_unfinished_status(moodle: Moodle, network: Network) -> None:
    network.on("POST", SCORES, answer())

    moodle.ags.send(moodle.course, COLUMN, a_score(None, "азырынча аныкталган жок"))

    [asked] = network.asked_of("POST", "/scores")
    assert "scoreGiven" not in asked.json
    assert "scoreMaximum" not in asked.json
    assert (asked.json["activityProgress"], asked.json["gradingProgress"]) == ("Initialized", "NotReady")
    assert asked.json["comment"]


@pytest.mark.parametrize(("given", "text"), [("1.5", "1.5"), ("2.33333", "2.33333"), ("3", "3"), ("0", "0")])
def test_marks_travel_exactly(moodle: Moodle, network: Network, given: str, text: str) -> None:
    network.on("POST", SCORES, answer())

    moodle.ags.send(moodle.course, COLUMN, a_score(given))

    [asked] = network.asked_of("POST", "/scores")
    assert f'"scoreGiven":{text},'.encode() in (asked.data or b"")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120.0), ("Mon, 23 Nov 2026 09:02:00 GMT", 120.0), ("Mon, 23 Nov 2020 09:00:00 GMT", 0.0), ("soon", None)],
)
def test_retry_after_is_told_in_seconds(moodle: Moodle, network: Network, header: str, seconds: float | None) -> None:
    network.on("POST", SCORES, answer(429, Retry_After=header))

    with pytest.raises(PlatformUnavailable) as refused:
        moodle.ags.send(moodle.course, COLUMN, a_score())

    assert refused.value.retry_after == seconds


def test_a_refused_token_is_replaced_once(moodle: Moodle, network: Network) -> None:
    network.on("POST", SCORES, recorded("ags/scores/score-expired-token").answer, answer())

    moodle.ags.send(moodle.course, COLUMN, a_score())

    assert len(network.asked_of("POST", "/scores")) == 2
    assert len(network.asked_of("POST", "/token.php")) == 2


def test_a_token_refused_again_concerns_the_platform(moodle: Moodle, network: Network) -> None:
    network.on("POST", SCORES, answer(401))

    with pytest.raises(PlatformForbids) as refused:
        moodle.ags.send(moodle.course, COLUMN, a_score())

    assert refused.value.code == "token_refused_again"
    assert len(network.asked_of("POST", "/scores")) == 2


def test_a_token_refused_again_is_not_used_once_more(moodle: Moodle, network: Network) -> None:
    network.on("POST", SCORES, answer(401), answer(401), answer())
    with pytest.raises(PlatformForbids):
        moodle.ags.send(moodle.course, COLUMN, a_score())

    moodle.ags.send(moodle.course, COLUMN, a_score())

    assert len(network.asked_of("POST", "/scores")) == 3
    assert len(network.asked_of("POST", "/token.php")) == 3


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.invalid/lineitems/4/lineitem",
        "https://moodle.example.invalid:8443/mod/lti/services.php/2/lineitems/4/lineitem",
        "https://moodle.example.invalid.evil.example/4",
        "https://moodle.example.invalid@evil.example/4",
        "https://moodle.example.invalid/ы",
        "https://moodle.example.invalid/\ud800",
        "not an address",
    ],
)
def test_scores_go_to_registered_hosts_only(moodle: Moodle, network: Network, url: str) -> None:
    with pytest.raises(AddressRefused):
        moodle.ags.send(moodle.course, url, a_score())

    assert network.asked == []


def test_plain_http_to_the_platforms_own_host_is_refused(moodle: Moodle, network: Network) -> None:
    with pytest.raises(AddressRefused):
        moodle.ags.send(moodle.course, COLUMN.replace("https://", "http://"), a_score())

    assert network.asked_of("POST", "/scores") == []


def test_nothing_is_sent_for_a_registration_that_is_off(moodle: Moodle, network: Network, session: Session) -> None:
    session.get_one(RegistrationRow, moodle.registration.id).active = False
    session.commit()

    with pytest.raises(PlatformForbids):
        moodle.ags.send(moodle.course, COLUMN, a_score())

    assert network.asked == []


def test_a_registration_that_is_switched_off_is_noticed_within_five_seconds(
    moodle: Moodle, network: Network, session: Session, now: datetime
) -> None:
    network.on("POST", SCORES, answer())
    moodle.ags.send(moodle.course, COLUMN, a_score())
    session.get_one(RegistrationRow, moodle.registration.id).active = False
    session.commit()
    moodle.services.now = lambda: now + timedelta(seconds=5)

    with pytest.raises(PlatformForbids):
        moodle.ags.send(moodle.course, COLUMN, a_score())


def test_a_course_whose_services_no_launch_named_is_told_apart(moodle: Moodle, network: Network) -> None:
    with pytest.raises(PlatformForbids) as refused:
        moodle.ags.send(CourseId(999), COLUMN, a_score())

    assert refused.value.code == "services_unknown"


@pytest.mark.parametrize(
    ("scope", "code"),
    [(Scope.SCORE, "score_scope_missing"), (Scope.RESULT_READ, "result_scope_missing")],
)
def test_a_scope_that_the_launch_did_not_name_is_not_asked_for(
    moodle: Moodle, network: Network, session: Session, scope: Scope, code: str
) -> None:
    without(session, moodle, scope)

    with pytest.raises(PlatformForbids) as refused:
        if scope is Scope.SCORE:
            moodle.ags.send(moodle.course, COLUMN, a_score())
        else:
            moodle.ags.results(moodle.course, COLUMN)

    assert refused.value.code == code
    assert network.asked == []


def without(session: Session, moodle: Moodle, *missing: Scope) -> None:
    row = session.get_one(CourseServiceRow, moodle.course)
    row.scopes = [scope for scope in row.scopes if scope not in missing]
    session.commit()


def test_a_column_that_is_there_is_found_and_not_made_again(moodle: Moodle, network: Network) -> None:
    found = {**recorded("ags/lineitem-get").body, "resourceId": WISH.resource_id, "tag": WISH.tag}
    network.on("GET", f"{COLUMNS}&resource_id=competency%3A4.1&tag=competency", answer(200, [found]))

    item = moodle.ags.ensure_line_item(moodle.course, WISH)

    assert item.url == COLUMN
    assert item.score_maximum == Decimal(100)
    [asked] = network.asked_of("GET", "/lineitems")
    assert asked.headers["Accept"] == "application/vnd.ims.lis.v2.lineitemcontainer+json"
    assert "limit" not in asked.url


def test_a_missing_column_is_made_and_its_maximum_read_back(moodle: Moodle, network: Network) -> None:
    made = recorded("ags/lineitems-post-uncoupled")
    network.on("GET", f"{COLUMNS}&resource_id=competency%3A4.1&tag=competency", answer(200, []))
    network.on("POST", COLUMNS, made.answer)
    network.on("GET", made.body["id"], answer(200, {**made.body, "scoreMaximum": 100}))

    item = moodle.ags.ensure_line_item(moodle.course, WISH)

    [asked] = network.asked_of("POST", "/lineitems")
    assert asked.headers["Content-Type"] == "application/vnd.ims.lis.v2.lineitem+json"
    assert asked.json == {
        "label": WISH.label,
        "scoreMaximum": 3,
        "resourceId": "competency:4.1",
        "tag": "competency",
    }
    assert item.score_maximum == Decimal(100)


SEARCH = f"{COLUMNS}&resource_id=competency%3A4.1&tag=competency"


@pytest.mark.parametrize(
    "said", [answer(204), answer(201, b"<html>"), answer(200, [WISH.label]), answer(201, {"id": 4})]
)
def test_a_made_column_that_the_answer_does_not_name_is_looked_for(
    moodle: Moodle, network: Network, said: Answer
) -> None:
    there = {**recorded("ags/lineitem-get").body, "resourceId": WISH.resource_id, "tag": WISH.tag}
    network.on("GET", SEARCH, answer(200, []), answer(200, [there]))
    network.on("POST", COLUMNS, said)

    assert moodle.ags.ensure_line_item(moodle.course, WISH).url == COLUMN
    assert len(network.asked_of("POST", "/lineitems")) == 1


def test_a_column_that_is_not_there_though_it_was_taken_is_looked_for_again_later(
    moodle: Moodle, network: Network
) -> None:
    network.on("GET", SEARCH, answer(200, []))
    network.on("POST", COLUMNS, answer(204))

    with pytest.raises(Retryable, match="line_item_unconfirmed"):
        moodle.ags.ensure_line_item(moodle.course, WISH)


@pytest.mark.parametrize(
    ("said", "expected", "code"),
    [
        (answer(400), Permanent, "request_refused"),
        (answer(401), PlatformForbids, "token_refused_again"),
        (answer(403), PlatformForbids, "platform_forbids"),
        (answer(404), LineItemGone, "line_item_gone"),
        (answer(500), Retryable, "platform_failed"),
        (answer(503), PlatformUnavailable, "platform_unavailable"),
    ],
)
def test_a_column_that_cannot_be_made_or_changed_says_why(
    moodle: Moodle, network: Network, said: Answer, expected: type[PlatformError], code: str
) -> None:
    there = network.replay("ags/lineitem-get-after-submission-review")
    network.on("GET", SEARCH, answer(200, []))
    network.on("POST", COLUMNS, said)
    network.on("PUT", there.url, said)

    with pytest.raises(expected, match=code):
        moodle.ags.ensure_line_item(moodle.course, WISH)
    with pytest.raises(expected, match=code):
        moodle.ags.update_line_item(moodle.course, LineItem(there.url, "Жаңы ат", Decimal(3), None, None, None))


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b"null", b"{}", b'{"scoreMaximum": "many"}', b'{"scoreMaximum": NaN}']
)
def test_a_column_of_which_no_maximum_can_be_read_is_asked_for_again_later(
    moodle: Moodle, network: Network, body: bytes
) -> None:
    network.on("GET", COLUMN, answer(200, body))

    with pytest.raises(Retryable, match="line_item_unreadable"):
        moodle.ags.line_item(moodle.course, COLUMN)


def test_rows_of_a_list_that_are_no_columns_hide_none_that_is(moodle: Moodle, network: Network) -> None:
    good = recorded("ags/lineitem-get").body
    odd = [None, "column", [], {}, {"id": 4, "scoreMaximum": 3}, {"id": COLUMN}, {"id": COLUMN, "scoreMaximum": True}]
    network.on("GET", COLUMNS, answer(200, [*odd, good]))

    assert [item.url for item in moodle.ags.find_line_items(moodle.course)] == [good["id"]]


def test_a_course_whose_launch_named_no_list_of_columns_is_told_apart(
    moodle: Moodle, network: Network, session: Session
) -> None:
    session.get_one(CourseServiceRow, moodle.course).line_items_url = None
    session.commit()

    with pytest.raises(CourseForbids, match="line_items_unknown"):
        moodle.ags.ensure_line_item(moodle.course, WISH)

    assert network.asked == []


def test_who_may_only_write_columns_reads_them_by_that_right_and_who_may_neither_is_told(
    moodle: Moodle, network: Network, session: Session
) -> None:
    network.on("GET", COLUMN, recorded("ags/lineitem-get").answer)
    without(session, moodle, Scope.LINE_ITEM_READ)
    moodle.ags.line_item(moodle.course, COLUMN)
    [token] = network.asked_of("POST", "token.php")
    assert token.form["scope"] == Scope.LINE_ITEM

    without(session, moodle, Scope.LINE_ITEM)
    moodle.services.now = lambda: AT + timedelta(days=9)
    with pytest.raises(CourseForbids, match="line_item_scope_missing"):
        moodle.ags.line_item(moodle.course, COLUMN)


def test_a_column_of_another_host_is_never_taken_over(moodle: Moodle, network: Network) -> None:
    foreign = {
        "id": "https://evil.example.invalid/4",
        "scoreMaximum": 3,
        "resourceId": WISH.resource_id,
        "tag": WISH.tag,
    }
    network.on("GET", f"{COLUMNS}&resource_id=competency%3A4.1&tag=competency", answer(200, [foreign]))

    with pytest.raises(AddressRefused):
        moodle.ags.ensure_line_item(moodle.course, WISH)


def test_a_column_whose_address_no_database_takes_is_never_taken_over(moodle: Moodle, network: Network) -> None:
    odd = {"id": f"{COLUMN}#\ud800", "scoreMaximum": 3, "resourceId": WISH.resource_id, "tag": WISH.tag}
    network.on("GET", f"{COLUMNS}&resource_id=competency%3A4.1&tag=competency", answer(200, [odd]))

    with pytest.raises(AddressRefused):
        moodle.ags.ensure_line_item(moodle.course, WISH)


def test_a_result_of_an_id_with_nul_is_nobodys(moodle: Moodle, network: Network) -> None:
    network.on("GET", RESULTS, answer(200, [{"userId": "6\0", "resultScore": 5}]))

    assert moodle.ags.results(moodle.course, COLUMN) == ()


def test_a_tool_that_may_only_sync_cannot_make_columns(moodle: Moodle, network: Network, session: Session) -> None:
    without(session, moodle, Scope.LINE_ITEM)
    network.on("GET", f"{COLUMNS}&resource_id=competency%3A4.1&tag=competency", answer(200, []))

    with pytest.raises(PlatformForbids) as refused:
        moodle.ags.ensure_line_item(moodle.course, WISH)

    assert refused.value.code == "line_item_scope_missing"
    assert network.asked_of("POST", "/lineitems") == []


def test_a_scope_that_the_launch_named_but_no_token_carries_is_missing_too(moodle: Moodle, network: Network) -> None:
    network.on("GET", f"{COLUMNS}&resource_id=competency%3A4.1&tag=competency", answer(200, []))
    network.on(
        "POST",
        moodle.registration.token_url,
        recorded("token/token-success-all-scopes").answer,
        recorded("token/token-syncro-tool-asks-all-scopes").answer,
    )

    with pytest.raises(PlatformForbids) as refused:
        moodle.ags.ensure_line_item(moodle.course, WISH)

    assert refused.value.code == "line_item_scope_missing"


@pytest.mark.parametrize(
    ("name", "filters", "expected"),
    [
        ("lineitems-get-resource-id", {"resource_id": "res-A"}, ["Multi A"]),
        ("lineitems-get-tag-none", {"tag": "zzz"}, []),
    ],
)
def test_recorded_filters_find_what_moodle_found(
    moodle: Moodle, network: Network, name: str, filters: dict[str, str], expected: list[str]
) -> None:
    network.replay(f"ags/{name}")

    found = moodle.ags.find_line_items(moodle.course, **filters)

    assert [item.label for item in found] == expected


def test_all_columns_come_with_absent_values_as_none(moodle: Moodle, network: Network) -> None:
    said = network.replay("ags/lineitems-get-all")

    found = moodle.ags.find_line_items(moodle.course)

    assert len(found) == len(said.body)
    assert (found[0].resource_id, found[0].tag, found[0].resource_link_id) == (None, None, "1")


def test_a_platform_that_ignores_filters_is_filtered_here(moodle: Moodle, network: Network) -> None:
    network.on("GET", f"{COLUMNS}&resource_link_id=8", recorded("ags/lineitems-get-all").answer)

    found = moodle.ags.find_line_items(moodle.course, resource_link_id="8")

    assert [item.resource_link_id for item in found] == ["8"]


def test_moodles_curly_quoted_next_link_is_followed(moodle: Moodle, network: Network) -> None:
    first = recorded("ags/lineitems-get-limit3")
    network.on("GET", COLUMNS, first.answer)
    network.on("GET", f"{COLUMNS}&limit=3&from=3", answer(200, [{**first.body[0], "label": "Fourth"}]))

    found = moodle.ags.find_line_items(moodle.course)

    assert [item.label for item in found] == [*(item["label"] for item in first.body), "Fourth"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (recorded("ags/lineitems-get-unknown-course").answer, LineItemGone),
        (recorded("ags/lineitems-get-accept-star").answer, Permanent),
        (recorded("ags/lineitems-get-error-token-scope").answer, PlatformForbids),
        (answer(500), Retryable),
        (answer(200, b"<html>"), Retryable),
        (answer(200, {"items": []}), Retryable),
    ],
)
def test_a_list_that_cannot_be_had_says_why(
    moodle: Moodle, network: Network, said: object, expected: type[PlatformError]
) -> None:
    network.on("GET", COLUMNS, said)  # type: ignore[arg-type]  # an Answer; the table mixes types

    with pytest.raises(expected):
        moodle.ags.find_line_items(moodle.course)


def test_a_deleted_column_is_gone(moodle: Moodle, network: Network) -> None:
    said = network.replay("ags/lineitem-get-unknown")

    with pytest.raises(LineItemGone):
        moodle.ags.line_item(moodle.course, said.url)


def test_an_update_keeps_what_it_does_not_change(moodle: Moodle, network: Network) -> None:
    said = network.replay("ags/lineitem-get-after-submission-review")
    network.on("PUT", said.url, answer(200, {}))

    wanted = LineItem(said.url, "Жаңы ат", Decimal(3), "unc-s", "uns", None)
    moodle.ags.update_line_item(moodle.course, wanted)

    [asked] = network.asked_of("PUT", "/lineitem")
    assert asked.json == {**said.body, "label": "Жаңы ат", "scoreMaximum": 3}
    assert asked.json["submissionReview"] == said.body["submissionReview"]


def test_results_are_read_with_zero_kept_apart_from_nothing(moodle: Moodle, network: Network) -> None:
    network.replay("ags/results/results-get")

    found = {result.user_id: result for result in moodle.ags.results(moodle.course, COLUMN)}

    assert found["6"].given == 39
    assert found["7"].given == 0
    assert found["6"].timestamp == datetime(2026, 11, 22, 21, 35, 7, tzinfo=UTC)
    [asked] = network.asked_of("GET", "/results")
    assert "limit" not in asked.url
    assert "type_id=1" in asked.url


def test_one_persons_result_is_asked_for_by_user_id(moodle: Moodle, network: Network) -> None:
    network.replay("ags/results/results-get-user-no-grade")

    assert moodle.ags.results(moodle.course, COLUMN, "3") == ()


def test_an_erased_grade_is_a_result_without_a_mark(moodle: Moodle, network: Network) -> None:
    network.on(
        "GET", f"{RESULTS}&user_id=6", answer(200, [{"id": "x", "userId": 6}, {"userId": "7", "resultScore": 5}])
    )

    [result] = moodle.ags.results(moodle.course, COLUMN, "6")

    assert (result.user_id, result.given) == ("6", None)


@pytest.mark.parametrize("odd", [b"NaN", b"Infinity", b"true", b'"high"', b"1e400", b"[]"])
def test_an_odd_mark_is_no_mark(moodle: Moodle, network: Network, odd: bytes) -> None:
    network.on("GET", RESULTS, answer(200, b'[{"userId":"6","resultScore":' + odd + b"}]"))

    [result] = moodle.ags.results(moodle.course, COLUMN)

    assert result.given is None


def test_recorded_results_are_all_read(moodle: Moodle, network: Network) -> None:
    for path in sorted((RECORDED / "ags" / "results").glob("*.json")):
        said = recorded(f"ags/results/{path.stem}")
        if said.answer.status != 200:
            continue
        network.on("GET", RESULTS, dataclasses.replace(said.answer, headers={}))

        found = moodle.ags.results(moodle.course, COLUMN)

        assert [result.user_id for result in found] == [row["userId"] for row in said.body], path.stem


def test_each_call_asks_for_the_least_scope(moodle: Moodle, network: Network) -> None:
    network.on("POST", SCORES, answer())
    network.on("GET", RESULTS, answer(200, []))
    network.on("GET", COLUMNS, answer(200, []))

    moodle.ags.send(moodle.course, COLUMN, a_score())
    moodle.ags.results(moodle.course, COLUMN)
    moodle.ags.find_line_items(moodle.course)

    asked = [each.form["scope"] for each in network.asked_of("POST", "/token.php")]
    assert asked == [Scope.SCORE, Scope.RESULT_READ, Scope.LINE_ITEM_READ]


def test_a_list_that_leads_in_a_circle_is_refused(moodle: Moodle, network: Network) -> None:
    network.on("GET", COLUMNS, answer(200, [], Link=f'<{COLUMNS}>; rel="next"'))

    with pytest.raises(Retryable):
        moodle.ags.find_line_items(moodle.course)


def test_facts_of_errors_hold_no_body(moodle: Moodle, network: Network) -> None:
    secrets = ("Bearer abc", "Айгүл")
    for status, secret in product((400, 401, 404, 409, 500), secrets):
        network.on("POST", SCORES, answer(status, secret.encode()))

        with pytest.raises(PlatformError) as refused:
            moodle.ags.send(moodle.course, COLUMN, a_score())

        assert secret not in json.dumps(str(refused.value), ensure_ascii=False)
