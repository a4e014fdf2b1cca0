"""One login, one launch, one browser: tabs, frames without cookies, replays at once, and the way on in a new tab."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.lti import oidc
from lti_tool.lti.tables import DeploymentRow, OidcLoginRow, ParkedLaunchRow, RegistrationRow
from tests.factories.launch_bench import TOOL, Bench, Browser, make_bench
from tests.factories.signing_lms import ISSUER

REPLAYS = 50


def _parked(bench: Bench) -> tuple[Browser, str]:
    """A launch whose browser returned no cookie; the browser, and where the page leads."""
    framed = bench.browser().log_in()
    answer = bench.browser().post(bench.lms.sign(framed.payload()), framed.state)
    assert answer.status_code == 401
    found = re.search(r'href="(/lti/continue/[^"]+)"', answer.text)
    assert found
    return framed, found[1]


def _token_of_form(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_login_leads_to_the_platform_with_what_it_wants(bench: Bench, method: str) -> None:
    answer = bench.browser().start(method)

    parts = urlsplit(answer.headers["Location"])
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{ISSUER}/mod/lti/auth.php"
    assert asked | {"state": "", "nonce": ""} == {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": "qhqNvAQpnzzf4xr",
        "redirect_uri": f"{TOOL}/lti/launch",
        "login_hint": "6",
        "lti_message_hint": '{"cmid":6}',
        "state": "",
        "nonce": "",
    }


def test_a_login_that_carries_no_hint_of_a_message_goes_on_without_one(bench: Bench) -> None:
    browser = bench.browser()

    address = browser.start(lti_message_hint=None).headers["Location"]

    assert "lti_message_hint" not in parse_qs(urlsplit(address).query, keep_blank_values=True)
    assert browser.log_in(lti_message_hint=None).post(bench.lms.sign(browser.payload())).status_code == 302


def test_a_launch_whose_registration_was_removed_after_its_login_is_refused(bench: Bench, browser: Browser) -> None:
    browser.log_in()
    with bench.sessions.begin() as opened:
        opened.query(DeploymentRow).delete()
        opened.query(RegistrationRow).delete()

    assert browser.post(bench.lms.sign(browser.payload())).status_code == 409
    assert not browser.has_session()


def test_an_authorization_address_keeps_its_own_query(bench: Bench) -> None:
    with bench.sessions.begin() as opened:
        opened.query(RegistrationRow).one().authorization_url += "?tenant=kg#top"

    address = bench.browser().start().headers["Location"]

    assert address.startswith(f"{ISSUER}/mod/lti/auth.php?tenant=kg&scope=openid&")
    assert "#" not in address


def test_a_login_without_client_id_finds_the_only_registration(bench: Bench) -> None:
    assert bench.browser().start(client_id=None).status_code == 302

    bench.add_registration("second", "2")
    assert bench.browser().start(client_id=None).status_code == 400


def test_where_a_login_wants_to_go_is_not_believed(bench: Bench, browser: Browser) -> None:
    answer = browser.start(target_link_uri="https://attacker.example.invalid/")

    assert "attacker" not in answer.headers["Location"]


def test_login_cookies_are_for_frames_of_this_host_only(bench: Bench) -> None:
    cookies = bench.browser().start().headers.getlist("Set-Cookie")

    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-lti-login")
        for attribute in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
            assert attribute in cookie
        assert "Domain" not in cookie


def test_states_nonces_and_browsers_are_stored_as_hashes_only(bench: Bench, browser: Browser) -> None:
    browser.log_in()

    with bench.sessions() as opened:
        row = opened.query(OidcLoginRow).one()
        stored = {row.state_hash, row.nonce_hash, row.browser_hash}
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in stored)
    assert not {browser.state, browser.nonce} & stored


def test_two_tabs_of_one_browser_both_arrive(bench: Bench) -> None:
    first, client = bench.browser(), None
    client = first.client
    second = Browser(bench, client)
    first.log_in()
    second.log_in()

    answers = [tab.post(bench.lms.sign(tab.payload())) for tab in (first, second)]

    assert [answer.status_code for answer in answers] == [302, 302]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_tabs_whose_logins_cross_both_arrive(bench: Bench, order: tuple[int, int]) -> None:
    # Both logins leave before either answer has brought a cookie: the second answer overwrites the first one's.
    tabs = [bench.browser().log_in() for _ in range(2)]
    browser = bench.browser()
    for tab in tabs:
        for (_, _, name), cookie in tab.client._cookies.items():
            browser.client.set_cookie(name, cookie.value, domain="tool.example.invalid", path="/")

    arriving = [tabs[number] for number in order]
    answers = [browser.post(bench.lms.sign(tab.payload()), tab.state) for tab in arriving]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert [name for (_, _, name) in browser.client._cookies if "lti-login" in name] == ["__Host-lti-login"]


def test_a_browser_keeps_one_login_cookie_however_often_it_launches(bench: Bench, browser: Browser) -> None:
    for _ in range(3):
        assert browser.launch().status_code == 302

    names = [name for (_, _, name) in browser.client._cookies if name.startswith("__Host-lti")]
    assert names == ["__Host-lti-login"]


def test_a_login_is_too_old_after_ten_minutes(bench: Bench, browser: Browser) -> None:
    browser.log_in()
    with bench.sessions.begin() as opened:
        opened.query(OidcLoginRow).one().expires_at -= oidc.LOGIN_LIFE

    assert browser.post(bench.lms.sign(browser.payload())).status_code == 409
    assert bench.arrived == []


@pytest.mark.parametrize("same_browser", [True, False])
def test_of_fifty_replays_at_once_exactly_one_succeeds(
    any_sessions: SessionFactory, tmp_path: Path, same_browser: bool
) -> None:
    bench = make_bench(any_sessions, tmp_path)
    browser = bench.browser().log_in()
    token = bench.lms.sign(browser.payload())
    cookies = [(name, cookie.value) for (_, _, name), cookie in browser.client._cookies.items()]

    def replay(number: int) -> int:
        other = bench.browser()
        for name, value in cookies if same_browser or number == 0 else ():
            other.client.set_cookie(name, value, domain="tool.example.invalid")
        return other.post(token, browser.state).status_code

    with ThreadPoolExecutor(REPLAYS) as threads:
        statuses = list(threads.map(replay, range(REPLAYS)))

    parked = _rows(bench, ParkedLaunchRow)
    assert len(bench.arrived) + parked == 1
    assert set(statuses) <= {302, 401, 409}
    assert statuses.count(302) == len(bench.arrived)


def _rows(bench: Bench, table: type[OidcLoginRow] | type[ParkedLaunchRow]) -> int:
    with bench.sessions() as opened:
        return opened.query(table).count()


def test_without_cookies_a_launch_is_parked_and_the_page_says_nothing_personal(bench: Bench) -> None:
    framed = bench.browser().log_in()

    answer = bench.browser().post(bench.lms.sign(framed.payload()), framed.state)

    assert (answer.status_code, bench.arrived, _rows(bench, ParkedLaunchRow)) == (401, [], 1)
    assert 'target="_blank"' in answer.text
    assert "Ada" not in answer.text
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]


def _framed_beside(bench: Bench, session: str) -> Browser:
    """A frame in a browser that sends it a tab's session and lets it set nothing."""
    framed = bench.browser()
    framed.client.set_cookie("__Host-session", session, domain="tool.example.invalid")
    framed.log_in()
    for _, _, name in list(framed.client._cookies):
        if "lti-login" in name:
            framed.client.delete_cookie(name, domain="tool.example.invalid")
    return framed


