"""What Moodle really sends is accepted, with the right role and nothing invented."""

from __future__ import annotations

from typing import Protocol

import pytest

from lti_tool.lti.claims import launch_from_json, launch_to_json
from lti_tool.lti.model import Launch, MessageType
from lti_tool.people.model import CourseRole
from tests.factories.launch_bench import Bench, Browser

MOODLE = "https://moodle.example.invalid/mod/lti/services.php"
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"


class Launching(Protocol):
    """Launches a recorded message with these claims changed; what arrived."""

    def __call__(self, name: str, /, **claims: object) -> Launch: ...


@pytest.fixture
def launched(bench: Bench, browser: Browser) -> Launching:
    """Launches a recorded message and gives what came of it."""
    bench.add_registration("dqIuwYSyVwmsuRD", "2")
    bench.add_registration("thWlRWjyIqZCow4", "3")

    def launch(name: str, /, **claims: object) -> Launch:
        payload = browser.payload(name)
        browser.log_in(client_id=payload["aud"], lti_deployment_id=None)
        answer = browser.post(bench.lms.sign(browser.payload(name, **claims)))
        assert answer.status_code == 302, answer.text
        return bench.arrived[-1][0]

    return launch


@pytest.mark.parametrize(
    ("recorded", "role", "is_admin"),
    [
        ("resource-link-student", CourseRole.PARTICIPANT, False),
        ("resource-link-editing-teacher", CourseRole.TRAINER, False),
        ("resource-link-non-editing-teacher", CourseRole.TRAINER, False),
        ("resource-link-manager", CourseRole.TRAINER, False),
        ("resource-link-site-admin", CourseRole.TRAINER, True),
        ("resource-link-student-no-group-no-idnumber", CourseRole.PARTICIPANT, False),
        ("syncro-student", CourseRole.PARTICIPANT, False),
        ("syncro-editing-teacher", CourseRole.TRAINER, False),
        ("none-student", CourseRole.PARTICIPANT, False),
        ("none-editing-teacher", CourseRole.TRAINER, False),
        ("groupA-student", CourseRole.PARTICIPANT, False),
        ("groupA-editing-teacher", CourseRole.TRAINER, False),
        ("ungraded-student", CourseRole.PARTICIPANT, False),
        ("ungraded-editing-teacher", CourseRole.TRAINER, False),
        ("ungraded-link-with-column-posted", CourseRole.PARTICIPANT, False),
        ("two-line-items-on-link", CourseRole.PARTICIPANT, False),
        ("copied-course", CourseRole.TRAINER, True),
        ("deep-linked-item", CourseRole.PARTICIPANT, False),
        ("deep-linking-request-editing-teacher", CourseRole.TRAINER, False),
        ("submission-review", CourseRole.TRAINER, False),
        ("submission-review-deep-linked", CourseRole.TRAINER, False),
        ("submission-review-by-student", CourseRole.PARTICIPANT, False),
    ],
)
def test_a_recorded_launch_arrives_with_its_role(
    launched: Launching, recorded: str, role: CourseRole, is_admin: bool
) -> None:
    launch = launched(recorded)

    assert (launch.role, launch.is_admin) == (role, is_admin)


def test_a_student_brings_name_course_link_and_services(launched: Launching) -> None:
    launch = launched("resource-link-student")

    assert (launch.person.sub, launch.person.name) == ("6", "Ada Ångström")
    assert (launch.person.email, launch.person.id_number) == ("stud1@example.invalid", "SIS-stud1")
    assert (launch.course.context_id, launch.course.title) == ("2", "Physics 101 & Friends")
    assert launch.resource_link.id == "1"
    assert launch.services.line_item_url == f"{MOODLE}/2/lineitems/4/lineitem?type_id=1"
    assert launch.services.memberships_url == f"{MOODLE}/CourseSection/2/bindings/1/memberships"
    assert AGS + "score" in launch.services.scopes
    assert (launch.locale, launch.groups) == ("en", ("1",))
    assert launch.return_url.startswith("https://moodle.example.invalid/mod/lti/return.php")


def test_unexpanded_and_empty_variables_are_absent(launched: Launching) -> None:
    custom = launched("resource-link-student").custom

    assert not {"rl_sub_end", "user_image", "results", "ctx_history"} & custom.keys()
    assert custom["with_equals"] == "a=b"
    assert "email" not in launched("syncro-student").custom


def test_a_platform_that_shares_no_names_gives_none(launched: Launching) -> None:
    person = launched("syncro-student").person

    assert (person.name, person.given_name, person.family_name, person.email) == (None, None, None, None)
    assert person.sub == "6"


def test_a_link_without_services_names_none(launched: Launching) -> None:
    services = launched("none-student").services

    assert services.line_items_url is services.line_item_url is services.memberships_url is None
    assert services.scopes == frozenset()


@pytest.mark.parametrize("recorded", ["two-line-items-on-link", "ungraded-link-with-column-posted"])
def test_a_link_without_one_column_of_its_own_names_no_line_item(launched: Launching, recorded: str) -> None:
    services = launched(recorded).services

    assert services.line_item_url is None
    assert services.line_items_url == f"{MOODLE}/2/lineitems?type_id=1"


def test_a_copied_course_tells_what_it_was_copied_from(launched: Launching) -> None:
    custom = {"context_history": "3", "course_begin": "2026-08-31T23:00:00+00:00", "course_end": "$CourseSection.x"}

    course = launched("copied-course", custom=custom).course

    assert (course.context_id, course.history) == ("6", "3")
    assert course.begins_at.isoformat() == "2026-08-31T23:00:00+00:00"
    assert course.ends_at is None


def test_a_deep_linking_request_says_what_it_takes_back(launched: Launching) -> None:
    launch = launched("deep-linking-request-editing-teacher")

    assert launch.message is MessageType.DEEP_LINKING
    assert launch.deep_linking.return_url.startswith("https://moodle.example.invalid/mod/lti/contentitem_return.php")
    assert (launch.deep_linking.accepts_resource_links, launch.deep_linking.accepts_multiple) == (True, True)
    assert launch.deep_linking.data is None
    assert launch.resource_link is None


@pytest.mark.parametrize(("recorded", "reviewed"), [("submission-review", "6"), ("submission-review-by-student", "7")])
def test_a_submission_review_names_whose_work_is_meant(launched: Launching, recorded: str, reviewed: str) -> None:
    launch = launched(recorded)

    assert launch.message is MessageType.SUBMISSION_REVIEW
    assert launch.for_user == reviewed


def test_what_arrived_can_be_parked_and_taken_up_unchanged(launched: Launching) -> None:
    for recorded in ("resource-link-student", "deep-linking-request-editing-teacher", "copied-course"):
        launch = launched(recorded)

        assert launch_from_json(launch_to_json(launch)) == launch
