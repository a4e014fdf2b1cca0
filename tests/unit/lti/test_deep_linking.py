"""What goes back to the LMS when a trainer has picked (rows 48 and 49)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lti_tool.errors import RuleBroken
from lti_tool.ids import PlatformId, RegistrationId
from lti_tool.lti.deep_linking import Addressee, PickedItem, response
from lti_tool.lti.model import DeepLinkingSettings, Registration
from lti_tool.people.model import ActivityKind

BASE = "https://tool.example.invalid"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SETTINGS = DeepLinkingSettings("https://moodle.example.invalid/return", True, True, None)
REGISTRATION = Registration(
    id=RegistrationId(1),
    platform_id=PlatformId(1),
    issuer="https://moodle.example.invalid",
    client_id="client-1",
    authorization_url="https://moodle.example.invalid/auth",
    token_url="https://moodle.example.invalid/token",
    token_audience=None,
    jwks_url="https://moodle.example.invalid/jwks",
    scopes=frozenset(),
    active=True,
)
TASK = PickedItem(ActivityKind.EVIDENCE, "Далил: сабак планы", "Сүрөттөмө", "4.1.1.a:2,4.1.2.b", 20, "x7k2")
ITEMS = "https://purl.imsglobal.org/spec/lti-dl/claim/content_items"
DATA = "https://purl.imsglobal.org/spec/lti-dl/claim/data"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"


class Kept:
    """Keeps what it is asked to sign."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}

    def sign(self, claims: Mapping[str, object]) -> str:
        self.claims = dict(claims)
        return "signed"


def answered(*items: PickedItem, **changed: object) -> dict[str, Any]:
    signer = Kept()
    to = Addressee(REGISTRATION, "7", replace(SETTINGS, **changed))
    assert response(signer, to, items, BASE, NOW) == "signed"
    return signer.claims


def test_the_answer_goes_from_the_client_to_the_issuer_and_dies_soon() -> None:
    claims = answered(TASK)

    assert (claims["iss"], claims["aud"]) == ("client-1", "https://moodle.example.invalid")
    assert claims["iat"] == int(NOW.timestamp()) - 60
    assert int(NOW.timestamp()) < claims["exp"] <= claims["iat"] + 300
    assert claims[CLAIM + "deployment_id"] == "7"
    assert claims[CLAIM + "message_type"] == "LtiDeepLinkingResponse"
    assert claims[CLAIM + "version"] == "1.3.0"


def test_every_answer_has_a_nonce_of_its_own() -> None:
    assert answered(TASK)["nonce"] != answered(TASK)["nonce"]


@pytest.mark.parametrize("data", ["csrftoken:c7fbba78", ""])
def test_the_platforms_data_comes_back_unchanged(data: str) -> None:
    assert answered(TASK, data=data)[DATA] == data


def test_without_data_there_is_no_claim_for_it() -> None:
    assert DATA not in answered(TASK)


def test_an_item_is_a_resource_link_of_the_tool_with_its_activity() -> None:
    [item] = answered(TASK)[ITEMS]

    assert item == {
        "type": "ltiResourceLink",
        "title": "Далил: сабак планы",
        "text": "Сүрөттөмө",
        "url": "https://tool.example.invalid/lti/launch",
        "custom": {"activity": "evidence", "indicators": "4.1.1.a:2,4.1.2.b", "uid": "x7k2"},
        "lineItem": {
            "label": "Далил: сабак планы",
            "scoreMaximum": 20,
            "resourceId": "activity:x7k2",
            "tag": "activity",
        },
    }


def test_an_item_without_points_has_no_column_and_without_indicators_no_parameter() -> None:
    [item] = answered(PickedItem(ActivityKind.PROFILE, "Менин компетенцияларым", "", "", None, "p1"))[ITEMS]

    assert "lineItem" not in item
    assert item["custom"] == {"activity": "profile", "uid": "p1"}


@pytest.mark.parametrize("points", [0, -1, 101, 250, 12.5, True])
def test_points_are_whole_numbers_from_1_to_100(points: float) -> None:
    with pytest.raises(RuleBroken) as refused:
        answered(replace(TASK, points=points))

    assert refused.value.code == "points_out_of_range"


@pytest.mark.parametrize("points", [1, 100])
def test_both_ends_of_the_points_are_allowed(points: int) -> None:
    assert answered(replace(TASK, points=points))[ITEMS][0]["lineItem"]["scoreMaximum"] == points


def test_several_items_go_only_where_several_are_accepted() -> None:
    assert len(answered(TASK, TASK)[ITEMS]) == 2
    with pytest.raises(RuleBroken) as refused:
        answered(TASK, TASK, accepts_multiple=False)

    assert refused.value.code == "one_item_only"


def test_a_platform_that_takes_no_links_gets_none() -> None:
    with pytest.raises(RuleBroken) as refused:
        answered(TASK, accepts_resource_links=False)

    assert refused.value.code == "links_not_accepted"


def test_nothing_picked_closes_the_dialogue() -> None:
    assert answered(accepts_resource_links=False)[ITEMS] == []


def test_a_line_break_never_makes_a_second_parameter() -> None:
    [item] = answered(replace(TASK, indicators="4.1.1.a\nrole=admin", title="a\nb", uid="x\r\ny"))[ITEMS]

    assert "\n" not in "".join([item["title"], *item["custom"].values(), item["lineItem"]["resourceId"]])


def test_a_long_title_is_cut_for_the_column_only() -> None:
    [item] = answered(replace(TASK, title="я" * 300))[ITEMS]

    assert len(item["title"]) == 300
    assert len(item["lineItem"]["label"]) == 100
