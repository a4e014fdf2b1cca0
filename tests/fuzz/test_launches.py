"""Signed launches with anything in them: each is refused whole, or leads to a page that opens."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.factories.launch_bench import CLAIM, PASSING, TOOL, Bench, Browser
from tests.factories.signing_lms import RECORDED, SigningLms, recorded_payload
from tests.fuzz.odd import ODD, TEXTS, Edit, edited, edits, written
from tests.fuzz.rows import rows
from tests.fuzz.tally import Tally, cases
from tests.fuzz.undone import undone
from tests.fuzz.world import World, from_elsewhere

NAMES = sorted(file.stem.removeprefix("launch-") for file in RECORDED.glob("launch-*.json"))
PAYLOADS = {name: recorded_payload(name) for name in NAMES}
CUSTOM = CLAIM + "custom"
Changed = tuple[str, list[Edit]]
CHANGED: st.SearchStrategy[Changed] = st.one_of(
    [st.tuples(st.just(name), edits(payload)) for name, payload in PAYLOADS.items()]
)
PIECES = st.sampled_from(
    ["1.1.1.a", "2.1.1.b", "9.9.9.z", ":", ":2", ":5:r", ":0", ",", ";", "\0", " ", "ы", ":٣:o", "-"]
)
NAMED = {
    "activity": st.sampled_from(["profile", "evidence", "observation", "self_assessment", "gradebook", "native"]),
    "indicators": st.lists(PIECES, max_size=12).map("".join),
    "groups": st.lists(TEXTS, max_size=4).map(",".join),
    "context_history": st.lists(TEXTS | st.integers().map(str), max_size=4).map(",".join),
    "course_begin": st.datetimes().map(str) | st.integers().map(str),
    "course_end": st.datetimes().map(str),
    "uid": TEXTS,
}
CUSTOMS = st.fixed_dictionaries({}, optional={name: known | ODD for name, known in NAMED.items()})


LOGIN = ["iss", "login_hint", "client_id", "lti_deployment_id", "lti_message_hint", "target_link_uri"]
HEADER = {"typ": "JWT", "alg": "RS256", "kid": "key-1"}


@pytest.fixture(scope="session")
def lms(world: World) -> Bench:
    """The application at the three registrations of the recorded messages; one launch has brought the keys."""
    outbound = world.app.extensions["tool"].outbound
    bench = Bench(world.app, world.sessions, outbound, SigningLms(outbound))
    for client, deployment in (("qhqNvAQpnzzf4xr", "1"), ("dqIuwYSyVwmsuRD", "2"), ("thWlRWjyIqZCow4", "3")):
        bench.add_registration(client, deployment)
    assert bench.browser().launch().status_code == 303
    return bench


@cases(2)
@given(changed=CHANGED)
def test_launches_with_claims_exchanged(lms: Bench, tally: Tally, changed: Changed) -> None:
    name, changes = changed
    with tally.case() as case, undone(lms.sessions):
        case.note(accepted=_launch(lms, name, changes))


@cases(1)
@given(name=st.sampled_from(NAMES), custom=CUSTOMS)
def test_launches_with_custom_parameters(lms: Bench, tally: Tally, name: str, custom: dict[str, Any]) -> None:
    with tally.case() as case, undone(lms.sessions):
        case.note(accepted=_launch(lms, name, [Edit((CUSTOM,), custom)]))


@cases(4)
@given(fields=st.dictionaries(st.sampled_from(LOGIN), TEXTS, max_size=3), method=st.sampled_from(["GET", "POST"]))
def test_login_initiations(lms: Bench, tally: Tally, fields: dict[str, str], method: str) -> None:
    sent = {name: value.encode("utf-8", "surrogatepass") for name, value in fields.items()}
    with tally.case() as case, undone(lms.sessions):
        answer = _browser(lms).start(method, **sent)  # type: ignore[arg-type]  # bytes, as a browser may send them
        assert answer.status_code in {302, 400, 403, 413}, answer.text
        case.note(accepted=answer.status_code == 302)


@cases(2)
@given(header=edits(HEADER), cut=st.integers(0, 3000), odd=st.binary(max_size=4))
def test_tokens_of_another_form(lms: Bench, tally: Tally, header: list[Edit], cut: int, odd: bytes) -> None:
    with tally.case() as case, undone(lms.sessions):
        browser = _logged_in(lms, "resource-link-student")
        token = _signed(lms, browser.payload("resource-link-student"), edited(HEADER, header))
        before = rows(lms.sessions, PASSING)
        answer = browser.post((token[:cut].encode() + odd + token[cut + len(odd) :].encode()).decode("latin-1"))
        case.note(accepted=_outcome(lms, browser, answer, before))


def _launch(lms: Bench, name: str, changes: list[Edit]) -> bool:
    """Launches; whether it was accepted. What was refused has stored nothing, what was accepted opens."""
    browser = _logged_in(lms, name)
    payload = edited(browser.payload(name), changes)
    before = rows(lms.sessions, PASSING)
    return _outcome(lms, browser, browser.post(_signed(lms, payload)), before)


def _outcome(lms: Bench, browser: Browser, answer: TestResponse, before: dict[str, int]) -> bool:
    if answer.status_code == 303:
        page = browser.client.get(answer.headers["Location"], base_url=TOOL)
        assert page.status_code == 200, page.text
        return True
    assert answer.status_code in {400, 401, 403, 409, 413}, answer.text
    assert rows(lms.sessions, PASSING) == before
    return False


def _logged_in(lms: Bench, name: str) -> Browser:
    audience = PAYLOADS[name]["aud"]
    return _browser(lms).log_in(client_id=audience, lti_deployment_id=None)


def _browser(lms: Bench) -> Browser:
    browser = lms.browser()
    from_elsewhere(browser.client)
    return browser


def _signed(lms: Bench, payload: object, header: object = None) -> str:
    signed = f"{_encoded(written(header or HEADER))}.{_encoded(written(payload))}"
    return f"{signed}.{lms.lms.signature(signed)}"


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
