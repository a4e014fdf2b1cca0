"""What the doctor says of platforms, sentence by sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.cli.findings import Finding
from lti_tool.cli.platform_findings import Workers, of_figures, of_registration
from lti_tool.errors import PlatformError, PlatformUnavailable, Retryable
from lti_tool.grading.watch_queries import Jobs, Paused, Unsettled
from lti_tool.ids import PlatformId, PublicId
from lti_tool.lti.model import RegistrationSummary, Scope
from lti_tool.lti.reaching import Endpoints, Reached
from lti_tool.lti.watch_queries import Grants
from lti_tool.outbound import AddressRefused
from lti_tool.watching import PlatformFigures

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LMS = "https://lms.example.invalid"
ON = RegistrationSummary(
    id=PublicId("r1"),
    platform="LMS",
    issuer=LMS,
    client_id="client-1",
    active=True,
    authorization_url=f"{LMS}/auth",
    token_url=f"{LMS}/token",
    jwks_url=f"{LMS}/jwks",
    deployments=("1",),
    scopes=(),
)
NEEDED = (Scope.SCORE, Scope.LINE_ITEM, Scope.RESULT_READ, Scope.MEMBERSHIP)
EVERYWHERE = Grants(frozenset(), 2, dict.fromkeys(NEEDED, 2))
CALM = PlatformFigures(
    id=PlatformId(1),
    platform=PublicId("p1"),
    issuer=LMS,
    unsettled=(),
    pause=None,
    columns_not_ready=0,
    jobs=Jobs(),
    rosters_failing=0,
    pulls_failing=0,
    errands_late=0,
    tries={},
)
BUSY, IDLE = Workers(0, seen=True), Workers(0, seen=False)


def _short(found: Finding) -> tuple[str, str]:
    return found.check, found.outcome.value


def _endpoints(keys: PlatformError | None = None, token: PlatformError | None = None) -> Endpoints:
    return Endpoints(Reached(ON.jwks_url, 0.02, keys), Reached(ON.token_url, 0.03, token))


def _services(granted: Grants) -> Finding:
    *_, last = of_registration(ON, granted, _endpoints())
    assert last.check == "services"
    return last


# --- registrations


def test_a_registration_in_order_is_three_good_lines_that_name_it() -> None:
    found = list(of_registration(ON, EVERYWHERE, _endpoints()))

    assert [_short(each) for each in found] == [("key set", "ok"), ("token endpoint", "ok"), ("services", "ok")]
    assert {each.about for each in found} == {f"{LMS} (r1)"}
    assert "20 ms" in found[0].tells


def test_one_that_is_switched_off_is_a_note_and_nothing_else() -> None:
    (found,) = of_registration(replace(ON, active=False), Grants(frozenset(), 3, {}), None)

    assert _short(found) == ("registration", "note")
    assert "platform enable r1" in found.to_do


@pytest.mark.parametrize(
    ("fault", "tells", "advice"),
    [
        (PlatformUnavailable("platform_unreachable", host="x"), "nobody answers", "up"),
        (PlatformUnavailable("platform_unreachable", host="x", reason="no_such_host"), "does not exist", "DNS"),
        (PlatformUnavailable("platform_timeout", host="x"), "within 5 s", "up"),
        (PlatformUnavailable("platform_certificate", host="x"), "certificate", "renew"),
        (PlatformUnavailable("platform_reset", host="x"), "breaks off", "web server"),
        (AddressRefused("address_refused", host="x", reason="inner_address"), "inner_address", "ALLOW_PRIVATE"),
        (AddressRefused("address_refused", host="x", reason="not_https"), "not_https", "TLS"),
        (AddressRefused("address_refused", reason="not_a_url"), "not_a_url", "address right"),
        (Retryable("answer_not_ok", status=302), "status 302", "redirect"),
        (Retryable("answer_not_json", status=200), "else than keys", "address right"),
        (Retryable("not_a_key_set"), "else than keys", "address right"),
        (Retryable("answer_cut_short", status=200), "answer_cut_short", "address right"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_wrong_with_an_endpoint_comes_with_what_to_do(fault: PlatformError, tells: str, advice: str) -> None:
    keys, token, _services = of_registration(ON, EVERYWHERE, _endpoints(keys=fault, token=fault))

    for found, url in ((keys, ON.jwks_url), (token, ON.token_url)):
        assert found.outcome.value == "wrong"
        assert url in found.tells
        assert tells in found.tells
        assert advice in found.to_do


@pytest.mark.parametrize("scope", NEEDED)
def test_a_service_that_no_course_has_is_wrong_and_named(scope: Scope) -> None:
    found = _services(Grants(frozenset(NEEDED), 2, {each: 2 for each in NEEDED if each is not scope}))

    words = {
        Scope.SCORE: "sending grades",
        Scope.LINE_ITEM: "making gradebook columns",
        Scope.RESULT_READ: "reading grades back",
        Scope.MEMBERSHIP: "names and roles",
    }
    assert (found.outcome.value, words[scope] in found.tells) == ("wrong", True)
    assert not [word for other, word in words.items() if other is not scope and word in found.tells]
    assert "Services" in found.to_do


def test_a_service_that_some_courses_lack_is_a_note_with_numbers() -> None:
    found = _services(Grants(frozenset(), 5, dict.fromkeys(NEEDED, 5) | {Scope.MEMBERSHIP: 3}))

    assert (found.outcome.value, "of 5 courses" in found.tells, "names and roles in 3" in found.tells) == (
        "note",
        True,
        True,
    )


@pytest.mark.parametrize(
    ("declared", "outcome"), [((), "note"), (NEEDED, "ok"), (NEEDED[:3], "wrong"), (("something else",), "wrong")]
)
def test_before_the_first_launch_the_registration_speaks(declared: tuple[str, ...], outcome: str) -> None:
    assert _services(Grants(frozenset(declared), 0, {})).outcome.value == outcome


# --- grades


def _waiting(state: str = "due", answer: str | None = None, count: int = 3, due: int = 3, age: int = 90) -> Unsettled:
    return Unsettled(state, answer, count, due, NOW - timedelta(seconds=age))


def _told(figures: PlatformFigures, workers: Workers = BUSY) -> list[tuple[str, str]]:
    return [_short(each) for each in of_figures(figures, workers, NOW)]


@pytest.mark.parametrize("workers", [BUSY, IDLE])
def test_where_nothing_waits_nobody_is_missed(workers: Workers) -> None:
    assert _told(CALM, workers) == [("grades", "ok")]


def test_what_is_under_way_is_well() -> None:
    (found,) = of_figures(replace(CALM, unsettled=(_waiting(age=59),)), BUSY, NOW)

    assert _short(found) == ("grades", "ok")
    assert "3 under way" in found.tells


def test_what_waits_between_two_tries_is_a_note_with_its_age() -> None:
    (found,) = of_figures(replace(CALM, unsettled=(_waiting(due=0, age=3 * 3600),)), BUSY, NOW)

    assert _short(found) == ("grades", "note")
    assert "3 h" in found.tells


@pytest.mark.parametrize(
    ("seen", "tells", "advice"),
    [(False, "no worker seems to run", "start `lti-tool worker`"), (True, "do not keep up", "--concurrency")],
)
def test_what_is_left_lying_tells_of_the_workers(seen: bool, tells: str, advice: str) -> None:
    (found,) = of_figures(replace(CALM, unsettled=(_waiting(),)), Workers(3, seen=seen), NOW)

    assert _short(found) == ("worker", "wrong")
    assert (tells in found.tells, advice in found.to_do, "3 " in found.tells) == (True, True, True)


def _paused(reason: str, until: datetime = NOW + timedelta(seconds=30)) -> PlatformFigures:
    return replace(CALM, unsettled=(_waiting(),), pause=Paused(reason, NOW - timedelta(minutes=15), until))


@pytest.mark.parametrize(("reason", "advice"), [("outage", "by itself"), ("forbidden", "Services"), ("new", "log")])
def test_a_pause_is_one_line_with_reason_and_length(reason: str, advice: str) -> None:
    (found,) = of_figures(_paused(reason), IDLE, NOW)

    assert _short(found) == ("grades", "wrong")
    assert f"paused for 15 min ({reason}), 3 wait" in found.tells
    assert advice in found.to_do


def test_a_pause_that_nobody_ends_is_a_missing_worker() -> None:
    (found,) = of_figures(_paused("outage", until=NOW - timedelta(seconds=61)), IDLE, NOW)

    assert "no worker looks" in found.tells
    assert found.to_do == "start `lti-tool worker`"


def test_a_pause_that_has_just_ended_is_not() -> None:
    (found,) = of_figures(_paused("outage", until=NOW - timedelta(seconds=60)), IDLE, NOW)

    assert "no worker" not in found.tells


def test_dead_and_held_grades_are_told_by_their_answers() -> None:
    unsettled = (
        _waiting("dead", "refused", 4, 0),
        _waiting("dead", "unconfirmed", 1, 0),
        _waiting("held", "perhaps_locked", 2, 1),
    )

    dead, held = of_figures(replace(CALM, unsettled=unsettled), BUSY, NOW)

    assert (_short(dead), _short(held)) == (("grades", "wrong"), ("grades", "note"))
    assert "5 given up after 7 days (refused 4, unconfirmed 1)" in dead.tells
    assert "2 held (perhaps_locked 2)" in held.tells
    assert "lti-tool deliveries retry" in dead.to_do


def test_courses_that_cannot_be_computed_are_wrong() -> None:
    assert _told(replace(CALM, jobs=Jobs(open=5, failing=2))) == [("courses", "wrong")]
    assert _told(replace(CALM, jobs=Jobs(open=5, failing=0))) == [("grades", "ok")]


def test_readings_that_nobody_takes_up_are_wrong_unless_the_lms_is_away() -> None:
    assert _told(replace(CALM, errands_late=2)) == [("courses", "wrong")]
    assert ("courses", "wrong") not in _told(replace(CALM, errands_late=2, pause=Paused("outage", NOW, NOW)))


@pytest.mark.parametrize("what", ["columns_not_ready", "columns_unread", "rosters_failing", "pulls_failing"])
def test_what_is_tried_again_by_itself_is_a_note(what: str) -> None:
    found = list(of_figures(replace(CALM, **{what: 7}), BUSY, NOW))  # type: ignore[arg-type]  # the names are the fields'

    assert [_short(each) for each in found] == [("courses", "note")]
    assert found[0].tells.startswith("7 ")


@pytest.mark.parametrize(
    ("age", "words"), [(61, "61 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (86400, "24 h"), (172800, "2 d")]
)
def test_a_span_is_told_in_a_unit_that_fits(age: int, words: str) -> None:
    (found,) = of_figures(replace(CALM, unsettled=(_waiting(due=0, age=age),)), BUSY, NOW)

    assert f"waits for {words}," in found.tells


def test_grades_that_differ_in_the_lms_are_a_note() -> None:
    found = list(of_figures(replace(CALM, differing=4), BUSY, NOW))

    assert [_short(each) for each in found] == [("grades", "note")]
    assert found[0].tells.startswith("4 differ in the LMS")
