"""What a visitor sees and does: ways in, the gradebook, marks to change, files to take along."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from lti_tool.demo import seed
from lti_tool.demo.gradebook import Column
from lti_tool.demo.lms import DemoLms
from lti_tool.demo.model import Person, Tool
from tests.unit.demo.conftest import RECORDED, TOOL, Clock

PAGES = [
    "/",
    "/course/2",
    "/course/2?as=6",
    "/course/3?as=7",
    "/grades",
    "/marks",
    "/samples",
    "/samples?lang=ru",
    "/tools",
    "/web-service",
    "/mod/lti/view.php?id=1&as=6",
    "/course/2/select-content?as=3",
    "/mod/lti/return.php?lti_msg=Done",
    "/healthz",
]


def table(client: FlaskClient, path: str) -> list[list[str]]:
    """A CSV file's rows."""
    return list(csv.reader(io.StringIO(client.get(path).text)))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_with_a_tool(path: str, client: FlaskClient, tool: Tool) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/", "/course/2", "/grades", "/tools"])
def test_pages_open_before_a_tool_is_there(path: str, client: FlaskClient) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/course/9", "/course/2?as=99", "/grades?course=9", "/mod/lti/view.php?id=99", "/mod/lti/launch.php?id=99&as=6"],
)
def test_what_is_not_there_is_not_found(path: str, client: FlaskClient, tool: Tool) -> None:
    assert client.get(path).status_code == 404


def test_the_home_page_offers_three_ways_in_and_all_participants(client: FlaskClient, tool: Tool) -> None:
    page = client.get("/").text

    for way in ("Launch as participant", "Launch as trainer", "Launch as institute admin"):
        assert way in page
    for person_id in seed.PARTICIPANT_IDS:
        assert f"/mod/lti/view.php?id=1&amp;as={person_id}" in page


def test_an_activity_opens_in_a_frame_and_in_a_window(client: FlaskClient, tool: Tool) -> None:
    page = client.get("/mod/lti/view.php?id=2&as=3&action=gradeReport&user=6").text

    assert 'src="/mod/lti/launch.php?id=2&amp;as=3&amp;action=gradeReport&amp;user=6"' in page
    assert "window=1" in page


def test_the_gradebook_shows_grades_and_comments_escaped(client: FlaskClient, lms: DemoLms, tool: Tool) -> None:
    column = lms.gradebook.add(Column("2", "4.1 <i>Куралдар</i>", Decimal(3), tool_id=tool.id))
    lms.gradebook.take_score(column.id, "6", Decimal(2), Decimal(3), "2-деңгээл <script>", int(lms.now()))
    page = client.get("/grades").text

    assert "4.1 &lt;i&gt;Куралдар" in page
    assert "2-деңгээл &lt;script&gt;" in page
    assert page.count('<span class="fresh">new</span>') == 2  # the legend and this grade


def test_the_export_has_moodles_shape(client: FlaskClient, lms: DemoLms, tool: Tool, clock: Clock) -> None:
    with (RECORDED / "webservice" / "gradebook-export.csv").open(encoding="utf-8") as file:
        moodle = next(csv.reader(file))
    header, *rows = table(client, "/grades.csv")

    assert (header[:6], header[-3:]) == (moodle[:6], moodle[-3:])
    assert header[6:8] == ["Quiz: Week 1 quiz (Real)", "Quiz: Week 1 quiz (Feedback)"]
    assert "External tool: Тапшырма: санариптик жарандык боюнча сабак (Real)" in header
    assert {len(row) for row in rows} == {len(header)}
    bakyt = next(row for row in rows if row[0] == "Бакыт")
    assert (bakyt[2], bakyt[6], bakyt[8], bakyt[-1]) == ("", "14.00", "-", str(int(clock.time)))


