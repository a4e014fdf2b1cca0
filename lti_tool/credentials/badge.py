"""A badge as Open Badges 3.0 writes it: the achievement, who has it at which level, and where its standing is told.

Pure. What the standard leaves open is settled so:

- One achievement is one level of one competency of one version of the requirements, in one language; its address never
  changes. It is aligned to the competency and the level as CASE items of that edition's official document.
- The level is told twice, by the achievement itself and as a result: `achievedLevel` names one of the levels that the
  achievement's `resultDescription` lists, each aligned to its CASE item.
- The subject is named by an opaque id that is made for this badge alone, for the standard asks for one: nothing in a
  badge tells whose it is, and two badges of one person cannot be brought together. Who wants to be able to prove that
  a badge is theirs has a salted hash of their e-mail address put in.
- The payload of the JWT is the credential itself (Open Badges 3.0, 8.2.4), and its standing a Bitstring Status List.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from lti_tool.catalogue.case import ROOT
from lti_tool.catalogue.case_ids import Guids
from lti_tool.competency.framework import OFFICIAL_LANGUAGE, Competency, Framework, Level
from lti_tool.credentials.model import StatusPlace

Json = dict[str, Any]
CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
NAMESPACE = UUID("6f5f6b3e-4a4c-4c0e-9d63-1b0b8f7f2a11")
"""Ours, for the opaque ids of subjects."""


@dataclass(frozen=True, slots=True)
class Place:
    """One level of one competency, in one language, and the address of the tool that says so."""

    base_url: str
    framework: Framework
    edition: str
    competency: Competency
    level: Level
    language: str

    @property
    def address(self) -> str:
        """Where the achievement stands."""
        return f"{self.root}/achievements/{self._version}/{self.competency.code}/{self.level.number}/{self.language}"

    @property
    def requirements(self) -> str:
        """The public page of what is asked for."""
        return f"{self.base_url}/framework/versions/{self._version}/{self.competency.code}?lang={self.language}"

    @property
    def _version(self) -> str:
        return f"{self.framework.framework}/{self.framework.version}"

    @property
    def root(self) -> str:
        """Under which all addresses of credentials stand."""
        return f"{self.base_url}/credentials"

    def case_item(self, kind: str, code: str) -> str:
        """The address of an item of the official CASE document of this edition."""
        guid = Guids(self.framework.framework, self.edition, OFFICIAL_LANGUAGE).item(kind, code)
        return f"{self.base_url}{ROOT}/CFItems/{guid}"


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of a badge that are not the requirements' own, in its language."""

    name: str
    description: str
    criteria: str
    level: str
    """What the result is called."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who certifies."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What one badge says beyond its achievement."""

    public_id: str
    issued_at: datetime
    awarded_at: datetime
    """When the level was certified."""
    expires_at: datetime | None
    status: StatusPlace
    email: str | None = None
    """To be put in as a hash; None: it is not."""
    salt: str = ""


def profile(base_url: str, issuer: Issuer) -> Json:
    """Who certifies, as it stands at its own address."""
    return {"id": issuer_id(base_url), "type": ["Profile"], "name": issuer.name, "url": issuer.url}


def issuer_id(base_url: str) -> str:
    """The address that names who certifies."""
    return f"{base_url}/credentials/issuer"


def achievement(place: Place, words: Words, issuer: Issuer) -> Json:
    """The achievement, as it stands at its own address and in every badge."""
    code, number = place.competency.code, place.level.number
    competency = _alignment(place, "competency", code, place.competency.text(OFFICIAL_LANGUAGE))
    level = _alignment(place, "level", str(number), place.level.name(OFFICIAL_LANGUAGE))
    return {
        "id": place.address,
        "type": ["Achievement"],
        "achievementType": "Competency",
        "humanCode": f"{code}/{number}",
        "name": words.name,
        "description": words.description,
        "inLanguage": place.language,
        "criteria": {"id": place.requirements, "narrative": words.criteria},
        "creator": profile(place.base_url, issuer),
        "alignment": [competency | {"targetCode": code}, level],
        "resultDescription": [_result_description(place, words)],
    }


def claims(place: Place, words: Words, issuer: Issuer, said: Statement) -> Json:
    """What is signed: the credential, with the claims of a JWT beside it."""
    address, subject = f"{place.root}/{said.public_id}", _subject_id(said.public_id)
    credential = {
        "@context": CONTEXT,
        "id": address,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": words.name,
        "description": words.description,
        "issuer": profile(place.base_url, issuer),
        "validFrom": _stamp(said.issued_at),
        "awardedDate": _stamp(said.awarded_at),
        "credentialSubject": {
            "id": subject,
            "type": ["AchievementSubject"],
            **_identity(said),
            "achievement": achievement(place, words, issuer),
            "result": [_result(place)],
        },
        "credentialStatus": _status(place, said.status),
        "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
    }
    registered = {"iss": issuer_id(place.base_url), "sub": subject, "jti": address, "nbf": _seconds(said.issued_at)}
    if said.expires_at is None:
        return credential | registered
    return credential | registered | {"validUntil": _stamp(said.expires_at), "exp": _seconds(said.expires_at)}


def payload_of(signed: str) -> bytes:
    """The part of a signed badge that says what it states, as JSON. Not verified: for our own badges."""
    part = signed.split(".")[1]
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def identity_hash(email: str, salt: str) -> str:
    """The hash by which somebody who knows an e-mail address can tell that a badge belongs to it."""
    return "sha256$" + hashlib.sha256((email + salt).encode()).hexdigest()


def _identity(said: Statement) -> Json:
    if said.email is None:
        return {}
    hashed = {"hashed": True, "identityHash": identity_hash(said.email, said.salt), "salt": said.salt}
    return {"identifier": [{"type": "IdentityObject", "identityType": "emailAddress", **hashed}]}


def _status(place: Place, status: StatusPlace) -> Json:
    address = list_address(place.base_url, status.list_number)
    return {
        "id": f"{address}#{status.index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(status.index),
        "statusListCredential": address,
    }


def list_address(base_url: str, number: int) -> str:
    """Where a list of revoked badges stands."""
    return f"{base_url}/credentials/status/{number}"


def _result_description(place: Place, words: Words) -> Json:
    return {
        "id": f"{place.address}#result",
        "type": ["ResultDescription"],
        "name": words.level,
        "resultType": "RubricCriterionLevel",
        "requiredLevel": _level_id(place, place.level),
        "rubricCriterionLevel": [_rubric_level(place, each) for each in place.framework.levels],
    }


def _rubric_level(place: Place, level: Level) -> Json:
    item = _alignment(place, "level", str(level.number), level.name(OFFICIAL_LANGUAGE))
    return {
        "id": _level_id(place, level),
        "type": ["RubricCriterionLevel"],
        "name": level.name(place.language),
        "level": str(level.number),
        "alignment": [item],
    }


def _result(place: Place) -> Json:
    return {
        "type": ["Result"],
        "resultDescription": f"{place.address}#result",
        "achievedLevel": _level_id(place, place.level),
    }


def _level_id(place: Place, level: Level) -> str:
    return f"{place.address}#level-{level.number}"


def _alignment(place: Place, kind: str, code: str, name: str) -> Json:
    return {
        "type": ["Alignment"],
        "targetType": "CFItem",
        "targetName": " ".join(name.split()),
        "targetFramework": " ".join(place.framework.title(OFFICIAL_LANGUAGE).split()),
        "targetUrl": place.case_item(kind, code),
    }


def _subject_id(public_id: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE, public_id)}"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
