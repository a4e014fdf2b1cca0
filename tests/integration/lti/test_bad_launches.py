"""The table of bad launches: each is refused with its answer, begins nothing, stores nothing, and tells nothing.

Rows are those of the security requirements; a row with several inputs has several cases. What a case does is a function
of a browser that has logged in; it returns the answer that counts.
"""

from __future__ import annotations

import base64
import gzip
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, cast

import jwt
import pytest
from structlog.typing import EventDict
from werkzeug.test import TestResponse

from lti_tool.lti.tables import ParkedLaunchRow, RegistrationRow
from tests.factories.launch_bench import CLAIM, TOOL, Bench, Browser
from tests.factories.signing_lms import ISSUER, JWKS_URL, jwk_of, part, pem_of, rsa_key

ATTACKER = "https://attacker.example.invalid/jwks"
Make = Callable[[Bench, Browser], TestResponse]
"""Does what the row says with a browser that has logged in; gives the answer that counts."""


@dataclass(frozen=True)
class Case:
    """One row, or one of its inputs."""

    row: int
    name: str
    status: int
    make: Make

    @property
    def id(self) -> str:
        return f"{self.row}-{self.name.replace(' ', '-')}"


def claims(name: str = "resource-link-student", /, **changed: object) -> Make:
    """A well-signed launch with these claims changed; None leaves a claim out."""

    def make(bench: Bench, browser: Browser) -> TestResponse:
        return browser.post(bench.lms.sign(browser.payload(name, **changed)))

    return make


def times(**offsets: int) -> Make:
    """A launch whose times lie so many seconds from now."""

    def make(bench: Bench, browser: Browser) -> TestResponse:
        moments = {name: int(time.time()) + seconds for name, seconds in offsets.items()}
        return browser.post(bench.lms.sign(browser.payload(**moments)))

    return make


def header(**fields: object) -> Make:
    """A launch signed by the platform under another header; None leaves a field out."""

    def make(bench: Bench, browser: Browser) -> TestResponse:
        return browser.post(bench.lms.sign(browser.payload(), **fields))

    return make


def payload(value: object) -> Make:
    """A signed token that holds something else."""

    def make(bench: Bench, browser: Browser) -> TestResponse:
        signed = f"{part({'alg': 'RS256', 'kid': bench.lms.kid})}.{part(value)}"
        return browser.post(f"{signed}.{bench.lms.signature(signed)}")

    return make


def token(text: str) -> Make:
    """Something that is no token."""
    return lambda bench, browser: browser.post(text)


def unsigned(alg: str) -> Make:
    def make(bench: Bench, browser: Browser) -> TestResponse:
        return browser.post(f"{part({'alg': alg, 'kid': bench.lms.kid})}.{part(browser.payload())}.")

    return make


def hmac_signed_with(secret: Callable[[Bench], str]) -> Make:
    """Row 18: the platform's public key as the secret of a symmetric signature."""

    def make(bench: Bench, browser: Browser) -> TestResponse:
        signed = f"{part({'alg': 'HS256', 'kid': bench.lms.kid})}.{part(browser.payload())}"
        mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
            signed.encode(), secret(bench).encode()
        )
        return browser.post(f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}")

    return make


def brings_own_key(**fields: object) -> Make:
    """Row 19: signed by the attacker, whose key the header names."""

    def make(bench: Bench, browser: Browser) -> TestResponse:
        bench.outbound.answers[ATTACKER] = {"keys": [jwk_of(rsa_key(2), "key-1")]}
        bench.lms.key = rsa_key(2)
        answer = browser.post(bench.lms.sign(browser.payload(), **fields))
        assert bench.outbound.asked == [], "nothing may be fetched"
        return answer

    return make


def signed_by_attacker(bench: Bench, browser: Browser) -> TestResponse:
    bench.lms.key = rsa_key(2)
    return browser.post(bench.lms.sign(browser.payload()))


