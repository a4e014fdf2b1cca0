"""A file that takes longer than a moment: offered, made by a worker, kept for an hour for who asked, then gone."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool import clock
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import PlatformId
from lti_tool.reports import exports as asked_files
from lti_tool.reports.drawer import Drawer
from lti_tool.reports.export_tables import ExportRow
from lti_tool.reports.making import Making
from lti_tool.web import exports
from lti_tool.web.export_files import Kind
from lti_tool.worker_app import create_worker
from tests.integration.web.conftest import Institute, Visitor
from tests.integration.web.test_participant import BASE, Classroom

HOUR = timedelta(hours=1)


class Desk:
    """A trainer's browser, the pages' files, and a worker that makes them when the test says so."""

    def __init__(self, app: Flask, sessions: SessionFactory, client: FlaskClient, course: str) -> None:
        self.sessions, self.client, self.course = sessions, client, course
        self.drawer: Drawer = app.extensions["tool"].drawer
        self.folder = Path(app.extensions["tool"].settings.data_dir) / "exports"
        self.making = Making(exports.writer(app), self.drawer)

    def get(self, path: str) -> str:
        """A page of these."""
        answer = self.client.get(path, base_url=BASE)
        assert answer.status_code == 200, path
        return answer.text

    def fetch(self, address: str) -> TestResponse:
        """The file itself, or what is said instead."""
        return self.client.get(f"{address}/file", base_url=BASE, buffered=True)

    def ask(self, kind: str = "xlsx", query: str = "") -> str:
        """Presses the button; returns the address of the file's page."""
        answer = self.client.post(f"/c/{self.course}/group.{kind}{query}", base_url=BASE)
        assert answer.status_code == 303
        return answer.headers["Location"].partition("?")[0]

    def work(self, after: timedelta = timedelta()) -> None:
        """A worker takes its turn."""
        self.making(self.sessions, clock.now() + after)

    def files(self) -> list[Path]:
        """What lies on the disk."""
        return list(self.folder.glob("*"))

    def change(self, change: Callable[[ExportRow], object]) -> None:
        """Something happens to what was asked for."""
        with unit_of_work(self.sessions) as session:
            change(session.scalars(select(ExportRow)).one())


@pytest.fixture
def desk(
    app: Flask,
    sessions: SessionFactory,
    visitor: Visitor,
    institute: Institute,
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    """Files of more than five cells take longer than a moment here."""
    app.config["WTF_CSRF_ENABLED"] = False
    monkeypatch.setattr(exports, "MOST_CELLS", {Kind.XLSX: 5, Kind.PDF: 5})
    room = Classroom(sessions, institute)
    room.map()
    room.mark("18")
    return Desk(app, sessions, visitor("trainer"), institute.course.public_id)


def test_a_long_file_is_offered_and_not_made_by_looking(desk: Desk) -> None:
    page = BeautifulSoup(desk.get(f"/c/{desk.course}/group.xlsx?text=KG&lang=ru"), "html.parser")

    form = page.select_one("main form")
    assert form is not None
    assert (form["method"], form["action"]) == ("post", f"/c/{desk.course}/group.xlsx?text=KG&lang=ru")
    desk.work()
    assert desk.files() == []


def test_the_menu_does_not_save_the_page_that_offers_it(desk: Desk) -> None:
    links = BeautifulSoup(desk.get(f"/c/{desk.course}/group"), "html.parser").select(".download a")

    assert ["download" in link.attrs for link in links] == [False] * 5


def test_a_worker_as_it_is_started_makes_it(desk: Desk, app: Flask) -> None:
    address = desk.ask()
    worker = create_worker(app.extensions["tool"].settings, desk.sessions, threads=1)

    (step,) = (step for step in worker._steps if step.name == "exports")
    step.run(desk.sessions, clock.now())

    assert load_workbook(io.BytesIO(desk.fetch(address).data)).worksheets[0].max_row == 3


def test_a_worker_makes_it_as_it_was_asked_for(desk: Desk) -> None:
    address = desk.ask(query="?text=KG-1&lang=ru")
    waiting = desk.get(f"{address}?lang=en")
    desk.work()
    ready = desk.get(f"{address}?lang=en")

    assert "It waits for its turn" in waiting
    assert f'data-following="{address}/progress"' in waiting
    assert "The file is ready. It is kept for you until" in ready
    assert f'href="{address}/file"' in ready
    assert "data-following" not in ready
    assert f'href="/c/{desk.course}/group?text=KG-1&amp;lang=ru"' in ready
    answer = desk.fetch(address)
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows()]
    assert ([row[0] for row in rows], rows[1][2]) == (["Имя", "Айгүл"], 1)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=101.xlsx; filename*=UTF-8''%D0%93")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.pdf
