"""The web service speaks and refuses as the recorded Moodle does, and can be ill in the ways that Moodles are."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lti_tool.demo import seed
from lti_tool.demo.gradebook import Column
from lti_tool.demo.lms import DemoLms
from lti_tool.demo.model import Tool
from lti_tool.demo.moods import Mood, Moods
from lti_tool.demo.web_service import FUNCTIONS, SERVER
from tests.unit.demo.conftest import Clock, recorded

GRADES = "gradereport_user_get_grade_items"
CONTENTS = "core_course_get_contents"
COMPLETION = "core_completion_get_activities_completion_status"
PEOPLE = "core_enrol_get_enrolled_users"
SITE = "core_webservice_get_site_info"


class Service:
    """The service, called by the token that its page tells."""

    def __init__(self, client: FlaskClient, lms: DemoLms) -> None:
        self.client, self.lms = client, lms

    def call(self, function: str, **parameters: str) -> dict[str, Any]:
        token = parameters.pop("wstoken", self.lms.web_service_token)
        form = {"wstoken": token, "wsfunction": function, "moodlewsrestformat": "json", **parameters}
        answer = self.client.post(SERVER, data=form)
        assert (answer.status_code, answer.mimetype) == (200, "application/json")
        body: dict[str, Any] = answer.json
        return body

    def listed(self, function: str, **parameters: str) -> list[dict[str, Any]]:
        """Of a function that answers with a list."""
        body = self.call(function, **parameters)
        assert isinstance(body, list)
        return body

    def items(self, person: str) -> dict[str | None, dict[str, Any]]:
        """One person's columns by their labels."""
        (only,) = self.call(GRADES, courseid="2", userid=person)["usergrades"]
        return {item["itemname"]: item for item in only["gradeitems"]}


@pytest.fixture
def service(client: FlaskClient, lms: DemoLms) -> Service:
    return Service(client, lms)


def _fits(told: object, moodle: object, where: str = "") -> list[str]:
    """Where an answer has a key, or a kind of value, that Moodle's recorded answer has not."""
    if isinstance(told, Mapping) and isinstance(moodle, Mapping):
        strange = [f"{where}.{key}" for key in told if key not in moodle]
        return strange + [
            each for key in told if key in moodle for each in _fits(told[key], moodle[key], f"{where}.{key}")
        ]
    if isinstance(told, list) and isinstance(moodle, list):
        # Whether it fits any of what was recorded: people and items differ in what they have.
        return [
            each
            for one in told
            for each in min((_fits(one, other, where) for other in moodle), key=len, default=[where])
        ]
    same = type(told) is type(moodle) or told is None or moodle is None
    return [] if same or (isinstance(told, int | float) and isinstance(moodle, int | float)) else [where]


@pytest.mark.parametrize(
    ("function", "parameters", "file"),
    [
        (SITE, {}, "site-info"),
        (GRADES, {"courseid": "2"}, "grade-items-all-users"),
        (GRADES, {"courseid": "2", "userid": "6"}, "grade-items-one-user"),
        (COMPLETION, {"courseid": "2", "userid": "6"}, "activities-completion-status"),
        (CONTENTS, {"courseid": "2"}, "course-contents"),
    ],
)
def test_answers_have_the_shape_of_the_recorded_ones(
    service: Service, function: str, parameters: dict[str, str], file: str, tool: Tool
) -> None:
    told = service.call(function, **parameters)

    assert told
    assert _fits(told, recorded(f"webservice/{file}")["response"]["body"]) == []


@pytest.mark.parametrize(
    ("function", "parameters", "file"),
    [
        (GRADES, {"courseid": "2", "wstoken": "wrong"}, "error-no-permission"),
        ("core_user_create_users", {}, "error-function-not-in-service"),
        (PEOPLE, {"courseid": "999"}, "error-course-not-accessible"),
    ],
)
def test_it_says_no_in_moodles_words(service: Service, function: str, parameters: dict[str, str], file: str) -> None:
    assert service.call(function, **parameters) == recorded(f"webservice/{file}")["response"]["body"]


def test_the_site_names_its_functions_and_where_it_is(service: Service, lms: DemoLms) -> None:
    told = service.call(SITE)

    assert [each["name"] for each in told["functions"]] == list(FUNCTIONS)
    assert told["siteurl"] == lms.url


def test_marks_are_the_gradebook_s(service: Service, clock: Clock) -> None:
    items = service.items("6")

    assert [items[activity.name]["graderaw"] for activity in seed.NATIVE_ACTIVITIES] == [18, 92, 9, 46, 88, 27]
    quiz = items["Week 1 quiz"]
    assert (quiz["itemtype"], quiz["itemmodule"], quiz["grademax"], quiz["gradedategraded"]) == (
        "mod",
        "quiz",
        20,
        int(clock.time),
    )
    assert service.items("9")["Lab report"]["graderaw"] is None
    assert service.items("11")["Lab report"]["graderaw"] == 59.99


def test_a_re_grade_and_a_withdrawal_are_seen(service: Service, lms: DemoLms, clock: Clock) -> None:
    clock.time += 60
    lms.set_mark("Week 1 quiz", "6", Decimal("3.5"))
    lms.set_mark("Lab report", "6", None)

    items = service.items("6")

    assert (items["Week 1 quiz"]["graderaw"], items["Week 1 quiz"]["gradedategraded"]) == (3.5, int(clock.time))
    assert (items["Lab report"]["graderaw"], items["Lab report"]["gradedategraded"]) == (None, None)


def test_a_hidden_column_is_told_as_hidden_with_its_mark(service: Service, lms: DemoLms) -> None:
    lms.gradebook.hide(lms.column_named("Week 1 quiz").id, True)

    item = service.items("6")["Week 1 quiz"]

    assert (item["gradeishidden"], item["graderaw"]) == (True, 18)
    assert service.items("6")["Lab report"]["gradeishidden"] is False


