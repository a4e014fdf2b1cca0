"""Rosters as Moodle 5.1 really sends them, and as a broken platform might."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from lti_tool.errors import CourseForbids, Permanent, PlatformError, PlatformForbids, Retryable
from lti_tool.lti import nrps
from lti_tool.lti.tables import CourseServiceRow
from lti_tool.outbound import AddressRefused, Answer
from lti_tool.people.model import CourseRole
from tests.factories.course_services import MOODLE, Moodle
from tests.factories.network import Network, answer, recorded

MEMBERS = f"{MOODLE}/mod/lti/services.php/CourseSection/2/bindings/1/memberships"
LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"


def page(*users: object, following: str = "") -> Answer:
    links = {"Link": f'<{following}>; rel="next"'} if following else {}
    return answer(200, {"members": list(users)}, **links)


def member(user_id: str, **fields: object) -> dict[str, object]:
    return {"user_id": user_id, "roles": ["Learner"], "status": "Active", **fields}


def test_the_recorded_roster_is_read_whole(moodle: Moodle, network: Network) -> None:
    said = network.replay("nrps/members-all")

    found = moodle.roster.members(moodle.course)

    assert [each.user_id for each in found] == [row["user_id"] for row in said.body["members"]]
    by_id = {each.user_id: each for each in found}
    assert by_id["3"].role is CourseRole.TRAINER
    assert by_id["4"].role is CourseRole.PARTICIPANT
    assert (by_id["7"].name, by_id["7"].email, by_id["7"].id_number) == (
        "Bao Nguyễn",
        "stud2@example.invalid",
        "SIS-stud2",
    )
    assert by_id["8"].id_number is None


def test_moodles_exact_media_type_is_asked_for_and_no_limit(moodle: Moodle, network: Network) -> None:
    network.replay("nrps/members-all")

    moodle.roster.members(moodle.course)

    [asked] = network.asked_of("GET", "/memberships")
    assert asked.headers["Accept"] == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
    assert "limit" not in asked.url
    assert network.asked[0].form["scope"].endswith("contextmembership.readonly")


def test_names_that_are_not_shared_are_missing(moodle: Moodle, network: Network) -> None:
    network.on("GET", MEMBERS, recorded("nrps/members-names-never").answer)

    found = moodle.roster.members(moodle.course)

    assert len(found) == 6
    assert {(each.name, each.given_name, each.email) for each in found} == {(None, None, None)}


def test_recorded_pages_are_joined(moodle: Moodle, network: Network) -> None:
    network.on("GET", MEMBERS, recorded("nrps/members-limit2-page1").answer)
    for name in ("members-limit2-page2", "members-limit2-page3"):
        network.replay(f"nrps/{name}")

    found = moodle.roster.members(moodle.course)

    assert [each.user_id for each in found] == ["7", "8", "3", "4", "6", "9"]


@pytest.mark.parametrize(
    "header",
    [
        '<{}?from=2&Case=Yes>; rel="next"',
        "<{}?from=2&amp;Case=Yes>; rel=“next”",
        "<{}?from=0>; rel=“first”, <{}?from=2&amp;Case=Yes>; rel=“next”",
        "<{}?from=2&Case=Yes>;rel=next",
        '<{}?from=2&Case=Yes>; title="a, b"; rel="prev next"',
        '<{}?from=2&Case=Yes>; REL="Next"',
    ],
)
def test_next_links_are_found_however_they_are_written(moodle: Moodle, network: Network, header: str) -> None:
    as_sent = header.replace("{}", MEMBERS).encode().decode("latin-1")
    network.on("GET", MEMBERS, answer(200, {"members": [member("1")]}, Link=as_sent))
    network.on("GET", f"{MEMBERS}?from=2&Case=Yes", page(member("2")))

    assert [each.user_id for each in moodle.roster.members(moodle.course)] == ["1", "2"]


@pytest.mark.parametrize(
    "row",
    [
        None,
        7,
        [],
        {},
        {"user_id": ""},
        {"user_id": None},
        {"user_id": True},
        {"user_id": "2\0"},
        {"user_id": "2\ud800"},
        member("9", status="Inactive"),
    ],
)
def test_rows_that_name_nobody_active_are_left_out(moodle: Moodle, network: Network, row: object) -> None:
    network.on("GET", MEMBERS, page(row, member("1")))

    assert [each.user_id for each in moodle.roster.members(moodle.course)] == ["1"]


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        (["Learner"], CourseRole.PARTICIPANT),
        ([LEARNER], CourseRole.PARTICIPANT),
        (["Instructor"], CourseRole.TRAINER),
        ([LEARNER, LEARNER.replace("Learner", "Instructor")], CourseRole.TRAINER),
        (["Observer"], None),
        ([], None),
        (None, None),
        ("Instructor", None),
        ([7, None], None),
        (["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"], None),
    ],
)
def test_roles_come_short_or_in_full(moodle: Moodle, network: Network, roles: object, role: CourseRole | None) -> None:
    network.on("GET", MEMBERS, page(member("1", roles=roles)))

    [found] = moodle.roster.members(moodle.course)

    assert found.role is role


def test_markup_and_control_characters_stay_text(moodle: Moodle, network: Network) -> None:
    network.on("GET", MEMBERS, page(member("1", name="A\x00B\u202e<b>", email=7, given_name=["x"])))

    [found] = moodle.roster.members(moodle.course)

    assert found.name == "AB<b>"
    assert found.given_name is None


def test_long_names_are_cut_and_what_people_are_matched_by_is_not(moodle: Moodle, network: Network) -> None:
    row = member("1", name="я" * 300, email="a" * 321, lis_person_sourcedid="9" * 256)
    network.on("GET", MEMBERS, page(row, member("2" * 256), member("3\n")))

    [found] = moodle.roster.members(moodle.course)

    assert (found.name, found.email, found.id_number) == ("я" * 255, None, None)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (recorded("nrps/members-unknown-course").answer, Permanent),
        (recorded("nrps/members-accept-json").answer, Permanent),
        (recorded("nrps/members-bad-token").answer, PlatformForbids),
        (answer(503), Retryable),
        (answer(500), Retryable),
        (answer(200, b"<html>"), Retryable),
        (answer(200, {"members": "all"}), Retryable),
        (answer(200, []), Retryable),
    ],
)
def test_a_roster_that_cannot_be_had_says_why(
    moodle: Moodle, network: Network, said: Answer, expected: type[PlatformError]
) -> None:
    network.on("GET", MEMBERS, said)

    with pytest.raises(expected):
        moodle.roster.members(moodle.course)


def test_a_course_whose_launch_named_no_roster_is_told_apart(
    moodle: Moodle, network: Network, session: Session
) -> None:
    session.get_one(CourseServiceRow, moodle.course).memberships_url = None
    session.commit()

    with pytest.raises(CourseForbids, match="memberships_unknown"):
        moodle.roster.members(moodle.course)

    assert network.asked == []


@pytest.mark.parametrize(
    "following", ["https://evil.example.invalid/m", "http://moodle.example.invalid/m", "https://127.0.0.1/m"]
)
def test_a_next_page_elsewhere_is_never_asked_for(moodle: Moodle, network: Network, following: str) -> None:
    network.on("GET", MEMBERS, page(member("1"), following=following))

    with pytest.raises(AddressRefused):
        moodle.roster.members(moodle.course)

    assert [asked.url for asked in network.asked if asked.method == "GET"] == [MEMBERS]


def test_pages_in_a_circle_are_refused_whole(moodle: Moodle, network: Network) -> None:
    network.on("GET", MEMBERS, page(member("1"), following=f"{MEMBERS}?from=1"))
    network.on("GET", f"{MEMBERS}?from=1", page(member("2"), following=MEMBERS))

    with pytest.raises(Retryable):
        moodle.roster.members(moodle.course)


def test_pages_without_end_are_refused_at_two_hundred(moodle: Moodle, network: Network) -> None:
    network.on("GET", MEMBERS, page(following=f"{MEMBERS}?from=1"))
    for number in range(1, 300):
        network.on("GET", f"{MEMBERS}?from={number}", page(following=f"{MEMBERS}?from={number + 1}"))

    with pytest.raises(Retryable):
        moodle.roster.members(moodle.course)

    assert len(network.asked_of("GET", "/memberships")) == 200


@pytest.mark.parametrize(("count", "allowed"), [(nrps.MOST_MEMBERS, True), (nrps.MOST_MEMBERS + 1, False)])
def test_a_roster_has_at_most_twenty_thousand_members(
    moodle: Moodle, network: Network, count: int, allowed: bool
) -> None:
    network.on("GET", MEMBERS, page(*(member(str(number)) for number in range(count))))

    if allowed:
        assert len(moodle.roster.members(moodle.course)) == count
    else:
        with pytest.raises(Permanent):
            moodle.roster.members(moodle.course)
