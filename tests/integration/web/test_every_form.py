"""Every route that changes something asks for the token of the session's own pages; the few that do not are named."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_rights import BASE, path_of

WITHOUT_TOKEN = {
    "lti.login": "begins a login and changes nothing of anybody's",
    "lti.launch": "its state is the token, given to this browser and good once",
}
SPENT = ("lti.continue_launch", 409)
"""Who sends no cookie at all is asked for no token, but told of cookies, or as here that the code is good no more."""
READING = {"GET", "HEAD", "OPTIONS"}
FORGED = {"Origin": "https://evil.example.invalid"}


@pytest.mark.parametrize("name", ["trainer", "participant", "admin", "operator", "nobody"])
def test_no_form_is_taken_without_its_token(app: Flask, visitor: Visitor, institute: Institute, name: str) -> None:
    client, tried, taken = visitor(name), 0, []
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - READING):
            path = path_of(rule, institute)
            for form in ({}, {"csrf_token": "made-up"}):
                answer = client.open(path, method=method, data=form, headers=FORGED, base_url=BASE)
                tried += 1
                spent = name == "nobody" and (rule.endpoint, answer.status_code) == SPENT
                refused = answer.status_code in {403, 405} or spent
                if not refused and rule.endpoint not in WITHOUT_TOKEN:
                    taken.append((rule.endpoint, method, answer.status_code))

    assert taken == []
    assert tried > 100


def test_what_needs_no_token_is_refused_for_another_reason(app: Flask) -> None:
    for path in ("/lti/login", "/lti/launch"):
        assert app.test_client().post(path, data={}, base_url=BASE).status_code == 400
