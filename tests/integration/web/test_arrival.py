"""What a verified launch sets off, with Moodle's recorded messages: who, where, with which rights, on which page."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.tables import MappingRow, RuleSetRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import jobs
from lti_tool.grading.tables import JobRow, LineItemRow
from lti_tool.ids import CourseId, PlatformId
from lti_tool.lti import languages
from lti_tool.lti.tables import CourseServiceRow, DeepLinkRow, PlatformRow
from lti_tool.people import roster
from lti_tool.people.model import CourseRole, Enrolled
from lti_tool.people.tables import ActivityRow, CourseRow, LoginSessionRow, MembershipRow, PersonRow
from tests.factories.launch_bench import TOOL, Bench, Browser
from tests.integration.web.conftest import make_lms

CUSTOM = "custom"
CODES = {"activity": "evidence", "indicators": "1.1.1.a:2:r,1.1.1.b,9.9.9.z"}


def _place(answer: TestResponse) -> str:
    """Where a launch led, without the course's id."""
    assert answer.status_code == 303, answer.text
    return re.sub(r"/c/[a-z0-9]{16}", "", answer.headers["Location"])


def _all(lms: Bench, table: type) -> list:  # type: ignore[type-arg]  # rows of any table
    with unit_of_work(lms.sessions, writes=False) as session:
        return list(session.scalars(select(table)))


@pytest.mark.parametrize(
    ("recorded", "leads_to", "role", "is_admin"),
    [
        ("resource-link-student", "/me", "participant", False),
        ("resource-link-editing-teacher", "/group", "trainer", False),
        ("resource-link-non-editing-teacher", "/group", "trainer", False),
        ("resource-link-manager", "/group", "trainer", False),
        ("resource-link-site-admin", "/group", "trainer", True),
        ("submission-review-by-student", "/me", "participant", False),
    ],
)
def test_a_recorded_launch_opens_the_right_page_with_the_right_rights(
    lms: Bench, recorded: str, leads_to: str, role: str, is_admin: bool
) -> None:
    browser = lms.browser()

    answer = browser.launch(recorded)

    assert _place(answer) == leads_to
    assert browser.client.get(answer.headers["Location"], base_url=TOOL).status_code == 200
    assert [row.launched_role for row in _all(lms, MembershipRow)] == [role]
    assert [row.is_admin for row in _all(lms, LoginSessionRow)] == [is_admin]
    institute = browser.client.get("/institute/courses", base_url=TOOL).status_code
    assert institute == (200 if is_admin else 404)


def test_a_launch_notes_person_course_services_and_link(lms: Bench) -> None:
    lms.browser().launch()

    person, course = _all(lms, PersonRow)[0], _all(lms, CourseRow)[0]
    assert (person.sub, person.name, person.id_number) == ("6", "Ada Ångström", "SIS-stud1")
    assert (course.context_id, course.title, course.locale) == ("2", "Physics 101 & Friends", None)
    assert _all(lms, CourseServiceRow)[0].memberships_url.endswith("/memberships")
    assert _all(lms, ActivityRow)[0].name == "External tool: Graded link"
    assert _all(lms, LineItemRow)[0].url.endswith("/2/lineitems/4/lineitem?type_id=1")


def test_the_first_trainers_locale_becomes_the_courses(lms: Bench) -> None:
    lms.browser().launch("resource-link-student", launch_presentation={"locale": "ru"})
    lms.browser().launch("resource-link-editing-teacher", launch_presentation={"locale": "ky_kids"})
    lms.browser().launch("resource-link-manager", launch_presentation={"locale": "en"})

    assert _all(lms, CourseRow)[0].locale == "ky"


def _language_of(browser: Browser, path: str = "/") -> str:
    found = re.search(r'<html lang="(\w+)"', browser.client.get(path, base_url=TOOL).text)
    assert found is not None
    return found.group(1)


def _switch(browser: Browser, locale: str) -> None:
    token = re.search(r'name="csrf-token" content="([^"]+)"', browser.client.get("/", base_url=TOOL).text)
    assert token is not None
    form = {"csrf_token": token.group(1), "locale": locale, "next": "/"}
    assert browser.client.post("/session/language", data=form, base_url=TOOL).status_code == 303