def unknown_kid(bench: Bench, browser: Browser) -> TestResponse:
    bench.browser().launch()
    bench.arrived.clear()
    before = len(bench.outbound.asked)
    answer = browser.post(bench.lms.sign(browser.payload(), kid="never-published"))
    assert len(bench.outbound.asked) == before, "another fetch within 30 s"
    return answer


def published_as(**fields: object) -> Make:
    """A platform that publishes its key with these fields."""

    def make(bench: Bench, browser: Browser) -> TestResponse:
        bench.lms.publish(jwk_of(bench.lms.key, bench.lms.kid, **fields))
        return browser.post(bench.lms.sign(browser.payload()))

    return make


def nameless_key(bench: Bench, browser: Browser) -> TestResponse:
    bench.lms.publish({name: value for name, value in jwk_of(bench.lms.key, "").items() if name != "kid"})
    answer = browser.post(bench.lms.sign(browser.payload(), kid=None))
    assert bench.outbound.asked == [], "nothing to look for"
    return answer


def weak_key(bench: Bench, browser: Browser) -> TestResponse:
    bench.lms.key = rsa_key(3, 1024)
    bench.lms.publish(jwk_of(bench.lms.key, bench.lms.kid))
    return browser.post(bench.lms.sign(browser.payload()))


def with_body(body: bytes, **headers: str) -> Make:
    """Row 21: a body that is too much, by itself or by what it claims."""

    def make(bench: Bench, browser: Browser) -> TestResponse:
        kind = headers.pop("kind", "application/x-www-form-urlencoded")
        return browser.client.post("/lti/launch", base_url=TOOL, data=body, content_type=kind, headers=headers)

    return make


def without_length(bench: Bench, browser: Browser) -> TestResponse:
    options = {
        "input_stream": BytesIO(b"state=" + b"a" * 5_000_000),
        "environ_overrides": {"wsgi.input_terminated": True},
    }
    kind = "application/x-www-form-urlencoded"
    return browser.client.post("/lti/launch", base_url=TOOL, content_type=kind, **cast("Any", options))


def gzipped(bench: Bench, browser: Browser) -> TestResponse:
    return with_body(gzip.compress(b"id_token=a.b.c&state=s"), **{"Content-Encoding": "gzip"})(bench, browser)


def big_token(bench: Bench, browser: Browser) -> TestResponse:
    return browser.post("a" * 70_000 + ".b.c")


def other_audience(aud: object, azp: str | None = None) -> Make:
    def make(bench: Bench, browser: Browser) -> TestResponse:
        changed: dict[str, Any] = {"aud": aud} | ({"azp": azp} if azp else {})
        return browser.post(bench.lms.sign(browser.payload(**changed)))

    return make


def login(**fields: str | None) -> Make:
    """A login initiation instead of a launch."""
    return lambda bench, browser: bench.browser().start(**fields)


def login_at_switched_off(bench: Bench, browser: Browser) -> TestResponse:
    bench.add_registration("off", "9", active=False)
    return bench.browser().start(client_id="off", lti_deployment_id=None)


def switched_off_meanwhile(bench: Bench, browser: Browser) -> TestResponse:
    with bench.sessions.begin() as opened:
        for row in opened.query(RegistrationRow):
            row.active = False
    return browser.post(bench.lms.sign(browser.payload()))


def client_of_another_tenant(bench: Bench, browser: Browser) -> TestResponse:
    bench.add_registration("tenant-b", "2")
    browser.log_in(client_id="tenant-b", lti_deployment_id=None)
    return browser.post(bench.lms.sign(browser.payload(aud="tenant-b", deployment_id="1")))


def deployment_of_another_tenant_at_login(bench: Bench, browser: Browser) -> TestResponse:
    bench.add_registration("tenant-b", "2")
    return bench.browser().start(client_id="tenant-b", lti_deployment_id="1")


