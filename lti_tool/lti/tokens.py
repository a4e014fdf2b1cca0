"""Access tokens for a platform's services: asked for with as little as each call needs, and kept while they live.

OAuth 2 client credentials with a signed assertion (1EdTech Security Framework 1.0, section 4). Tokens are shared by
all processes through the database: one connector that asked for a token per call once got a tool rate-limited.
Moodle's ways hold here: an `iat` two seconds ahead of its clock is refused, errors may be no valid JSON, and a scope
that was not granted is dropped in silence (moodle-lti-facts, section 5).
"""

from __future__ import annotations

import json
import math
import re
import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Protocol
from urllib.parse import urlencode

from lti_tool import clock
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import PlatformForbids, PlatformUnavailable
from lti_tool.ids import RegistrationId
from lti_tool.lti import store
from lti_tool.lti.answers import is_outage, outage
from lti_tool.lti.model import AccessToken, Registration
from lti_tool.outbound import Answer, Outbound
from lti_tool.sealing import Seal

BACK_DATED = timedelta(seconds=60)
ASSERTION_LIFE = timedelta(minutes=3)
ASKING = timedelta(seconds=20)
"""How long the other processes wait for the one that asks; longer than the longest exchange."""
LOOK_SECONDS = 0.1
CLOCKS_APART = timedelta(seconds=10)
ODD_LIFE = 60.0
"""Seconds that a token is kept whose answer does not say plausibly how long it lives."""
MARGIN = 60.0
LONGEST_LIFE = 86_400.0
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Signer(Protocol):
    """Signs with the tool's current key (RS256); `lti.keyring.Keyring` does."""

    def sign(self, claims: dict[str, object]) -> str:
        """The compact JWT of these claims."""
        ...


_Key = tuple[RegistrationId, str]


class Tokens:
    """Access tokens of all registrations; one object serves all threads of a process."""

    def __init__(
        self,
        sessions: SessionFactory,
        outbound: Outbound,
        signer: Signer,
        seal: Seal,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._sessions = sessions
        self._outbound = outbound
        self._signer = signer
        self._seal = seal
        self._now = now
        self._ahead: dict[RegistrationId, timedelta] = {}
        self._held: dict[_Key, AccessToken] = {}
        self._locks: dict[_Key, Lock] = {}
        self._guard = Lock()

    def get(self, registration: Registration, scopes: Collection[str]) -> AccessToken:
        """A token that carries all of `scopes`: kept, else fetched; threads that want the same one wait for it.

        Raises PlatformForbids (client refused, scope not granted), PlatformUnavailable (outage, unreadable answer).
        """
        key = (registration.id, " ".join(sorted(scopes)))
        held = self._held.get(key)
        if held is not None and held.expires_at > self._now():
            return held
        with self._lock(key):
            token = self._stored(key) or self._asked(registration, key)
            self._held[key] = token
        return token

    def drop(self, registration: Registration, scopes: Collection[str], token: AccessToken) -> None:
        """Forgets a token that the platform refused; a newer one that somebody fetched meanwhile stays."""
        key = (registration.id, " ".join(sorted(scopes)))
        with self._lock(key):
            if self._held.get(key) == token:
                del self._held[key]
            with unit_of_work(self._sessions) as session:
                kept = store.access_token(session, *key, self._now())
                if kept is not None and self._seal.open(kept.value) == token.value:
                    store.drop_access_token(session, registration.id, key[1], kept.value, self._now())

    def _lock(self, key: _Key) -> Lock:
        with self._guard:
            return self._locks.setdefault(key, Lock())

    def _stored(self, key: _Key) -> AccessToken | None:
        with unit_of_work(self._sessions, writes=False) as session:
            locked = store.access_token(session, *key, self._now())
        # What a version before has stored is not locked, and what a lost key has opens no more: asked for anew.
        value = self._seal.open(locked.value) if locked else None
        return replace(locked, value=value) if locked and value is not None else None

    def _asked(self, registration: Registration, key: _Key) -> AccessToken:
        """Asked for by this process, or by another one whose answer is waited for: platforms count requests."""
        while not self._may_ask(key):
            time.sleep(LOOK_SECONDS)
            if found := self._stored(key):
                return found
        try:
            return self._stored(key) or self._fetched(registration, key)
        finally:
            with unit_of_work(self._sessions) as session:
                store.end_asking(session, *key)

    def _may_ask(self, key: _Key) -> bool:
        now = self._now()
        with unit_of_work(self._sessions) as session:
            return store.take_asking(session, *key, now, now + ASKING)

    def try_out(self, registration: Registration, scopes: Collection[str], timeout: float) -> frozenset[str]:
        """Asks for a token as if none were kept, and keeps it not; which of the scopes it carries.

        Raises as `get` does, but not for scopes that were not granted.
        """
        wanted, asked = " ".join(sorted(scopes)), self._now()
        try:
            token = _token_of(self._answered(registration, wanted, asked, timeout), wanted, asked)
        except PlatformForbids as refused:
            if refused.code != "scope_missing":
                raise
            missing = refused.facts["scopes"]
            return frozenset(scopes) - frozenset(missing if isinstance(missing, list) else ())
        return frozenset(scopes) & frozenset(token.granted.split())

    def _fetched(self, registration: Registration, key: _Key) -> AccessToken:
        asked = self._now()
        token = _token_of(self._answered(registration, key[1], asked), key[1], asked)
        with unit_of_work(self._sessions) as session:
            store.save_access_token(session, *key, replace(token, value=self._seal.lock(token.value)))
        return token

    def _answered(
        self, registration: Registration, scopes: str, asked: datetime, timeout: float | None = None
    ) -> Answer:
        ahead = self._ahead.get(registration.id, timedelta(0))
        answer = self._post(registration, scopes, asked + ahead, timeout)
        if answer.status in {400, 401, 403}:
            found = _ahead_of(answer, asked)
            if found is not None and abs(found - ahead) > CLOCKS_APART:
                # Its clock and ours differ: what we say of the time is only good by its own.
                self._ahead[registration.id] = found
                answer = self._post(registration, scopes, asked + found, timeout)
        return answer

    def _post(self, registration: Registration, scopes: str, at: datetime, timeout: float | None) -> Answer:
        return self._outbound.request(
            "POST",
            registration.token_url,
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            data=urlencode(self._request(registration, scopes, at)).encode(),
            timeout=timeout,
        )

    def _request(self, registration: Registration, scopes: str, at: datetime) -> dict[str, str]:
        issued = int((at - BACK_DATED).timestamp())
        claims: dict[str, object] = {
            "iss": registration.client_id,
            "sub": registration.client_id,
            "aud": registration.token_audience or registration.token_url,
            "iat": issued,
            "exp": int((at + ASSERTION_LIFE).timestamp()),
            "jti": secrets.token_urlsafe(16),
        }
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._signer.sign(claims),
            "scope": scopes,
        }