def test_links_and_columns_of_the_tool_are_listed_as_moodle_lists_them(
    service: Service, lms: DemoLms, tool: Tool
) -> None:
    lms.gradebook.add(Column("2", "4.1 <Куралдар>", Decimal(3), tool_id=tool.id))

    items = service.items("6")

    link = next(one for one in lms.links.values() if one.custom)
    assert (items[link.title]["itemmodule"], items[link.title]["iteminstance"]) == ("lti", int(link.id))
    own = items["4.1 &lt;Куралдар&gt;"]
    assert (own["itemtype"], own["itemmodule"], own["cmid"]) == ("manual", None, None)
    assert items[None]["itemtype"] == "course"


def test_only_participants_have_grades_and_a_stranger_has_none(service: Service) -> None:
    told = service.call(GRADES, courseid="2")

    assert sorted(int(each["userid"]) for each in told["usergrades"]) == [6, 7, 8, 9, 10, 11]
    assert service.call(GRADES, courseid="2", userid="3")["errorcode"] == "usernotenrolled"


def test_a_course_without_activities_has_people_and_no_marks(service: Service) -> None:
    told = service.call(GRADES, courseid="3")

    assert [len(each["gradeitems"]) for each in told["usergrades"]] == [1, 1]
    assert service.listed(CONTENTS, courseid="3")[0]["modules"] == []


def test_what_is_read_or_graded_is_complete(service: Service) -> None:
    modules = {
        module["id"]: module for section in service.listed(CONTENTS, courseid="2") for module in section["modules"]
    }
    (reading,) = [number for number, module in modules.items() if module["modname"] == "page"]
    lab = next(number for number, module in modules.items() if module["name"] == "Lab report")

    done = {
        who: {each["cmid"]: each["state"] for each in service.call(COMPLETION, courseid="2", userid=who)["statuses"]}
        for who in ("6", "9")
    }

    assert (done["6"][reading], done["6"][lab]) == (1, 1)
    assert (done["9"][reading], done["9"][lab]) == (0, 0)
    assert done["6"].keys() <= modules.keys()


def test_nothing_is_told_of_the_completion_of_who_is_no_participant(service: Service) -> None:
    assert service.call(COMPLETION, courseid="2", userid="3")["errorcode"] == "accessdenied"


def test_people_come_with_moodles_roles_and_addresses(service: Service) -> None:
    told = {each["id"]: each for each in service.listed(PEOPLE, courseid="2")}

    assert (told[6]["email"], told[10]["email"]) == ("aigul@example.invalid", "")
    assert [told[number]["roles"][0]["shortname"] for number in (3, 4, 6)] == ["editingteacher", "teacher", "student"]


# --- moods


def _order(client: FlaskClient, mood: str) -> None:
    assert client.post("/web-service", data={"mood": mood}).status_code == 303


@pytest.mark.parametrize(("mood", "status"), [("error", 500), ("maintenance", 200)])
def test_an_ill_service_answers_with_a_page(client: FlaskClient, mood: str, status: int) -> None:
    _order(client, mood)

    answer = client.post(SERVER, data={"wsfunction": SITE})

    assert (answer.status_code, answer.mimetype) == (status, "text/html")


def test_an_account_that_is_thrown_out_is_told_with_status_200(service: Service, client: FlaskClient) -> None:
    _order(client, "refused")

    assert service.call(GRADES, courseid="2")["errorcode"] == "requireloginerror"


def test_it_gets_well_again(service: Service, client: FlaskClient) -> None:
    _order(client, "error")
    _order(client, "well")

    assert "usergrades" in service.call(GRADES, courseid="2")


def test_a_mood_that_there_is_not_changes_nothing(client: FlaskClient, lms: DemoLms) -> None:
    _order(client, "error")
    _order(client, "<b>")

    assert lms.moods.now is Mood.ERROR


def test_a_late_answer_comes_once_the_service_is_well_again(app: Flask, lms: DemoLms) -> None:
    lms.moods.become(Mood.LATE)
    answered = threading.Event()

    def ask() -> None:
        app.test_client().post(SERVER, data={"wsfunction": SITE})
        answered.set()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    early = answered.wait(0.3)
    lms.moods.become(Mood.WELL)

    assert answered.wait(10)
    assert not early


def test_lateness_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lti_tool.demo.moods.LATE_SECONDS", 0.01)
    moods = Moods()
    moods.become(Mood.LATE)

    assert moods.suffered() is Mood.LATE


def test_the_page_tells_address_token_and_mood(client: FlaskClient, lms: DemoLms) -> None:
    _order(client, "late")

    page = client.get("/web-service").text

    assert lms.url in page
    assert lms.web_service_token in page
    assert page.count("checked") == 1
    assert page.index('value="late"') < page.index("checked") < page.index('value="error"')


def test_each_demonstration_has_a_token_of_its_own(lms: DemoLms) -> None:
    assert DemoLms(lms.url, lms.tool_url).web_service_token != lms.web_service_token


def test_columns_are_hidden_and_shown_on_the_page_of_marks(client: FlaskClient, lms: DemoLms) -> None:
    quiz = lms.column_named("Week 1 quiz")
    marks = {
        f"{column.id}-{who}": "" if grade.final is None else str(grade.final)
        for column in lms.gradebook.columns("2")
        for who, grade in column.grades.items()
    }

    client.post("/marks", data={**marks, f"hidden-{quiz.id}": "1"})
    assert [column.label for column in lms.gradebook.columns("2") if column.hidden] == ["Week 1 quiz"]
    assert client.get("/marks").text.count("checked") == 1

    client.post("/marks", data=marks)
    assert not quiz.hidden