def token_of_another_tenant(bench: Bench, browser: Browser) -> TestResponse:
    bench.add_registration("tenant-b", "2")
    browser.log_in()
    return browser.post(bench.lms.sign(browser.payload(aud="tenant-b", deployment_id="2")))


def replayed(bench: Bench, browser: Browser) -> TestResponse:
    assert browser.post(bench.lms.sign(browser.payload())).status_code == 302
    bench.arrived.clear()
    return browser.post()


def replayed_elsewhere(bench: Bench, browser: Browser) -> TestResponse:
    other = bench.browser().log_in()
    assert other.post(bench.lms.sign(other.payload())).status_code == 302
    bench.arrived.clear()
    return browser.post(other.token, other.state)


def second_token_for_one_login(bench: Bench, browser: Browser) -> TestResponse:
    assert browser.post(bench.lms.sign(browser.payload())).status_code == 302
    bench.arrived.clear()
    return browser.post(bench.lms.sign(browser.payload(sub="7")))


def refused_then_right(bench: Bench, browser: Browser) -> TestResponse:
    assert browser.post(bench.lms.sign(browser.payload(version="1.2.0"))).status_code == 400
    return browser.post(bench.lms.sign(browser.payload()))


def nonce_of_another_login(bench: Bench, browser: Browser) -> TestResponse:
    other = bench.browser().log_in()
    return browser.post(bench.lms.sign(browser.payload(nonce=other.nonce)))


def state_of_another_browser(bench: Bench, browser: Browser) -> TestResponse:
    attacker = bench.browser().log_in()
    return browser.post(bench.lms.sign(attacker.payload()), attacker.state)


def state_of_another_browser_with_session_only(bench: Bench, browser: Browser) -> TestResponse:
    attacker = bench.browser().log_in()
    victim = bench.browser()
    victim.client.set_cookie("__Host-session", "a live one", domain="tool.example.invalid")
    return victim.post(bench.lms.sign(attacker.payload()), attacker.state)


def state_never_given(bench: Bench, browser: Browser) -> TestResponse:
    return browser.post(bench.lms.sign(browser.payload()), "state-of-nobody.0123")


def no_cookies(bench: Bench, browser: Browser) -> TestResponse:
    return bench.browser().post(bench.lms.sign(browser.payload()), browser.state)


def service(claim: str, **urls: str) -> Make:
    """Row 43: an address that the platform wants called."""
    prefix = "https://purl.imsglobal.org/spec/"

    def make(bench: Bench, browser: Browser) -> TestResponse:
        changed = browser.payload()
        changed[prefix + claim] = dict(changed[prefix + claim]) | urls
        return browser.post(bench.lms.sign(changed))

    return make


def deep_linking(role: str = "Instructor", **settings: object) -> Make:
    """A deep-linking request by somebody with this role, with these settings changed."""
    key = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"

    def make(bench: Bench, browser: Browser) -> TestResponse:
        changed = browser.payload("deep-linking-request-editing-teacher", roles=[role])
        changed[key] = {name: value for name, value in (changed[key] | settings).items() if value is not None}
        return browser.post(bench.lms.sign(changed))

    return make


def by_method(method: str, path: str, **headers: str) -> Make:
    return lambda bench, browser: browser.client.open(path, method=method, base_url=TOOL, headers=headers)


LONG = "x" * 256
DEEP = "[" * 20_000
SIGNED_BY = "context_memberships_url"
AGS, NRPS = "lti-ags/claim/endpoint", "lti-nrps/claim/namesroleservice"

AFTER_A_GOOD_ONE = {2, 27, 28}
"""Rows whose case launches rightly first: that one stays."""