def test_the_export_is_quoted_as_php_quotes(client: FlaskClient) -> None:
    first = client.get("/grades.csv").text.split("\n")[0]

    assert first.startswith('"First name","Last name","ID number",Institution,Department,"Email address","Quiz: ')


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ru", ["Имя", "Тест: Week 1 quiz (Значение)", "Последние загруженные из этого курса"]),
        ("ky", ["Аты", "Тест: Week 1 quiz (Real)", "Last downloaded from this course"]),
        ("xx", ["First name", "Quiz: Week 1 quiz (Real)", "Last downloaded from this course"]),
    ],
)
def test_the_export_speaks_the_language_packs(language: str, expected: list[str], client: FlaskClient) -> None:
    header = table(client, f"/grades.csv?lang={language}")[0]

    assert [header[0], header[6], header[-1]] == expected


def test_percentages_need_no_maximum(client: FlaskClient) -> None:
    header, *rows = table(client, "/grades.csv?display=percentage")
    aigul = next(row for row in rows if row[0] == "Айгүл")

    assert (header[6], aigul[6], aigul[8]) == ("Quiz: Week 1 quiz (Percentage)", "90.00 %", "92.00 %")


def test_the_mapping_names_activities_as_the_export_does(client: FlaskClient) -> None:
    for language in ("en", "ru", "ky"):
        header, *rows = table(client, f"/mapping.csv?lang={language}")
        exported = {title.rsplit(" (", 1)[0] for title in table(client, f"/grades.csv?lang={language}")[0]}

        assert header == ["activity", "indicator", "weight", "role", "pass_mark", "max"]
        assert {row[0] for row in rows} <= exported


def test_the_mapping_covers_whole_levels(client: FlaskClient) -> None:
    codes = {row[1] for row in table(client, "/mapping.csv")[1:]}

    for level, letters in {"1.1.1": "ab", "2.1.1": "a", "4.1.1": "abcdefghi", "4.1.2": "abcdef", "4.2.1": "ab"}.items():
        assert {f"{level}.{letter}" for letter in letters} <= codes


def test_marks_are_regraded_and_withdrawn(client: FlaskClient, lms: DemoLms) -> None:
    quiz = lms.column_named("Week 1 quiz")
    typed = {
        f"{column.id}-{who}": "" if grade.final is None else str(grade.final)
        for column in lms.gradebook.columns("2")
        for who, grade in column.grades.items()
    }

    answer = client.post("/marks", data={**typed, f"{quiz.id}-6": "3,5", f"{quiz.id}-7": ""})

    assert answer.status_code == 303
    rows = {row[0]: row for row in table(client, "/grades.csv")}
    assert (rows["Айгүл"][6], rows["Өмүрбек"][6], rows["Айгүл"][8]) == ("3.50", "-", "92.00")


@pytest.mark.parametrize("text", ["many", "21", "-1", "NaN", "<b>"])
def test_a_faulty_mark_saves_nothing_and_is_shown_again(text: str, client: FlaskClient, lms: DemoLms) -> None:
    quiz, before = lms.column_named("Week 1 quiz"), lms.final_grades()

    answer = client.post("/marks", data={f"{quiz.id}-6": text})

    assert (answer.status_code, lms.final_grades()) == (400, before)
    assert "Nothing was saved" in answer.text
    assert "<b>" not in answer.text


def test_a_tool_can_be_added_by_its_address_and_activated(client: FlaskClient, lms: DemoLms, tool: Tool) -> None:
    page = client.get("/tools", query_string={"invitation": f"{TOOL}/lti/register?invite=1"}).text

    assert f"{TOOL}/lti/register?invite=1&amp;openid_configuration=" in page
    assert client.post("/tools/1/activate").status_code == 303
    assert lms.tools["1"].active


@pytest.mark.parametrize("invitation", ["javascript:alert(1)", "nonsense"])
def test_only_web_addresses_are_framed(invitation: str, client: FlaskClient) -> None:
    assert "<iframe" not in client.get("/tools", query_string={"invitation": invitation}).text


