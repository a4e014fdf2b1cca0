"""Each way in which a connection can fail has words of its own, and says what to do."""

from __future__ import annotations

import pytest

from lti_tool.errors import Permanent, PlatformError, PlatformForbids, PlatformUnavailable, Retryable
from lti_tool.lti.connection import WANTED, Tried
from lti_tool.lti.model import Scope
from lti_tool.lti.reaching import Reached
from lti_tool.web import connection_words
from tests.unit.web.conftest import Speak

GOOD = Reached("https://lms.example.invalid/certs", 0.012, None)
FAULTS: dict[str, PlatformError] = {
    "unreachable": PlatformUnavailable("platform_unreachable"),
    "no host": PlatformUnavailable("platform_unreachable", reason="no_such_host"),
    "slow": PlatformUnavailable("platform_timeout"),
    "certificate": PlatformUnavailable("platform_certificate"),
    "reset": PlatformUnavailable("platform_reset"),
    "status": Retryable("answer_not_ok", status=404),
    "html": Retryable("answer_not_json", status=200),
    "no keys": Retryable("not_a_key_set"),
    "no token": PlatformUnavailable("token_unreadable", status=200),
    "refused": PlatformForbids("token_refused", status=401, reason="invalid_client"),
    "no scope": PlatformForbids("scope_refused", status=400),
    "busy": PlatformUnavailable("platform_unavailable", status=503),
    "plain http": Permanent("address_refused", reason="not_https"),
    "inner": Permanent("address_refused", reason="inner_address"),
    "new": Permanent("quite_new"),
}


def _told(fault: PlatformError) -> connection_words.CheckLine:
    [_keys, token] = connection_words.tried_view(Tried(GOOD, fault, frozenset())).lines
    return token


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("locale", ["ky", "ru", "en"])
def test_a_fault_is_told_with_what_helps(speak: Speak, locale: str, name: str) -> None:
    with speak(locale):
        line = _told(FAULTS[name])

    assert not line.good
    assert line.tells
    assert line.to_do.endswith((".", "?"))
    assert name == "new" or FAULTS[name].code not in line.tells


@pytest.mark.usefixtures("in_english")
def test_different_faults_are_told_differently() -> None:
    told = [_told(fault).tells for name, fault in FAULTS.items() if name != "no keys"]

    assert len(set(told)) == len(told)


@pytest.mark.usefixtures("in_english")
def test_all_good_is_told_service_by_service() -> None:
    view = connection_words.tried_view(Tried(GOOD, None, frozenset(WANTED)))

    assert view.good
    assert [line.tells for line in view.lines[2:]] == ["allowed"] * 4
    assert view.lines[0].tells == "They were read in 12 ms: launches can be checked."


@pytest.mark.usefixtures("in_english")
def test_one_service_that_is_not_allowed_is_not_all_good() -> None:
    view = connection_words.tried_view(Tried(GOOD, None, frozenset(WANTED) - {Scope.MEMBERSHIP}))

    assert not view.good
    [line] = [line for line in view.lines if not line.good]
    assert (line.what, line.tells) == ("Reading the list of participants", "not allowed")
    assert "names and roles" in line.to_do