TABLE = [
    Case(1, "no kid", 401, header(kid=None)),
    Case(1, "kid that is no text", 401, header(kid=7)),
    Case(1, "no kid and a key without one", 401, nameless_key),
    Case(2, "unknown kid", 401, unknown_kid),
    Case(3, "version 11.3", 400, claims(version="11.3")),
    Case(3, "version 1.2.0", 400, claims(version="1.2.0")),
    Case(4, "no version", 400, claims(version=None)),
    Case(5, "no LTI message", 400, payload({"name": "bad"})),
    Case(5, "a list", 400, payload([1, 2])),
    Case(5, "a text", 400, payload("launch")),
    Case(6, "several claims missing", 400, claims(version=None, roles=None, deployment_id=None, resource_link=None)),
    Case(7, "ancient times", 401, claims(iat=11111, exp=22222)),
    Case(8, "no message type", 400, claims(message_type=None)),
    Case(9, "no roles", 400, claims(roles=None)),
    Case(9, "roles as text", 400, claims(roles="Learner")),
    Case(9, "roles that are no texts", 400, claims(roles=[{}, 1])),
    Case(10, "no deployment id", 400, claims(deployment_id=None)),
    Case(10, "deployment id that is no text", 400, claims(deployment_id=1)),
    Case(11, "no sub", 400, claims(sub=None)),
    Case(11, "empty sub", 400, claims(sub="")),
    Case(12, "no exp", 401, claims(exp=None)),
    Case(12, "exp as text", 401, claims(exp="tomorrow")),
    Case(12, "exp true", 401, claims(exp=True)),
    Case(12, "exp infinite", 401, claims(exp=float("inf"))),
    Case(13, "no iat", 401, claims(iat=None)),
    Case(13, "iat not a number", 401, claims(iat=float("nan"))),
    Case(14, "iat 60 s ahead", 401, times(iat=60, exp=120)),
    Case(15, "exp 30 s ago", 401, times(iat=-90, exp=-30)),
    Case(15, "too old to be sent now", 401, times(iat=-400, exp=60)),
    Case(15, "lives for a century", 401, times(iat=0, exp=3_000_000_000)),
    Case(15, "ends before it begins", 401, times(iat=5, exp=-5)),
    Case(16, "nbf in the future", 401, times(nbf=60)),
    Case(16, "nbf as text", 401, claims(nbf="later")),
    Case(17, "alg none", 401, unsigned("none")),
    Case(17, "alg NoNe", 401, unsigned("NoNe")),
    Case(17, "empty signature", 401, unsigned("RS256")),
    Case(17, "wrong signature", 401, signed_by_attacker),
    Case(18, "public PEM as secret", 401, hmac_signed_with(lambda bench: pem_of(bench.lms.key))),
    Case(18, "public JWK as secret", 401, hmac_signed_with(lambda bench: json.dumps(jwk_of(bench.lms.key, "key-1")))),
    Case(18, "PS256", 401, header(alg="PS256")),
    Case(18, "alg that is no text", 401, header(alg=["RS256"])),
    Case(19, "jku", 401, brings_own_key(jku=ATTACKER)),
    Case(19, "x5u", 401, brings_own_key(x5u=ATTACKER)),
    Case(19, "embedded jwk", 401, brings_own_key(jwk=jwk_of(rsa_key(2), "key-1"))),
    Case(20, "JWE", 401, token(f"{part({'alg': 'RSA-OAEP', 'enc': 'A256GCM', 'zip': 'DEF'})}.a.b.c.d")),
    Case(20, "zip in a JWS", 401, header(zip="DEF")),
    Case(20, "crit", 401, header(crit=["b64"], b64=False)),
    Case(20, "no token at all", 400, token("")),
    Case(20, "one part", 400, token("abc")),
    Case(20, "no base64", 400, token("$$$.%%%.&&&")),
    Case(20, "no JSON", 400, token("YQ.YQ.YQ")),
    Case(20, "JSON of endless depth", 400, token(f"{base64.urlsafe_b64encode(DEEP.encode()).decode()}.e30.YQ")),
    Case(20, "no ASCII", 400, token("ы.ү.ө")),
    Case(21, "token of 1 MB", 413, with_body(b"id_token=" + b"a" * 1_000_000)),
    Case(21, "form of 5 MB", 413, with_body(b"state=" + b"a" * 5_000_000)),
    Case(21, "form of 5 MB without a length", 413, without_length),
    Case(21, "ten thousand fields", 413, with_body(b"&".join(b"a%d=1" % number for number in range(10_000)))),
    Case(21, "gzip", 413, gzipped),
    Case(21, "token too long for one", 413, big_token),
    Case(21, "parts instead of a form", 400, with_body(b"--x--", kind="multipart/form-data; boundary=x")),
    Case(21, "JSON instead of a form", 400, with_body(b"{}", kind="application/json")),
    Case(22, "audience of another", 401, other_audience("somebody-else")),
    Case(22, "no audience", 401, claims(aud=None)),
    Case(22, "audience that is no text", 401, other_audience({"qhqNvAQpnzzf4xr": 1})),
    Case(23, "two audiences without azp", 401, other_audience(["other", "qhqNvAQpnzzf4xr"])),
    Case(23, "azp of another", 401, other_audience("qhqNvAQpnzzf4xr", azp="other")),
    Case(24, "issuer with a slash", 401, claims(iss=ISSUER + "/")),
    Case(24, "issuer in capitals", 401, claims(iss=ISSUER.upper())),
    Case(24, "no issuer", 401, claims(iss=None)),
    Case(25, "login of an unknown issuer", 403, login(iss="https://nobody.example.invalid")),
    Case(25, "login of an unknown client", 403, login(client_id="nobody")),
    Case(25, "login at a registration switched off", 403, login_at_switched_off),
    Case(25, "switched off between login and launch", 403, switched_off_meanwhile),
    Case(26, "deployment of another tenant", 403, client_of_another_tenant),
    Case(26, "deployment of another tenant at login", 403, deployment_of_another_tenant_at_login),
    Case(26, "token of another tenant", 401, token_of_another_tenant),
    Case(26, "unknown deployment", 403, claims(deployment_id="99")),
    Case(26, "deployment with NUL", 400, claims(deployment_id="1\0")),
    Case(26, "deployment with half a letter", 400, claims(deployment_id="1\ud800")),
    Case(27, "replay in the same browser", 409, replayed),
    Case(27, "second token for one login", 409, second_token_for_one_login),
    Case(27, "right token after a refused one", 409, refused_then_right),
    Case(28, "replay from another browser", 401, replayed_elsewhere),
    Case(29, "no nonce", 401, claims(nonce=None)),
    Case(29, "nonce that is no text", 401, claims(nonce=["a"])),
    Case(29, "nonce of another login", 401, nonce_of_another_login),
    Case(29, "state that nobody gave", 401, state_never_given),
    Case(30, "state of another browser", 401, state_of_another_browser),
    Case(30, "state of another browser, session only", 401, state_of_another_browser_with_session_only),
    Case(31, "no cookie of ours", 401, no_cookies),
    Case(33, "login without issuer", 400, login(iss=None)),
    Case(33, "login without hint", 400, login(login_hint=None)),
    Case(33, "login by GET without issuer", 400, login(method="GET", iss=None)),
    Case(33, "login with NUL", 400, login(iss="a\0")),
    Case(33, "login of a client with NUL", 400, login(client_id="a\0")),
    Case(34, "target on another host", 400, claims(target_link_uri="https://attacker.example.invalid/launch")),
    Case(34, "no target", 400, claims(target_link_uri=None)),
    Case(41, "link id of 256 letters", 400, claims(resource_link={"id": LONG})),
    Case(41, "sub of 256 letters", 400, claims(sub=LONG)),
    Case(41, "course id of 256 letters", 400, claims(context={"id": LONG})),
    Case(41, "sub with NUL", 400, claims(sub="6\0")),
    Case(41, "link that is a text", 400, claims(resource_link="1")),
    Case(41, "link without id", 400, claims(resource_link={})),
    Case(41, "no link", 400, claims(resource_link=None)),
    Case(41, "course that is a list", 400, claims(context=[])),
    Case(41, "custom that is a text", 400, claims(custom="a=b")),
    Case(41, "name that is an object", 400, claims(name={"a": 1})),
    Case(43, "line items without https", 400, service(AGS, lineitems=ISSUER.replace("https", "http") + "/l")),
    Case(43, "line items on another host", 400, service(AGS, lineitems="https://attacker.example.invalid/l")),
    Case(43, "line item on another port", 400, service(AGS, lineitem=ISSUER + ":8443/l")),
    Case(43, "line item with a name in it", 400, service(AGS, lineitem="https://moodle.example.invalid@evil.invalid/")),
    Case(43, "roster on loopback", 400, service(NRPS, **{SIGNED_BY: "https://127.0.0.1/m"})),
    Case(43, "roster on metadata", 400, service(NRPS, **{SIGNED_BY: "http://169.254.169.254/latest"})),
    Case(43, "roster by file", 400, service(NRPS, **{SIGNED_BY: "file:///etc/passwd"})),
    Case(43, "roster that is no URL", 400, service(NRPS, **{SIGNED_BY: "https://[::1"})),
    Case(48, "return by script", 400, deep_linking(deep_link_return_url="javascript:alert(1)")),
    Case(48, "return without address", 400, deep_linking(deep_link_return_url=None)),
    Case(49, "data with half a letter", 400, deep_linking(data="\ud800")),
    Case(49, "data with NUL", 400, deep_linking(data="\0")),
    Case(50, "deep linking as learner", 403, deep_linking("Learner")),
    Case(50, "deep linking without a role", 403, deep_linking("Observer")),
    Case(52, "unknown message type", 400, claims(message_type="LtiStartProctoring")),
    Case(52, "several message types", 400, claims(message_type=["LtiResourceLinkRequest", "LtiDeepLinkingRequest"])),
    Case(52, "review without a person", 400, claims("submission-review", for_user=None)),
    Case(58, "PUT on launch", 405, by_method("PUT", "/lti/launch")),
    Case(58, "GET on launch", 405, by_method("GET", "/lti/launch")),
    Case(58, "HEAD on login", 405, by_method("HEAD", "/lti/login?iss=x&login_hint=1")),
    Case(58, "method override", 400, by_method("POST", "/lti/launch", **{"X-HTTP-Method-Override": "PUT"})),
    Case(41, "key of use enc", 401, published_as(use="enc")),
    Case(41, "key for other operations", 401, published_as(key_ops=["encrypt"])),
    Case(41, "key for another algorithm", 401, published_as(alg="PS256")),
    Case(41, "key of 1024 bits", 401, weak_key),
]


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.id)
def test_a_bad_launch_is_refused_and_leaves_nothing(
    case: Case, bench: Bench, browser: Browser, logs: list[EventDict]
) -> None:
    browser.log_in()
    browser.token = ""
    started = bench.stored()

    answer = case.make(bench, browser)

    assert answer.status_code == case.status, answer.text
    assert bench.arrived == []
    changed = {table for table, rows in bench.stored().items() if rows != started[table]}
    assert changed <= ({"person"} if case.row in AFTER_A_GOOD_ONE else set())
    assert _parked(bench) == (1 if case.row == 31 else 0), "only who sent no cookie at all may go on in a tab"
    assert not browser.has_session() or case.row in AFTER_A_GOOD_ONE
    _assert_nothing_told(answer, browser, logs)


