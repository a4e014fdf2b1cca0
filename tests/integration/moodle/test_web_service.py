"""The web service client against a server that answers as recorded, late, wrongly, or with a page."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator

import pytest

from lti_tool.errors import Permanent, PlatformError, PlatformUnavailable, Retryable, RuleBroken
from lti_tool.moodle import connections
from lti_tool.moodle.client import WebService, checked_address, checked_token
from lti_tool.moodle.connections import Opened
from lti_tool.outbound import AddressRefused, Outbound
from tests.factories.moodle_server import GRADES, TOKEN, MoodleServer, moodle_server, recorded_body


@pytest.fixture
def moodle() -> Iterator[MoodleServer]:
    with moodle_server() as running:
        yield running


def service(moodle: MoodleServer, token: str = TOKEN) -> WebService:
    return WebService(Outbound(allow_private=True), moodle.url, token)


def refusal(moodle: MoodleServer, token: str = TOKEN, **options: float) -> PlatformError:
    with pytest.raises(PlatformError) as refused:
        service(moodle, token).call(GRADES, {"courseid": "2"}, **options)
    assert TOKEN not in repr(refused.value) + str(refused.value)
    return refused.value


def test_a_call_is_one_post_with_everything_in_its_body(moodle: MoodleServer) -> None:
    said = service(moodle).call(GRADES, {"courseid": "2"})

    assert isinstance(said, dict)
    assert moodle.asked == [
        {"wstoken": TOKEN, "wsfunction": GRADES, "moodlewsrestformat": "json", "courseid": "2"},
    ]


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("error-no-permission", "moodle_token_refused"),
        ("error-function-not-in-service", "moodle_function_missing"),
        ("error-course-not-accessible", "moodle_not_here"),
    ],
)
def test_recorded_errors_with_status_200_are_refusals_by_name(moodle: MoodleServer, file: str, code: str) -> None:
    moodle.bodies[GRADES] = recorded_body(file)

    refused = refusal(moodle)

    assert refused.code == code
    assert isinstance(refused, Permanent)


def test_an_error_unknown_here_is_told_by_moodles_own_word(moodle: MoodleServer) -> None:
    moodle.bodies[GRADES] = {"exception": "e", "errorcode": "sitemaintenance", "message": "Ada's <b>name</b>"}

    refused = refusal(moodle)

    assert refused.facts["errorcode"] == "sitemaintenance"
    assert isinstance(refused, Retryable)
    assert "Ada" not in str(refused)


@pytest.mark.parametrize(
    ("status", "body", "code", "family"),
    [
        (200, b"<!DOCTYPE html><title>Maintenance</title>", "moodle_not_json", Retryable),
        (200, b"", "moodle_not_json", Retryable),
        (200, b'{"usergrades": [', "moodle_not_json", Retryable),
        (200, b'{"a": NaN}', "moodle_not_json", Retryable),
        (200, b'{"a": 1e999999999}', "moodle_not_json", Retryable),
        (200, b"[" * 100_000, "moodle_not_json", Retryable),
        (500, b"<html>", "moodle_unavailable", PlatformUnavailable),
        (503, b"", "moodle_unavailable", PlatformUnavailable),
        (303, b"", "moodle_moved", Permanent),
        (404, b"<html>", "moodle_no_service", Permanent),
        (403, b"", "moodle_no_service", Permanent),
    ],
)
def test_whatever_is_no_answer_of_the_service_is_told_as_that(
    moodle: MoodleServer, status: int, body: bytes, code: str, family: type[PlatformError]
) -> None:
    moodle.raw[GRADES] = (status, body)
    gc.collect()  # or what earlier tests left is cleared away at the depth of a recursion, and blamed on this one

    refused = refusal(moodle)

    assert refused.code == code
    assert isinstance(refused, family)


def test_nobody_waits_longer_than_allowed(moodle: MoodleServer) -> None:
    moodle.late = 0.5

    assert refusal(moodle, timeout=0.1).code == "platform_timeout"


def test_an_inner_address_is_not_called_unless_it_is_allowed(moodle: MoodleServer) -> None:
    with pytest.raises(AddressRefused):
        WebService(Outbound(), moodle.url, TOKEN).call(GRADES)

    assert moodle.asked == []


def test_a_test_names_the_site_and_what_its_service_lacks(moodle: MoodleServer) -> None:
    functions = moodle.bodies["core_webservice_get_site_info"]["functions"]
    functions[:] = [each for each in functions if each["name"] != GRADES]

    found = connections.ask_site(Outbound(allow_private=True), Opened(moodle.url, TOKEN))

    assert (found.site, found.missing) == ("Lab Moodle", (GRADES,))


def test_a_function_without_a_name_is_none(moodle: MoodleServer) -> None:
    moodle.bodies["core_webservice_get_site_info"]["functions"] += [{"name": []}, {"name": {}}, {}, None]

    assert connections.ask_site(Outbound(allow_private=True), Opened(moodle.url, TOKEN)).missing == ()


def test_an_account_that_may_not_even_ask_who_the_site_is_is_told_apart(moodle: MoodleServer) -> None:
    moodle.bodies["core_webservice_get_site_info"] = recorded_body("error-function-not-in-service")

    with pytest.raises(Permanent, match="moodle_no_entry"):
        connections.ask_site(Outbound(allow_private=True), Opened(moodle.url, TOKEN))


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"{}", json.dumps({"functions": 1}).encode()])
def test_a_site_that_does_not_say_who_it_is_is_no_moodle(moodle: MoodleServer, body: bytes) -> None:
    moodle.raw["core_webservice_get_site_info"] = (200, body)

    with pytest.raises(Permanent, match="moodle_no_service"):
        connections.ask_site(Outbound(allow_private=True), Opened(moodle.url, TOKEN))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" https://moodle.example.org/ ", "https://moodle.example.org"),
        ("https://moodle.example.org/sub/webservice/rest/server.php?x=1", "https://moodle.example.org/sub"),
        ("https://moodle.example.org:8443", "https://moodle.example.org:8443"),
    ],
)
def test_an_address_is_kept_without_what_was_copied_with_it(typed: str, kept: str) -> None:
    assert checked_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "moodle", "ftp://a.org", "https://", "https://u:p@a.org", "https://a.org:99999", "https://" + "a" * 400],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(RuleBroken, match="moodle_address_faulty"):
        checked_address(typed)


@pytest.mark.parametrize("typed", ["", "two words", "a\nb", "ключ", "a" * 201])
def test_what_is_no_token_is_refused(typed: str) -> None:
    with pytest.raises(RuleBroken, match="moodle_token_faulty"):
        checked_token(typed)
