"""The picker: several activities with indicators, weights and roles in one go, and what the LMS made of them."""

from __future__ import annotations

import gzip
import json
import re
from decimal import Decimal
from typing import Any

import jwt
import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.lti.tables import PickedItemRow
from lti_tool.people.activities import note_mark_max
from lti_tool.people.tables import ActivityRow
from tests.factories.launch_bench import TOOL, Bench

ITEMS = "https://purl.imsglobal.org/spec/lti-dl/claim/content_items"
SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
TASK = {"kind": "evidence", "title": "Тапшырма", "points": "20"}
Fields = dict[str, Any]


class Picker:
    """A trainer's picker, used as a browser without a script uses it."""

    def __init__(self, lms: Bench, **settings: object) -> None:
        browser = lms.browser().log_in()
        payload = browser.payload("deep-linking-request-editing-teacher", launch_presentation={"locale": "en"})
        payload[SETTINGS] |= settings
        answer = browser.post(lms.lms.sign(payload))
        assert answer.status_code == 303, answer.text
        self.client: FlaskClient = browser.client
        self.address = answer.headers["Location"]
        self.page = BeautifulSoup(self.client.get(self.address, base_url=TOOL).text, "html.parser")

    def fields(self) -> Fields:
        """What stands in the form now."""
        form = self.page.select_one("form[data-picker]")
        assert form is not None
        found: Fields = {"indicator": []}
        for each in form.select("input[type=hidden], input[type=text], input[type=search]"):
            found[str(each["name"])] = str(each.get("value", ""))
        for each in form.select("select"):
            options = each.select("option[selected]") or each.select("option")[:1]
            found[str(each["name"])] = str(options[0].get("value", options[0].get_text()))
        found["indicator"] = [str(each["value"]) for each in form.select("input[name=indicator][checked]")]
        return found

    def press(self, do: str, **typed: object) -> TestResponse:
        """Types into the form and presses a button; the page that follows is the form again, where it is one."""
        answer = self.client.post(self.address, data=self.fields() | typed | {"do": do}, base_url=TOOL)
        if "data-picker" in answer.text:
            self.page = BeautifulSoup(answer.text, "html.parser")
        return answer

    def place(self, **typed: object) -> list[dict[str, Any]]:
        """Places what is chosen; what the LMS is sent."""
        return sent(self.press("place", **typed))

    def said(self, selector: str) -> str:
        return re.sub(r"\s+", " ", " ".join(each.get_text(" ", strip=True) for each in self.page.select(selector)))

    def offered(self) -> list[str]:
        """The codes of the indicators that are to be seen."""
        shown = self.page.select("details.choices:not([hidden]) .choice:not([hidden]) input[name=indicator]")
        return [str(each["value"]) for each in shown]


def sent(answer: TestResponse) -> list[dict[str, Any]]:
    """The content items in the answer to the LMS."""
    field = BeautifulSoup(answer.text, "html.parser").select_one("input[name=JWT]")
    assert field is not None, answer.text[:2000]
    items: list[dict[str, Any]] = jwt.decode(str(field["value"]), options={"verify_signature": False})[ITEMS]
    return items


@pytest.fixture
def picker(lms: Bench) -> Picker:
    return Picker(lms)


def _rows(lms: Bench) -> list[PickedItemRow]:
    with lms.sessions() as session:
        return list(session.scalars(select(PickedItemRow).order_by(PickedItemRow.id)))


def test_weights_and_roles_travel_with_the_link(picker: Picker) -> None:
    chosen = ["4.1.1.a", "2.1.1.a", "1.1.1.a"]
    how = {"weight-4.1.1.a": "3", "role-4.1.1.a": "r", "role-2.1.1.a": "o", "weight-4.1.1.b": "5"}

    (item,) = picker.place(**TASK, indicator=chosen, **how)

    assert item["custom"]["activity"] == "evidence"
    assert set(item["custom"]["indicators"].split(",")) == {"4.1.1.a:3:r", "2.1.1.a:1:o", "1.1.1.a"}
    assert item["lineItem"]["scoreMaximum"] == 20
    assert item["lineItem"]["resourceId"] == f"activity:{item['custom']['uid']}"


@pytest.mark.parametrize(
    ("kind", "title", "indicators", "column"),
    [
        ("profile", "My competencies", None, False),
        ("gradebook", "Competency gradebook", None, False),
        ("self_assessment", "Self-assessment", "1.1.1.a", False),
        ("observation", None, "1.1.1.a", True),
    ],
)
def test_each_kind_takes_what_belongs_to_it(
    picker: Picker, kind: str, title: str | None, indicators: str | None, column: bool
) -> None:
    (item,) = picker.place(kind=kind, title="" if title else "Байкоо", points="50", indicator=["1.1.1.a"])

    assert item["title"] == (title or "Байкоо")
    assert item["custom"].get("indicators") == indicators
    assert ("lineItem" in item) == column