def _parked(bench: Bench) -> int:
    with bench.sessions() as opened:
        return opened.query(ParkedLaunchRow).count()


def _assert_nothing_told(answer: TestResponse, browser: Browser, logs: list[EventDict]) -> None:
    told = answer.text + json.dumps(logs, default=str)
    secrets = [browser.state, browser.nonce, *(part for part in browser.token.split(".") if len(part) > 8)]
    assert not [secret for secret in secrets if secret in told]
    assert "Traceback" not in answer.text
    assert answer.headers.get("Set-Cookie", "").find("__Host-session") == -1


def test_every_row_of_the_launch_path_is_in_the_table() -> None:
    rows = {case.row for case in TABLE}
    accepted_or_told_below = {14, 15, 23, 28, 31, 32, 33, 35, 36, 51, 54, 56, 57, 59}

    assert set(range(1, 37)) | {41, 43, 50, 51, 52, 54, 56, 57, 58, 59} <= rows | accepted_or_told_below


def test_all_missing_claims_are_named_in_the_log(bench: Bench, browser: Browser, logs: list[EventDict]) -> None:
    browser.launch(version=None, roles=None, deployment_id=None, message_type=None)

    (refused,) = [event for event in logs if event["event"] == "launch_refused"]
    assert refused["missing"] == ["deployment_id", "message_type", "roles", "version"]