def test_where_a_frame_gets_a_tabs_session_and_sets_nothing_a_launch_is_parked(bench: Bench) -> None:
    framed = _framed_beside(bench, "of a tab")

    answer = framed.post(bench.lms.sign(framed.payload()))

    assert (answer.status_code, bench.arrived, _rows(bench, ParkedLaunchRow)) == (401, [], 1)
    assert 'target="_blank"' in answer.text


def test_somebody_elses_login_is_refused_there_too(bench: Bench) -> None:
    attacker = _framed_beside(bench, "of the attacker")
    victim = _framed_beside(bench, "of the victim")

    answer = victim.post(bench.lms.sign(attacker.payload()), attacker.state)

    assert answer.text == "refused: other_browser"
    assert (bench.arrived, _rows(bench, ParkedLaunchRow)) == ([], 0)


def test_a_parked_launch_names_the_person_and_begins_by_post_only(bench: Bench) -> None:
    _, address = _parked(bench)
    tab = bench.browser().client

    page = tab.get(address, base_url=TOOL)
    assert (page.status_code, bench.arrived) == (200, [])
    assert "Ada Ångström" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]

    begun = tab.post(address, base_url=TOOL, data={"csrf_token": _token_of_form(page.text)})
    assert begun.status_code == 302
    ((launch, new_tab),) = bench.arrived
    assert (launch.person.sub, new_tab) == ("6", True)


def test_a_parked_launch_goes_on_once(bench: Bench) -> None:
    _, address = _parked(bench)
    tab = bench.browser().client
    token = _token_of_form(tab.get(address, base_url=TOOL).text)
    tab.post(address, base_url=TOOL, data={"csrf_token": token})

    assert tab.post(address, base_url=TOOL, data={"csrf_token": token}).status_code == 409
    assert tab.get(address, base_url=TOOL).status_code == 409
    assert len(bench.arrived) == 1


