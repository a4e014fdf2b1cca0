"""What an institute admin reads over all courses: figures agree with the group page, and each opens to its rows."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool import clock
from lti_tool.competency.tables import CompetencyStandingRow
from lti_tool.db.unit_of_work import SessionFactory, make_engine, make_session_factory, unit_of_work
from lti_tool.moodle.results_import import import_results
from lti_tool.people import sessions as login_sessions
from lti_tool.people.model import CourseRole
from lti_tool.people.sessions import Beginning
from lti_tool.people.store import as_person
from lti_tool.people.tables import CourseRow, MembershipRow, PersonRow
from lti_tool.reports import rollup
from lti_tool.reports.table import BISHKEK
from lti_tool.web import exports, figure_tables, map_tables, people_page
from tests.factories.big_course import BigCourse, open_big_course
from tests.factories.launch_bench import TOOL
from tests.factories.make import Make
from tests.factories.tables import csv_rows, sheet

PEOPLE = 12


@dataclass(frozen=True)
class House:
    """An institute with one course in which twelve people have marks, and another in which three take part."""

    big: BigCourse
    admin: FlaskClient
    stranger: FlaskClient
    trainer: FlaskClient
    small: str

    def page(self, path: str, client: FlaskClient | None = None, status: int = 200) -> BeautifulSoup:
        """A page as the admin sees it."""
        answer = (client or self.admin).get(path, base_url=TOOL, headers={"Accept-Language": "en"})
        assert answer.status_code == status, path
        return BeautifulSoup(answer.text, "html.parser")


@pytest.fixture(scope="module")
def sessions_of_house(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[SessionFactory]:
    """One database for all tests here: they only read."""
    folder = tmp_path_factory.mktemp("house")
    engine = make_engine(f"sqlite:///{shutil.copy(empty_database, folder / 'house.sqlite3')}")
    yield make_session_factory(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def house(sessions_of_house: SessionFactory, tmp_path_factory: pytest.TempPathFactory) -> House:
    """Everything is counted, and an admin of each of two platforms has a session."""
    sessions, now = sessions_of_house, clock.now()
    big = open_big_course(sessions, now - timedelta(days=1), PEOPLE, activities=4)
    with unit_of_work(sessions) as session:
        import_results(session, big.id, big.export(), now=now)
        # Of one person nothing is known.
        nobody = session.scalars(select(PersonRow).where(PersonRow.sub == "0")).one()
        for row in session.scalars(select(CompetencyStandingRow).where(CompetencyStandingRow.person_id == nobody.id)):
            row.established = None
        make = Make(session, now)
        home = session.get_one(CourseRow, big.id).platform_id
        small = CourseRow(platform_id=home, context_id="s", title="Чакан курс", created_at=now)
        session.add(small)
        session.flush()
        for number in range(1, 4):
            person = session.scalars(select(PersonRow).where(PersonRow.sub == str(number))).one()
            session.add(MembershipRow(course_id=small.id, person_id=person.id, roster_role="participant"))
        away = make.platform("https://other.example.invalid")
        foreign = make.person(away, "Бөтөн Админ")
        make.membership(make.course(away), foreign, "trainer")
    rollup.refresh(sessions, now)
    bench = big.bench(tmp_path_factory.mktemp("app"))

    def client(person: PersonRow, *, is_admin: bool) -> FlaskClient:
        with unit_of_work(sessions) as session:
            who = as_person(session.get_one(PersonRow, person.id))
            course = None if is_admin else big.id
            role = None if is_admin else CourseRole.TRAINER
            beginning = Beginning(who, is_admin=is_admin, locale="en", course_id=course, role=role)
            token, _login = login_sessions.begin(session, beginning, None, clock.now())
        browser = bench.app.test_client()
        with browser.session_transaction(base_url=TOOL) as cookie:
            cookie["_user_id"] = token
        return browser

    return House(
        big,
        client(big.trainer, is_admin=True),
        client(foreign, is_admin=True),
        client(big.trainer, is_admin=False),
        small.public_id,
    )


def cells(row: Tag) -> list[str]:
    """The numbers of a row of the heat map, the first the one of all who are counted; heads that a phone shows go."""
    for head in row.select(".cell-level"):
        head.decompose()
    return [re.split(r"\s+", each.get_text(" ", strip=True))[0] for each in row.select("td")]


def levels_on_group_page(house: House, code: str) -> list[int]:
    """How many the group page shows at no level, at 0, 1, 2 and 3 of a competency."""
    page = house.page(f"/c/{house.big.course.public_id}/group")
    heads = [head.get_text(" ", strip=True) for head in page.select("table.group thead th")]
    column = next(place for place, head in enumerate(heads) if head.startswith(code))
    said = [row.select("th, td")[column].get_text(" ", strip=True) for row in page.select("table.group tbody tr")]
    at = [sum(each.startswith(f"Level {level}") for each in said) for level in range(4)]
    return [len(said) - sum(at), *at]


def test_the_overview_says_what_the_group_page_says(house: House) -> None:
    page = house.page("/institute/overview")

    rows = page.select("section[aria-labelledby=levels-title] tbody tr")
    assert len(rows) == 11
    for row in rows:
        code = row.select_one(".code")
        assert code is not None
        wanted = levels_on_group_page(house, code.text)
        assert cells(row) == [str(PEOPLE), *map(str, wanted)], code.text


def today() -> str:
    """As pages name the day: that of Bishkek, where it begins six hours earlier than by UTC."""
    return f"{clock.now().astimezone(BISHKEK):%-d %B %Y}"


def test_each_figure_opens_to_as_many_people_as_it_says(house: House) -> None:
    for counting in ("people", "participations"):
        page = house.page(f"/institute/overview?count={counting}")
        links = page.select("section[aria-labelledby=levels-title] td a")
        assert len(links) > 11
        for link in links[:12]:
            behind = house.page(str(link["href"]))
            assert len(behind.select("tbody tr")) == int(link.text), link["href"]
            assert f"Counted: {link.text}, as of {today()}, " in behind.get_text(), link["href"]


def test_a_figure_of_which_nothing_is_counted_says_no_number(house: House) -> None:
    assert "Counted:" not in house.page("/institute/levels/1.1/1?from=2020-01&to=2020-12").get_text()


def test_people_are_found_with_their_number(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = house.page("/institute/people").get_text()
    assert f"People whose levels are counted: {PEOPLE}, as of {today()}, " in everybody

    looked_for = {"kg-5": "Found: 1.", "kg-": f"Found: {PEOPLE}."}
    for text, said in looked_for.items():
        assert said in house.page(f"/institute/people?q={text}").get_text()
    assert "Found:" not in house.page("/institute/people?q=nobody").get_text()

    monkeypatch.setattr(people_page, "SIZE", 5)
    first = house.page("/institute/people?q=kg-")
    (following,) = first.select("a[rel=next]")
    for page in (first, house.page(str(following["href"]))):
        assert f"Found: {PEOPLE}." in page.get_text()
    monkeypatch.setattr(people_page, "MOST_COUNTED", 10)
    assert "Found: more than 10." in house.page("/institute/people?q=kg-").get_text()


def test_rows_of_people_lead_to_the_person_and_those_of_participations_to_the_course(house: House) -> None:
    person = house.page("/institute/levels/1.1/none").select_one("tbody th a")
    participation = house.page("/institute/levels/1.1/none?count=participations").select_one("tbody th a")

    assert person is not None
    assert participation is not None
    assert str(person["href"]).startswith("/institute/people/")
    assert str(participation["href"]).startswith(f"/c/{house.big.course.public_id}/people/")
    assert house.page(str(person["href"])).h1
    assert house.page(str(participation["href"])).h1


@pytest.mark.parametrize("path", ["/institute/levels/9.9/1", "/institute/levels/1.1/4", "/institute/levels/1.1/x"])
def test_a_figure_that_does_not_exist_is_not_found(house: House, path: str) -> None:
    house.page(path, status=404)


@pytest.mark.parametrize("after", ["", "x", "1.x", "999999999999999999999999", "-1"])
def test_a_place_in_the_list_that_is_none_is_survived(house: House, after: str) -> None:
    house.page(f"/institute/levels/1.1/none?after={after}")
    house.page(f"/institute/people?after={after}")


@pytest.mark.parametrize("asked", ["from=2020-99&to=x", "from=2031-01", "count=zzz", "from=2020-01&to=2019-01"])
def test_a_period_that_is_none_or_empty_is_survived(house: House, asked: str) -> None:
    for path in ("overview", "levels", "courses", "indicators/1.1.1.a", "levels/1.1/1"):
        house.page(f"/institute/{path}?{asked}")


def test_a_period_without_courses_says_so(house: House) -> None:
    page = house.page("/institute/overview?from=2020-01&to=2020-12")

    assert "No course begins in this period" in page.get_text()
    assert not page.select("section table")


def test_very_few_people_are_not_told_in_statistics(house: House) -> None:
    page = house.page(f"/c/{house.small}/statistics")

    assert "Fewer than five people" in page.get_text()
    assert not page.select("section table")
    rows = house.page("/institute/levels?by=courses").select("tbody tr")
    (small,) = (row for row in rows if "Чакан" in row.get_text())
    assert "%" not in small.get_text()
    assert "fewer than 5" in small.get_text()
    lines = house.page("/institute/indicators/1.1.1.a").select("main section:last-of-type tbody tr")
    (line,) = (row for row in lines if "Чакан" in row.get_text())
    assert "%" not in line.get_text()


def test_the_map_by_month_and_by_course_say_the_same_share(house: House) -> None:
    def shares(path: str, label: str) -> list[str]:
        (row,) = (each for each in house.page(path).select("tbody tr") if label in each.get_text())
        return [each.get_text(" ", strip=True) for each in row.select("td")][1:]

    month, course = shares("/institute/levels?level=2", "20"), shares("/institute/levels?level=2&by=courses", "ИКТ 101")

    assert month == course
    assert len(month) == 11
    assert any("%" in each for each in month)


def test_the_list_of_courses_sorts_searches_and_keeps_what_was_asked(house: House) -> None:
    titles = [each.text for each in house.page("/institute/courses?sort=title&order=ascending").select("tbody th a")]
    assert titles == ["ИКТ 101", "Чакан курс"]

    page = house.page("/institute/courses?q=чакан&state=open&sort=participants&order=ascending")
    assert [each.text for each in page.select("tbody th a")] == ["Чакан курс"]
    field = page.select_one("#f-q")
    assert field is not None
    assert field["value"] == "чакан"
    sorted_by = page.select_one("th[aria-sort]")
    assert sorted_by is not None
    assert sorted_by["aria-sort"] == "ascending"
    assert all("q=" in str(link["href"]) and "state=open" in str(link["href"]) for link in page.select("thead a"))
    assert house.page("/institute/courses?trainer=гүлнара").select("tbody tr")
    assert not house.page("/institute/courses?trainer=жок").select("tbody tr")


@pytest.mark.parametrize("path", ["overview", "levels", "courses"])
def test_what_is_typed_and_is_no_month_is_said_at_its_field(house: House, path: str) -> None:
    page = house.page(f"/institute/{path}?from=2026-13&to=2026-09")

    (wrong,) = page.select("input[aria-invalid]")
    (told,) = page.select(f"#{wrong['aria-describedby']}")
    assert (wrong["name"], wrong["value"]) == ("from", "2026-13")
    assert told.text.strip() == "No month: write it like 2026-09."


def test_a_person_stands_with_the_highest_level_of_all_courses(house: House) -> None:
    page = house.page("/institute/people?q=kg-5")
    (link,) = page.select("tbody th a")

    person = house.page(str(link["href"]))

    assert person.h1 is not None
    assert person.h1.text.strip() == "Катышуучу 0005"
    assert len(person.select("tbody tr")) == 11
    for row in person.select("tbody tr"):
        highest, only = (each.get_text(" ", strip=True) for each in row.select("td strong, td a"))
        assert highest == only, "there is one course in which something is known"


def test_nothing_of_another_platform_is_shown(house: House) -> None:
    for path in ("overview", "courses", "levels?by=courses", "people", "levels/1.1/none", "indicators/1.1.1.a"):
        text = house.page(f"/institute/{path}", house.stranger).get_text()
        assert "Катышуучу" not in text, path
        assert "Чакан" not in text, path
    (link, *_rest) = house.page("/institute/people").select("tbody th a")
    house.page(str(link["href"]), house.stranger, status=404)
    house.page(f"/c/{house.big.course.public_id}/statistics", house.stranger, status=404)


def test_a_trainer_sees_the_statistics_of_the_course_and_not_the_institute(house: House) -> None:
    page = house.page(f"/c/{house.big.course.public_id}/statistics", house.trainer)

    assert len(page.select("section[aria-labelledby=levels-title] tbody tr")) == 11
    assert page.select("section[aria-labelledby=weakest-title] tbody tr")
    for path in ("overview", "people", "levels"):
        house.page(f"/institute/{path}", house.trainer, status=404)


def table(house: House, path: str) -> list[dict[str, str]]:
    """The rows of a file by their heads."""
    answer = house.admin.get(path, base_url=TOOL, headers={"Accept-Language": "en"})
    assert answer.status_code == 200, path
    head, *rows = csv_rows(answer.text)
    return [dict(zip(head, row, strict=True)) for row in rows]


def said_in(cell: Tag) -> str:
    """What a cell says, without the head that a phone shows in it, and a percentage as files write it."""
    parts = (each for each in cell.find_all(string=True) if not each.find_parent(class_="cell-level"))
    return " ".join(" ".join(parts).replace("\N{NO-BREAK SPACE}%", "%").split())


@pytest.mark.parametrize("counting", ["people", "participations"])
def test_files_of_the_overview_hold_its_numbers(house: House, counting: str) -> None:
    page = house.page(f"/institute/overview?count={counting}")

    levels = {row["Code"]: row for row in table(house, f"/institute/overview/levels.csv?count={counting}")}

    rows = page.select(
        "section[aria-labelledby=levels-title] tbody tr, section[aria-labelledby=aspects-title] tbody tr"
    )
    assert len(rows) == len(levels) == 17
    for row in rows:
        code, *shown = map(said_in, row.select(".code, td"))
        # "counted", then of each level the number and its share
        parts = [shown[0], *(part for each in shown[1:] for part in each.split())]
        line = list(levels[code].values())
        assert parts == [line[2], *(part for pair in zip(line[3:8], line[8:], strict=True) for part in pair)], code


def test_the_file_of_the_weakest_indicators_begins_as_the_page(house: House) -> None:
    page = house.page("/institute/overview")

    weakest = table(house, "/institute/overview/weakest.csv")

    said = [[said_in(each) for each in row.select(".code, .num")] for row in page.select(".weak tbody tr")]
    assert [[row["Code"], row["Attained"]] for row in weakest[:10]] == said
    assert len(weakest) > 10, "the file goes on"


def test_a_courses_file_is_of_the_group_that_is_looked_at(house: House) -> None:
    path = f"/c/{house.big.course.public_id}/statistics"
    whole = table(house, f"{path}/levels.csv")

    answer = house.trainer.get(f"{path}/levels.xlsx", base_url=TOOL)

    assert {row["Counted"] for row in whole if "." in row["Code"]} == {str(PEOPLE)}
    assert answer.data[:2] == b"PK"
    links = {str(each["href"]) for each in house.page(path).select(".download a")}
    assert len(links) == 8
    assert all(house.trainer.get(each, base_url=TOOL).status_code == 200 for each in links)


def test_a_file_says_nothing_of_very_few_people(house: House) -> None:
    path = f"/c/{house.small}/statistics/levels"

    assert table(house, f"{path}.csv") == []
    notes = sheet(house.admin.get(f"{path}.xlsx", base_url=TOOL).data, 1)
    assert any("Fewer than five people" in str(each.value) for row in notes for each in row)
    (row,) = (row for row in table(house, "/institute/levels.csv?by=courses") if row["Course"] == "Чакан курс")
    assert set(row.values()) == {"Чакан курс", "fewer than 5", ""}


@pytest.mark.parametrize("asked", ["level=2", "level=2&by=courses", "by=courses&q=чакан", "from=2031-01"])
def test_the_file_of_the_map_has_the_shares_of_the_page(house: House, asked: str) -> None:
    shown = house.page(f"/institute/levels?{asked}").select("tbody tr")

    rows = [list(row.values()) for row in table(house, f"/institute/levels.csv?{asked}")]

    assert [row[0] for row in rows] == [row.select("th")[0].get_text(strip=True) for row in shown]
    for row, line in zip(shown, rows, strict=True):
        said = [said_in(each).split(" of ") for each in row.select("td")]
        if line[1] != "fewer than 5":
            assert line[1:] == [said[0][0], *(part for pair in said[1:] for part in pair)]


def test_a_long_map_is_read_portion_by_portion(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = table(house, "/institute/levels.csv?by=courses")
    monkeypatch.setattr(map_tables, "AT_A_TIME", 1)

    assert table(house, "/institute/levels.csv?by=courses") == whole
    assert len(whole) == 2


@pytest.mark.parametrize("path", ["/institute/overview/nosuch.csv", "/institute/overview/levels.doc"])
def test_a_file_that_there_is_not_is_not_found(house: House, path: str) -> None:
    house.page(path, status=404)
    house.page(f"/c/{house.big.course.public_id}/statistics/nosuch.csv", status=404)


def test_the_way_back_from_a_long_file_is_its_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(exports.MOST_CELLS, exports.Kind.XLSX, 5)
    course = f"/c/{house.big.course.public_id}/statistics"
    for file, back in (
        (f"{course}/levels.xlsx?group=3", f"{course}?group=3"),
        ("/institute/overview/levels.xlsx?count=participations", "/institute/overview?count=participations"),
        ("/institute/levels.xlsx?level=2", "/institute/levels?level=2"),
    ):
        links = [str(each["href"]) for each in house.page(file).select("main a")]
        assert links == [back]


@pytest.mark.parametrize("counting", ["people", "participations"])
def test_the_file_behind_a_figure_has_its_people(house: House, counting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = house.page(f"/institute/levels/1.1/0?count={counting}")
    monkeypatch.setattr(figure_tables, "AT_A_TIME", 2)

    lines = table(house, f"/institute/levels/1.1/0.csv?count={counting}")

    said = [row.select("th a")[0].get_text(strip=True) for row in page.select("tbody tr")]
    assert [line["Participant"] for line in lines] == said
    assert len(said) > 2
    heads = [said_in(each) for each in page.select("thead th")]
    column = "Courses" if counting == "people" else "Course"
    place = heads.index(column)
    told = [said_in(row.select("th, td")[place]) for row in page.select("tbody tr")]
    assert [line[column] for line in lines] == [re.sub(" courses?$", "", each) for each in told]


def test_the_file_of_an_indicator_has_the_numbers_of_its_page(house: House) -> None:
    page = house.page("/institute/indicators/1.1.1.a")
    (way,) = {str(each["href"]).rpartition(".")[0] for each in page.select(".download a")}

    lines = [list(line.values()) for line in table(house, f"{way}.csv")]

    for row, line in zip(page.select("tbody tr"), lines, strict=True):
        label, *shown = map(said_in, row.select("th, td"))
        assert label in line[:2]
        assert line[2:] == (["fewer than 5", "", "", "", ""] if len(shown) == 1 else shown)
    assert len(lines) > 3


@pytest.mark.parametrize("path", ["courses", "levels?by=courses", "indicators/4.1.1.a"])
def test_a_page_of_courses_that_is_there_no_more_shows_the_last_one(house: House, path: str) -> None:
    """The list was longer when the address was kept: nobody is told that there are no courses."""
    stale, first = (house.page(f"/institute/{path}{more}") for more in (f"{'&' if '?' in path else '?'}page=9", ""))

    assert stale.find(string="ИКТ 101")
    assert [each.get_text() for each in stale.select("main")] == [each.get_text() for each in first.select("main")]