def test_the_lms_is_ready_once_the_tool_is_active(client: FlaskClient, lms: DemoLms, tool: Tool) -> None:
    assert client.get("/readyz").status_code == 503

    lms.activate(tool.id)

    assert client.get("/readyz").status_code == 200


def test_a_reset_brings_the_first_minute_back(client: FlaskClient, lms: DemoLms, tool: Tool) -> None:
    lms.set_mark("Week 1 quiz", "6", None)
    lms.add_member("2", Person("30", "n", "N", "N", "", "", "en"))

    lms.reset()

    assert (lms.tools, len(lms.participants("2")), lms.final_grades()["Week 1 quiz"]["6"]) == ({}, 6, 18)


def test_a_copied_course_has_everything_anew_and_no_grades(client: FlaskClient, lms: DemoLms, tool: Tool) -> None:
    posted = Column("2", "2.1 Маалымат", Decimal(3), tool_id=tool.id, resource_id="competency:2.1", tag="competency")
    lms.gradebook.add(posted)

    answer = client.post("/course/2/copy?as=3")

    assert answer.headers["Location"] == "/course/4?as=3"
    copy = lms.courses["4"]
    assert (copy.history, copy.title) == ("2", "ИКТ-компетенттүүлүк: базалык курс (1-көчүрмө)")
    own, theirs = lms.gradebook.columns("4"), lms.gradebook.columns("2")
    assert [(each.label, each.resource_id, each.tag) for each in own] == [
        (each.label, each.resource_id, each.tag) for each in theirs
    ]
    assert not {each.id for each in own} & {each.id for each in theirs}
    assert not any(each.grades for each in own)
    links = {course: [each for each in lms.links.values() if each.course_id == course] for course in ("2", "4")}
    assert [dict(each.custom) for each in links["4"]] == [dict(each.custom) for each in links["2"]]
    assert {each.link_id for each in own} - {None} <= {each.id for each in links["4"]}
    assert lms.role_in("4", "6") is lms.role_in("2", "6")


def test_a_copy_of_a_copy_names_both_origins_the_nearest_first(client: FlaskClient, lms: DemoLms, tool: Tool) -> None:
    client.post("/course/2/copy")
    client.post("/course/4/copy")

    assert lms.courses["5"].history == "4,2"
    assert client.get("/course/5").status_code == 200


def test_a_grade_typed_over_the_tools_stays_until_it_is_given_back(
    client: FlaskClient, lms: DemoLms, tool: Tool
) -> None:
    column = lms.gradebook.add(Column("2", "4.1", Decimal(3), tool_id=tool.id))
    lms.gradebook.take_score(column.id, "6", Decimal(2), Decimal(3), "", int(lms.now()) - 10)
    form = {"column": column.id, "person": "6"}

    assert client.post("/grades/override", data={**form, "mark": "1,5"}).status_code == 303
    lms.gradebook.take_score(column.id, "6", Decimal(3), Decimal(3), "", int(lms.now()) + 10)
    page = client.get("/grades").text

    grade = lms.gradebook.grade(column.id, "6")
    assert grade is not None
    assert (grade.final, "overridden" in page) == (Decimal("1.5"), True)
    client.post("/grades/override", data={**form, "mark": ""})
    assert (grade.final, grade.overridden) == (Decimal(3), False)


def test_a_grade_that_is_none_is_not_typed_over_anything(client: FlaskClient, lms: DemoLms, tool: Tool) -> None:
    column = lms.gradebook.add(Column("2", "4.1", Decimal(3), tool_id=tool.id))
    form = {"column": column.id, "person": "6"}

    said = client.post("/grades/override", data={**form, "mark": "4"}, follow_redirects=True).text

    assert "4 is not between 0 and 3 (4.1). Nothing was saved." in said
    assert lms.gradebook.grade(column.id, "6") is None
    assert client.post("/grades/override", data={**form, "column": "99", "mark": "1"}).status_code == 404
