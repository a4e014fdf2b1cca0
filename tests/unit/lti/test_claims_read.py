"""What becomes of the claims of an accepted message: each goes where it belongs, what is unknown stays unknown."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lti_tool.errors import LaunchRefused
from lti_tool.ids import PlatformId, RegistrationId
from lti_tool.lti.claim_schema import AGS, CLAIM, DEEP_LINKING, NRPS
from lti_tool.lti.claims import Trust, read_launch
from lti_tool.lti.model import (
    DeepLinkingSettings,
    Launch,
    LaunchedCourse,
    LaunchedPerson,
    MessageType,
    Registration,
    ResourceLink,
    Services,
)
from lti_tool.people.model import CourseRole
from tests.factories.signing_lms import ISSUER, recorded_payload

SERVICES = f"{ISSUER}/mod/lti/services.php"
SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
TRUST = Trust(
    Registration(
        id=RegistrationId(3),
        platform_id=PlatformId(7),
        issuer=ISSUER,
        client_id="qhqNvAQpnzzf4xr",
        authorization_url="https://login.example.invalid/auth",
        token_url="https://token.example.invalid/token",
        token_audience=None,
        jwks_url="https://keys.example.invalid/jwks",
        scopes=frozenset(),
        active=True,
    ),
    base_url="https://tool.example.invalid",
    allow_private=False,
)


def read(name: str = "resource-link-student", **changed: object) -> Launch:
    """A recorded launch of Moodle with these LTI claims changed."""
    return read_launch(recorded_payload(name) | {CLAIM + short: value for short, value in changed.items()}, TRUST)


def read_about(**changed: object) -> LaunchedPerson:
    """The person of a recorded launch whose claims about them are changed."""
    return read_launch(recorded_payload("resource-link-student") | changed, TRUST).person


def course_of(launch: Launch) -> LaunchedCourse:
    assert launch.course is not None
    return launch.course


def test_a_student_who_opens_a_link_brings_all_that_moodle_shares() -> None:
    launch = read(custom={"groups": "4,5"})

    assert launch == Launch(
        message=MessageType.RESOURCE_LINK,
        platform_id=PlatformId(7),
        registration_id=RegistrationId(3),
        deployment_id="1",
        person=LaunchedPerson("6", "Ada Ångström", "Ada", "Ångström", "stud1@example.invalid", "SIS-stud1"),
        role=CourseRole.PARTICIPANT,
        is_admin=False,
        course=LaunchedCourse("2", "PHYS101", "Physics 101 & Friends", None, None, None),
        resource_link=ResourceLink("1", "Graded link"),
        locale="en",
        custom={"groups": "4,5"},
        groups=("4", "5"),
        return_url=f"{ISSUER}/mod/lti/return.php?course=2&launch_container=3&instanceid=1&sesskey=<SESSKEY>",
        services=Services(
            line_items_url=f"{SERVICES}/2/lineitems?type_id=1",
            line_item_url=f"{SERVICES}/2/lineitems/4/lineitem?type_id=1",
            scopes=frozenset(SCOPE + each for each in ("lineitem", "lineitem.readonly", "result.readonly", "score")),
            memberships_url=f"{SERVICES}/CourseSection/2/bindings/1/memberships",
        ),
        for_user=None,
        deep_linking=None,
        tells_locale=True,
    )


def test_a_trainer_who_selects_says_where_the_selection_goes() -> None:
    launch = read("deep-linking-request-editing-teacher")

    assert (launch.message, launch.role, launch.resource_link) == (MessageType.DEEP_LINKING, CourseRole.TRAINER, None)
    assert launch.person.id_number is None
    back = f"{ISSUER}/mod/lti/contentitem_return.php?course=2&id=1&sesskey=<SESSKEY>"
    assert launch.deep_linking == DeepLinkingSettings(back, True, True, None)


def test_a_message_that_shares_the_least_is_a_launch_all_the_same() -> None:
    needed = ("deployment_id", "target_link_uri", "message_type", "version", "roles")
    payload = recorded_payload("resource-link-student")
    least: dict[str, Any] = {CLAIM + name: payload[CLAIM + name] for name in needed}

    launch = read_launch({**least, "sub": "6", CLAIM + "resource_link": {"id": "1"}}, TRUST)

    assert launch.person == LaunchedPerson("6", None, None, None, None, None)
    assert (launch.course, launch.resource_link, launch.services) == (None, ResourceLink("1", None), Services())
    assert (launch.custom, launch.groups, launch.return_url) == ({}, (), None)
    assert (launch.locale, launch.tells_locale) == ("ky", False)


# --- Person ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "kept"),
    [
        (" ada@example.org\n\0", "ada@example.org"),
        ("a" * 308 + "@example.org", "a" * 308 + "@example.org"),
        ("a" * 309 + "@example.org", None),
        ("", None),
    ],
)
def test_an_address_that_no_mailbox_can_have_is_unknown(email: str, kept: str | None) -> None:
    assert read_about(email=email).email == kept


@pytest.mark.parametrize(
    ("given_name", "family_name", "name"),
    [("Ada", "Ångström", "Ada Ångström"), ("", "Ångström", None), ("Ada", None, None), (None, None, None)],
)
def test_only_both_parts_together_are_a_name(given_name: str | None, family_name: str | None, name: str | None) -> None:
    person = read_about(name=None, given_name=given_name, family_name=family_name)

    assert (person.name, person.given_name, person.family_name) == (name, given_name or None, family_name)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Ada\nÅngström", "Ada Ångström"),
        (" Ada\u202e\0 ", "Ada"),
        ("<b>Ada</b>", "<b>Ada</b>"),
        ("x" * 254 + " y", "x" * 254),
        ("x" * 300, "x" * 255),
        ("\t", None),
    ],
)
def test_a_name_is_one_line_that_a_page_and_a_database_can_take(name: str, kept: str | None) -> None:
    assert read_about(name=name, given_name=None).name == kept


@pytest.mark.parametrize(("told", "kept"), [(" 17 ", "17"), ("", None), (None, None), ("x" * 255, "x" * 255)])
def test_an_id_number_is_kept_without_the_blanks_around_it(told: str | None, kept: str | None) -> None:
    assert read(lis={"person_sourcedid": told}).person.id_number == kept


@pytest.fixture
def _server_in_bishkek(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A time without a zone must not be read by that of the server."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "<+06>-6")
        time.tzset()
        yield
    time.tzset()


# --- Course ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-08-31T23:00:00+00:00", datetime(2026, 8, 31, 23, tzinfo=UTC)),
        ("2026-09-01T05:00:00+06:00", datetime(2026, 8, 31, 23, tzinfo=UTC)),
        ("2026-08-31T23:00:00", datetime(2026, 8, 31, 23, tzinfo=UTC)),
        ("2026-08-31", datetime(2026, 8, 31, tzinfo=UTC)),
        ("0002-01-01T00:00:00+00:00", datetime(2, 1, 1, tzinfo=UTC)),
        ("9998-12-31T23:59:59+00:00", datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("", None),
    ],
)
@pytest.mark.usefixtures("_server_in_bishkek")
def test_a_course_begins_and_ends_by_universal_time(text: str, moment: datetime | None) -> None:
    begins, ends = course_of(read(custom={"course_begin": text})), course_of(read(custom={"course_end": text}))

    assert str(begins.begins_at) == str(moment), "in universal time itself, and not only the same moment"
    assert (begins.begins_at, begins.ends_at) == (moment, None)
    assert (ends.begins_at, ends.ends_at) == (None, moment)


@pytest.mark.parametrize(("told", "kept"), [("12,7", "12,7"), (" 12 ,, 7", "12,7"), (",", None), ("", None)])
def test_a_copied_course_tells_of_what_it_is_a_copy(told: str, kept: str | None) -> None:
    assert course_of(read(custom={"context_history": told})).history == kept


# --- Custom parameters and language ---------------------------------------------------------------------------------


def test_only_a_value_that_begins_with_a_dollar_was_not_filled_in() -> None:
    told = {"a": "$User.image", "b": "5 $", "c": True, "d": 0, "$e": "1", " ": "2"}

    assert read(custom=told).custom == {"b": "5 $", "d": "0", "$e": "1"}


@pytest.mark.parametrize(
    ("locale", "language", "tells"),
    [("ru_RU", "ru", True), ("KY", "ky", True), ("de", "ky", False), (None, "ky", False)],
)
def test_a_language_that_we_do_not_speak_is_not_told(locale: str | None, language: str, tells: bool) -> None:
    launch = read(launch_presentation={"locale": locale})

    assert (launch.locale, launch.tells_locale) == (language, tells)


# --- Services and selection -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", [ISSUER, *(f"https://{name}.example.invalid" for name in ("login", "token", "keys"))])
def test_services_and_the_way_back_may_lie_on_each_registered_host(host: str) -> None:
    payload = recorded_payload("resource-link-student") | {
        AGS: {"lineitems": f"{host}/1", "scope": [f" {SCOPE}score "]},
        NRPS: {"context_memberships_url": f"{host}/2"},
        f"{CLAIM}launch_presentation": {"return_url": f"{host}/3"},
    }

    launch = read_launch(payload, TRUST)

    assert launch.services == Services(f"{host}/1", None, frozenset({f"{SCOPE}score"}), f"{host}/2")
    assert launch.return_url == f"{host}/3"


def test_a_selection_goes_to_an_inner_address_only_where_inner_networks_are_allowed() -> None:
    payload = recorded_payload("deep-linking-request-editing-teacher")
    payload[DEEP_LINKING] |= {"deep_link_return_url": "http://127.0.0.1:8000/back"}

    allowed = read_launch(payload, replace(TRUST, allow_private=True)).deep_linking

    assert allowed is not None
    assert allowed.return_url == "http://127.0.0.1:8000/back"
    with pytest.raises(LaunchRefused, match="return_address_refused"):
        read_launch(payload, TRUST)


@pytest.mark.parametrize(
    ("told", "accepts"), [(True, True), ("true", True), (False, False), ("false", False), (2, False)]
)
def test_several_are_selected_only_where_the_platform_says_so(told: object, accepts: bool) -> None:
    payload = recorded_payload("deep-linking-request-editing-teacher")
    payload[DEEP_LINKING] |= {"accept_multiple": told, "accept_types": ["link", "ltiResourceLink"], "data": "x\n"}

    settings = read_launch(payload, TRUST).deep_linking

    assert settings is not None
    assert (settings.accepts_multiple, settings.accepts_resource_links, settings.data) == (accepts, True, "x\n")