def test_several_activities_go_in_one_answer(picker: Picker, lms: Bench) -> None:
    picker.press("keep", **TASK, indicator=["1.1.1.a"])
    assert picker.fields()["title"] == "", "a new one begins"
    assert picker.said(".waiting li strong") == "Тапшырма"
    picker.press("keep", kind="self_assessment", title="Өзүн-өзү баалоо")

    items = picker.place(kind="observation", title="Байкоо", points="10", indicator=["2.1.1.a"])

    assert [(each["title"], each["custom"]["activity"]) for each in items] == [
        ("Тапшырма", "evidence"),
        ("Өзүн-өзү баалоо", "self_assessment"),
        ("Байкоо", "observation"),
    ]
    assert len({each["custom"]["uid"] for each in items}) == 3
    assert [(row.title, row.points) for row in _rows(lms)] == [
        ("Тапшырма", 20),
        ("Өзүн-өзү баалоо", None),
        ("Байкоо", 10),
    ]


def test_what_waits_alone_can_be_placed(picker: Picker) -> None:
    picker.press("keep", **TASK)

    assert [each["title"] for each in picker.place()] == ["Тапшырма"]


def test_what_waits_can_be_changed_and_removed_and_nothing_typed_is_lost(picker: Picker) -> None:
    picker.press("keep", **TASK, indicator=["1.1.1.a"], **{"weight-1.1.1.a": "4"})
    picker.press("change:0", kind="observation", title="Байкоо", indicator=["2.1.1.a"])

    fields = picker.fields()
    assert (fields["title"], fields["indicator"], fields["weight-1.1.1.a"]) == ("Тапшырма", ["1.1.1.a"], "4")
    assert picker.said(".waiting li strong") == "Байкоо"
    picker.press("drop:0")
    assert picker.page.select(".waiting li") == []
    assert [each["title"] for each in picker.place()] == ["Тапшырма"]


def test_where_the_lms_takes_one_it_is_not_asked_for_more(lms: Bench) -> None:
    picker = Picker(lms, accept_multiple=False)

    assert picker.page.select("button[value=keep]") == []
    picker.press("keep", **TASK)
    refused = picker.press("place", kind="evidence", title="Экинчи", points="5")
    assert refused.status_code == 422
    assert "The LMS takes one activity at a time here." in picker.said("#form-errors")
    assert _rows(lms) == []