def test_a_parked_launch_is_not_begun_by_a_form_of_another_site(bench: Bench) -> None:
    _, address = _parked(bench)

    answer = bench.browser().client.post(address, base_url=TOOL, headers={"Origin": "https://evil.example.invalid"})

    assert (answer.status_code, bench.arrived, _rows(bench, ParkedLaunchRow)) == (403, [], 1)


def test_a_browser_that_keeps_no_cookie_in_a_tab_either_is_told_so(bench: Bench) -> None:
    _, address = _parked(bench)
    form = {"csrf_token": _token_of_form(bench.browser().client.get(address, base_url=TOOL).text)}

    answer = bench.browser().client.post(address, base_url=TOOL, data=form)

    assert (answer.status_code, bench.arrived, _rows(bench, ParkedLaunchRow)) == (403, [], 1)
    assert "tool.example.invalid</strong>" in answer.text
    assert "Ada" not in answer.text


@pytest.mark.parametrize("taken_away", ["registration", "deployment"])
def test_a_parked_launch_ends_with_its_registration(bench: Bench, taken_away: str) -> None:
    _, address = _parked(bench)
    tab = bench.browser().client
    token = _token_of_form(tab.get(address, base_url=TOOL).text)
    with bench.sessions.begin() as opened:
        if taken_away == "registration":
            opened.query(RegistrationRow).one().active = False
        else:
            opened.query(DeploymentRow).delete()

    assert tab.get(address, base_url=TOOL).status_code == 403
    assert tab.post(address, base_url=TOOL, data={"csrf_token": token}).status_code == 403
    assert (bench.arrived, _rows(bench, ParkedLaunchRow)) == ([], 0)


def test_a_parked_launch_is_gone_after_five_minutes(bench: Bench) -> None:
    _, address = _parked(bench)
    tab = bench.browser().client
    form = {"csrf_token": _token_of_form(tab.get(address, base_url=TOOL).text)}
    with bench.sessions.begin() as opened:
        opened.query(ParkedLaunchRow).one().expires_at -= oidc.PARKED_LIFE

    assert tab.get(address, base_url=TOOL).status_code == 409
    assert tab.post(address, base_url=TOOL, data=form).status_code == 409
    assert bench.arrived == []


@pytest.mark.parametrize("code", ["guessed", "x" * 5000, "..%2f..%2fetc"])
def test_a_guessed_code_opens_nothing(bench: Bench, code: str) -> None:
    _parked(bench)

    assert bench.browser().client.get(f"/lti/continue/{code}", base_url=TOOL).status_code in {404, 409}


def test_a_launch_as_another_person_in_the_same_browser_arrives_as_that_person(bench: Bench, browser: Browser) -> None:
    browser.launch()
    browser.launch("resource-link-editing-teacher")

    assert [launch.person.sub for launch, _ in bench.arrived] == ["6", "3"]


def test_a_planted_login_cookie_does_not_accept_somebody_elses_login(bench: Bench) -> None:
    attacker = bench.browser().log_in()
    victim = bench.browser()
    victim.client.set_cookie("__Host-lti-login", "A" * 43, domain="tool.example.invalid")

    answer = victim.post(bench.lms.sign(attacker.payload()), attacker.state)

    assert (answer.status_code, bench.arrived) == (401, [])


@pytest.mark.parametrize("planted", ["", "short", "ы" * 43, "x" * 4000])
def test_a_login_cookie_that_is_not_ours_is_replaced(bench: Bench, planted: str) -> None:
    browser = bench.browser()
    browser.client.set_cookie("__Host-lti-login", planted, domain="tool.example.invalid")

    assert browser.launch().status_code == 302


def test_what_came_to_nothing_is_forgotten(bench: Bench, browser: Browser) -> None:
    from lti_tool import clock

    browser.log_in()
    _parked(bench)
    with bench.sessions.begin() as opened:
        assert oidc.forget_expired(opened, clock.now()) == 0
        assert oidc.forget_expired(opened, clock.now() + oidc.LOGIN_LIFE) == 2

    assert (_rows(bench, OidcLoginRow), _rows(bench, ParkedLaunchRow)) == (0, 0)


@pytest.mark.parametrize("path", ["/lti/login?iss=x", "/lti/jwks", "/lti/continue/none"])
def test_nothing_of_the_launch_path_is_kept_by_caches(bench: Bench, path: str) -> None:
    assert bench.browser().client.get(path, base_url=TOOL).headers["Cache-Control"] == "no-store"


def test_a_launch_is_checked_within_milliseconds(bench: Bench, browser: Browser) -> None:
    browser.launch()
    browser.log_in()
    token = bench.lms.sign(browser.payload())

    began = time.perf_counter()
    answer = browser.post(token)

    assert answer.status_code == 302
    assert time.perf_counter() - began < 0.5
