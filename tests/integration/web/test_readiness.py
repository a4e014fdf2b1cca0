"""The readiness checklist as an institute admin keeps it."""

from __future__ import annotations

import csv
import io

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.launch_bench import TOOL
from tests.integration.web.conftest import Institute, Visitor

LIST = "/institute/readiness"


@pytest.fixture
def admin(app: Flask, visitor: Visitor, institute: Institute) -> FlaskClient:
    """An admin's browser; forms need no token here."""
    assert institute.framework.equipment
    app.config["WTF_CSRF_ENABLED"] = False
    return visitor("admin")


def send(client: FlaskClient, path: str, **form: str) -> TestResponse:
    return client.post(path, data=form, base_url=TOOL)


def add(client: FlaskClient, name: str = "Ош, 2-имарат") -> str:
    answer = send(client, LIST, name=name)
    assert answer.status_code == 303
    return answer.headers["Location"]


def shown(client: FlaskClient, path: str) -> BeautifulSoup:
    answer = client.get(path, base_url=TOOL)
    assert answer.status_code == 200
    return BeautifulSoup(answer.data, "html.parser")


def tally(page: BeautifulSoup) -> str:
    (found, *_more) = page.select(".tally")
    return " ".join(found.get_text(" ", strip=True).split())


def test_a_new_site_is_wholly_not_checked(admin: FlaskClient) -> None:
    site = add(admin)

    assert tally(shown(admin, site)) == "Not checked 6"
    assert tally(shown(admin, LIST)) == "Not checked 6"


def test_what_was_found_is_shown_with_day_and_name_and_counted(admin: FlaskClient) -> None:
    site = add(admin)
    form = {
        "state-1": "present",
        "state-2": "partly",
        "note-2": "  6 of\n12 ",
        "state-3": "missing",
        "on": "2026-03-05",
    }

    assert send(admin, site, **form).status_code == 303

    page = shown(admin, site)
    assert tally(page) == "Present 1 Partly present 1 Missing 1 Not checked 3"
    assert [field["value"] for field in page.select("[name=note-2]")] == ["6 of 12"]
    assert [radio["value"] for radio in page.select("[name=state-2][checked]")] == ["partly"]
    assert "5 March 2026, Админ" in " ".join(page.get_text(" ", strip=True).split()).replace(" ,", ",")
    assert tally(shown(admin, LIST)) == "Present 1 Partly present 1 Missing 1 Not checked 3"


def test_the_table_says_the_same_and_no_cell_is_a_formula(admin: FlaskClient) -> None:
    site = add(admin, "=HYPERLINK(1)")
    send(admin, site, **{"state-3": "missing", "note-3": "+1", "on": "2026-03-05"})

    answer = admin.get("/institute/readiness.csv", base_url=TOOL)

    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["site", "item", "text", "state", "note", "checked_on", "checked_by"]
    assert rows[1] == ["'=HYPERLINK(1)", "1", rows[1][2], "not_checked", "", "", ""]
    assert rows[3] == ["'=HYPERLINK(1)", "3", "A multimedia projector;", "missing", "'+1", "2026-03-05", "Админ"]
    assert len(rows) == 7


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"state-1": "present", "note-1": "x" * 501}, "at most 500"),
        ({"state-1": "not_checked", "note-1": "kept"}, "Say what is there"),
        ({"state-1": "present", "note-1": "kept", "on": "2126-01-01"}, "lies ahead"),
        ({"state-1": "present", "note-1": "kept", "on": "5.3.2026"}, "is not a date"),
    ],
)
def test_what_cannot_be_taken_is_said_shown_again_and_not_stored(
    admin: FlaskClient, form: dict[str, str], said: str
) -> None:
    site = add(admin)

    answer = send(admin, site, **form)

    assert answer.status_code == 422
    page = BeautifulSoup(answer.data, "html.parser")
    assert said in page.select("#form-errors")[0].get_text()
    assert [field["value"] for field in page.select("[name=note-1]")] == [form["note-1"]]
    assert tally(shown(admin, site)) == "Not checked 6"


@pytest.mark.parametrize("form", [{"state-1": "broken"}, {"state-1": "PRESENT"}])
def test_a_state_that_no_form_offers_is_refused(admin: FlaskClient, form: dict[str, str]) -> None:
    site = add(admin)

    assert send(admin, site, **form).status_code == 400
    assert tally(shown(admin, site)) == "Not checked 6"


@pytest.mark.parametrize(("name", "said"), [("", "Give the training site a name"), ("Ош", "already")])
def test_a_site_without_a_name_of_its_own_is_refused(admin: FlaskClient, name: str, said: str) -> None:
    add(admin, "Ош")

    answer = send(admin, LIST, name=name)

    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    assert len(shown(admin, LIST).select("table tbody tr")) == 1


def test_a_site_can_be_removed(admin: FlaskClient) -> None:
    site = add(admin)

    assert send(admin, f"{site}/remove").status_code == 303
    assert admin.get(site, base_url=TOOL).status_code == 404
    assert send(admin, f"{site}/remove").status_code == 404


def test_another_institute_does_not_see_it(admin: FlaskClient, visitor: Visitor) -> None:
    site = add(admin, "Нарын")
    stranger = visitor("admin of another platform")

    assert "Нарын" not in shown(stranger, LIST).get_text()
    assert stranger.get(site, base_url=TOOL).status_code == 404
    assert send(stranger, site, **{"state-1": "present"}).status_code == 404
    assert send(stranger, f"{site}/remove").status_code == 404
    assert "Нарын" not in stranger.get("/institute/readiness.csv", base_url=TOOL).get_data(as_text=True)
