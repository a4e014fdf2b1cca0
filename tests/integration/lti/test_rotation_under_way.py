"""Keys replaced while everybody goes on: no launch and no token request fails, and who checks finds the key (55)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import jwt

from lti_tool import clock
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.lti import keyring
from lti_tool.lti.keyring import Keyring
from tests.factories.launch_bench import TOOL, Bench, make_bench

ROTATIONS = 3


def _kid_that_holds(bench: Bench, ring: Keyring) -> str:
    """Signs as for a token request, and checks it as a platform does that reads the key set after that."""
    assertion = ring.sign({"iss": "client", "aud": "platform"})
    shown = bench.browser().client.get("/lti/jwks", base_url=TOOL).get_json()["keys"]
    kid = jwt.get_unverified_header(assertion)["kid"]
    key = next(jwt.PyJWK(each).key for each in shown if each["kid"] == kid)
    assert jwt.decode(assertion, key, algorithms=["RS256"], audience="platform")["iss"] == "client"
    return str(kid)


def test_rotation_fails_no_launch_and_no_token_request(any_sessions: SessionFactory, tmp_path: Path) -> None:
    bench = make_bench(any_sessions, tmp_path)
    rings = [Keyring.open(tmp_path / "keys", None, any_sessions) for _process in range(2)]
    ended = Event()

    def sign_on(ring: Keyring) -> list[str]:
        return [_kid_that_holds(bench, ring) for _ in iter(ended.is_set, True)]

    def launch_on() -> list[int]:
        return [bench.browser().launch().status_code for _ in iter(ended.is_set, True)]

    with ThreadPoolExecutor(3) as threads:
        signing = [threads.submit(sign_on, ring) for ring in rings]
        launching = threads.submit(launch_on)
        try:
            for _ in range(ROTATIONS):
                with unit_of_work(any_sessions) as session:
                    keyring.rotate(session, tmp_path / "keys", None, clock.now())
        finally:
            ended.set()

    kids = {_kid_that_holds(bench, ring) for ring in rings}
    used = {kid for each in signing for kid in each.result()} | kids
    assert set(launching.result()) == {302}
    assert len(kids) == 1, "both sign with the newest"
    assert len(used) > 1, "it happened while they signed"
