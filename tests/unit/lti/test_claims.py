"""Whatever a platform signs becomes a launch or is refused by name; nothing else can happen."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.errors import LaunchRefused
from lti_tool.ids import PlatformId, RegistrationId
from lti_tool.lti import claims
from lti_tool.lti.claim_schema import AGS, CLAIM, DEEP_LINKING, NRPS, RESOURCE_LINK
from lti_tool.lti.claims import Trust, launch_from_json, launch_to_json, locale_of, read_launch, role_of
from lti_tool.lti.model import Launch, MessageType, Registration
from lti_tool.people.model import CourseRole
from tests.factories.signing_lms import ISSUER, recorded_payload

VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2/"
RECORDED = ("resource-link-student", "deep-linking-request-editing-teacher", "submission-review")
TRUST = Trust(
    Registration(
        id=RegistrationId(1),
        platform_id=PlatformId(1),
        issuer=ISSUER,
        client_id="qhqNvAQpnzzf4xr",
        authorization_url=f"{ISSUER}/mod/lti/auth.php",
        token_url=f"{ISSUER}/mod/lti/token.php",
        token_audience=None,
        jwks_url="https://keys.example.invalid/jwks",
        scopes=frozenset(),
        active=True,
    ),
    base_url="https://tool.example.invalid",
    allow_private=False,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


def _outcome(payload: dict[str, Any]) -> Launch | LaunchRefused:
    try:
        return read_launch(payload, TRUST)
    except LaunchRefused as refused:
        return refused


def _is_told(payload: dict[str, Any]) -> None:
    outcome = _outcome(payload)
    if isinstance(outcome, LaunchRefused):
        assert outcome.status in {400, 403}
        return
    stored = json.dumps(launch_to_json(outcome), ensure_ascii=False)
    assert stored.encode(), "any database takes it"
    assert "\\u0000" not in stored
    assert launch_from_json(json.loads(stored)) == outcome


@given(st.data())
def test_a_message_with_any_claim_exchanged_is_read_or_refused(data: st.DataObject) -> None:
    payload = recorded_payload(data.draw(st.sampled_from(RECORDED)))
    for name in data.draw(st.lists(st.sampled_from(sorted(payload)), min_size=1, max_size=4)):
        payload[name] = data.draw(JSON)

    _is_told(payload)


@given(st.data())
def test_a_message_with_any_part_of_a_claim_exchanged_is_read_or_refused(data: st.DataObject) -> None:
    payload = recorded_payload(data.draw(st.sampled_from(RECORDED)))
    parts = [(claim, part) for claim, value in payload.items() if isinstance(value, dict) for part in value]
    for claim, part in data.draw(st.lists(st.sampled_from(sorted(parts)), min_size=1, max_size=4)):
        payload[claim][part] = data.draw(JSON)

    _is_told(payload)


@given(st.dictionaries(st.text(max_size=20), JSON, max_size=6))
def test_any_object_is_read_or_refused(payload: dict[str, Any]) -> None:
    _is_told(payload)


@given(st.lists(st.text(max_size=80)))
def test_invented_roles_give_no_rights(roles: list[str]) -> None:
    known = claims.ADMIN_ROLES | claims.TRAINER_ROLES | claims.LEARNER_ROLES

    assert role_of([role for role in roles if role not in known]) == (None, False)


@pytest.mark.parametrize(
    ("roles", "role", "is_admin"),
    [
        ([], None, False),
        (["Learner"], CourseRole.PARTICIPANT, False),
        (["Instructor"], CourseRole.TRAINER, False),
        (["Administrator"], CourseRole.TRAINER, False),
        ([VOCABULARY + "membership#Learner"], CourseRole.PARTICIPANT, False),
        ([VOCABULARY + "membership#Instructor"], CourseRole.TRAINER, False),
        ([VOCABULARY + "membership#Administrator"], CourseRole.TRAINER, False),
        ([VOCABULARY + "institution/person#Administrator"], None, True),
        ([VOCABULARY + "system/person#Administrator"], None, True),
        ([VOCABULARY + "institution/person#Instructor"], None, False),
        ([VOCABULARY + "institution/person#Student"], None, False),
        ([VOCABULARY + "membership#Learner", VOCABULARY + "membership#Instructor"], CourseRole.TRAINER, False),
        ([VOCABULARY + "membership#Learner", "https://x.invalid/Astronaut"], CourseRole.PARTICIPANT, False),
        (["learner"], None, False),
        (["https://evil.invalid/membership#Instructor"], None, False),
    ],
)
def test_roles_give_the_rights_that_they_are_known_for(
    roles: list[str], role: CourseRole | None, is_admin: bool
) -> None:
    assert role_of(roles) == (role, is_admin)


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        ("ky", "ky"),
        ("ky_KG", "ky"),
        ("ru", "ru"),
        ("ru_RU", "ru"),
        ("ru_kids", "ru"),
        ("ru-KG", "ru"),
        ("en_us", "en"),
        ("EN", "en"),
        (" ru ", "ru"),
        ("de_kids", "ky"),
        ("pt_br", "ky"),
        ("", "ky"),
        (None, "ky"),
        ("_", "ky"),
        ("english", "ky"),
        ("en_us_k12", "en"),
        ("x" * 5000, "ky"),
        ("kyz", "ky"),
        ("\x00ru", "ky"),
        ("$Message.locale", "ky"),
    ],
)
def test_a_locale_is_the_part_before_the_first_separator(tag: str | None, locale: str) -> None:
    assert locale_of(tag) == locale


def _read(name: str = "resource-link-student", **changed: object) -> Launch:
    return read_launch(recorded_payload(name) | {CLAIM + short: value for short, value in changed.items()}, TRUST)


def test_all_faulty_claims_are_named_at_once() -> None:
    payload = recorded_payload("resource-link-student") | {CLAIM + "roles": "Learner", CLAIM + "context": []}
    del payload[CLAIM + "deployment_id"]

    with pytest.raises(LaunchRefused) as refused:
        read_launch(payload, TRUST)

    assert refused.value.facts == {"missing": ["deployment_id"], "faulty": ["context", "roles"]}


def test_an_object_without_any_claim_of_lti_is_no_message() -> None:
    claims.refuse_unless_lti({f"{CLAIM}roles": []})

    for payload in ({}, {"sub": "6"}, {1: 2}, {"https://purl.imsglobal.org/spec/lti/roles": []}):
        with pytest.raises(LaunchRefused) as refused:
            claims.refuse_unless_lti(payload)  # type: ignore[arg-type]  # no key of JSON is a number, but who knows
        assert (refused.value.code, refused.value.status) == ("not_an_lti_message", 400)
        needed = ["message_type", "version", "deployment_id", "roles", "target_link_uri", "sub"]
        assert refused.value.facts == {"missing": needed}


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("1", "1"),
        ("x" * 255, "x" * 255),
        ("x" * 256, None),
        ("", None),
        (" 1", None),
        ("1\0", None),
        (1, None),
        ([], None),
    ],
)
def test_a_deployment_is_named_by_a_possible_id(named: object, found: str | None) -> None:
    assert claims.named_deployment({f"{CLAIM}deployment_id": named}) == found
    assert claims.named_deployment({}) is None


def test_a_launch_survives_being_parked() -> None:
    for name in RECORDED:
        launch = read_launch(recorded_payload(name), TRUST)

        assert launch_from_json(json.loads(json.dumps(launch_to_json(launch)))) == launch


@pytest.mark.parametrize(
    ("claim", "value", "told"),
    [
        (AGS, {"lineitems": "https://evil.invalid/1", "scope": []}, "lineitems"),
        (AGS, {"lineitem": "http://moodle.example.invalid/1", "scope": []}, "lineitem"),
        (NRPS, {"context_memberships_url": "https://[", "service_versions": ["2.0"]}, "context_memberships_url"),
    ],
)
def test_a_service_of_another_host_is_refused_by_its_name(claim: str, value: object, told: str) -> None:
    with pytest.raises(LaunchRefused) as refused:
        read_launch(recorded_payload("resource-link-student") | {claim: value}, TRUST)

    assert (refused.value.code, refused.value.status) == ("service_address_foreign", 400)
    assert refused.value.facts == {"claim": told}


def test_a_selection_goes_back_to_a_web_address_only() -> None:
    payload = recorded_payload("deep-linking-request-editing-teacher")
    payload[DEEP_LINKING] |= {"deep_link_return_url": "javascript:alert(1)"}

    with pytest.raises(LaunchRefused) as refused:
        read_launch(payload, TRUST)

    assert (refused.value.code, refused.value.status) == ("return_address_refused", 400)
    assert refused.value.facts == {"claim": "deep_link_return_url"}


@pytest.mark.parametrize(("roles", "may"), [(["Learner"], False), ([], False), (["Instructor"], True)])
def test_only_trainers_select(roles: list[str], may: bool) -> None:
    payload = recorded_payload("deep-linking-request-editing-teacher") | {f"{CLAIM}roles": roles}

    outcome = _outcome(payload)

    if isinstance(outcome, LaunchRefused):
        assert (outcome.code, outcome.status, may) == ("deep_linking_needs_trainer", 403, False)
    else:
        assert may


def test_an_admin_of_the_institute_selects_without_a_role_in_the_course() -> None:
    admin = [f"{VOCABULARY}institution/person#Administrator"]
    payload = recorded_payload("deep-linking-request-editing-teacher") | {f"{CLAIM}roles": admin}

    launch = read_launch(payload, TRUST)

    assert (launch.role, launch.is_admin) == (None, True)


@pytest.mark.parametrize(
    ("name", "claim", "short"),
    [
        ("resource-link-student", RESOURCE_LINK, "resource_link"),
        ("deep-linking-request-editing-teacher", DEEP_LINKING, "deep_linking_settings"),
        ("submission-review", f"{CLAIM}for_user", "for_user"),
    ],
)
def test_each_kind_of_message_needs_what_it_is_about(name: str, claim: str, short: str) -> None:
    payload = recorded_payload(name)
    del payload[claim]

    with pytest.raises(LaunchRefused) as refused:
        read_launch(payload, TRUST)

    assert (refused.value.code, refused.value.status) == ("claims_faulty", 400)
    assert refused.value.facts == {"missing": [short], "faulty": []}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"message_type": "LtiStartProctoring"}, "message_type_unknown"),
        ({"version": "1.2.0"}, "version_unsupported"),
        ({"target_link_uri": "https://other.example.invalid/"}, "target_foreign"),
        ({"target_link_uri": "no address"}, "target_foreign"),
        ({"resource_link": None}, "claims_faulty"),
    ],
)
def test_a_refusal_has_a_code_of_its_own(changed: dict[str, object], code: str) -> None:
    with pytest.raises(LaunchRefused) as refused:
        _read(**changed)

    assert (refused.value.code, refused.value.status) == (code, 400)


@pytest.mark.parametrize(
    ("changed", "code", "missing", "faulty"),
    [
        ({"sub": None}, "person_missing", ["sub"], []),
        ({"sub": ""}, "person_missing", ["sub"], []),
        ({"sub": None, f"{CLAIM}message_type": "x", f"{CLAIM}version": "x"}, "person_missing", None, None),
        ({"sub": 6}, "claims_faulty", [], ["sub"]),
        ({f"{CLAIM}deployment_id": ""}, "claims_faulty", ["deployment_id"], []),
        ({f"{CLAIM}message_type": "LtiStartProctoring"}, "message_type_unknown", [], ["message_type"]),
        ({f"{CLAIM}message_type": "x", f"{CLAIM}version": "x"}, "message_type_unknown", None, None),
        ({f"{CLAIM}message_type": None}, "claims_faulty", ["message_type"], []),
        ({f"{CLAIM}version": "11.3"}, "version_unsupported", [], ["version"]),
        ({f"{CLAIM}version": None}, "claims_faulty", ["version"], []),
    ],
)
def test_a_refusal_tells_what_is_absent_from_what_is_wrong(
    changed: dict[str, object], code: str, missing: list[str] | None, faulty: list[str] | None
) -> None:
    with pytest.raises(LaunchRefused) as refused:
        read_launch(recorded_payload("resource-link-student") | changed, TRUST)

    assert (refused.value.code, refused.value.status) == (code, 400)
    if missing is not None:
        assert refused.value.facts == {"missing": missing, "faulty": faulty}


@pytest.mark.parametrize("value", ["", "$User.image", None, [], {}, True])
def test_a_custom_value_that_says_nothing_is_absent(value: object) -> None:
    assert _read(custom={"a": value, "b": "2"}).custom == {"b": "2"}


def test_custom_numbers_are_texts_and_names_are_cleaned() -> None:
    assert _read(custom={"a\0": 4, " b ": 1.5}).custom == {"a": "4", "b": "1.5"}


@pytest.mark.parametrize(
    ("given_groups", "groups"), [("1,2", ("1", "2")), (" 7 ,,", ("7",)), ("", ()), ("$Moodle.Person.userGroupIds", ())]
)
def test_groups_are_listed_ids(given_groups: str, groups: tuple[str, ...]) -> None:
    assert _read(custom={"groups": given_groups}).groups == groups


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "2026-13-01",
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00+00:00",
        "9999-12-31T23:59:59+00:00",
        "$CourseSection.timeFrame.begin",
    ],
)
def test_a_time_that_is_none_is_unknown(text: str) -> None:
    course = _read(custom={"course_begin": text}).course

    assert course is not None
    assert course.begins_at is None


def test_a_name_is_put_together_where_only_its_parts_are_shared() -> None:
    payload = recorded_payload("resource-link-student")
    del payload["name"]

    assert read_launch(payload, TRUST).person.name == "Ada Ångström"


def test_half_a_name_is_no_name() -> None:
    payload = recorded_payload("resource-link-student")
    del payload["name"], payload["given_name"]

    person = read_launch(payload, TRUST).person

    assert (person.name, person.family_name) == (None, "Ångström")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://moodle.example.invalid/", "https://evil.invalid/", ""])
def test_a_way_back_that_is_not_the_platforms_is_dropped(url: str) -> None:
    assert _read(launch_presentation={"return_url": url}).return_url is None


def test_plain_http_is_the_platforms_only_where_inner_networks_are_allowed() -> None:
    payload = recorded_payload("resource-link-student")
    local = Registration(
        id=RegistrationId(1),
        platform_id=PlatformId(1),
        issuer="http://127.0.0.1:8000",
        client_id="c",
        authorization_url="http://127.0.0.1:8000/auth",
        token_url="http://127.0.0.1:8000/token",
        token_audience=None,
        jwks_url="http://127.0.0.1:8000/jwks",
        scopes=frozenset(),
        active=True,
    )
    payload[AGS] = {"lineitems": "http://127.0.0.1:8000/lineitems", "scope": []}
    payload.pop(NRPS)

    allowed = read_launch(payload, Trust(local, TRUST.base_url, allow_private=True))
    assert allowed.services.line_items_url == "http://127.0.0.1:8000/lineitems"
    with pytest.raises(LaunchRefused, match="service_address_foreign"):
        read_launch(payload, Trust(local, TRUST.base_url, allow_private=False))


def test_a_service_may_live_on_any_registered_host() -> None:
    payload = recorded_payload("resource-link-student")
    payload[AGS]["lineitems"] = "https://keys.example.invalid:443/lineitems"

    assert read_launch(payload, TRUST).services.line_items_url == "https://keys.example.invalid:443/lineitems"


def test_deep_linking_says_what_is_taken_back() -> None:
    payload = recorded_payload("deep-linking-request-editing-teacher")
    payload[DEEP_LINKING] |= {"accept_types": ["link"], "accept_multiple": False, "data": "opaque {}"}

    settings = read_launch(payload, TRUST).deep_linking

    assert settings is not None
    assert (settings.accepts_resource_links, settings.accepts_multiple, settings.data) == (False, False, "opaque {}")


@given(st.text(st.sampled_from("aы\0\ud800\udc00"), max_size=4))
def test_what_a_deep_linking_request_wants_back_is_kept_whole_or_refused(data: str) -> None:
    payload = recorded_payload("deep-linking-request-editing-teacher")
    payload[DEEP_LINKING] |= {"data": data}

    _is_told(payload)


def test_a_review_needs_no_link_but_a_person() -> None:
    payload = recorded_payload("submission-review")
    del payload[RESOURCE_LINK]

    launch = read_launch(payload, TRUST)

    assert (launch.message, launch.for_user, launch.resource_link) == (MessageType.SUBMISSION_REVIEW, "6", None)