def _ahead_of(answer: Answer, now: datetime) -> timedelta | None:
    """How far the platform's clock is before ours, by the Date of its answer; None where it tells none."""
    try:
        moment = parsedate_to_datetime(answer.headers.get("Date") or "")
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment - now


def _token_of(answer: Answer, asked_scopes: str, asked: datetime) -> AccessToken:
    if is_outage(answer.status) or answer.status == 500:
        raise outage(answer, asked)
    if not 200 <= answer.status < 300:
        raise PlatformForbids(_refusal(answer.body), status=answer.status, reason=error_word(answer.body))
    found = _object(answer.body)
    value = found.get("access_token") if found else None
    if found is None or not isinstance(value, str) or not re.fullmatch(r"[\x21-\x7e]{1,8000}", value):
        # A maintenance page comes as 200, too: worth asking again.
        raise PlatformUnavailable("token_unreadable", status=answer.status)
    kind = str(found.get("token_type", "bearer"))
    if kind.lower() != "bearer":
        raise PlatformForbids("token_type_unknown", type=kind[:20])
    granted = found.get("scope", asked_scopes)
    granted = granted if isinstance(granted, str) else ""
    missing = set(asked_scopes.split()) - set(granted.split())
    if missing:
        raise PlatformForbids("scope_missing", scopes=sorted(missing))
    # What a platform names beside it may be anything, and no database takes everything.
    kept = " ".join(scope for scope in granted.split() if re.fullmatch(r"[\x21-\x7e]+", scope))
    return AccessToken(value, kept, asked + timedelta(seconds=life(found.get("expires_in"))))


def life(expires_in: object) -> float:
    """Seconds that a token is kept: till 60 s before its end, half its life if short, 60 s where the answer is odd."""
    try:
        seconds = float(expires_in) if isinstance(expires_in, (int, float, str)) else math.nan
    except (ValueError, OverflowError):
        return ODD_LIFE
    if isinstance(expires_in, bool) or not math.isfinite(seconds) or seconds <= 0:
        return ODD_LIFE
    return min(max(seconds - MARGIN, seconds / 2), LONGEST_LIFE)


def _refusal(body: bytes) -> str:
    return "scope_refused" if error_word(body) == "invalid_scope" else "token_refused"


def _object(body: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def error_word(body: bytes) -> str:
    """The `error` of a token answer, at most 80 plain characters; found also where the body is not valid JSON.

    Moodle writes `"error" : ""kid" invalid, unable to lookup correct key"`.
    """
    found = _object(body)
    if found is not None:
        word = str(found.get("error", ""))
    else:
        match = re.search(r'"error"\s*:\s*"(.*?)"\s*(?:[,}]|$)', body[:2000].decode("utf-8", "replace"), re.MULTILINE)
        word = match[1] if match else ""
    return re.sub(r"[^\w .,:-]", "", word)[:80].strip()
