"""Line items and the roster answer as the recorded Moodle, in what they give and in what they refuse."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from lti_tool.demo.faults import Fault
from lti_tool.demo.gradebook import Column
from lti_tool.demo.lms import DemoLms
from lti_tool.demo.model import Person, Tool
from tests.unit.demo.conftest import LMS, Clock, Register, Replay, recorded, same_answer

REFUSED = [
    "lineitem-patch",
    "lineitem-post-on-item",
    "lineitem-get-unknown",
    "lineitems-get-accept-json",
    "lineitems-get-accept-star",
    "lineitems-get-unknown-course",
    "lineitems-get-wrong-type-id",
    "lineitems-get-error-no-token",
    "lineitems-post-container-content-type",
    "lineitems-post-error-bad-max",
    "lineitems-post-error-content-type",
    "lineitems-post-error-invalid-json",
    "lineitems-post-error-no-label",
    "lineitems-post-error-no-max",
    "lineitems-post-error-nonnumeric-link",
    "lineitems-post-error-unknown-link",
]
LIST = {"Accept": "application/vnd.ims.lis.v2.lineitemcontainer+json"}
ITEM = {"Content-Type": "application/vnd.ims.lis.v2.lineitem+json"}
LINE_ITEMS = "/mod/lti/services.php/2/lineitems?type_id=1"
MEMBERS = "/mod/lti/services.php/CourseSection/2/bindings/1/memberships"


@pytest.mark.parametrize("name", REFUSED)
def test_what_moodle_refused_is_refused_alike(name: str, replay: Replay, columns: tuple[Column, Column]) -> None:
    same_answer(*replay(f"ags/{name}"))


def test_a_column_of_an_activity_is_shown_with_its_link(
    replay: Replay, columns: tuple[Column, Column], lms: DemoLms
) -> None:
    lms.links["1"], columns[0].link_id = lms.links[columns[0].link_id or ""], "1"

    same_answer(*replay("ags/lineitem-get"))


def test_a_put_replaces_what_it_leaves_out(
    client: FlaskClient, bearer: dict[str, str], columns: tuple[Column, Column], lms: DemoLms
) -> None:
    columns[1].resource_id, columns[1].tag = "competency:4.1", "competency"
    lms.gradebook.take_score("24", "6", Decimal(20), Decimal(50), "", 100)
    url = "/mod/lti/services.php/2/lineitems/24/lineitem?type_id=1"

    sent = client.put(url, data='{"label": "New", "scoreMaximum": 200}', headers={**ITEM, **bearer})

    assert sent.json == {"label": "New", "scoreMaximum": 200, "id": LMS + url}
    assert (columns[1].label, columns[1].resource_id, columns[1].tag) == ("New", "", "")
    assert lms.final_grades()["New"] == {"6": Decimal(80)}


def test_a_retried_post_makes_a_duplicate(client: FlaskClient, bearer: dict[str, str], lms: DemoLms) -> None:
    body = recorded("ags/lineitems-post-uncoupled")["request"]["body"]
    answers = [client.post(LINE_ITEMS, data=json.dumps(body), headers={**ITEM, **bearer}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    listed = client.get(f"{LINE_ITEMS}&resource_id=unc-1&tag=t1", headers={**LIST, **bearer}).json or []
    assert len({item["id"] for item in listed}) == 2
    assert set(listed[0]) == {"id", "label", "scoreMaximum", "resourceId", "tag", "submissionReview"} - {
        "submissionReview"
    }


def test_only_the_tools_own_columns_are_listed(client: FlaskClient, bearer: dict[str, str], lms: DemoLms) -> None:
    listed = client.get(LINE_ITEMS, headers={**LIST, **bearer}).json or []

    assert [item["label"] for item in listed] == ["Тапшырма: санариптик жарандык боюнча сабак"]
    assert len(lms.gradebook.columns("2")) == 7


def test_a_deleted_column_is_gone_for_scores_too(
    client: FlaskClient, bearer: dict[str, str], columns: tuple[Column, Column], replay: Replay
) -> None:
    url = "/mod/lti/services.php/2/lineitems/24/lineitem?type_id=1"

    assert client.delete(url, headers=bearer).status == "204 OK"
    assert client.delete(url, headers=bearer).status == "404 Not Found: Grade item 24 doesn't exist"


def test_paging_breaks_the_link_header_as_moodle_does(
    client: FlaskClient, bearer: dict[str, str], columns: tuple[Column, Column]
) -> None:
    answer = client.get(f"{LINE_ITEMS}&limit=1", headers={**LIST, **bearer})

    assert "rel=“next”" in answer.headers["Link"].encode("latin-1").decode()


def test_a_token_ends_after_an_hour(client: FlaskClient, bearer: dict[str, str], clock: Clock) -> None:
    clock.time += 3599
    assert client.get(LINE_ITEMS, headers={**LIST, **bearer}).status_code == 200
    clock.time += 1

    assert client.get(LINE_ITEMS, headers={**LIST, **bearer}).status_code == 401


def test_a_token_without_the_scope_is_answered_401(client: FlaskClient, lms: DemoLms, tool: Tool) -> None:
    token = lms.issue_token(tool.id, frozenset())

    assert client.get(LINE_ITEMS, headers={**LIST, "Authorization": f"Bearer {token}"}).status_code == 401


def test_ordered_faults_are_suffered_in_turn(client: FlaskClient, bearer: dict[str, str], lms: DemoLms) -> None:
    lms.faults.play([Fault(429, {"Retry-After": "7"}), None, Fault(503, after_work=True)])
    headers = {**ITEM, **bearer}
    body = '{"label": "x", "scoreMaximum": 3}'

    answers = [client.post(LINE_ITEMS, data=body, headers=headers) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [429, 201, 503, 201]
    assert answers[0].headers["Retry-After"] == "7"
    assert sum(column.label == "x" for column in lms.gradebook.columns("2")) == 3


@pytest.mark.parametrize("name", ["members-accept-json", "members-unknown-course", "members-rlid-unknown"])
def test_the_roster_refuses_as_moodle_does(name: str, replay: Replay) -> None:
    same_answer(*replay(f"nrps/{name}"))


def test_the_roster_shows_a_non_editing_teacher_as_learner_and_no_admin(
    client: FlaskClient, bearer: dict[str, str]
) -> None:
    answer = client.get(MEMBERS, headers=bearer)
    moodle = recorded("nrps/members-all")["response"]
    content = answer.json or {}
    members = {member["user_id"]: member for member in content["members"]}

    assert answer.content_type == moodle["headers"]["Content-Type"]
    assert set(content) == set(moodle["body"])
    assert set(members["6"]) == set(moodle["body"]["members"][0])
    assert (members["3"]["roles"], members["4"]["roles"], "2" in members) == (["Instructor"], ["Learner"], False)
    assert (members["9"]["lis_person_sourcedid"], members["10"]["email"]) == ("", "")


def test_without_permission_names_are_missing_altogether(client: FlaskClient, register: Register, lms: DemoLms) -> None:
    register(recorded("registration-syncro")["request"]["body"])
    token = lms.issue_token("1", lms.tools["1"].scopes)
    listed = (client.get(MEMBERS, headers={"Authorization": f"Bearer {token}"}).json or {})["members"]

    assert set(listed[0]) == set(recorded("nrps/members-names-never")["response"]["body"]["members"][0])


def test_the_next_page_of_the_roster_forgets_the_role(client: FlaskClient, bearer: dict[str, str]) -> None:
    answer = client.get(f"{MEMBERS}?role=Learner&limit=2", headers=bearer)

    moodle = recorded("nrps/members-role-learner-limit2")["response"]["headers"]["Link"]
    assert answer.headers["Link"] == moodle
    assert len((answer.json or {})["members"]) == 2


def test_suspended_members_leave_the_roster_and_new_ones_join(
    client: FlaskClient, bearer: dict[str, str], lms: DemoLms
) -> None:
    lms.suspend("2", "6")
    lms.add_member("2", Person("20", "new", "Жаңы", "Мугалим", "", "", "ky"))
    listed = (client.get(f"{MEMBERS}?role=Learner", headers=bearer).json or {})["members"]

    assert {"6", "20"} & {member["user_id"] for member in listed} == {"20"}
