"""What a badge states: aligned to the requirements, at a level, and without a word of whose it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.catalogue.case import Edition, exchange
from lti_tool.competency.catalogue import parse
from lti_tool.credentials import badge
from lti_tool.credentials.badge import Issuer, Place, Statement, Words
from lti_tool.credentials.model import StatusPlace
from tests.factories.catalogues import packaged_catalogue

NOW = datetime(2026, 9, 1, 12, 0, 0, 123456, tzinfo=UTC)
BASE = "https://tool.example.invalid"
FRAMEWORK = parse(packaged_catalogue())
WORDS = Words("Ресурстар", "Эмне", "Кантип", "Деңгээл")
ISSUER = Issuer("Институт", BASE)
EMAIL = "aigul@school.example.invalid"


def _place(level: int = 2, language: str = "ky") -> Place:
    return Place(BASE, FRAMEWORK, "1", FRAMEWORK.competency("4.1"), FRAMEWORK.level(level), language)


def _said(email: str | None = None, expires_at: datetime | None = None) -> Statement:
    awarded = NOW - timedelta(days=3)
    return Statement("k" * 26, NOW, awarded, expires_at, StatusPlace(0, 77), email=email, salt="pepper")


def _claims(email: str | None = None, expires_at: datetime | None = None) -> dict[str, object]:
    return badge.claims(_place(), WORDS, ISSUER, _said(email, expires_at))


def test_the_claims_of_the_jwt_say_what_the_credential_says() -> None:
    told = _claims(expires_at=NOW + timedelta(days=30))

    assert told["jti"] == told["id"] == f"{BASE}/credentials/{'k' * 26}"
    assert told["iss"] == told["issuer"]["id"] == f"{BASE}/credentials/issuer"  # type: ignore[index]
    assert told["sub"] == told["credentialSubject"]["id"]  # type: ignore[index]
    assert told["nbf"] == datetime.fromisoformat(str(told["validFrom"])).timestamp()
    assert told["exp"] == datetime.fromisoformat(str(told["validUntil"])).timestamp()
    assert "vc" not in told, "the payload is the credential itself (Open Badges 3.0, 8.2.4)"


def test_a_badge_that_does_not_expire_names_no_end() -> None:
    assert not {"exp", "validUntil"} & _claims().keys()


def test_the_achieved_level_is_one_of_those_that_the_achievement_lists() -> None:
    told = _claims()["credentialSubject"]

    (described,) = told["achievement"]["resultDescription"]  # type: ignore[index]
    (result,) = told["result"]  # type: ignore[index]
    levels = {each["id"]: each["level"] for each in described["rubricCriterionLevel"]}
    assert result["resultDescription"] == described["id"]
    assert levels[result["achievedLevel"]] == "2"
    assert described["requiredLevel"] == result["achievedLevel"]
    assert list(levels.values()) == ["1", "2", "3"]


def test_alignments_lead_to_items_that_are_offered_as_case() -> None:
    offered = exchange([Edition(FRAMEWORK, "1", NOW)], BASE)["CFItems"]
    told = badge.achievement(_place(), WORDS, ISSUER)

    levels = [each["alignment"][0] for each in told["resultDescription"][0]["rubricCriterionLevel"]]
    for alignment in (*told["alignment"], *levels):
        item = offered[alignment["targetUrl"].rpartition("/")[2]]
        assert (alignment["targetType"], item["uri"]) == ("CFItem", alignment["targetUrl"])
    competency = offered[told["alignment"][0]["targetUrl"].rpartition("/")[2]]
    assert competency["humanCodingScheme"] == told["alignment"][0]["targetCode"] == "4.1"
    assert competency["language"] == "ky", "the official document"


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_each_language_is_an_achievement_with_an_address_of_its_own(language: str) -> None:
    told = badge.achievement(_place(language=language), WORDS, ISSUER)

    assert told["id"] == f"{BASE}/credentials/achievements/kg-ict-teachers/1.0/4.1/2/{language}"
    assert told["inLanguage"] == language


def test_nothing_tells_whose_it_is_unless_they_want_it() -> None:
    told = json.dumps(_claims())

    assert "identifier" not in told
    assert "@school" not in told
    assert str(_claims()["sub"]).startswith("urn:uuid:")


def test_two_badges_cannot_be_brought_together_by_their_subjects() -> None:
    other = Statement("m" * 26, NOW, NOW, None, StatusPlace(0, 78))

    assert badge.claims(_place(), WORDS, ISSUER, other)["sub"] != _claims()["sub"]


def test_who_knows_the_address_can_tell_by_the_hash_and_nobody_reads_it() -> None:
    told = _claims(EMAIL)

    (identity,) = told["credentialSubject"]["identifier"]  # type: ignore[index]
    assert EMAIL not in json.dumps(told)
    assert identity["hashed"] is True
    assert identity["identityHash"] == badge.identity_hash(EMAIL, identity["salt"])
    assert identity["identityHash"] != badge.identity_hash("other@school.example.invalid", identity["salt"])


def test_its_standing_is_one_place_of_a_list() -> None:
    status = _claims()["credentialStatus"]

    assert status == {
        "id": f"{BASE}/credentials/status/0#77",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "77",
        "statusListCredential": f"{BASE}/credentials/status/0",
    }
