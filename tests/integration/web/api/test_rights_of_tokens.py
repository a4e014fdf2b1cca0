"""What a token opens: everything of its own platform, nothing of another, and nothing once it has ended."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.routing import Rule

from lti_tool import clock
from lti_tool.accounts import tokens
from lti_tool.accounts.tokens import Wish
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.web.auth import Permission
from tests.factories.api_world import ApiWorld

MADE_UP = "ict_" + "x" * 43


def _routes(app: Flask) -> list[Rule]:
    return [
        rule
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "permission", None) is Permission.API
    ]


def _address(rule: Rule, world: ApiWorld, foreign: str = "") -> str:
    """The route's address with the first platform's ids, or with another's where `foreign` is "foreign_"."""
    named = re.sub(r"<(\w+)>", lambda found: world.ids[foreign + found.group(1)], rule.rule)
    return named.removeprefix("/api/v1")


def test_there_are_routes_to_try(world: ApiWorld) -> None:
    assert {rule.endpoint.partition(".")[0] for rule in _routes(world.app)} == {"api"}
    assert len(_routes(world.app)) >= 8


def test_a_token_opens_every_route_of_its_platform(world: ApiWorld) -> None:
    answers = {rule.rule: world.ask(_address(rule, world)).status_code for rule in _routes(world.app)}

    assert set(answers.values()) == {200}, answers


@pytest.mark.parametrize("token", [None, MADE_UP, "\u00e9"])
def test_without_a_good_token_no_route_opens(world: ApiWorld, token: str | None) -> None:
    for rule in _routes(world.app):
        answer = world.ask(_address(rule, world), token)
        assert answer.status_code == 401
        assert answer.content_type == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer realm=")
        assert "RateLimit" not in answer.headers, "nothing is told of a token that is none"


@pytest.mark.parametrize("scheme", ["Basic", "Token", ""])
def test_only_a_bearer_token_is_taken(world: ApiWorld, scheme: str) -> None:
    answer = world.ask("/courses", None, Authorization=f"{scheme} {world.token}".strip())

    assert answer.status_code == 401


def test_a_token_in_the_address_opens_nothing(world: ApiWorld) -> None:
    for name in ("token", "access_token", "api_key"):
        assert world.ask(f"/courses?{name}={world.token}", None).status_code == 401


def test_a_foreign_id_is_as_one_that_does_not_exist(world: ApiWorld) -> None:
    for rule in _routes(world.app):
        if not rule.arguments:
            continue
        foreign = world.ask(_address(rule, world, "foreign_"))
        nowhere = world.ask(re.sub(r"<\w+>", "2" * 16, rule.rule).removeprefix("/api/v1"))
        assert foreign.status_code == nowhere.status_code == 404
        assert foreign.get_data() == nowhere.get_data()


def test_a_foreign_id_as_a_filter_is_not_there_either(world: ApiWorld) -> None:
    for name in ("course", "person"):
        assert world.ask(f"/deliveries?{name}={world.ids[name]}").status_code == 200
        assert world.ask(f"/deliveries?{name}={world.ids['foreign_' + name]}").status_code == 404


def test_lists_hold_nothing_of_another_platform(world: ApiWorld) -> None:
    courses = {each["id"] for each in world.read_all("/courses")}
    persons = {each["id"] for each in world.read_all("/persons")}
    deliveries = world.read_all("/deliveries?limit=200")

    assert courses == {world.ids["course"], world.ids["second_course"]}
    assert world.ids["person"] in persons
    assert world.ids["foreign_person"] not in persons
    assert {each["course"] for each in deliveries} <= courses
    assert {each["person"] for each in deliveries} <= persons
    for each in world.read("/statistics/competencies")["competencies"]:
        assert each["persons"] in {7, 0}, "the other platform's three are not among them"


def test_a_cursor_of_another_platform_shows_only_ones_own(world: ApiWorld) -> None:
    following = world.read("/persons?limit=1", world.foreign_token)["next"]

    assert world.ids["foreign_person"] not in {each["id"] for each in world.read_all(following)}


def test_filters_do_not_reach_over_platforms(world: ApiWorld) -> None:
    mine, theirs = (world.read("/persons?id_number=KG-1", token)["items"] for token in ("", world.foreign_token))

    assert [each["id"] for each in mine] == [world.ids["person"]]
    assert [each["id"] for each in theirs] == [world.ids["foreign_person"]]


def test_a_token_that_has_ended_opens_nothing_from_the_next_call_on(world: ApiWorld) -> None:
    now = clock.now()
    with unit_of_work(world.sessions) as session:
        found = tokens.find(session, world.token, now)
        assert found is not None
        revoked = tokens.make(session, found.platform_id, Wish("x"), now)
        expired = tokens.make(session, found.platform_id, Wish("x", days=1), now - timedelta(days=2))
    assert world.ask("/courses", revoked.secret).status_code == 200
    with unit_of_work(world.sessions) as session:
        tokens.revoke(session, found.platform_id, revoked.token.public_id, clock.now())

    for each in (revoked, expired):
        answer = world.ask("/courses", each.secret)
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_no_call_sets_a_cookie_or_looks_at_one(world: ApiWorld) -> None:
    answer = world.ask("/courses", Cookie="__Host-session=whatever")

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Set-Cookie" not in world.ask("/courses", None).headers


def test_a_limit_that_is_used_up_is_told(world: ApiWorld) -> None:
    with unit_of_work(world.sessions) as session:
        found = tokens.find(session, world.token, clock.now())
        assert found is not None
        slow = tokens.make(session, found.platform_id, Wish("x", rate=2), clock.now()).secret

    answers = [world.ask("/courses", slow) for _ in range(5)]

    # A minute may end meanwhile, and another two calls begin.
    refused = [each for each in answers if each.status_code == 429]
    assert refused
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 60
    assert refused[0].content_type == "application/problem+json"
    assert answers[0].headers["RateLimit-Policy"] == '"minute";q=2;w=60'
    assert re.fullmatch(r'"minute";r=1;t=\d+', answers[0].headers["RateLimit"])
    assert world.ask("/courses").status_code == 200, "another token's calls are its own"