@pytest.mark.parametrize(
    ("told", "locale"),
    [("ky", "ky"), ("ru", "ru"), ("en", "en"), ("en_us", "en"), ("ru_kids", "ru"), ("ky_KG", "ky"), ("xx", "ky")],
)
def test_a_launch_opens_in_the_language_that_the_lms_names(lms: Bench, told: str, locale: str) -> None:
    browser = lms.browser()

    browser.launch("resource-link-student", launch_presentation={"locale": told})

    assert _language_of(browser) == locale


def test_a_language_that_somebody_chose_is_kept_at_their_next_launch_in_any_browser(lms: Bench) -> None:
    browser = lms.browser()
    browser.launch("resource-link-student", launch_presentation={"locale": "ru"})
    _switch(browser, "ky")

    again = lms.browser()
    again.launch("resource-link-student", launch_presentation={"locale": "ru"})

    assert _language_of(again) == "ky"
    assert [row.locale for row in _all(lms, PersonRow)] == ["ky"], "comments of their grades are in it, too"
    _switch(again, "en")
    again.launch("resource-link-student", launch_presentation={"locale": "ru"})
    assert _language_of(again) == "en"


def test_a_chosen_language_that_is_no_longer_offered_gives_way_to_the_lmss(lms: Bench) -> None:
    browser = lms.browser()
    browser.launch("resource-link-student", launch_presentation={"locale": "ru"})
    _switch(browser, "en")
    with unit_of_work(lms.sessions) as session:
        platform = session.scalars(select(PlatformRow)).one()
        languages.choose(session, PlatformId(platform.id), "ky", ["ky", "ru"])

    browser.launch("resource-link-student", launch_presentation={"locale": "ru"})

    assert _language_of(browser) == "ru"


def test_who_has_chosen_none_follows_the_lms(lms: Bench) -> None:
    browser = lms.browser()
    browser.launch("resource-link-student", launch_presentation={"locale": "ru"})

    browser.launch("resource-link-student", launch_presentation={"locale": "en"})

    assert _language_of(browser) == "en"


def test_a_course_has_its_rules_before_anybody_reads_a_page(lms: Bench) -> None:
    lms.browser().launch("resource-link-editing-teacher")

    assert [row.version for row in _all(lms, RuleSetRow)] == [1]


def test_a_launch_that_says_less_forgets_nothing(lms: Bench) -> None:
    lms.browser().launch()

    lms.browser().launch(name=None, given_name=None, email=None)

    assert _all(lms, PersonRow)[0].name == "Ada Ångström"


def test_declared_indicators_are_mapped_at_the_first_launch_and_unknown_codes_stop_nobody(lms: Bench) -> None:
    answer = lms.browser().launch(custom=CODES)

    assert _place(answer).startswith("/tasks/")
    cells = sorted((row.weight, row.role) for row in _all(lms, MappingRow))
    assert cells == [(1, "supporting"), (2, "required")]
    assert _all(lms, ActivityRow)[0].kind == "evidence"