def test_an_unknown_key_id_costs_one_fetch(bench: Bench, browser: Browser) -> None:
    browser.log_in()

    answer = browser.post(bench.lms.sign(browser.payload(), kid="new"))

    assert (answer.status_code, bench.outbound.asked) == (401, [JWKS_URL])


@pytest.mark.parametrize(
    ("row", "make"),
    [
        (14, times(iat=4, exp=64)),
        (15, times(iat=-65, exp=-5)),
        (16, times(nbf=4)),
        (23, other_audience(["other", "qhqNvAQpnzzf4xr"], azp="qhqNvAQpnzzf4xr")),
        (23, other_audience(["qhqNvAQpnzzf4xr"])),
        (9, claims(roles=[])),
        (9, claims(roles=["https://example.invalid/Astronaut"])),
        (9, claims(roles=["Learner"])),
        (34, claims(target_link_uri=TOOL + "/another/page?x=1")),
        (41, claims(context=None)),
        (41, claims("syncro-student", aud="qhqNvAQpnzzf4xr", deployment_id="1")),
        (48, deep_linking(accept_types=["link"])),
        (51, claims(lti1p1={"oauth_consumer_key": "k", "oauth_consumer_key_sign": "forged"})),
    ],
)
def test_what_is_unusual_but_right_is_accepted(bench: Bench, browser: Browser, row: int, make: Make) -> None:
    answer = make(bench, browser.log_in())

    assert answer.status_code == 302, (row, answer.text)
    assert len(bench.arrived) == 1
    assert browser.has_session()


