"""The first half of a launch: a login is remembered, and its answer is accepted once and from the same browser.

OpenID Connect third-party-initiated login, as 1EdTech Security Framework 1.0, section 5.1.1, wants it. State and nonce
are one stored row, removed by whoever answers first. The browser proves to be the one of the login by a cookie; one
token of a browser serves all its tabs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import LaunchRefused
from lti_tool.lti import launch_store as store
from lti_tool.lti.claim_schema import is_clean
from lti_tool.lti.claims import launch_from_json, launch_to_json
from lti_tool.lti.id_token import digest
from lti_tool.lti.model import Launch, LaunchGround, LoginUnderWay, Registration

LOGIN_LIFE = timedelta(minutes=10)
PARKED_LIFE = timedelta(minutes=5)
COOKIE = "__Host-lti-login"
_BROWSER_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Browser:
    """What the cookies of a request say about the browser that sent it."""

    tokens: tuple[str, ...]
    """Its login tokens: usually one, more where several tabs began at the same time."""
    sends_ours: bool
    """Whether any cookie of ours came back at all, a login's or a session's."""
    session_token: str = ""
    """What stands for a login token where only the session's cookie comes; empty where that does not."""

    @property
    def hashes(self) -> tuple[str, ...]:
        """What is stored of its tokens, the one that all its tabs share first."""
        return tuple(map(digest, self.tokens))


@dataclass(frozen=True, slots=True)
class Begun:
    """A login that was remembered: what the platform gets, and what the browser keeps under these cookie names."""

    state: str
    nonce: str
    browser_token: str
    cookie_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """What a platform sends to begin (1EdTech Security Framework 1.0, section 5.1.1.1); empty = not sent.

    `target_link_uri` is left out: the signed claim says where to go.
    """

    issuer: str
    login_hint: str
    client_id: str
    message_hint: str
    deployment_id: str


def registration_for(session: Session, asked: LoginRequest) -> Registration:
    """The registration that a login speaks of.

    Raises LaunchRefused: 400 where several fit and no client id says which, or where an id is none; 403 where none is
    known, it is switched off, or the deployment is not one of its own.
    """
    if not all(map(is_clean, (asked.issuer, asked.client_id, asked.deployment_id))):
        raise LaunchRefused("login_malformed", 400)
    found = store.registrations_of(session, asked.issuer, asked.client_id or None, asked.deployment_id)
    if not found:
        raise LaunchRefused("registration_unknown", 403)
    if len(found) > 1:
        raise LaunchRefused("client_id_needed", 400)
    registration, knows_deployment = found[0]
    if not registration.active:
        raise LaunchRefused("registration_inactive", 403, registration_id=registration.id)
    if asked.deployment_id and not knows_deployment:
        raise LaunchRefused("deployment_unknown", 403, registration_id=registration.id)
    return registration


def browser_of(cookies: Mapping[str, str], session_cookie: str) -> Browser:
    """The browser that sent these cookies."""
    # The shared one first: browsers send cookies in the order in which they came to be.
    sent = [cookies[name] for name in sorted(filter(_is_login_cookie, cookies))]
    tokens = tuple(value for value in sent if _BROWSER_TOKEN.fullmatch(value))
    session = cookies.get(session_cookie, "")
    return Browser(tokens, bool(sent) or session_cookie in cookies, _token_of(session) if session else "")


def login_cookies_of_one_tab(cookies: Mapping[str, str], arrived: str) -> list[str]:
    """The names of login cookies that only one tab needed, to be dropped once it has arrived.

    `arrived` is the hash of the token it came with: the cookies of tabs that are still on their way stay.
    """
    return [
        name
        for name, token in cookies.items()
        if _is_login_cookie(name) and name != COOKIE and hmac.compare_digest(digest(token), arrived)
    ]


def begin(session: Session, registration: Registration, browser: Browser, now: datetime) -> Begun:
    """Remembers a login. A browser's first login gives it a token, and all its later ones reuse that.

    Two tabs may begin at once before the first answer has brought the cookie, and the second answer overwrites it: so a
    first token is kept under a name of its own as well. Some browsers send a frame the cookies that a tab has got, and
    let it set none: there the first token follows from the session's cookie, by which such a browser is known again.
    """
    seed = secrets.token_urlsafe(24)
    browser_token = (*browser.tokens, browser.session_token or secrets.token_urlsafe(32))[0]
    names = (COOKIE,) if browser.tokens else (COOKIE, f"{COOKIE}-{secrets.token_hex(4)}")
    begun = Begun(f"{seed}.{_seal(seed, browser_token)}", secrets.token_urlsafe(24), browser_token, names)
    login = LoginUnderWay(registration.id, digest(begun.nonce), digest(browser_token))
    store.save_login(session, digest(begun.state), login, now + LOGIN_LIFE)
    return begun