def test_a_link_launched_into_a_large_course_leaves_the_levels_to_a_worker(
    lms: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", -1)

    lms.browser().launch(custom=CODES)

    assert [row.finished_at for row in _all(lms, JobRow)] == [None]


def test_a_changed_declaration_is_offered_and_not_taken_over(lms: Bench) -> None:
    lms.browser().launch(custom=CODES)

    lms.browser().launch(custom=CODES | {"indicators": "1.1.1.a"})

    activity = _all(lms, ActivityRow)[0]
    assert (activity.declared, activity.offered) == (CODES["indicators"], "1.1.1.a")
    assert len(_all(lms, MappingRow)) == 2


@pytest.mark.parametrize("named", ["", "nonsense", "native", "PROFILE"])
def test_an_unknown_kind_of_activity_is_a_profile(lms: Bench, named: str) -> None:
    lms.browser().launch(custom={"activity": named})

    assert _all(lms, ActivityRow)[0].kind == "profile"


@pytest.mark.parametrize(
    ("recorded", "leads_to"),
    [
        ("resource-link-student", "/observed/{}"),
        ("resource-link-editing-teacher", "/checklists/{}"),
        ("resource-link-site-admin", "/checklists/{}"),
        ("submission-review-by-student", "/observed/{}"),
    ],
)
def test_the_launch_of_a_checklist_lands_on_its_own_page(lms: Bench, recorded: str, leads_to: str) -> None:
    browser = lms.browser()

    answer = browser.launch(recorded, custom={"activity": "observation", "indicators": "1.1.1.a"})

    assert _place(answer) == leads_to.format(_all(lms, ActivityRow)[0].public_id)
    assert browser.client.get(answer.headers["Location"], base_url=TOOL).status_code == 200


def test_a_trainers_review_of_a_checklist_lands_on_that_person(lms: Bench) -> None:
    lms.browser().launch("resource-link-student", custom={"activity": "observation"})

    answer = lms.browser().launch("submission-review", for_user={"user_id": "6"}, custom={"activity": "observation"})

    assert _place(answer) == f"/people/{_all(lms, PersonRow)[0].public_id}"


def test_no_known_role_gives_no_rights(lms: Bench) -> None:
    browser = lms.browser()

    answer = browser.launch(roles=[])

    assert answer.headers["Location"] == "/"
    assert "No course here" in browser.client.get("/?lang=en", base_url=TOOL).get_data(as_text=True)
    assert _all(lms, MembershipRow) == []


def test_a_launch_without_a_course_leads_home(lms: Bench) -> None:
    answer = lms.browser().launch(context=None)

    assert answer.headers["Location"] == "/"


def test_a_trainers_review_lands_on_that_persons_why(lms: Bench) -> None:
    lms.browser().launch("resource-link-student")

    answer = lms.browser().launch("submission-review", for_user={"user_id": "6"})

    person = _all(lms, PersonRow)[0]
    assert _place(answer) == f"/people/{person.public_id}"


def test_a_review_of_somebody_unknown_lands_on_the_group(lms: Bench) -> None:
    assert _place(lms.browser().launch("submission-review", for_user={"user_id": "4711"})) == "/group"


def test_the_token_of_the_session_is_new_after_each_launch(lms: Bench) -> None:
    browser = lms.browser()
    with browser.client.session_transaction(base_url=TOOL) as planted:
        planted["_user_id"] = "planted"
        planted["csrf_token"] = "planted"

    browser.launch()

    with browser.client.session_transaction(base_url=TOOL) as cookie:
        first = cookie["_user_id"]
        assert first != "planted"
        assert cookie.get("csrf_token") != "planted"
    browser.launch()
    with browser.client.session_transaction(base_url=TOOL) as cookie:
        assert cookie["_user_id"] != first
    assert len(_all(lms, LoginSessionRow)) == 1


def test_another_person_in_the_same_browser_ends_the_earlier_session(lms: Bench) -> None:
    browser = lms.browser()
    first = browser.launch("resource-link-editing-teacher").headers["Location"]

    browser.launch("resource-link-student")

    assert browser.client.get(first, base_url=TOOL).status_code == 404, "the teacher's page is closed to the student"
    assert len(_all(lms, LoginSessionRow)) == 1


def test_two_courses_of_one_person_stay_open_side_by_side(lms: Bench) -> None:
    browser = lms.browser()
    first = browser.launch().headers["Location"]

    second = browser.launch(context={"id": "77", "title": "Second"}).headers["Location"]

    assert [browser.client.get(place, base_url=TOOL).status_code for place in (first, second)] == [200, 200]


@pytest.mark.parametrize("first_time", [True, False])
def test_two_tabs_in_flight_at_once_both_work_whichever_answer_comes_last(
    any_sessions: SessionFactory, tmp_path: Path, first_time: bool
) -> None:
    lms = make_lms(tmp_path, any_sessions)
    browser = lms.browser()
    if not first_time:
        browser.launch()
    tabs = [Browser(lms, browser.client).log_in() for _ in range(2)]
    sent = [(name, cookie.value) for (_, _, name), cookie in browser.client._cookies.items()]

    def launch(number: int) -> tuple[FlaskClient, str]:
        in_flight = lms.browser()
        for name, value in sent:
            in_flight.client.set_cookie(name, value, domain="tool.example.invalid", path="/")
        payload = tabs[number].payload(context={"id": f"7{number}", "title": f"Course {number}"})
        answer = in_flight.post(lms.lms.sign(payload), tabs[number].state)
        assert answer.status_code == 303, answer.text
        return in_flight.client, answer.headers["Location"]

    with ThreadPoolExecutor(2) as both:
        arrived = list(both.map(launch, range(2)))

    for kept, _ in arrived:
        assert [kept.get(place, base_url=TOOL).status_code for _, place in arrived] == [200, 200]


def test_switching_to_the_students_role_takes_the_trainers_rights(lms: Bench) -> None:
    browser = lms.browser()
    group = browser.launch("resource-link-editing-teacher").headers["Location"]

    browser.launch("resource-link-editing-teacher", roles=["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"])

    assert browser.client.get(group, base_url=TOOL).status_code == 404


def test_a_non_editing_teacher_stays_staff_whatever_the_roster_says(lms: Bench, now: datetime) -> None:
    lms.browser().launch("resource-link-non-editing-teacher")
    course, teacher = _all(lms, CourseRow)[0], _all(lms, PersonRow)[0]
    launched = _all(lms, MembershipRow)[0].launched_at

    with unit_of_work(lms.sessions) as session:
        roster.sync(session, CourseId(course.id), [Enrolled(teacher.sub, CourseRole.PARTICIPANT)], launched)
        soon = roster.participants(session, CourseId(course.id), launched + timedelta(days=180))
        later = roster.participants(session, CourseId(course.id), launched + timedelta(days=181))

    assert (len(soon), len(later)) == (0, 1)


def test_a_trainer_who_selects_content_gets_the_picker(lms: Bench) -> None:
    browser = lms.browser()

    answer = browser.launch("deep-linking-request-editing-teacher")

    request = _all(lms, DeepLinkRow)[0]
    assert _place(answer) == f"/select/{request.public_id}"
    assert browser.client.get(answer.headers["Location"], base_url=TOOL).status_code == 200
    assert lms.browser().client.get(answer.headers["Location"], base_url=TOOL).status_code == 401


def test_a_learner_may_not_select_content(lms: Bench) -> None:
    learner = ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"]

    answer = lms.browser().launch("deep-linking-request-editing-teacher", roles=learner)

    assert answer.status_code == 403
    assert _all(lms, LoginSessionRow) == []
    assert _all(lms, PersonRow) == []


def test_another_trainer_cannot_answer_ones_selection(lms: Bench) -> None:
    picker = lms.browser().launch("deep-linking-request-editing-teacher").headers["Location"]
    other = lms.browser()
    other.launch("resource-link-manager")

    assert other.client.get(picker, base_url=TOOL).status_code == 404


def test_what_was_picked_is_signed_for_the_platform(lms: Bench) -> None:
    browser = lms.browser()
    picker = browser.launch("deep-linking-request-editing-teacher").headers["Location"]
    page = browser.client.get(picker, base_url=TOOL).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    form = {"csrf_token": token.group(1), "kind": "evidence", "title": "Тапшырма", "points": "20"}

    answer = browser.client.post(picker, data=form | {"indicator": ["1.1.1.a", "2.1.1.a"]}, base_url=TOOL)

    sent = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "https://moodle.example.invalid" in answer.headers["Content-Security-Policy"].split("form-action")[1]
    assert 'name="JWT"' in sent
    assert "contentitem_return.php" in sent


@pytest.mark.parametrize(("field", "value"), [("title", " "), ("points", "0"), ("points", "101"), ("points", "1.5")])
def test_a_faulty_choice_shows_the_form_again_with_what_was_typed(lms: Bench, field: str, value: str) -> None:
    browser = lms.browser()
    picker = browser.launch("deep-linking-request-editing-teacher").headers["Location"]
    page = browser.client.get(picker, base_url=TOOL).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    form = {"csrf_token": token.group(1), "kind": "evidence", "title": "Тапшырма", "points": "20"} | {field: value}

    answer = browser.client.post(picker, data=form, base_url=TOOL)

    assert answer.status_code == 422
    assert 'value="evidence" selected' in " ".join(answer.get_data(as_text=True).split())


def test_a_copied_course_arrives_mapped(lms: Bench) -> None:
    lms.browser().launch(custom=CODES)

    lms.browser().launch(
        custom=CODES, context={"id": "6", "title": "Copy"}, resource_link={"id": "90", "title": "Copy"}
    )

    copied = next(row for row in _all(lms, CourseRow) if row.context_id == "6")
    with unit_of_work(lms.sessions, writes=False) as session:
        assert len(mapping_of(session, CourseId(copied.id))) == 2
