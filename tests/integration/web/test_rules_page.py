"""The rules page: what stands, what a change would do, and that nothing is published that was not seen."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.competency.rules import CourseRules, rules_of
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import CourseId
from tests.factories.launch_bench import TOOL as BASE
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import Classroom


class Rules:
    """The page in one visitor's browser."""

    def __init__(self, client: FlaskClient, institute: Institute, sessions: SessionFactory) -> None:
        self.client, self.sessions = client, sessions
        self.course = CourseId(institute.course.id)
        self.address = f"/c/{institute.course.public_id}/rules"

    def open(self) -> BeautifulSoup:
        """The page as it stands."""
        answer = self.client.get(self.address, base_url=BASE)
        assert answer.status_code == 200
        return BeautifulSoup(answer.text, "html.parser")

    def send(self, page: BeautifulSoup, step: str, **changes: str) -> TestResponse:
        """The form of this page with these fields changed."""
        fields: dict[str, str] = {}
        for each in page.select("main form input:not([type=checkbox]), main form input[checked]"):
            fields[str(each["name"])] = str(each["value"])
        for each in page.select("main form select"):
            chosen = each.select_one("option[selected]") or each.select_one("option")
            assert chosen is not None
            fields[str(each["name"])] = str(chosen["value"])
        return self.client.post(self.address, data=fields | changes | {"step": step}, base_url=BASE)

    def preview(self, **changes: str) -> BeautifulSoup:
        """The page once it says what these changes would do."""
        answer = self.send(self.open(), "preview", **changes)
        assert answer.status_code == 200, answer.text[:300]
        return BeautifulSoup(answer.text, "html.parser")

    def in_force(self) -> CourseRules:
        """The rules in force."""
        with unit_of_work(self.sessions) as session:
            return rules_of(session, self.course, clock.now())


@pytest.fixture
def rules(visitor: Visitor, institute: Institute, sessions: SessionFactory) -> Rules:
    """A trainer's page; the quiz of the course was marked 14 of 20 for Айгүл."""
    room = Classroom(sessions, institute)
    room.map()
    room.mark("14")
    return Rules(visitor("trainer"), institute, sessions)


def _words(page: BeautifulSoup, selector: str) -> str:
    found = page.select_one(selector)
    assert found is not None, selector
    return re.sub(r"\s+", " ", found.get_text(" ", strip=True))


def test_a_course_begins_with_the_defaults(rules: Rules) -> None:
    page = rules.open()

    values = {str(each["name"]): each.get("value") for each in page.select("main form input[type=text]")}
    assert values == {"n": "1", "pass_mark": "60", "min_coverage": "50", "validity_months": "", "overall_needed": "9"}
    assert [each["value"] for each in page.select("main form option[selected]")] == ["mean", "level", ""]
    assert "Version 1" in _words(page, "section[aria-labelledby=versions-title]")
    assert "the defaults" in _words(page, "section[aria-labelledby=versions-title]")


def test_a_preview_names_whose_level_changes_and_stores_nothing(rules: Rules) -> None:
    page = rules.preview(pass_mark="75")

    said = _words(page, "section[aria-labelledby=preview-title]")
    assert "Participants whose levels change: 1 of 2." in said
    assert "Айгүл, 2.1: level 1 → level 0" in said
    assert rules.in_force().version == 1


def test_a_preview_of_nothing_says_nobody(rules: Rules) -> None:
    assert "Nobody's level changes." in _words(rules.preview(pass_mark="70"), "section[aria-labelledby=preview-title]")


def test_published_rules_are_in_force_and_the_levels_follow(rules: Rules) -> None:
    answer = rules.send(rules.preview(pass_mark="75"), "publish", pass_mark="75")

    assert (answer.status_code, answer.location) == (303, rules.address)
    assert (rules.in_force().version, rules.in_force().options) == (2, {"pass_mark": "3/4"})
    page = rules.open()
    assert "The rules are published" in _words(page, ".notice")
    assert re.search(r"Version 2 .*Гүлнара Pass mark: 75 %", _words(page, "section[aria-labelledby=versions-title]"))
    group = rules.client.get(rules.address.replace("rules", "group"), base_url=BASE).text
    assert "Level 0" in group


def test_what_was_typed_stands_in_the_preview(rules: Rules) -> None:
    page = rules.preview(pass_mark="62,5", aggregation="best", missing_is_zero="1", validity_months="18")

    field = page.select_one("[name=pass_mark]")
    assert field is not None
    assert field["value"] == "62,5"
    assert page.select_one("[name=missing_is_zero][checked]") is not None
    assert next(each["value"] for each in page.select("option[selected]")) == "best"


def test_what_was_changed_after_the_preview_is_previewed_first(rules: Rules) -> None:
    answer = rules.send(rules.preview(pass_mark="70"), "publish", pass_mark="75")

    assert answer.status_code == 200
    assert "level 1 → level 0" in answer.text
    assert rules.in_force().version == 1


