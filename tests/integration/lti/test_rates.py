"""Too much in a minute: failures are limited by address, launches by registration, and never one for the other (53)."""

from __future__ import annotations

import pytest
from structlog.typing import EventDict
from werkzeug.test import TestResponse

from lti_tool.web import rates
from tests.factories.launch_bench import TOOL, Bench, Browser
from tests.factories.one_minute import OneMinute, hold_still

SPOOFED = {"X-Forwarded-For": "192.0.2.99"}


@pytest.fixture
def minute(bench: Bench) -> OneMinute:
    """The minute in which the test takes place, and in which a registration launches at most three times."""
    return hold_still(bench.app, launches_per_minute=3)


def _fail(bench: Bench, address: str = "192.0.2.1", **headers: str) -> TestResponse:
    form = {"id_token": "a.b.c", "state": "made up"}
    return _at(bench, address).client.post("/lti/launch", base_url=TOOL, data=form, headers=headers)


def _at(bench: Bench, address: str) -> Browser:
    browser = bench.browser()
    browser.client.environ_base["REMOTE_ADDR"] = address
    return browser


def _launch(bench: Bench, address: str, client_id: str = "qhqNvAQpnzzf4xr", deployment_id: str = "1") -> TestResponse:
    browser = _at(bench, address).log_in(client_id=client_id, lti_deployment_id=deployment_id)
    return browser.post(bench.lms.sign(browser.payload(aud=client_id, deployment_id=deployment_id)))


def test_after_a_hundred_failures_an_address_is_told_to_wait(
    bench: Bench, minute: OneMinute, logs: list[EventDict]
) -> None:
    statuses = [_fail(bench).status_code for _ in range(rates.FAILURES)]

    answer = _fail(bench)

    assert set(statuses) == {400}
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    told = [event for event in logs if event["event"] == "launch_refused"]
    assert len(told) == rates.FAILURES, "a flood fills no log"
    assert _fail(bench, "192.0.2.2").status_code == 400, "another address is unharmed"
    minute.instant += 60
    assert _fail(bench).status_code == 400, "the next minute begins anew"


def test_a_valid_launch_passes_from_an_address_however_much_failed_there(bench: Bench, minute: OneMinute) -> None:
    for _ in range(rates.FAILURES + 50):
        _fail(bench)

    assert _launch(bench, "192.0.2.1").status_code == 302
    assert len(bench.arrived) == 1


def test_an_address_that_is_only_claimed_is_not_believed(bench: Bench, minute: OneMinute) -> None:
    for _ in range(rates.FAILURES):
        _fail(bench)

    assert _fail(bench, **SPOOFED).status_code == 429


@pytest.mark.parametrize("path", ["/lti/login?iss=x", "/lti/continue/guessed"])
def test_logins_and_codes_that_fail_count_too(bench: Bench, minute: OneMinute, path: str) -> None:
    client = bench.browser().client
    for number in range(rates.FAILURES):
        assert client.get(f"{path}{number}", base_url=TOOL).status_code in {400, 409}

    assert client.get(path, base_url=TOOL).status_code == 429


def test_a_registration_far_over_its_rate_waits_and_others_are_unharmed(bench: Bench, minute: OneMinute) -> None:
    bench.add_registration("another", "2")
    statuses = [_launch(bench, f"192.0.2.{number}").status_code for number in range(3)]

    answer = _launch(bench, "192.0.2.9")

    assert statuses == [302, 302, 302]
    assert (answer.status_code, answer.headers["Retry-After"], len(bench.arrived)) == (429, "60", 3)
    assert _launch(bench, "192.0.2.9", "another", "2").status_code == 302
    minute.instant += 60
    assert _launch(bench, "192.0.2.9").status_code == 302


def test_who_begins_logins_without_end_keeps_nobody_else_out(bench: Bench, minute: OneMinute) -> None:
    statuses = [_at(bench, "192.0.2.1").start().status_code for _ in range(5)]

    assert statuses == [302, 302, 302, 429, 429]
    assert _launch(bench, "192.0.2.2").status_code == 302