def test_a_migration_claim_is_ignored_and_logged(bench: Bench, browser: Browser, logs: list[EventDict]) -> None:
    browser.launch(lti1p1={"oauth_consumer_key": "k", "user_id": "2", "oauth_consumer_key_sign": "forged"})

    assert [event for event in logs if event["event"] == "migration_claim_ignored"]
    assert bench.arrived[0][0].person.sub == "6"


def test_markup_in_names_stays_text_and_control_characters_go(bench: Bench, browser: Browser) -> None:
    name = "<img src=x onerror=alert(1)>\0\u202eAda\r\n</script>" + "x" * 10_000

    browser.launch(name=name, resource_link={"id": "1", "title": "\ud800<b>"})

    launch = bench.arrived[0][0]
    assert launch.person.name.startswith("<img src=x onerror=alert(1)>Ada </script>x")
    assert len(launch.person.name) == 255
    assert launch.resource_link.title == "<b>"


def test_an_error_of_the_platform_is_told_and_nothing_begins(
    bench: Bench, browser: Browser, logs: list[EventDict]
) -> None:
    browser.log_in()
    fields = {"error": "access_denied", "error_description": "<script>", "state": browser.state}

    answer = browser.client.post("/lti/launch", base_url=TOOL, data=fields)

    assert answer.status_code == 400
    assert answer.text == "refused: platform_reported_error"
    assert logs[-1]["error"] == "access_denied"


def test_no_page_of_the_launch_path_names_a_claim_key(bench: Bench, browser: Browser) -> None:
    answer = browser.launch(roles=None)

    assert CLAIM not in answer.text