def test_nothing_is_published_without_a_preview(rules: Rules) -> None:
    page = rules.open()

    assert [button["value"] for button in page.select("main form button")] == ["preview"]
    assert rules.send(page, "publish", pass_mark="75").status_code == 200
    assert rules.in_force().version == 1


def test_not_even_the_defaults_are_published_without_a_preview(rules: Rules) -> None:
    rules.send(rules.preview(pass_mark="75"), "publish", pass_mark="75")

    answer = rules.send(rules.open(), "publish", pass_mark="60")

    assert answer.status_code == 200
    assert rules.in_force().version == 2
    assert rules.send(BeautifulSoup(answer.text, "html.parser"), "publish").status_code == 303
    assert rules.in_force().options == {}


def test_rules_that_are_in_force_already_are_not_offered_for_publishing(rules: Rules) -> None:
    page = rules.preview(pass_mark="60,0")

    assert [button["value"] for button in page.select("main form button")] == ["preview"]
    assert rules.send(page, "publish").status_code == 200
    assert rules.in_force().version == 1


def test_a_new_form_of_the_grade_is_told_though_no_level_changes(rules: Rules) -> None:
    said = _words(rules.preview(encoding="pass"), "section[aria-labelledby=preview-title]")

    assert "Nobody's level changes." in said
    assert "All grades of this course are worked out in the new form" in said
    assert "new form" not in _words(rules.preview(pass_mark="75"), "section[aria-labelledby=preview-title]")


def test_of_two_who_publish_the_second_is_told(rules: Rules) -> None:
    first, second = rules.preview(pass_mark="75"), rules.preview(pass_mark="65")

    assert rules.send(first, "publish", pass_mark="75").status_code == 303
    late = rules.send(second, "publish", pass_mark="65")

    assert late.status_code == 409
    assert "Somebody else has changed the rules" in late.text
    assert rules.in_force().options == {"pass_mark": "3/4"}


@pytest.mark.parametrize(
    ("changes", "options"),
    [
        ({"pass_mark": "60"}, {}),
        ({"pass_mark": "66.7 %"}, {"pass_mark": "667/1000"}),
        ({"pass_mark": "66.66667"}, {"pass_mark": "6666667/10000000"}),
        ({"min_coverage": "100"}, {"min_coverage": "1"}),
        ({"aggregation": "n_of_m", "n": "2"}, {"aggregation": "n_of_m", "n": 2}),
        ({"validity_months": "24"}, {"validity_months": 24}),
        ({"overall_needed": "11"}, {"overall_needed": 11}),
        ({"missing_is_zero": "1"}, {"missing_is_zero": True}),
        ({"encoding": "progress", "target_level": "2"}, {"encoding": "progress", "target_level": 2}),
        ({"encoding": "pass"}, {"encoding": "pass"}),
    ],
)
def test_each_option_is_stored_exactly_and_shown_again(
    rules: Rules, changes: dict[str, str], options: dict[str, object]
) -> None:
    rules.send(rules.preview(**changes), "publish", **changes)

    assert rules.in_force().options == options
    again = rules.send(rules.open(), "preview")
    assert again.status_code == 200  # the page proposes what stands, so there is nothing to publish
    previewed = BeautifulSoup(again.text, "html.parser").select_one("[name=previewed]")
    assert previewed is not None
    assert previewed["value"] == ""


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("pass_mark", "101"),
        ("pass_mark", "-1"),
        ("pass_mark", "sixty"),
        ("pass_mark", ""),
        ("pass_mark", "1e2"),
        ("pass_mark", "6.0.0"),
        ("min_coverage", "1000"),
        ("n", "0"),
        ("n", "1.5"),
        ("n", "9999"),
        ("validity_months", "0"),
        ("validity_months", "²"),
        ("overall_needed", ""),
        ("aggregation", "median"),
        ("encoding", "stars"),
        ("target_level", "0"),
        ("target_level", "4"),
        ("overall_needed", "12"),
    ],
)
def test_a_choice_that_is_none_is_refused_in_words_and_kept_on_the_page(rules: Rules, name: str, typed: str) -> None:
    answer = rules.send(rules.open(), "preview", **{name: typed})

    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 422
    assert "Nothing was stored." in _words(page, "#form-errors")
    assert rules.in_force().version == 1
    field = page.select_one(f"input[name={name}]")
    assert field is None or field["value"] == typed


def test_an_admin_reads_the_rules_and_changes_nothing(
    rules: Rules, visitor: Visitor, institute: Institute, sessions: SessionFactory
) -> None:
    admin = Rules(visitor("admin"), institute, sessions)

    page = admin.open()

    assert len(page.select("fieldset[disabled]")) == 2
    assert page.select("main button") == []
    assert admin.send(page, "preview", pass_mark="75").status_code in {403, 404}