@pytest.mark.parametrize(
    ("filters", "offered"),
    [
        ({"aspect": "1", "level": "1"}, ["1.1.1.a", "1.1.1.b"]),
        ({"competency": "2.1", "level": "2"}, ["2.1.2.a"]),
        ({"search": "4.2.3.A"}, ["4.2.3.a"]),
        ({"search": "nothing at all"}, []),
        ({"aspect": "x"}, []),
    ],
)
def test_the_catalogue_is_narrowed_and_what_is_chosen_stays_chosen(
    picker: Picker, filters: dict[str, str], offered: list[str]
) -> None:
    assert len(picker.offered()) == 61

    picker.press("filter", **TASK, indicator=["6.1.1.a", "1.1.1.a"], **filters)

    assert picker.offered() == offered
    assert (picker.page.select_one("#none-fits[hidden]") is None) == (offered == [])
    assert picker.said("#chosen") == "6.1.1.a, 1.1.1.a"
    assert picker.place()[0]["custom"]["indicators"] == "1.1.1.a,6.1.1.a"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": ""}, "Give the activity a title of at most 255 characters."),
        ({"title": "x" * 256}, "Give the activity a title of at most 255 characters."),
        ({"text": "x" * 2001}, "The text is longer than 2000 letters."),
        ({"points": "0"}, "The full mark is a whole number from 1 to 100."),
        ({"points": "101"}, "The full mark is a whole number from 1 to 100."),
        ({"points": "12.5"}, "The full mark is a whole number from 1 to 100."),
        ({"points": "9" * 5000}, "The full mark is a whole number from 1 to 100."),
        ({"points": "²"}, "The full mark is a whole number from 1 to 100."),
        ({"indicator": ["9.9.9.z"]}, "“9.9.9.z:1:” is no indicator with a weight from 1 to 5 and a role."),
        ({"weight-1.1.1.a": "6"}, "“1.1.1.a:6:” is no indicator with a weight from 1 to 5 and a role."),
        ({"role-1.1.1.a": "x"}, "“1.1.1.a:1:x” is no indicator with a weight from 1 to 5 and a role."),
        ({"waiting": json.dumps([TASK])}, "Two activities would be called “Тапшырма”: their marks could not be"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("button", ["place", "keep"])
def test_a_faulty_choice_is_said_and_kept_and_nothing_is_sent(
    picker: Picker, lms: Bench, button: str, typed: Fields, said: str
) -> None:
    fields: Fields = TASK | {"indicator": ["1.1.1.a"]} | typed

    answer = picker.press(button, **fields)

    assert answer.status_code == 422
    assert said in picker.said("#form-errors")
    assert picker.fields()["kind"] == "evidence"
    assert picker.fields()["points"] == fields["points"]
    assert _rows(lms) == []


@pytest.mark.parametrize(
    "waiting", ["{", "7", '[{"a": 1}]', '[{"title": 7}]', "[[]]", '["x"]', "[" * 5000, json.dumps([{}] * 31), "null"]
)
def test_a_list_that_no_page_made_is_refused(picker: Picker, lms: Bench, waiting: str) -> None:
    answer = picker.press("place", **TASK, waiting=waiting)

    assert answer.status_code == 400
    assert _rows(lms) == []


@pytest.mark.parametrize("do", ["drop:7", "change:-1", "change:x", "drop:", "change:" + "9" * 6000])
def test_a_button_for_what_does_not_wait_is_refused(picker: Picker, do: str) -> None:
    picker.press("keep", **TASK)

    assert picker.press(do).status_code == 422
    assert picker.said(".waiting li strong") == "Тапшырма"


def test_cancelling_sends_nothing_back(picker: Picker, lms: Bench) -> None:
    picker.press("keep", **TASK)

    assert sent(picker.press("cancel", title="x")) == []
    assert _rows(lms) == []


def _open_link(lms: Bench, item: dict[str, Any], points: str | None = None) -> None:
    """The LMS opens the placed link for the first time, and tells what its column's full mark is."""
    link = {"id": "90", "title": item["title"]}
    lms.browser().launch("resource-link-editing-teacher", custom=item["custom"], resource_link=link)
    if points is not None:
        with unit_of_work(lms.sessions) as session:
            row = session.scalars(select(ActivityRow).where(ActivityRow.external_id == "90")).one()
            note_mark_max(session, row.course_id, row.id, Decimal(points))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("points", "said", "differs"),
    [
        (None, "Full mark 20 chosen; the LMS has not told yet what it made of it.", False),
        ("20", "Full mark 20, as chosen.", False),
        ("100", "Full mark 20 chosen, but the LMS made 100 of it.", True),
        ("12.5", "Full mark 20 chosen, but the LMS made 12.5 of it.", True),
    ],
)
def test_what_the_lms_made_of_the_points_is_said(
    lms: Bench, picker: Picker, points: str | None, said: str, differs: bool
) -> None:
    (item,) = picker.place(**TASK)
    assert "Not opened yet." in Picker(lms).said("[aria-labelledby=placed-title]")

    _open_link(lms, item, points)

    again = Picker(lms)
    assert said in again.said("[aria-labelledby=placed-title]")
    course = again.address.partition("/select")[0]
    assert (said in again.client.get(f"{course}/checklists", base_url=TOOL).text) == differs
    assert bool(again.page.select("li.differs")) == differs


def test_an_activity_is_changed_by_starting_from_it(lms: Bench, picker: Picker) -> None:
    (item,) = picker.place(**TASK, indicator=["1.1.1.a"], **{"weight-1.1.1.a": "2", "role-1.1.1.a": "r"})
    _open_link(lms, item)
    again = Picker(lms)
    option = again.page.select_one("select[name=like] option")
    assert option is not None
    assert option.get_text() == "Тапшырма"

    again.press("like", like=option["value"])
    fields = again.fields()
    (changed,) = again.place(points="30", indicator=["1.1.1.a", "1.1.1.b"])

    assert (fields["kind"], fields["title"], fields["points"]) == ("evidence", "Тапшырма", "20")
    assert (fields["indicator"], fields["weight-1.1.1.a"], fields["role-1.1.1.a"]) == (["1.1.1.a"], "2", "r")
    assert changed["custom"]["uid"] == item["custom"]["uid"], "the LMS takes it for the same activity"
    assert changed["custom"]["indicators"] == "1.1.1.a:2:r,1.1.1.b"
    assert [(row.title, row.points) for row in _rows(lms)] == [("Тапшырма", 30)]


def test_starting_from_what_is_not_there_changes_nothing(picker: Picker) -> None:
    picker.press("like", **TASK, like="nosuchactivity")

    assert picker.fields()["title"] == "Тапшырма"


def test_a_link_of_another_course_is_not_taken_for_what_was_placed_here(lms: Bench, picker: Picker) -> None:
    (item,) = picker.place(**TASK)

    lms.browser().launch(custom=item["custom"], context={"id": "77", "title": "Copy"})

    assert [row.activity_id for row in _rows(lms)] == [None]


def test_every_field_has_a_name_and_the_page_is_light(picker: Picker) -> None:
    for field in picker.page.select("form[data-picker] select, form[data-picker] input:not([type=hidden])"):
        named = field.find_parent("label") or picker.page.select_one(f"label[for='{field['id']}']")
        assert named is not None, field
    answer = picker.client.get(picker.address, base_url=TOOL)
    assert len(gzip.compress(answer.data, 6)) <= 20_000