def test_a_report_is_made_too(desk: Desk) -> None:
    answer = desk.client.post(f"/c/{desk.course}/report.pdf", base_url=BASE)
    desk.work()

    assert desk.fetch(answer.headers["Location"]).data.startswith(b"%PDF-1.7")


def test_nobody_else_gets_it(desk: Desk, visitor: Visitor) -> None:
    address = desk.ask()
    desk.work()

    for name in ("nobody", "participant", "admin", "trainer of another course", "admin of another platform"):
        for path in ("", "/progress", "/file"):
            expected = 401 if name == "nobody" else 404
            assert visitor(name).get(address + path, base_url=BASE).status_code == expected


def test_it_lies_under_another_name_and_goes_after_an_hour(desk: Desk) -> None:
    address = desk.ask()
    desk.work()
    (file,) = desk.files()

    desk.work(after=HOUR - timedelta(minutes=1))
    assert desk.fetch(address).status_code == 200
    desk.work(after=HOUR + timedelta(minutes=6))

    assert file.name not in address
    assert not file.exists()
    assert desk.client.get(address, base_url=BASE).status_code == 404


def test_an_hour_is_over_even_where_no_worker_has_noticed(desk: Desk) -> None:
    address = desk.ask()
    desk.work()
    desk.change(lambda row: setattr(row, "ended_at", clock.now() - HOUR))

    assert desk.fetch(address).status_code == 404


def test_the_same_asked_twice_is_one_file(desk: Desk) -> None:
    first, again, other = desk.ask(), desk.ask(), desk.ask(query="?text=x")

    assert (first == again, first == other) == (True, False)


def test_what_nobody_foresaw_is_told_and_costs_no_other_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = desk.ask()
    desk.change(lambda row: setattr(row, "source", "no such page"))
    good = desk.ask(query="?text=KG")

    desk.work()

    assert "This tool failed over it (KeyError)" in desk.get(failing)
    assert "The file is ready" in desk.get(good)
    assert len(desk.files()) == 1


def test_a_file_whose_worker_died_is_made_by_the_next_and_given_up_in_the_end(desk: Desk) -> None:
    address = desk.ask()

    def died(row: ExportRow) -> None:
        row.token, row.free_at, row.tries = "t", clock.now() + timedelta(seconds=60), 1

    desk.change(died)
    desk.work()
    assert "The file is being made." in desk.get(address)

    desk.change(lambda row: setattr(row, "tries", 3))
    desk.work(after=timedelta(seconds=61))

    assert "workers_lost" in desk.get(address)


def test_a_worker_that_ends_gives_it_back(desk: Desk) -> None:
    address = desk.ask()
    desk.making.stop()
    desk.work()

    assert "It waits for its turn" in desk.get(address)


def test_how_far_it_is_can_be_followed(desk: Desk) -> None:
    address = desk.ask()

    def under_way(row: ExportRow) -> None:
        row.token, row.free_at, row.done, row.total = "t", clock.now() + timedelta(seconds=60), 300, 1000

    desk.change(under_way)

    said = desk.get(f"{address}/progress")
    assert "300 of 1000 rows" in said
    assert 'max="1000"' in said


def test_where_somebody_is_erased_every_file_of_the_platform_goes(desk: Desk, institute: Institute) -> None:
    address = desk.ask()
    desk.work()

    with unit_of_work(desk.sessions) as session:
        asked_files.forget(session, desk.drawer, PlatformId(institute.persons["trainer"].platform_id))

    assert desk.files() == []
    assert desk.client.get(address, base_url=BASE).status_code == 404


def test_what_a_dead_worker_left_on_the_disk_is_cleared_away(desk: Desk) -> None:
    desk.folder.mkdir(parents=True)
    (desk.folder / "abc.part").write_bytes(b"x")

    desk.work(after=3 * HOUR)

    assert desk.files() == []
