"""How the API answers: pages, tags, languages, refusals; whatever the endpoint."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from lti_tool.grading.model import Answer
from lti_tool.web.api.endpoints import ENDPOINTS
from lti_tool.web.api.parameters import Reason
from tests.factories.api_world import ApiWorld
from tests.factories.broken_database import driver_error, failing_statements
from tests.factories.launch_bench import TOOL

PATHS = [endpoint.template for endpoint in ENDPOINTS]
LISTS = [endpoint.template for endpoint in ENDPOINTS if endpoint.is_list]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_read_in_small_pages_is_the_whole_list(world: ApiWorld, path: str) -> None:
    path = path.format(**world.ids)
    whole = world.read(f"{path}?limit=200")

    assert whole["next"] is None
    assert world.read_all(f"{path}?limit=1") == world.read_all(f"{path}?limit=3") == whole["items"]
    assert len(whole["items"]) >= 2


@pytest.mark.parametrize("path", LISTS)
def test_the_address_of_the_next_page_stands_in_body_and_header(world: ApiWorld, path: str) -> None:
    answer = world.ask(f"{path.format(**world.ids)}?limit=1")

    following = answer.get_json()["next"]
    assert following.startswith(f"{TOOL}/api/v1/")
    assert answer.headers["Link"] == f'<{following}>; rel="next"'


def test_the_last_page_has_no_link(world: ApiWorld) -> None:
    assert "Link" not in world.ask("/courses").headers


def test_a_page_keeps_the_filters(world: ApiWorld) -> None:
    following = world.read("/persons?limit=1&updated_since=2026-01-01T00:00:00%2B06:00")["next"]

    assert "updated_since=2026-01-01T00%3A00%3A00%2B06%3A00" in following
    assert world.read(following)["items"]


def test_no_number_of_a_row_leaves_the_house(world: ApiWorld) -> None:
    for path in PATHS:
        body = world.read(path.format(**world.ids))
        assert not [number for number in _ids(body) if isinstance(number, int) or number.isdecimal()], path


def _ids(body: object) -> list[str]:
    if isinstance(body, list):
        return [found for each in body for found in _ids(each)]
    if isinstance(body, dict):
        own = [
            value for key, value in body.items() if key in {"id", "course", "person"} and not isinstance(value, dict)
        ]
        return [*own, *(found for value in body.values() for found in _ids(value))]
    return []


@pytest.mark.parametrize("path", PATHS)
def test_what_has_not_changed_is_not_sent_again(world: ApiWorld, path: str) -> None:
    path = path.format(**world.ids)
    first = world.ask(path)
    tag = first.headers["ETag"]
    assert tag.startswith('W/"')

    again = world.ask(path, If_None_Match=f'"other", {tag}')

    assert again.status_code == 304
    assert again.get_data() == b""
    assert again.headers["ETag"] == tag
    assert world.ask(path, If_None_Match='W/"other"').status_code == 200


def test_another_language_has_another_tag(world: ApiWorld) -> None:
    kyrgyz, russian = (world.ask("/framework", Accept_Language=each) for each in ("ky", "ru"))

    assert kyrgyz.headers["ETag"] != russian.headers["ETag"]
    assert (kyrgyz.headers["Content-Language"], russian.headers["Content-Language"]) == ("ky", "ru")
    assert "Accept-Language" in russian.headers["Vary"]


@pytest.mark.parametrize(
    ("wanted", "given"), [("", "ky"), ("de", "ky"), ("de, ru;q=0.5", "ru"), ("en-GB", "en"), ("\x7f;;q=x", "ky")]
)
def test_texts_come_in_the_callers_language(world: ApiWorld, wanted: str, given: str) -> None:
    answer = world.read("/framework", Accept_Language=wanted)

    assert {each["text"]["language"] for each in answer["competencies"]} == {given}
    assert {each["text"]["official"] for each in answer["competencies"]} == {given == "ky"}


def test_nobody_else_may_keep_an_answer(world: ApiWorld) -> None:
    assert world.ask("/courses").headers["Cache-Control"] == "private, no-cache"


def test_a_long_answer_leaves_compressed(world: ApiWorld) -> None:
    answer = world.ask("/framework", Accept_Encoding="gzip")

    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.get_data()) < len(world.ask("/framework").get_data()) / 3


def test_head_is_get_without_the_body(world: ApiWorld) -> None:
    head, get = world.ask("/courses", method="HEAD"), world.ask("/courses")

    assert (head.status_code, head.get_data()) == (200, b"")
    assert head.headers["ETag"] == get.headers["ETag"]
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


def test_options_says_what_may_be_asked(world: ApiWorld) -> None:
    answer = world.ask("/courses", None, method="OPTIONS")

    assert answer.status_code == 200
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_changed(world: ApiWorld, method: str) -> None:
    answer = world.ask("/courses", method=method)

    assert (answer.status_code, answer.content_type) == (405, "application/problem+json")
    assert "GET" in answer.headers["Allow"]
    assert answer.get_json()["status"] == 405


@pytest.mark.parametrize(("accepts", "status"), [("text/html", 406), ("image/*", 406), ("text/html, */*;q=0.1", 200)])
def test_only_json_is_served(world: ApiWorld, accepts: str, status: int) -> None:
    assert world.ask("/courses", Accept=accepts).status_code == status


@pytest.mark.parametrize(
    "path", ["/nosuch", "/courses/", "/courses/nosuch", "/courses/%00", "/persons/1", "/courses/1/x"]
)
def test_what_is_not_there_is_told_as_a_problem(world: ApiWorld, path: str) -> None:
    answer = world.ask(path, Accept_Language="en")

    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    told = answer.get_json()
    assert (told["status"], told["title"]) == (404, "Not there")
    assert told["type"] == f"{TOOL}/api/v1/#not-found"


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=201", "limit=-1", "limit=ten", "limit=1.0", "limit=", "limit=%D9%A1", "limit=1&limit=2"),
        *("cursor=x", "cursor=%00", "cursor=" + "A" * 300, "cursor=Y291cnNlcy4x", "cursor="),
        *("closed=1", "closed=True", "closed=", "lms_id=", "lms_id=%00", "colour=red", "lang=ru"),
        *("created_since=123", "created_since=2026-01-01", "created_since=2026-01-01T00:00:00", "created_since="),
        *("created_since=2026-13-01T00:00:00Z", "created_since=2026-01-01T00:00:00+06:00"),
    ],
)
def test_a_wrong_parameter_is_named(world: ApiWorld, query: str) -> None:
    answer = world.ask(f"/courses?{query}", Accept_Language="en")

    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    [fault] = answer.get_json()["errors"]
    assert fault["parameter"] == query.partition("=")[0]
    assert fault["detail"]


def test_every_wrong_parameter_is_named_at_once(world: ApiWorld) -> None:
    told = world.ask("/deliveries?state=lost&limit=x&course=1").get_json()

    assert {each["parameter"] for each in told["errors"]} == {"state", "limit", "course"}


def test_every_reason_for_not_having_arrived_can_be_asked_for() -> None:
    assert {*get_args(Reason)} == {*Answer} - {Answer.ACCEPTED, Answer.CONFIRMED}


def test_a_cursor_of_another_list_is_refused(world: ApiWorld) -> None:
    cursor = world.read("/persons?limit=1")["next"].partition("cursor=")[2]

    for path in ("/courses", "/deliveries", f"/courses/{world.ids['course']}/gradebook"):
        assert world.ask(f"{path}?cursor={cursor}").status_code == 400


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:60-23:59", "2026-01-01t00:00:00.123456789z"]
)
def test_a_moment_at_the_edge_of_time_is_one(world: ApiWorld, moment: str) -> None:
    assert world.ask(f"/courses?created_since={moment}").status_code == 200


def test_refusals_speak_the_callers_language(world: ApiWorld) -> None:
    titles = {
        each: world.ask("/courses", None, Accept_Language=each).get_json()["title"] for each in ("ky", "ru", "en")
    }

    assert titles["en"] == "A token is needed"
    assert len(set(titles.values())) == 3


def test_a_database_in_trouble_is_a_problem_that_passes(world: ApiWorld) -> None:
    with failing_statements(world.sessions, driver_error(world.sessions), "FROM course"):
        answer = world.ask("/courses", Accept_Language="en")

    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert answer.headers["Retry-After"] == "30"
    assert answer.get_json()["title"] == "The database does not answer"
    assert world.ask("/courses").status_code == 200


def test_a_failure_is_a_problem_with_a_reference_and_nothing_else(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("Айгүл")

    monkeypatch.setattr("lti_tool.web.api.calls.note_read", fail)
    answer = world.ask("/courses", Accept_Language="en")

    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    told = answer.get_json()
    assert told["reference"]
    assert "Айгүл" not in json.dumps(told, ensure_ascii=False)