def authorization_url(registration: Registration, asked: LoginRequest, begun: Begun, redirect_uri: str) -> str:
    """Where the browser goes next: the platform's authorization endpoint, whose own query is kept."""
    parameters = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": registration.client_id,
        "redirect_uri": redirect_uri,
        "state": begun.state,
        "nonce": begun.nonce,
        "login_hint": asked.login_hint,
    }
    if asked.message_hint:
        parameters["lti_message_hint"] = asked.message_hint
    parts = urlsplit(registration.authorization_url)
    query = "&".join(filter(None, [parts.query, urlencode(parameters)]))
    return urlunsplit(parts._replace(query=query, fragment=""))


def consume(
    sessions: SessionFactory, state: str, deployment_id: str, browser: Browser, now: datetime
) -> tuple[LoginUnderWay, LaunchGround]:
    """Takes the login that `state` belongs to, for good: whatever is refused afterwards, it cannot be used again.

    With it comes what its registration is to be checked against, `deployment_id` being what the message claims.
    Raises LaunchRefused: 409 where this browser's login was used before or is too old (reload, *Back*), 401 for a
    state that nobody here gave out, 403 where the registration has been switched off meanwhile.
    """
    with unit_of_work(sessions) as session:
        login = store.take_login(session, digest(state), now)
        ground = store.ground(session, login.registration_id, deployment_id) if login else None
    if login is None or ground is None:
        if _is_ours(state, browser):
            raise LaunchRefused("login_used_up", 409)
        raise LaunchRefused("state_unknown", 401)
    if not ground.registration.active:
        raise LaunchRefused("registration_inactive", 403, registration_id=ground.registration.id)
    return login, ground


def answers_from_same_browser(login: LoginUnderWay, browser: Browser) -> bool:
    """Whether one of the tokens that the browser sent is the one of the login."""
    return any(hmac.compare_digest(digest(token), login.browser_hash) for token in browser.tokens)


def keeps_no_login(login: LoginUnderWay, browser: Browser) -> bool:
    """Whether this is the browser of the login, known by its session alone: it was given a login cookie and kept none.

    A session that began here would not be kept either.
    """
    known = bool(browser.session_token) and hmac.compare_digest(digest(browser.session_token), login.browser_hash)
    return known and not browser.tokens


def park(sessions: SessionFactory, launch: Launch, now: datetime) -> str:
    """Keeps a verified launch for five minutes; the one-time code with which it goes on."""
    code = secrets.token_urlsafe(32)
    with unit_of_work(sessions) as session:
        store.save_parked(session, digest(code), launch_to_json(launch), now + PARKED_LIFE)
    return code


def parked_launch(session: Session, code: str, now: datetime) -> Launch:
    """The launch parked under a code, left there.

    Raises LaunchRefused: 409 where it is gone, 403 where its registration or deployment has been taken away meanwhile.
    """
    return _unparked(session, store.parked(session, digest(code), now))


def take_parked_launch(sessions: SessionFactory, code: str, now: datetime) -> Launch:
    """The launch parked under a code, for the one who comes first. Raises LaunchRefused as `parked_launch` does."""
    with unit_of_work(sessions) as session:
        found = store.take_parked(session, digest(code), now)
    with unit_of_work(sessions, writes=False) as session:
        return _unparked(session, found)


def forget_expired(session: Session, now: datetime) -> int:
    """Removes logins and parked launches that came to nothing; how many. For the worker, every few minutes."""
    return store.forget_expired(session, now)


def _unparked(session: Session, found: dict[str, object] | None) -> Launch:
    if found is None:
        raise LaunchRefused("code_used_up", 409)
    launch = launch_from_json(found)
    ground = store.ground(session, launch.registration_id, launch.deployment_id)
    if ground is None or not ground.registration.active:
        raise LaunchRefused("registration_inactive", 403, registration_id=launch.registration_id)
    if not ground.knows_deployment:
        raise LaunchRefused("deployment_unknown", 403, registration_id=launch.registration_id)
    return launch


def _token_of(session: str) -> str:
    made = hashlib.sha256(b"login beside " + session.encode("utf-8", "replace")).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _seal(seed: str, browser_token: str) -> str:
    # Lets us tell a browser's own old state from an invented one after the row is gone, without keeping the row.
    return hmac.digest(browser_token.encode(), seed.encode(), "sha256").hex()[:32]


def _is_login_cookie(name: str) -> bool:
    return name == COOKIE or name.startswith(COOKIE + "-")


def _is_ours(state: str, browser: Browser) -> bool:
    seed, _, seal = state.partition(".")
    return any(hmac.compare_digest(_seal(seed, token).encode(), seal.encode()) for token in browser.tokens)
